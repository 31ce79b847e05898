/* SPDX-License-Identifier: BSD-2-Clause */
/* Links and archives of a message's parts, kept with the view. Nothing fails. */
#include <string.h>
#include <time.h>

#include "filterd/message/html.h"
#include "filterd/message/inspect.h"
#include "filterd/message/mime_decode.h"
#include "filterd/message/url.h"
#include "filterd/util/buffer.h"

/* What is kept with a view, in its arena. */
struct inspection {
	struct inspect_limits limits;
	struct inspect_links *links;		/* NULL: not made */
	struct archive_view **archives;		/* of each part; NULL: not made */
	int64_t spent;				/* milliseconds on archives */
};

/* Links while they are gathered. */
struct gathering {
	struct mime_view *view;
	const struct inspect_limits *limits;
	struct inspect_links *links;
	struct inspect_link *items;
	size_t room;
};

static struct inspection *
inspection_of(struct mime_view *view, const struct inspect_limits *limits)
{
	struct inspection *inspection = view->inspection;

	if (inspection)
		return inspection;
	inspection = arena_alloc(view->arena, sizeof(*inspection));
	inspection->limits = *limits;
	inspection->archives =
	    arena_array(view->arena, view->count, sizeof(struct archive_view *));
	return view->inspection = inspection;
}

/* ---- content ---- */

/* Decodes at most so many bytes. */
static void
decode(struct mime_view *view, const struct mime_part *part, size_t maximum, struct buffer *buffer)
{
	struct mime_decoder decoder;
	char window[MIME_WINDOW];
	const char *bytes;
	size_t size;

	mime_decoder_begin(&decoder, view, part);
	while (buffer->length < maximum &&
	    (size = mime_decoder_next(&decoder, window, &bytes)) > 0)
		buffer_add(buffer, bytes, size < maximum - buffer->length ? size :
		    maximum - buffer->length);
}

static bool
is_plain(const struct mime_part *part)
{
	return part->encoding == MIME_IDENTITY || part->encoding == MIME_UNKNOWN_ENCODING;
}

struct str
inspect_content(struct mime_view *view, const struct mime_part *part, size_t maximum)
{
	struct buffer buffer = { 0 };
	struct str content;

	if (is_plain(part)) {
		content = mime_bytes(view, part->body);
		if (content.length > maximum)
			content.length = maximum;
		return content;
	}
	decode(view, part, maximum, &buffer);
	content = arena_str(view->arena, (struct str){ buffer_text(&buffer), buffer.length });
	buffer_free(&buffer);
	return content;
}

/* ---- archives ---- */

static bool
has_archive_name(const struct mime_part *part)
{
	size_t i;

	for (i = 0; i < part->name_count; i++) {
		if (archive_likely_name(part->names[i]))
			return true;
	}
	return false;
}

/* As far as a tar or an image of a disk has its mark: 32774 bytes. */
#define MARK_MAXIMUM	33000

static bool
is_worth_opening(struct mime_view *view, const struct mime_part *part)
{
	struct buffer buffer = { 0 };
	bool likely;

	if (part->multipart || part->message)
		return false;
	if (has_archive_name(part))
		return true;
	if (is_plain(part))
		return archive_likely(mime_bytes(view, part->body));
	decode(view, part, MARK_MAXIMUM, &buffer);
	likely = archive_likely((struct str){ buffer_text(&buffer), buffer.length });
	buffer_free(&buffer);
	return likely;
}

static int64_t
milliseconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Many archives get no more time than one. */
static void
open_archive(struct mime_view *view, struct inspection *inspection, const struct mime_part *part,
    struct archive_view *archive)
{
	struct archive_limits limits = inspection->limits.archive;
	struct str content = mime_bytes(view, part->body);
	int64_t begin = milliseconds_now();
	struct buffer buffer = { 0 };

