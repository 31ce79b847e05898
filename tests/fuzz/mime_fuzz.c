/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The MIME view: whatever the bytes, every part lies within its parent, behind the part before it,
 * and all that is asked of it stays within its limits. The input is a message; its header lies
 * before the first empty line.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "filterd/message/clean.h"
#include "filterd/message/decode.h"
#include "filterd/message/mime.h"
#include "filterd/message/mime_decode.h"
#include "tests/fuzz/mime_input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_place(const struct mime_view *view, const struct mime_part *part)
{
	const struct mime_part *parent;

	assert(part->delimiter.begin <= part->delimiter.end);
	assert(part->delimiter.end == part->header.begin);
	assert(part->header.begin <= part->header.end && part->header.end == part->body.begin);
	assert(part->body.begin <= part->body.end && part->body.end <= view->bytes.length);
	if (part->index == 0) {
		assert(part->parent == MIME_NONE && part->depth == 0);
		assert(part->body.begin == 0 && part->body.end == view->bytes.length);
		return;
	}
	assert(part->parent < part->index);
	parent = &view->parts[part->parent];
	assert(part->depth == parent->depth + 1 && part->depth <= view->limits.depth);
	assert(part->delimiter.begin >= parent->body.begin);
	assert(part->body.end <= parent->body.end);
	assert(part->delimiter.begin >= view->parts[part->index - 1].header.end);
}

static void
check_names(const struct mime_view *view, const struct mime_part *part)
{
	size_t i;

	assert(part->name_count <= view->limits.names);
	for (i = 0; i < part->name_count; i++) {
		assert(utf8_valid(part->names[i]));
		assert(!memchr(part->names[i].data, '\n', part->names[i].length));
		assert(part->names[i].data[part->names[i].length] == '\0');
	}
}

static void
check_content(struct mime_view *view, struct mime_part *part)
{
	struct str text = mime_part_shown(view, part);
	size_t size = mime_part_size(view, part);

	assert(text.data[text.length] == '\0');
	assert(utf8_valid(part->text));
	/* A line of uuencode may say that it has 63 bytes, and be short. */
	assert(size <= (part->body.end - part->body.begin + 1) * 63);
	mime_part_detected(view, part);
	assert(mime_part_defects(view, part) < MIME_DEFECT_BIT(MIME_DEFECT_COUNT));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_create(0, 0);
	struct mime_view *view = mime_input_parse(arena, data, size);
	size_t i, text = 0;

	assert(view->count >= 1 && view->count <= view->limits.parts);
	for (i = 0; i < view->count; i++) {
		check_place(view, &view->parts[i]);
		check_names(view, &view->parts[i]);
		check_content(view, &view->parts[i]);
		text += view->parts[i].text.length;
	}
	assert(text <= view->limits.text);
	arena_destroy(&arena);
	return 0;
}
