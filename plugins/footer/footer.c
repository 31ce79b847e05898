/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * footer: texts that are put before or behind what a message says. Each footer whose condition
 * holds is added to every part that is the message's body (body.h), in the form that the part has,
 * and once: a field in the header says so to who sees the message next.
 *
 * Results: one of method "footer" for each such footer: "added" with the parts that it was added
 * to, "present" where it was there already, "none" with the reason why it was not added.
 */
#include <string.h>

#include "plugins/footer/add.h"

struct options {
	const char *marker;
	const struct mf_condition *believe;
	struct mf_blocks footers;
};

static const struct mf_option footer_table[] = {
	MF_ARGUMENT(struct footer_options, name, "name of the footer, for its marker and results"),
	MF_OPTION(struct footer_options, when, NULL, "messages that get it; all when left out"),
	MF_CHOICE(struct footer_options, place, "before after", "after",
	    "in front of what the message says, or behind it"),
	MF_OPTION(struct footer_options, text, NULL, "what it says, as plain text"),
	MF_TEMPLATE_FILE(struct footer_options, text_file, "the same, in a file of its own"),
	MF_OPTION(struct footer_options, html, NULL,
	    "what it says, as HTML; made of the text when left out"),
	MF_TEMPLATE_FILE(struct footer_options, html_file, "the same, in a file of its own"),
	MF_OPTION_END
};

static const struct mf_option option_table[] = {
	MF_OPTION(struct options, marker, "X-Footer",
	    "header field that names each footer that a message has been given"),
	MF_OPTION(struct options, believe, NULL,
	    "messages whose markers are believed, those of others are removed; when left out, a "
	    "marker counts where its footer is found"),
	MF_BLOCK(struct options, footers, "footer", footer_table, struct footer_options,
	    "what is added to messages"),
	MF_OPTION_END
};

/* ---- start ---- */

/* RFC 5322 section 3.6.8. */
static bool
is_field_name(const char *name)
{
	size_t i;

	for (i = 0; name[i]; i++) {
		if (name[i] <= ' ' || name[i] > '~' || name[i] == ':')
			return false;
	}
	return i > 0 && i < 998;
}

static bool
check_footer(struct mf_context *c, const struct footer_options *footer)
{
	if (!footer->text == !footer->text_file) {
		mf_config_error(c, &footer->name,
		    "footer \"%s\" needs either `text` or `text-file`", footer->name);
		return false;
	}
	if (footer->html && footer->html_file) {
		mf_config_error(c, &footer->html_file, "footer \"%s\" has `html` already",
		    footer->name);
		return false;
	}
	return true;
}

static bool
start(struct mf_context *c)
{
	const struct options *o = c->options;
	bool good = true;
	size_t i;

	if (!is_field_name(o->marker)) {
		mf_config_error(c, &o->marker, "expected the name of a header field");
		good = false;
	}
	for (i = 0; i < o->footers.count; i++)
		good = check_footer(c, o->footers.items[i].options) && good;
	mf_only_uses(c, MF_USE_BODY | MF_USE_CHANGE_BODY | MF_USE_ADD_HEADER |
	    MF_USE_CHANGE_HEADER);
	return good;
}

/* ---- markers ---- */

static enum marking
marking_of(struct mf_context *c, const char *name)
{
	const struct options *o = c->options;
	struct mf_header field;
	size_t n;

	for (n = 0; mf_header_find(c, o->marker, n, &field); n++) {
		if (strcmp(mf_decoded(c, &field), name) == 0)
			return o->believe ? MARK_BELIEVED : MARK_CLAIMED;
	}
	return MARK_NONE;
}

/* Whether a filter before this one has added the footer, and its marker. */
static bool
is_ours(struct mf_context *c, const char *name)
{
	const char *value;
	size_t n;

	for (n = 0; (value = mf_result_value(c, "footer", n)); n++) {
		const char *footer = mf_result_get(c, "footer", n, "policy.footer");

		if (strcmp(value, "added") == 0 && footer && strcmp(footer, name) == 0)
			return true;
	}
	return false;
}

/* Markers that are not believed here are none to who sees the message next. */
static void
remove_markers(struct mf_context *c)
{
	const struct options *o = c->options;
	struct mf_header field;
	size_t n;

	if (!o->believe || mf_test(c, o->believe))
		return;
	for (n = mf_header_count(c, o->marker); n-- > 0;) {
		if (mf_header_find(c, o->marker, n, &field) && !is_ours(c, mf_decoded(c, &field)))
			mf_header_delete(c, o->marker, n);
	}
}

static void
add_marker(struct mf_context *c, const char *name)
{
	const struct options *o = c->options;

	if (marking_of(c, name) == MARK_NONE)
		mf_header_add(c, o->marker, mf_encoded(c, name));
}

/* ---- the message ---- */

/* The footers whose conditions hold, their texts made before anything is edited. */
static struct additions_list
choose(struct mf_context *c)
{
	const struct options *o = c->options;
	struct additions_list list = { 0, mf_alloc(c, o->footers.count * sizeof(*list.items)) };
	size_t i;

	for (i = 0; i < o->footers.count; i++) {
		const struct footer_options *footer = o->footers.items[i].options;
		struct addition *addition = &list.items[list.count];

		if (!mf_test(c, footer->when))
			continue;
		addition->options = footer;
		addition->where = o->footers.items[i].where;
		addition->marking = marking_of(c, footer->name);
		add_compose(c, addition);
		list.count++;
	}
	return list;
}

/* The types of the parts that a footer was added to. */
static const char *
part_types(struct mf_context *c, const struct addition *addition)
{
	const char *types = "";
	size_t i;

	for (i = addition->part_count; i-- > 0;)
		types = mf_printf(c, "%s%s%s", types, *types ? ", " : "",
		    mf_part(c, addition->parts[i])->type);
	return types;
}

static void
report(struct mf_context *c, const struct addition *addition, const char *why)
{
	bool added = addition->part_count > 0;
	const char *value = added ? "added" : addition->present ? "present" : "none";
	struct mf_result *result;

	mf_matched(c, addition->options->name, addition->where);
	result = mf_result_add(c, "footer", value, addition->why ? addition->why : why);
	mf_result_property(c, result, "policy.footer", addition->options->name);
	if (added)
		mf_result_property(c, result, "policy.parts", part_types(c, addition));
}

/* From the last part to the first: an edit moves only what stands behind. */
static const char *
edit_parts(struct mf_context *c, const struct additions_list *list)
{
	struct body body;
	size_t i;

	body_find(c, &body);
	if (body.left)
		return body.left;
	for (i = body.count; i-- > 0;)
		add_to_part(c, body.parts[i], list);
	return body.count ? NULL : "no text";
}

static enum mf_verdict
add_footers(struct mf_context *c)
{
	struct additions_list list;
	const char *why;
	size_t i;

	remove_markers(c);
	list = choose(c);
	if (!list.count)
		return MF_CONTINUE;
	why = edit_parts(c, &list);
	for (i = 0; i < list.count; i++) {
		report(c, &list.items[i], why);
		if (list.items[i].part_count)
			add_marker(c, list.items[i].options->name);
	}
	return MF_CONTINUE;
}

MF_PLUGIN(
	.name = "footer",
	.version = "1.0",
	.summary = "Texts before or behind what a message says",
	.provides = (const char *const[]){ "footer", NULL },
	.options = option_table,
	.options_size = sizeof(struct options),
	.start = start,
	.message = add_footers,
);
