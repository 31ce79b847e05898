/* SPDX-License-Identifier: BSD-2-Clause */
/* A growing byte buffer on the heap, for text that is built piece by piece. Zero-initialise it;
 * always ends in NUL. */
#ifndef FILTERD_UTIL_BUFFER_H
#define FILTERD_UTIL_BUFFER_H

#include <stdarg.h>
#include <stddef.h>

#include "filterd/util/str.h"

struct buffer {
	char *data;	/* NULL while nothing was added */
	size_t length;
	size_t room;
};

void buffer_add(struct buffer *buffer, const void *bytes, size_t size);
void buffer_add_str(struct buffer *buffer, struct str text);
void buffer_add_text(struct buffer *buffer, const char *text);
void buffer_add_char(struct buffer *buffer, char c);
void buffer_printf(struct buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void buffer_vprintf(struct buffer *buffer, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

/* The text so far, never NULL; borrowed until the next change. */
const char *buffer_text(const struct buffer *buffer);
void buffer_free(struct buffer *buffer);

#endif
