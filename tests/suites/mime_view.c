/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The MIME view of message files, for the tests in this folder:
 *	mime_view --json FILE…		a line of JSON a message: parts, names, defects, text
 *	mime_view --check FILE…		whether the ranges of all parts make up the message,
 *					in bounded memory: its name and why when not. All
 *					that a view offers is read too, for a sanitizer.
 * Prints what it can; exits with 1 when a check failed.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "filterd/message/inspect.h"
#include "filterd/message/mime.h"
#include "filterd/message/mime_decode.h"
#include "filterd/mta/message_file.h"
#include "filterd/util/buffer.h"

#define VIEW_MAXIMUM	((size_t)17 << 20)	/* bytes: what docs/mime.md says, and the header */

static const struct mime_limits limits = { 1000, 32, 32, 1000, 16 << 20 };
static const struct inspect_limits inspect_limits = { 1000, { .members = 1000, .depth = 3,
	.bytes = 64 << 20, .nested = 1 << 20, .ratio = 200, .milliseconds = 2000 } };

static bool
read_file(const char *path, struct buffer *text)
{
	FILE *file = fopen(path, "rb");
	char bytes[65536];
	size_t size;

	if (!file)
		return false;
	while ((size = fread(bytes, 1, sizeof(bytes), file)) > 0)
		buffer_add(text, bytes, size);
	fclose(file);
	return true;
}

static bool
take(void *argument, const void *bytes, size_t size)
{
	buffer_add(argument, bytes, size);
	return true;
}

/* The view of a message as an MTA would hand it over; body keeps its bytes. */
static struct mime_view *
view_of(struct arena *arena, const char *path, struct str text, struct buffer *body)
{
	struct message_file file = message_file_parse(path, text, arena);
	struct mime_field *fields = arena_array(arena, file.field_count + 1, sizeof(*fields));
	size_t i;

	for (i = 0; i < file.field_count; i++) {
		fields[i].name = file.fields[i].name;
		fields[i].value = file.fields[i].value;
	}
	message_file_body(&file, take, body);
	return mime_parse(arena, &limits, fields, file.field_count,
	    (struct str){ buffer_text(body), body->length }, NULL);
}

/* ---- JSON ---- */

/* Bytes of any kind: those beyond ASCII as the code points of their values. */
static json_t *
json_bytes(struct str bytes)
{
	struct buffer text = { 0 };
	json_t *json;
	size_t i;

	for (i = 0; i < bytes.length; i++) {
		unsigned char c = (unsigned char)bytes.data[i];

		if (c >= 0x80)
			buffer_add_char(&text, (char)(0xc0 | c >> 6));
		buffer_add_char(&text, (char)(c >= 0x80 ? 0x80 | (c & 0x3f) : c));
	}
	json = json_stringn(buffer_text(&text), text.length);
	buffer_free(&text);
	return json;
}

static json_t *
json_content(const struct mime_view *view, const struct mime_part *part)
{
	struct buffer content = { 0 };
	struct mime_decoder decoder;
	char buffer[MIME_WINDOW];
	const char *window;
	json_t *json;
	size_t made;

	mime_decoder_begin(&decoder, view, part);
	while ((made = mime_decoder_next(&decoder, buffer, &window)))
		buffer_add(&content, window, made);
	json = json_bytes((struct str){ buffer_text(&content), content.length });
	buffer_free(&content);
	return json;
}

static json_t *
json_fields(const struct mime_part *part)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < part->field_count; i++)
		json_array_append_new(list, json_pack("[oo]", json_bytes(part->fields[i].name),
		    json_bytes(part->fields[i].value)));
	return list;
}

static json_t *
json_names(const struct mime_part *part)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < part->name_count; i++)
		json_array_append_new(list,
		    json_stringn(part->names[i].data, part->names[i].length));
	return list;
}

static json_t *
json_defects(uint64_t defects)
{
	json_t *list = json_array();
	unsigned i;

	for (i = 0; i < MIME_DEFECT_COUNT; i++) {
		if (defects & MIME_DEFECT_BIT(i))
			json_array_append_new(list, json_string(mime_defect_name(i)));
	}
	return list;
}

static json_t *
json_part(struct mime_view *view, struct mime_part *part)
{
	struct str text = mime_part_text(view, part);
	bool leaf = !part->multipart && !part->message;

	return json_pack("{si so so so so si si si si so so so so so so}",
	    "parent", part->parent == MIME_NONE ? -1 : (int)part->parent,
	    "type", json_bytes(part->type),
	    "detected", json_bytes(mime_part_detected(view, part)),
	    "disposition", json_bytes(part->disposition),
	    "charset", json_bytes(part->charset),
	    "size", (int)mime_part_size(view, part),
	    "header", (int)part->header.begin,
	    "body", (int)part->body.begin,
	    "end", (int)part->body.end,
	    "attachment", json_boolean(mime_is_attachment(view, part)),
	    "names", json_names(part),
	    "fields", json_fields(part),
	    "text", json_stringn(text.data, text.length),
	    "content", leaf ? json_content(view, part) : json_null(),
	    "defects", json_defects(mime_part_defects(view, part)));
}