	if (!is_plain(part)) {
		decode(view, part, SIZE_MAX, &buffer);
		content = (struct str){ buffer_text(&buffer), buffer.length };
	}
	limits.milliseconds -= inspection->spent;
	archive_read(view->arena, &limits, part->name_count ? part->names[0] : STR(""), content,
	    archive);
	buffer_free(&buffer);
	inspection->spent += milliseconds_now() - begin;
}

const struct archive_view *
inspect_archive(struct mime_view *view, const struct inspect_limits *limits,
    const struct mime_part *part)
{
	struct inspection *inspection = inspection_of(view, limits);
	struct archive_view **archive = &inspection->archives[part->index];

	if (*archive)
		return *archive;
	*archive = arena_alloc(view->arena, sizeof(**archive));
	if (is_worth_opening(view, part))
		open_archive(view, inspection, part, *archive);
	return *archive;
}

/* ---- links ---- */

static struct inspect_link *
add_link(struct gathering *gathering)
{
	struct inspect_links *links = gathering->links;

	if (links->count == gathering->limits->links) {
		links->cut = true;
		return NULL;
	}
	if (links->count == gathering->room) {
		size_t room = gathering->room ? gathering->room * 2 : 16;
		struct inspect_link *items =
		    arena_array(gathering->view->arena, room, sizeof(*items));

		if (gathering->room)
			memcpy(items, gathering->items, gathering->room * sizeof(*items));
		gathering->items = items;
		gathering->room = room;
	}
	return &gathering->items[links->count++];
}

/* Links that lead nowhere and do something all the same. */
static bool
is_active(struct str target)
{
	return str_has_prefix_nocase(target, STR("data:")) ||
	    str_has_prefix_nocase(target, STR("javascript:")) ||
	    str_has_prefix_nocase(target, STR("vbscript:")) ||
	    str_has_prefix_nocase(target, STR("file:"));
}

/* What has no scheme gets the one that a browser would give it. */
static void
add_target(struct gathering *gathering, struct str target, struct str shown)
{
	struct arena *arena = gathering->view->arena;
	const char *before = str_has_prefix_nocase(target, STR("www.")) ? "http://" :
	    str_has_prefix_nocase(target, STR("//")) ? "http:" : NULL;
	struct inspect_link *link;
	struct url url;

	if (target.length > URL_MAXIMUM)
		target.length = URL_MAXIMUM;
	if (before)
		target = str_of(arena_printf(arena, "%s%.*s", before, (int)target.length,
		    target.data));
	if (!url_parse(arena, target, &url) && !is_active(target))
		return;
	link = add_link(gathering);
	if (!link)
		return;
	link->target = arena_str(arena, target);
	link->host = url.host;
	link->mismatch = url_mismatch(arena, shown, &url);
}

static bool
visit_text(void *argument, struct str text)
{
	struct gathering *gathering = argument;

	add_target(gathering, text, STR(""));
	return gathering->links->cut;
}

static void
gather_text(struct gathering *gathering, struct str text)
{
	if (!url_find(text, gathering->limits->links, visit_text, gathering))
		gathering->links->cut = true;
}

static void
gather_part(struct gathering *gathering, struct mime_part *part)
{
	const struct html_document *html;
	size_t i;

	gather_text(gathering, mime_part_shown(gathering->view, part));
	html = mime_part_html(gathering->view, part);
	for (i = 0; html && i < html->link_count; i++)
		add_target(gathering, html->links[i].target, html->links[i].text);
	if (html && html->cut)
		gathering->links->cut = true;
}

const struct inspect_links *
inspect_links(struct mime_view *view, const struct inspect_limits *limits)
{
	struct inspection *inspection = inspection_of(view, limits);
	struct gathering gathering = { .view = view, .limits = &inspection->limits };
	size_t i;

	if (inspection->links)
		return inspection->links;
	gathering.links = arena_alloc(view->arena, sizeof(*gathering.links));
	for (i = 0; i < view->count; i++) {
		if (mime_is_text(&view->parts[i]))
			gather_part(&gathering, &view->parts[i]);
	}
	gathering.links->items = gathering.items;
	return inspection->links = gathering.links;
}
