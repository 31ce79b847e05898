/* SPDX-License-Identifier: BSD-2-Clause */
/* Writing to descriptors that block. */
#ifndef FILTERD_UTIL_WRITE_H
#define FILTERD_UTIL_WRITE_H

#include <stdbool.h>
#include <stddef.h>

/* All of the bytes, however many calls it takes; signals do not end it. False: it failed, errno. */
bool write_whole(int fd, const void *bytes, size_t size);

#endif
