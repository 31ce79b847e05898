/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A plugin for tests that puts what it sees of a message's MIME parts on the results board: a
 * result mime-name for each name, mime-content with the content in hexadecimal (of parts up to 4
 * KB) and mime-defect, the value of interest being the reason; and does to the parts what its
 * options say.
 */
#include <string.h>

#include <filterd/plugin.h>

#define CONTENT_MAXIMUM	4096	/* bytes */

struct options {
	int64_t part;
	const char *text, *append, *replace, *wrap, *header;
	bool remove;
};

static const struct mf_option option_table[] = {
	MF_OPTION(struct options, part, "0", "the part that is edited"),
	MF_OPTION(struct options, text, NULL, "text that a part is given"),
	MF_OPTION(struct options, append, NULL, "text that is added as a part"),
	MF_OPTION(struct options, replace, NULL, "content that a part is given, as application/x"),
	MF_OPTION(struct options, wrap, NULL, "type of a multipart that is put around a part"),
	MF_OPTION(struct options, header, NULL, "value of the field X-Part that a part is given"),
	MF_OPTION(struct options, remove, "off", "whether a part is removed"),
	MF_OPTION_END
};

static void
show_content(struct mf_context *c, const struct mf_part *part)
{
	static const char digits[] = "0123456789abcdef";
	struct mf_part_stream *stream = mf_part_open(c, part->index);
	char *hex = mf_alloc(c, 2 * CONTENT_MAXIMUM + 1);
	size_t length = 0, size, i;
	const void *bytes;

	while ((size = mf_part_read(c, stream, &bytes)) > 0) {
		for (i = 0; i < size && length < 2 * CONTENT_MAXIMUM; i++, length += 2) {
			unsigned char byte = ((const unsigned char *)bytes)[i];

			hex[length] = digits[byte >> 4];
			hex[length + 1] = digits[byte & 15];
		}
	}
	mf_result_add(c, "mime-content", "content", hex);
}

static void
show_part(struct mf_context *c, const struct mf_part *part)
{
	size_t i;

	for (i = 0; i < part->name_count; i++)
		mf_result_add(c, "mime-name", "name", part->names[i]);
	if (!(part->flags & (MF_PART_MULTIPART | MF_PART_MESSAGE)))
		show_content(c, part);
}

/* Each edit looks at the parts as the one before has left them. */
static void
edit(struct mf_context *c, const struct options *o)
{
	size_t index = (size_t)o->part;
	struct mf_part_content content = { NULL, NULL, NULL, 0 };

	if (o->header)
		mf_part_header_set(c, index, "X-Part", mf_printf(c, " %s", o->header));
	if (o->text)
		mf_part_set_text(c, index, o->text, strlen(o->text));
	if (o->replace) {
		content.type = "application/x";
		content.bytes = o->replace;
		content.size = strlen(o->replace);
		mf_part_replace(c, index, &content);
	}
	if (o->append) {
		content.type = "text/plain; charset=utf-8";
		content.bytes = o->append;
		content.size = strlen(o->append);
		mf_part_append(c, index, &content);
	}
	if (o->wrap)
		mf_part_wrap(c, index, o->wrap);
	if (o->remove)
		mf_part_remove(c, index);
}

static enum mf_verdict
look(struct mf_context *c)
{
	const char *const *defects = mf_part_defects(c, MF_NO_PART);
	const struct mf_part *part;
	size_t i;

	for (i = 0; (part = mf_part(c, i)); i++)
		show_part(c, part);
	for (; *defects; defects++)
		mf_result_add(c, "mime-defect", "defect", *defects);
	edit(c, c->options);
	return MF_CONTINUE;
}

MF_PLUGIN(.name = "parts", .summary = "show MIME parts, and edit them", .options = option_table,
    .options_size = sizeof(struct options), .message = look);