static bool
print_json(const char *path, struct mime_view *view)
{
	json_t *parts = json_array(), *message;
	size_t i;

	for (i = 0; i < view->count; i++)
		json_array_append_new(parts, json_part(view, &view->parts[i]));
	message = json_pack("{ss so}", "file", path, "parts", parts);
	json_dumpf(message, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(message);
	return true;
}

/* ---- ranges ---- */

struct joined {
	const struct mime_view *view;
	struct buffer text;
	size_t at;			/* up to where the body is accounted for */
};

/* Adds what lies in a range, which must begin where the last one ended. */
static bool
add_range(struct joined *joined, size_t begin, size_t end)
{
	struct str bytes;

	if (begin != joined->at || end < begin || end > joined->view->bytes.length)
		return false;
	bytes = mime_bytes(joined->view, (struct mime_range){ begin, end });
	buffer_add_str(&joined->text, bytes);
	joined->at = end;
	return true;
}

static bool
add_fields(struct joined *joined, const struct mime_part *part)
{
	size_t i;

	if (joined->at != part->header.begin)
		return false;
	for (i = 0; i < part->field_count; i++) {
		struct mime_range range = part->fields[i].range;

		/* What stands between fields is a line that begins with a blank. */
		if (range.begin < joined->at || range.end > part->header.end ||
		    !add_range(joined, joined->at, range.begin) ||
		    !add_range(joined, range.begin, range.end))
			return false;
	}
	return add_range(joined, joined->at, part->header.end);
}

/* A part with the parts in it, which lie within its body one behind another. */
static bool
add_part(struct joined *joined, size_t *next)
{
	const struct mime_part *part = &joined->view->parts[(*next)++];

	if (!add_range(joined, part->delimiter.begin, part->delimiter.end) ||
	    (part->parent != MIME_NONE && !add_fields(joined, part)))
		return false;
	if (joined->at != part->body.begin)
		return false;
	while (*next < joined->view->count && joined->view->parts[*next].parent == part->index) {
		const struct mime_part *child = &joined->view->parts[*next];

		if (child->delimiter.begin < joined->at ||
		    !add_range(joined, joined->at, child->delimiter.begin) ||
		    !add_part(joined, next))
			return false;
	}
	return part->body.end >= joined->at && add_range(joined, joined->at, part->body.end);
}

static bool
ranges_make_up_the_message(const struct mime_view *view)
{
	struct joined joined = { .view = view };
	size_t next = 0;
	bool whole = add_part(&joined, &next) && next == view->count &&
	    str_equal((struct str){ buffer_text(&joined.text), joined.text.length },
		view->bytes);

	buffer_free(&joined.text);
	return whole;
}

/* Nothing is expected of what it finds. */
static void
read_all(struct mime_view *view)
{
	char buffer[MIME_WINDOW];
	const char *window;
	size_t i;

	mime_defects(view);
	for (i = 0; i < view->count; i++) {
		struct mime_part *part = &view->parts[i];
		struct mime_decoder decoder;

		mime_part_text(view, part);
		mime_part_detected(view, part);
		mime_part_size(view, part);
		mime_is_attachment(view, part);
		mime_decoder_begin(&decoder, view, part);
		while (mime_decoder_next(&decoder, buffer, &window))
			;
		inspect_archive(view, &inspect_limits, part);
	}
	inspect_links(view, &inspect_limits);
}

static bool
check(const char *path, struct mime_view *view)
{
	size_t used = arena_used(view->arena);
	const char *problem = used > VIEW_MAXIMUM ? "it takes too much memory" :
	    ranges_make_up_the_message(view) ? NULL : "its ranges do not make it up";

	read_all(view);
	if (problem)
		printf("%s: %s\n", path, problem);
	return !problem;
}

int
main(int argc, char **argv)
{
	bool json = argc > 1 && strcmp(argv[1], "--json") == 0, whole = true;
	int i;

	for (i = 2; i < argc; i++) {
		struct arena *arena = arena_create(0, 0);
		struct buffer text = { 0 }, body = { 0 };
		struct mime_view *view;

		if (!read_file(argv[i], &text))
			return 2;
		view = view_of(arena, argv[i],
		    (struct str){ buffer_text(&text), text.length }, &body);
		whole &= (json ? print_json : check)(argv[i], view);
		buffer_free(&text);
		buffer_free(&body);
		arena_destroy(&arena);
	}
	return whole ? 0 : 1;
}
