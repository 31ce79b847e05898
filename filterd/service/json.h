/* SPDX-License-Identifier: BSD-2-Clause */
/* Writing JSON, RFC 8259, piece by piece into a buffer. Who writes sees to it that brackets
 * match. */
#ifndef FILTERD_SERVICE_JSON_H
#define FILTERD_SERVICE_JSON_H

#include <stdint.h>

#include "filterd/util/buffer.h"

/* Text as a string with quotes; bytes that are not UTF-8 become U+FFFD. */
void json_text(struct buffer *to, struct str text);

/* The same of a C string; NULL: null. */
void json_add_string(struct buffer *to, const char *text);

/* A key and what it needs before and behind it. */
void json_add_key(struct buffer *to, const char *key);

/* Begins an item of an array. */
void json_add_item(struct buffer *to);

/* Members of an object. A number that is none is null; a flag that is not set is left out. */
void json_add_member(struct buffer *to, const char *key, const char *text);
void json_add_number(struct buffer *to, const char *key, double number);
void json_add_integer(struct buffer *to, const char *key, int64_t number);
void json_add_bool(struct buffer *to, const char *key, bool value);
void json_add_flag(struct buffer *to, const char *key, bool set);

#endif
