/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzz targets with inputs of several parts: how these are told apart. */
#ifndef TESTS_FUZZ_PART_H
#define TESTS_FUZZ_PART_H

#include <string.h>

#include "filterd/util/str.h"

/* The bytes up to the next separator, which are cut off the rest with it. */
static inline struct str
fuzz_part(struct str *rest, char separator)
{
	const char *end = rest->length ? memchr(rest->data, separator, rest->length) : NULL;
	struct str part = { rest->data, end ? (size_t)(end - rest->data) : rest->length };
	size_t taken = part.length + (end ? 1 : 0);

	rest->data += taken;
	rest->length -= taken;
	return part;
}

#endif
