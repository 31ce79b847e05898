/* SPDX-License-Identifier: BSD-2-Clause */
/* Writing to descriptors that block. */
#include <errno.h>
#include <unistd.h>

#include "filterd/util/write.h"

bool
write_whole(int fd, const void *bytes, size_t size)
{
	const char *rest = bytes;

	while (size) {
		ssize_t put = write(fd, rest, size);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return false;
		rest += put;
		size -= (size_t)put;
	}
	return true;
}
