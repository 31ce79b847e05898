/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Footers put into any document: taken out again, the document is left; in HTML each is an element
 * that a reader of the whole finds, outside of comments, tags, scripts and templates, once.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "filterd/message/html_token.h"
#include "plugins/footer/compose.h"
#include "plugins/footer/place.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct str before = { "<x-before>\n", 11 };
static const struct str after = { "<x-after>\n", 10 };

/* The elements of that name that are shown. */
static size_t
count(struct str document, const char *name)
{
	struct html_reader reader = { .rest = document };
	struct html_token token;
	size_t found = 0, templates = 0;

	while (html_next(&reader, &token)) {
		bool start = token.kind == HTML_START;

		if ((start || token.kind == HTML_END) &&
		    str_equal_nocase(token.name, STR("template")))
			templates += start ? 1 : templates ? (size_t)-1 : 0;
		else if (start && !templates)
			found += str_equal_nocase(token.name, str_of(name));
	}
	return found;
}

/* Whether the edited text is the document with something between its pieces: its bytes are found
 * in order, and nothing but the additions and line ends is beside them. */
static void
check_rest(struct str document, struct str edited, size_t added)
{
	size_t i, at = 0;

	assert(edited.length >= document.length + added);
	assert(edited.length <= document.length + added + 16);
	for (i = 0; i < edited.length && at < document.length; i++)
		at += edited.data[i] == document.data[at];
	assert(at == document.length);
}

static void
check_html(struct str document)
{
	struct buffer edited = { 0 };
	size_t begin = place_in_html(document, PLACE_BEFORE);
	size_t end = place_in_html(document, PLACE_AFTER);

	assert(begin <= document.length && end <= document.length);
	place_html(&edited, document, before, after);
	assert(count(text_in(&edited), "x-before") == count(document, "x-before") + 1);
	assert(count(text_in(&edited), "x-after") == count(document, "x-after") + 1);
	check_rest(document, text_in(&edited), before.length + after.length - 2);
	buffer_free(&edited);
}

static void
check_text(struct str document)
{
	struct buffer edited = { 0 }, lines = { 0 }, flowed = { 0 }, html = { 0 };

	place_text(&edited, document, before, after);
	check_rest(document, text_in(&edited), before.length + after.length - 2);
	compose_lines(&lines, document);
	assert(!lines.length || lines.data[lines.length - 1] == '\n');
	compose_flowed(&flowed, text_in(&lines));
	compose_html(&html, text_in(&lines));
	buffer_free(&edited);
	compose_ascii_html(&edited, text_in(&html));
	assert(compose_is_ascii(text_in(&edited)));
	assert(count(text_in(&html), "div") == (lines.length > 0));
	buffer_free(&edited);
	buffer_free(&lines);
	buffer_free(&flowed);
	buffer_free(&html);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = size ? memcpy(malloc(size), data, size) : NULL;
	struct str document = { copy ? copy : "", size };

	check_html(document);
	check_text(document);
	free(copy);
	return 0;
}
