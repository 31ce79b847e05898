/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Edits of parts: the first byte of the input says which edit, the second which part, the rest is
 * the message. What comes of it is a message again, in which parts that were not edited have the
 * bytes that they had.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "filterd/message/mime_edit.h"
#include "filterd/util/buffer.h"
#include "tests/fuzz/mime_input.h"

#define EDITS	7

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
make(struct mime_edit *edit, unsigned which, size_t index)
{
	const struct mime_content content = { "text/plain; charset=utf-8", "attachment",
		STR("new \xc3\xa4 text\n.\n") };
	const struct mime_content kept = { NULL, NULL, STR("kept type") };

	switch (which) {
	case 0:
		return mime_edit_replace(edit, index, &content);
	case 1:
		return mime_edit_text(edit, index, STR("changed \xe2\x82\xac\n"));
	case 2:
		return mime_edit_remove(edit, index);
	case 3:
		return mime_edit_append(edit, index, &content);
	case 4:
		return mime_edit_wrap(edit, index, "multipart/mixed");
	case 5:
		return mime_edit_field(edit, index, "Content-Description", STR(" new"));
	default:
		return mime_edit_replace(edit, index, &kept);
	}
}

/* Whether a part stands neither within the edited one nor around it. */
static bool
is_untouched(const struct mime_view *view, const struct mime_part *part, size_t index)
{
	const struct mime_part *edited = &view->parts[index];
	size_t up;

	for (up = part->index; up != MIME_NONE; up = view->parts[up].parent) {
		if (up == index || (edited->parent != MIME_NONE &&
		    view->parts[edited->parent].message && up == edited->parent))
			return false;
	}
	for (up = index; up != MIME_NONE; up = view->parts[up].parent) {
		if (up == part->index)
			return false;
	}
	return true;
}

/* Header and content of every other part stand in the new body, one behind another. */
static void
check_untouched(const struct mime_view *view, size_t index, struct str body)
{
	size_t i, at = 0;

	for (i = 0; i < view->count; i++) {
		const struct mime_part *part = &view->parts[i];
		struct str bytes = mime_bytes(view,
		    (struct mime_range){ part->header.begin, part->body.end });
		const char *found;

		if (!bytes.length || !is_untouched(view, part, index))
			continue;
		found = memmem(body.data + at, body.length - at, bytes.data, bytes.length);
		assert(found);
		at = (size_t)(found - body.data);
	}
}

/* A message is removed with the part that holds it. */
static size_t
removed_part(const struct mime_view *view, size_t index)
{
	while (index && view->parts[view->parts[index].parent].message)
		index = view->parts[index].parent;
	return index;
}

/* The header fields of the message do not matter here, so those that were are used again. */
static void
check(struct arena *arena, const struct mime_view *view, const struct mime_edit *edit, size_t index)
{
	struct buffer body = { 0 };
	struct str text;
	size_t i;

	for (i = 0; i < edit->piece_count; i++)
		buffer_add_str(&body, edit->pieces[i]);
	text = (struct str){ buffer_text(&body), body.length };
	check_untouched(view, index, text);
	mime_defects(mime_parse(arena, &view->limits, view->parts[0].fields,
	    view->parts[0].field_count, text, NULL));
	buffer_free(&body);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_create(0, 0);
	struct mime_view *view;
	struct mime_edit edit;
	size_t index;

	if (size > 2) {
		view = mime_input_parse(arena, data + 2, size - 2);
		index = data[1] % view->count;
		mime_defects(view);
		mime_edit_begin(&edit, view, arena);
		if (make(&edit, data[0] % EDITS, index))
			check(arena, view, &edit,
			    data[0] % EDITS == 2 ? removed_part(view, index) : index);
		else
			assert(edit.refused);
	}
	arena_destroy(&arena);
	return 0;
}
