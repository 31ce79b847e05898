/* SPDX-License-Identifier: BSD-2-Clause */
/* Footers into parts: each in the part's form, those that it has already left out. */
#include <string.h>
#include <strings.h>

#include "plugins/footer/add.h"
#include "plugins/footer/compose.h"
#include "plugins/footer/edit.h"

/* Bytes beside all footers among which one is looked for: others may have been added since. */
enum { WINDOW = 2048 };

/* ---- texts ---- */

/* The buffer's text in the message's memory; frees the buffer. */
static struct str
keep(struct mf_context *c, struct buffer *buffer)
{
	char *text = mf_alloc(c, buffer->length + 1);
	struct str kept = { text, buffer->length };

	memcpy(text, buffer_text(buffer), buffer->length);
	buffer_free(buffer);
	return kept;
}

void
add_compose(struct mf_context *c, struct addition *addition)
{
	const struct footer_options *o = addition->options;
	const struct mf_template *html_template = o->html ? o->html : o->html_file;
	struct buffer text = { 0 }, flowed = { 0 }, html = { 0 };

	compose_lines(&text, str_of(mf_expand_shown(c, o->text ? o->text : o->text_file,
	    MF_FORM_TEXT)));
	addition->text = keep(c, &text);
	compose_flowed(&flowed, addition->text);
	addition->flowed = keep(c, &flowed);
	if (html_template)
		compose_lines(&html, str_of(mf_expand_shown(c, html_template, MF_FORM_HTML)));
	else
		compose_html(&html, addition->text);
	addition->html = keep(c, &html);
}

static struct str
form_for(struct mf_context *c, size_t index, const struct addition *addition)
{
	if (body_is_html(mf_part(c, index)))
		return addition->html;
	return strcasecmp(body_parameter(c, index, "format"), "flowed") == 0 ? addition->flowed :
	    addition->text;
}

/* ---- what is there already ---- */

static size_t
window_for(const struct additions_list *list)
{
	size_t i, window = WINDOW;

	for (i = 0; i < list->count; i++)
		window += 2 * list->items[i].html.length;
	return window;
}

/* Whether the footer stands where it is put; in HTML it may have been written in ASCII. */
static bool
stands(struct mf_context *c, size_t index, const struct addition *addition, size_t window)
{
	enum place place = addition->options->place;
	struct str text, form = form_for(c, index, addition);
	struct buffer ascii = { 0 };
	bool holds;

	text.data = mf_part_text(c, index, &text.length);
	holds = place_holds(text, form, place, window);
	if (!holds && body_is_html(mf_part(c, index))) {
		compose_ascii_html(&ascii, form);
		holds = place_holds(text, text_in(&ascii), place, window);
	}
	buffer_free(&ascii);
	return holds;
}

/* ---- adding ---- */

/* What the part is to be given, in the written order of the footers. */
static void
gather(struct mf_context *c, size_t index, const struct additions_list *list,
    struct buffer *before, struct buffer *after)
{
	size_t i, window = window_for(list);

	for (i = 0; i < list->count; i++) {
		struct addition *addition = &list->items[i];
		bool there = addition->marking == MARK_BELIEVED ||
		    (addition->marking == MARK_CLAIMED && stands(c, index, addition, window));

		addition->wanted = !there;
		addition->present |= there;
		if (addition->wanted)
			buffer_add_str(addition->options->place == PLACE_BEFORE ? before : after,
			    form_for(c, index, addition));
	}
}

static void
note(const struct additions_list *list, size_t index, const char *why)
{
	size_t i;

	for (i = 0; i < list->count; i++) {
		struct addition *addition = &list->items[i];

		if (addition->wanted && why)
			addition->why = why;
		else if (addition->wanted)
			addition->parts[addition->part_count++] = index;
	}
}

void
add_to_part(struct mf_context *c, size_t index, const struct additions_list *list)
{
	struct buffer before = { 0 }, after = { 0 };

	gather(c, index, list, &before, &after);
	if (before.length || after.length) {
		const struct additions additions = { text_in(&before), text_in(&after) };

		note(list, index, edit_part(c, index, &additions));
	}
	buffer_free(&before);
	buffer_free(&after);
}
