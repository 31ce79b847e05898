/* SPDX-License-Identifier: BSD-2-Clause */
/* Lists of tag=value, RFC 6376 section 3.2: what DKIM-Signature and ARC fields and key records are
 * made of. */
#ifndef PLUGINS_DKIM_TAGS_H
#define PLUGINS_DKIM_TAGS_H

#include "plugins/dkim/text.h"

enum {
	DKIM_TAGS_MAX = 48,			/* tags of a list */
	DKIM_TAG_LIST_MAX = 64 * 1024		/* bytes of a list */
};

struct dkim_tag {
	struct dkim_text name;
	struct dkim_text value;		/* without white space around it, folds within kept */
	/* all between "=" and ";" or the end of the list: what is deleted to empty the value */
	struct dkim_text raw;
};

struct dkim_tags {
	size_t count;
	struct dkim_tag items[DKIM_TAGS_MAX];	/* in written order */
};

/* Reads a list. Bytes above ASCII are allowed in values (RFC 8616 section 5), control characters
 * are not; a name that comes twice makes the whole list invalid. NULL: it is well formed; else what
 * is wrong with it, a constant text. */
const char *dkim_tags_parse(struct dkim_text text, struct dkim_tags *tags_r);

/* The tag of that name, which has its case; NULL: there is none. */
const struct dkim_tag *dkim_tags_find(const struct dkim_tags *tags, const char *name);

#endif
