/* SPDX-License-Identifier: BSD-2-Clause */
/* Text and links of an HTML document, from its tokens. Nothing fails. */
#include <stdint.h>
#include <string.h>

#include "filterd/message/clean.h"
#include "filterd/message/html.h"
#include "filterd/message/html_entity.h"
#include "filterd/message/html_token.h"
#include "filterd/util/buffer.h"
#include "filterd/util/utf8.h"

enum gap { GAP_NONE, GAP_BLANK, GAP_LINE };

struct reading {
	struct arena *arena;
	const struct html_limits *limits;
	struct html_document *document;
	struct buffer text;
	enum gap gap;		/* what is put before the next word */
	struct html_link *links;
	size_t room;
	size_t open;		/* the link whose text is read; SIZE_MAX: none */
	size_t open_from;	/* where that text begins */
	size_t unseen;		/* open elements whose text nobody sees: title, template */
};

/* Where links stand. */
static const struct place {
	struct str element, attribute;	/* no element: any */
	enum html_link_kind kind;
} places[] = {
	{ { "a", 1 }, { "href", 4 }, HTML_LINK },
	{ { "a", 1 }, { "xlink:href", 10 }, HTML_LINK },
	{ { "area", 4 }, { "href", 4 }, HTML_LINK },
	{ { "base", 4 }, { "href", 4 }, HTML_LINK_BASE },
	{ { "link", 4 }, { "href", 4 }, HTML_LINK_RESOURCE },
	{ { "form", 4 }, { "action", 6 }, HTML_LINK_FORM },
	{ { "", 0 }, { "formaction", 10 }, HTML_LINK_FORM },
	{ { "", 0 }, { "src", 3 }, HTML_LINK_RESOURCE },
	{ { "object", 6 }, { "data", 4 }, HTML_LINK_RESOURCE },
	{ { "", 0 }, { "background", 10 }, HTML_LINK_RESOURCE },
};

/* Elements that begin a line, in the order of the alphabet. */
static const char *const blocks[] = { "address", "article", "aside", "blockquote", "body", "br",
	"caption", "center", "dd", "details", "dir", "div", "dl", "dt", "fieldset", "figcaption",
	"figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "head", "header", "hgroup",
	"hr", "html", "legend", "li", "main", "menu", "nav", "ol", "option", "p", "pre", "section",
	"select", "summary", "table", "tbody", "textarea", "tfoot", "thead", "title", "tr", "ul" };

static bool
is(struct str name, const char *element)
{
	return str_equal_nocase(name, str_of(element));
}

static bool
is_block(struct str name)
{
	size_t i;

	for (i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
		if (is(name, blocks[i]))
			return true;
	}
	return false;
}

/* ---- text ---- */

static void
widen_gap(struct reading *reading, enum gap gap)
{
	if (gap > reading->gap)
		reading->gap = gap;
}

/* Soft hyphens, joiners and the like, which a word is cut with so that a filter does not find
 * it. */
static bool
is_unseen(uint32_t point)
{
	return point == 0xad || (point >= 0x200b && point <= 0x200d) || point == 0x2060 ||
	    point == 0xfeff;
}

static void
add_seen(struct buffer *text, struct str word)
{
	while (word.length) {
		uint32_t point = 0;
		size_t size = utf8_next(word, &point);
		struct str character = { word.data, size ? size : 1 };

		if (!size || !is_unseen(point))
			clean_add(text, character);
		word.data += character.length;
		word.length -= character.length;
	}
}

