/* SPDX-License-Identifier: BSD-2-Clause */
/* Header fields of a part with another file name. Text in, text out; knows nothing of plugins. */
#ifndef PLUGINS_ATTACHMENTS_RENAME_H
#define PLUGINS_ATTACHMENTS_RENAME_H

#include <stddef.h>

/* Bytes that rename_value() may need, for a value and a name of those lengths. */
size_t rename_room(size_t value_length, size_t name_length);

/* The value of a Content-Type or Content-Disposition field with its parameter, "name" or
 * "filename", replaced: in all its forms, plain, with encoded words (RFC 2047), "filename*" and
 * "filename*0" (RFC 2231). Other parameters stay as they are. A name (UTF-8) that is not ASCII
 * is written as RFC 2231 section 4 has it. */
void rename_value(const char *value, const char *parameter, const char *name, char *result_r);

#endif
