/* SPDX-License-Identifier: BSD-2-Clause */
/* What is done about a part: texts, notices, other names. */
#include <string.h>
#include <strings.h>

#include "plugins/attachments/act.h"
#include "plugins/attachments/rename.h"

static const struct kind {
	const char *word;
	enum action action;
	unsigned uses;
} kinds[] = {
	{ "keep", ACT_KEEP, 0 },
	{ "rename", ACT_RENAME, MF_USE_CHANGE_BODY | MF_USE_ADD_HEADER | MF_USE_CHANGE_HEADER },
	{ "strip", ACT_STRIP, MF_USE_CHANGE_BODY | MF_USE_ADD_HEADER | MF_USE_CHANGE_HEADER },
	{ "quarantine", ACT_QUARANTINE, MF_USE_QUARANTINE },
	{ "discard", ACT_DISCARD, 0 },
	{ "tempfail", ACT_TEMPFAIL, 0 },
	{ "reject", ACT_REJECT, 0 },
};

const char *
act_word(enum action action)
{
	return kinds[action].word;
}

const enum action *
act_find(const char *word)
{
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(kinds[i].word, word) == 0)
			return &kinds[i].action;
	}
	return NULL;
}

unsigned
act_uses(enum action action)
{
	return kinds[action].uses;
}

/* ---- texts ---- */

/* What stands for a word in braces at the beginning of the text; NULL: nothing does. */
static const char *
meaning(const char *text, const struct decision *decision, size_t *length_r)
{
	const struct { const char *word, *value; } words[] = {
		{ "{name}", decision->name }, { "{type}", decision->type },
		{ "{size}", decision->size }, { "{rule}", decision->rule },
		{ "{why}", decision->why },
	};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		*length_r = strlen(words[i].word);
		if (strncmp(text, words[i].word, *length_r) == 0)
			return words[i].value;
	}
	return NULL;
}

static size_t
fill(const char *text, const struct decision *decision, char *to)
{
	size_t length = 0;

	while (*text) {
		size_t used, size = 1;
		const char *value = meaning(text, decision, &used);

		if (value)
			size = strlen(value);
		else
			used = 1;
		if (to)
			memcpy(to + length, value ? value : text, size);
		length += size;
		text += used;
	}
	return length;
}

const char *
act_text(struct mf_context *c, const struct mf_template *text, const char *standard,
    const struct decision *decision)
{
	const char *expanded = text ? mf_expand(c, text) : standard;
	char *filled = mf_alloc(c, fill(expanded, decision, NULL) + 1);

	fill(expanded, decision, filled);
	return filled;
}

/* ---- edits ---- */

/* A uuencoded file stands amid its parent's text: it goes, and the notice is put behind the
 * text. */
void
act_strip(struct mf_context *c, size_t part, const char *notice)
{
	const struct mf_part *shown = mf_part(c, part);
	const struct mf_part_content content = {
		.type = "text/plain; charset=utf-8",
		.disposition = "inline",
		.bytes = notice,
		.size = strlen(notice),
	};

	if (!(shown->flags & MF_PART_UUENCODED)) {
		mf_part_replace(c, part, &content);
	} else {
		size_t parent = shown->parent;

		mf_part_remove(c, part);
		mf_part_append(c, parent, &content);
	}
}

/* The first header field of that name; how many there are. */
static size_t
find_header(struct mf_context *c, size_t part, const char *name, const char **value_r)
{
	struct mf_header field;
	size_t n, count = 0;

	for (n = 0; mf_part_header(c, part, n, &field); n++) {
		if (strcasecmp(field.name, name) != 0)
			continue;
		if (count++ == 0)
			*value_r = mf_printf(c, "%s", field.value);
	}
	return count;
}

/* Of several fields one is left, so that no program finds the name in another. */
static void
rename_header(struct mf_context *c, size_t part, const char *header, const char *parameter,
    const char *name)
{
	const char *value = strcmp(parameter, "filename") == 0 ? " attachment" : NULL;
	size_t count = find_header(c, part, header, &value);
	char *changed;

	if (!value)
		return;
	changed = mf_alloc(c, rename_room(strlen(value), strlen(name)));
	rename_value(value, parameter, name, changed);
	if (count > 1)
		mf_part_header_set(c, part, header, NULL);
	mf_part_header_set(c, part, header, changed);
}

void
act_rename(struct mf_context *c, size_t part, const struct decision *decision)
{
	const char *name = mf_printf(c, "%s%s", decision->name, decision->options->suffix);

	rename_header(c, part, "Content-Type", "name", name);
	rename_header(c, part, "Content-Disposition", "filename", name);
}
