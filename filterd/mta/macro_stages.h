/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * MTA macros: which stage each belongs to, and which of them Postfix and Sendmail send unasked. A
 * list that a milter asks for takes the place of the MTA's own list for that stage, so a list is
 * asked for only where something would be missing, and then holds what both MTAs send there
 * anyway. Pure; the sources of the tables are named in macro_stages.c.
 */
#ifndef FILTERD_MTA_MACRO_STAGES_H
#define FILTERD_MTA_MACRO_STAGES_H

#include "filterd/util/arena.h"

enum macro_stage {
	MACRO_CONNECT, MACRO_HELO, MACRO_MAIL, MACRO_RCPT, MACRO_DATA, MACRO_EOH, MACRO_MESSAGE,
	MACRO_STAGES
};

/* The stage at which a macro is first known; MACRO_STAGES for one that is in no table: a rule of
 * the MTA's may define it at any stage. */
enum macro_stage macro_first_stage(const char *name);

/* The macros of the tables that are first known at a stage; ends with NULL. NULL: none is. */
const char *const *macro_names(enum macro_stage stage);

/* Sendmail reads this many names of a list and passes over the rest without a word. */
#define MACRO_LIST_MOST 50

struct macro_lists {
	/* Names divided by blanks; NULL: the MTA's own list may stand. */
	char *lists[MACRO_STAGES];
	const char *too_many;	/* the first macro left out for want of room; NULL: none */
};

/* From the macros wanted ("{auth_type}" or "j", ends with NULL). The lists live in the arena. */
void macro_lists_make(struct macro_lists *lists_r, const char *const *wanted, struct arena *arena);

/* Every macro that the tables know, one by one from 0; NULL past the last. */
const char *macro_known(size_t i);

#endif
