/* SPDX-License-Identifier: BSD-2-Clause */
/* Inside the footer plugin: the footers that a message is to have, and how its parts get them. */
#ifndef PLUGINS_FOOTER_ADD_H
#define PLUGINS_FOOTER_ADD_H

#include "plugins/footer/body.h"
#include "plugins/footer/place.h"

/* A footer as the config gives it. */
struct footer_options {
	const char *name;
	const struct mf_condition *when;
	enum place place;
	const struct mf_template *text, *text_file;
	const struct mf_template *html, *html_file;
};

/* How a marker in the message's header is taken. */
enum marking {
	MARK_NONE,		/* there is none */
	MARK_CLAIMED,		/* there is one, and anybody may have written it */
	MARK_BELIEVED
};

/* A footer that a message is to have. Its texts live as long as the message. */
struct addition {
	const struct footer_options *options;
	const char *where;		/* "file:line" */
	enum marking marking;
	struct str text, flowed, html;	/* as compose.h makes them */
	bool wanted;			/* by the part that is being edited */
	bool present;			/* some part has had it already */
	size_t parts[BODY_PARTS];	/* that it was added to */
	size_t part_count;
	const char *why;		/* why some part could not get it; NULL */
};

struct additions_list { size_t count; struct addition *items; };

/* Fills in the texts of an addition from its options. */
void add_compose(struct mf_context *c, struct addition *addition);

/* Adds to a part what it is to have and does not have. */
void add_to_part(struct mf_context *c, size_t index, const struct additions_list *list);

#endif
