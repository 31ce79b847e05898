/* SPDX-License-Identifier: BSD-2-Clause */
/* What is done about a part. */
#ifndef PLUGINS_ATTACHMENTS_ACT_H
#define PLUGINS_ATTACHMENTS_ACT_H

#include "plugins/attachments/policy.h"

/* Of two the later one is the stronger. */
enum action {
	ACT_KEEP, ACT_RENAME, ACT_STRIP, ACT_QUARANTINE, ACT_DISCARD, ACT_TEMPFAIL, ACT_REJECT
};

/* The arguments of all actions. */
struct action_options {
	int64_t code;			/* reject, tempfail */
	const char *enhanced;
	const struct mf_template *text;	/* reject, tempfail, quarantine */
	const char *suffix;		/* rename */
};

/* What was decided about a part. Its texts live as long as the message, whatever is edited. */
struct decision {
	enum action action;
	const struct action_options *options;
	const char *rule;
	const char *where;
	const char *why;
	const char *name;		/* of the part; "unnamed" */
	const char *type;
	const char *size;		/* in words */
};

/* The word that stands for the action in config and results. */
const char *act_word(enum action action);

/* NULL: no such word. */
const enum action *act_find(const char *word);

/* The enum mf_use of an action. */
unsigned act_uses(enum action action);

/* A text with its fields and what stands in braces, {name} {type} {size} {rule} {why}, filled
 * in. */
const char *act_text(struct mf_context *c, const struct mf_template *text, const char *standard,
    const struct decision *decision);

/* Puts a notice in the part's place. */
void act_strip(struct mf_context *c, size_t part, const char *notice);

/* Gives the part another name, in every place that has one. */
void act_rename(struct mf_context *c, size_t part, const struct decision *decision);

#endif
