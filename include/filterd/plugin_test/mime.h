/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * MIME parts of the fake host: those that the test has given the message, for it reads no MIME.
 * Edits of parts are noted in part_edits, a line each; parts and body stay as the test has made
 * them. A part of <filterd/plugin_test.h>, which is the header to include.
 */
#ifndef FILTERD_PLUGIN_TEST_MIME_H
#define FILTERD_PLUGIN_TEST_MIME_H

#include <filterd/plugin_test/host.h>

struct mf_fake_part {
	struct mf_part part;
	const char *content, *detected;
	size_t size;
	struct mf_fake_array fields;	/* struct mf_header */
	struct mf_fake_array names;	/* char *, and NULL behind them */
	struct mf_fake_array defects;	/* likewise */
	const struct mf_archive *archive;	/* for the test to set; NULL: it is none */
};

struct mf_part_stream { const struct mf_fake_part *part; bool read; };

static inline struct mf_fake_part *
mf_fake_part_at(const struct mf_fake *f, size_t index)
{
	return index < f->parts.count ? (struct mf_fake_part *)f->parts.items[index] : NULL;
}

/* A part more, all in one, of this type; the first is the message itself. Content and name are
 * text, or NULL. The result is for the test to change, its flags for one. */
static inline struct mf_fake_part *
mf_fake_part(struct mf_fake *f, size_t parent, const char *type, const char *name,
    const char *content)
{
	struct mf_fake_part *part =
	    (struct mf_fake_part *)mf_fake_take(&f->own, sizeof(*part));
	const struct mf_fake_part *outer = mf_fake_part_at(f, parent);

	part->part.index = f->parts.count;
	part->part.parent = f->parts.count ? parent : MF_NO_PART;
	part->part.depth = outer ? outer->part.depth + 1 : 0;
	part->part.type = mf_fake_text(f, type);
	part->content = mf_fake_text(f, content ? content : "");
	part->size = strlen(part->content);
	if (strncmp(type, "text/", 5) == 0)
		part->part.flags |= MF_PART_TEXT;
	if (strncmp(type, "multipart/", 10) == 0)
		part->part.flags |= MF_PART_MULTIPART;
	if (name) {
		part->part.flags |= MF_PART_ATTACHMENT;
		mf_fake_append(f, &part->names, mf_fake_text(f, name));
	}
	part->part.name_count = part->names.count;
	mf_fake_append(f, &part->names, NULL);
	part->part.names = (const char *const *)part->names.items;
	mf_fake_append(f, &part->defects, NULL);
	mf_fake_append(f, &f->parts, part);
	return part;
}

/* A defect of a part. */
static inline void
mf_fake_part_defect(struct mf_fake *f, struct mf_fake_part *part, const char *defect)
{
	mf_fake_insert(f, &part->defects, part->defects.count - 1, mf_fake_text(f, defect));
}

/* ---- reading ---- */

/* NULL: there is none here; a plugin that reads parts must have said that it reads the body. */
static inline struct mf_fake_part *
mf_fake_part_of(struct mf_context *c, size_t index)
{
	struct mf_fake *f = mf_fake_of(c);

	if (c->stage != MF_STAGE_MESSAGE)
		return NULL;
	if (!(f->uses & MF_USE_BODY))
		f->refused = "it reads the body and did not say so in start";
	return mf_fake_part_at(f, index);
}

static inline size_t
mf_host_part_count(struct mf_context *c)
{
	return mf_fake_part_of(c, 0) ? mf_fake_of(c)->parts.count : 0;
}

static inline const struct mf_part *
mf_host_part(struct mf_context *c, size_t index)
{
	const struct mf_fake_part *part = mf_fake_part_of(c, index);

	return part ? &part->part : NULL;
}

static inline const char *
mf_host_part_detected(struct mf_context *c, size_t index)
{
	const struct mf_fake_part *part = mf_fake_part_of(c, index);

	return part ? part->detected : NULL;
}

static inline size_t
mf_host_part_size(struct mf_context *c, size_t index)
{
	const struct mf_fake_part *part = mf_fake_part_of(c, index);

	return part ? part->size : 0;
}

static inline bool
mf_host_part_header(struct mf_context *c, size_t index, size_t n, struct mf_header *field_r)
{
	const struct mf_fake_part *part = mf_fake_part_of(c, index);

	if (index == 0)
		return mf_host_header_at(c, n, field_r);
	if (!part || n >= part->fields.count)
		return false;
	*field_r = *(const struct mf_header *)part->fields.items[n];
	field_r->index = n;
	return true;
}