static void
add_word(struct reading *reading, struct str word)
{
	if (reading->text.length + word.length + 1 > reading->limits->text) {
		reading->document->cut = true;
		return;
	}
	if (reading->gap != GAP_NONE && reading->text.length)
		buffer_add_char(&reading->text, reading->gap == GAP_LINE ? '\n' : ' ');
	reading->gap = GAP_NONE;
	add_seen(&reading->text, word);
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

/* Blanks fall together. */
static void
add_words(struct reading *reading, struct str text)
{
	size_t i = 0;

	while (i < text.length && !reading->document->cut) {
		size_t from = i;

		if (is_blank(text.data[i])) {
			widen_gap(reading, GAP_BLANK);
			i++;
			continue;
		}
		while (i < text.length && !is_blank(text.data[i]))
			i++;
		add_word(reading, (struct str){ text.data + from, i - from });
	}
}

static void
add_text(struct reading *reading, struct str text)
{
	struct buffer decoded = { 0 };

	if (reading->unseen)
		return;
	if (!memchr(text.data, '&', text.length)) {
		add_words(reading, text);
		return;
	}
	html_entity_decode(&decoded, text, false);
	add_words(reading, (struct str){ buffer_text(&decoded), decoded.length });
	buffer_free(&decoded);
}

/* ---- links ---- */

/* As a browser takes an address: URL standard, section 4.4. */
static struct str
clean_target(struct reading *reading, struct str value)
{
	struct buffer decoded = { 0 };
	struct str target;
	size_t i, kept = 0;

	html_entity_decode(&decoded, value, true);
	for (i = 0; i < decoded.length; i++) {
		if (decoded.data[i] != '\t' && decoded.data[i] != '\n' && decoded.data[i] != '\r')
			decoded.data[kept++] = decoded.data[i];
	}
	target = (struct str){ buffer_text(&decoded), kept };
	while (target.length && (unsigned char)*target.data <= ' ') {
		target.data++;
		target.length--;
	}
	while (target.length && (unsigned char)target.data[target.length - 1] <= ' ')
		target.length--;
	target = arena_str(reading->arena, target);
	buffer_free(&decoded);
	return target;
}

static struct html_link *
add_link(struct reading *reading, enum html_link_kind kind, struct str value)
{
	struct html_document *document = reading->document;

	if (document->link_count == reading->limits->links) {
		document->cut = true;
		return NULL;
	}
	if (document->link_count == reading->room) {
		size_t room = reading->room ? reading->room * 2 : 16;
		struct html_link *links = arena_array(reading->arena, room, sizeof(*links));

		if (reading->room)
			memcpy(links, reading->links, reading->room * sizeof(*links));
		reading->links = links;
		reading->room = room;
	}
	reading->links[document->link_count] = (struct html_link){
		.kind = kind, .target = clean_target(reading, value), .text = { "", 0 },
	};
	return &reading->links[document->link_count++];
}

static void
close_link(struct reading *reading)
{
	struct str text;

	if (reading->open == SIZE_MAX)
		return;
	text = (struct str){ buffer_text(&reading->text) + reading->open_from,
		reading->text.length - reading->open_from };
	reading->links[reading->open].text = arena_str(reading->arena, str_trim(text));
	reading->open = SIZE_MAX;
}

/* <meta http-equiv=refresh content="0; url='…'">, section 4.2.5.3. */
static void
add_refresh(struct reading *reading, const struct html_token *token)
{
	struct str value = html_attribute(token, STR("content"));
	size_t i = 0;

	if (!value.data || !is(html_attribute(token, STR("http-equiv")), "refresh"))
		return;
	while (i < value.length && value.data[i] != ';' && value.data[i] != ',')
		i++;
	if (i < value.length)
		i++;
	value = str_trim((struct str){ value.data + i, value.length - i });
	if (str_has_prefix_nocase(value, STR("url"))) {
		struct str behind = str_trim((struct str){ value.data + 3, value.length - 3 });

		if (behind.length && *behind.data == '=')
			value = str_trim((struct str){ behind.data + 1, behind.length - 1 });
	}
	if (value.length && (*value.data == '\'' || *value.data == '"')) {
		const char *end = memchr(value.data + 1, *value.data, value.length - 1);

		value.data++;
		value.length = end ? (size_t)(end - value.data) : value.length - 1;
	}
	if (value.length)
		add_link(reading, HTML_LINK_REFRESH, value);
}

static void
add_links(struct reading *reading, const struct html_token *token)
{
	size_t i;

	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		struct str value;

		if (places[i].element.length &&
		    !str_equal_nocase(token->name, places[i].element))
			continue;
		value = html_attribute(token, places[i].attribute);
		if (!value.data)
			continue;
		if (!add_link(reading, places[i].kind, value))
			return;
		if (is(token->name, "a")) {
			reading->open = reading->document->link_count - 1;
			reading->open_from = reading->text.length;
		}
	}
	if (is(token->name, "meta"))
		add_refresh(reading, token);
}

/* ---- tokens ---- */

static void
read_edge(struct reading *reading, const struct html_token *token)
{
	if (is_block(token->name))
		widen_gap(reading, GAP_LINE);
	else if (is(token->name, "td") || is(token->name, "th"))
		widen_gap(reading, GAP_BLANK);
	if (is(token->name, "a"))
		close_link(reading);
	if (is(token->name, "title") || is(token->name, "template")) {
		if (token->kind == HTML_START)
			reading->unseen++;
		else if (reading->unseen)
			reading->unseen--;
	}
}

static void
read_token(struct reading *reading, const struct html_token *token)
{
	switch (token->kind) {
	case HTML_TEXT:
		add_text(reading, token->text);
		break;
	case HTML_RAW_TEXT:
		break;
	case HTML_START:
		read_edge(reading, token);
		if (token->attribute_count)
			add_links(reading, token);
		break;
	case HTML_END:
		read_edge(reading, token);
		break;
	}
}

void
html_read(struct arena *arena, const struct html_limits *limits, struct str source,
    struct html_document *document_r)
{
	struct reading reading = { .arena = arena, .limits = limits, .document = document_r,
		.open = SIZE_MAX };
	struct html_reader reader = { .rest = source };
	struct html_token token;

	*document_r = (struct html_document){ 0 };
	while (!document_r->cut && html_next(&reader, &token))
		read_token(&reading, &token);
	close_link(&reading);
	document_r->text = arena_str(arena,
	    (struct str){ buffer_text(&reading.text), reading.text.length });
	document_r->links = reading.links;
	buffer_free(&reading.text);
}
