/* SPDX-License-Identifier: BSD-2-Clause */
/* A message for the fuzz targets that read MIME: header fields up to the first empty line, then the
 * body. */
#ifndef TESTS_FUZZ_MIME_INPUT_H
#define TESTS_FUZZ_MIME_INPUT_H

#include <stdint.h>
#include <string.h>

#include "filterd/message/mime.h"
#include "filterd/mta/message_file.h"

static const struct mime_limits mime_input_limits = { 40, 6, 8, 20, 4096 };

static inline struct mime_view *
mime_input_parse(struct arena *arena, const uint8_t *data, size_t size)
{
	struct str text = { arena_copy(arena, data, size), size };
	struct message_file file = message_file_parse("input", text, arena);
	struct mime_field *fields = arena_array(arena, file.field_count + 1, sizeof(*fields));
	size_t i;

	for (i = 0; i < file.field_count; i++) {
		fields[i].name = file.fields[i].name;
		fields[i].value = file.fields[i].value;
	}
	return mime_parse(arena, &mime_input_limits, fields, file.field_count, file.body, NULL);
}

#endif