static inline struct mf_part_stream *
mf_host_part_open(struct mf_context *c, size_t index)
{
	const struct mf_fake_part *part = mf_fake_part_of(c, index);
	struct mf_part_stream *stream;

	if (!part)
		return NULL;
	stream = (struct mf_part_stream *)mf_host_alloc(c, sizeof(*stream));
	stream->part = part;
	return stream;
}

static inline size_t
mf_host_part_read(struct mf_context *c, struct mf_part_stream *stream, const void **bytes_r)
{
	bool more = stream && !stream->read;

	(void)c;
	*bytes_r = more ? stream->part->content : "";
	if (stream)
		stream->read = true;
	return more ? stream->part->size : 0;
}

static inline const char *
mf_host_part_text(struct mf_context *c, size_t index, size_t *length_r)
{
	const struct mf_fake_part *part = mf_fake_part_of(c, index);
	bool text = part && (part->part.flags & MF_PART_TEXT);

	if (length_r)
		*length_r = text ? part->size : 0;
	return text ? part->content : "";
}

static inline const char *const *
mf_host_part_defects(struct mf_context *c, size_t index)
{
	struct mf_fake *f = mf_fake_of(c);
	struct mf_fake_part *part = mf_fake_part_of(c, index);
	struct mf_fake_array all = { 0, NULL };
	size_t i, j;

	for (i = 0; i < f->parts.count; i++) {
		const struct mf_fake_part *one = mf_fake_part_at(f, i);

		for (j = 0; (one == part || index == MF_NO_PART) && one->defects.items[j]; j++)
			mf_fake_append(f, &all, one->defects.items[j]);
	}
	mf_fake_append(f, &all, NULL);
	return (const char *const *)all.items;
}

static inline const struct mf_archive *
mf_host_part_archive(struct mf_context *c, size_t index)
{
	const struct mf_fake_part *part = mf_fake_part_of(c, index);

	return part ? part->archive : NULL;
}

static inline const struct mf_link *
mf_host_links(struct mf_context *c, size_t *count_r)
{
	const struct mf_fake *f = mf_fake_of(c);

	*count_r = mf_fake_part_of(c, 0) ? f->link_count : 0;
	return *count_r ? f->links : NULL;
}

/* ---- edits ---- */

static inline bool
mf_fake_part_edit(struct mf_context *c, size_t index, const char *what, const char *with)
{
	struct mf_fake *f = mf_fake_of(c);

	if (!mf_fake_part_of(c, index)) {
		f->refused = "it edits a part that is not there";
		return false;
	}
	if (!(f->uses & MF_USE_CHANGE_BODY)) {
		f->refused = "it edits the body and did not say so in start";
		return false;
	}
	f->part_edits = mf_printf(c, "%s%s %zu%s%s\n", f->part_edits ? f->part_edits : "", what,
	    index, *with ? " " : "", with);
	return true;
}

static inline bool
mf_host_part_replace(struct mf_context *c, size_t index, const struct mf_part_content *content)
{
	return mf_fake_part_edit(c, index, "replace",
	    mf_fake_copy(mf_fake_of(c), (const char *)content->bytes, content->size));
}

static inline bool
mf_host_part_set_text(struct mf_context *c, size_t index, const char *text, size_t length)
{
	return mf_fake_part_edit(c, index, "set-text", mf_fake_copy(mf_fake_of(c), text, length));
}

static inline bool
mf_host_part_remove(struct mf_context *c, size_t index)
{
	return mf_fake_part_edit(c, index, "remove", "");
}

static inline bool
mf_host_part_append(struct mf_context *c, size_t index, const struct mf_part_content *content)
{
	return mf_fake_part_edit(c, index, "append",
	    mf_fake_copy(mf_fake_of(c), (const char *)content->bytes, content->size));
}

static inline bool
mf_host_part_wrap(struct mf_context *c, size_t index, const char *type)
{
	return mf_fake_part_edit(c, index, "wrap", type);
}

static inline bool
mf_host_part_header_set(struct mf_context *c, size_t index, const char *name, const char *value)
{
	return mf_fake_part_edit(c, index, "header", mf_printf(c, "%s:%s", name,
	    value ? value : ""));
}

#endif
