/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files replay*.c share. */
#ifndef FILTERD_MTA_REPLAY_PARTS_H
#define FILTERD_MTA_REPLAY_PARTS_H

#include "filterd/mta/libmilter_offer.h"
#include "filterd/mta/macro_stages.h"
#include "filterd/mta/negotiate.h"
#include "filterd/mta/replay.h"
#include "filterd/scenario/bits.h"

#define PLAY_DEFINED	64	/* macros that a session defines, at most */

/* The macros of a session as an MTA has sent them. */
struct play_macros {
	const struct mta_kind *kind;
	/* by the stage of their event: names and values in turn, borrowed from the scenario */
	struct { struct str *words; size_t count; } sets[MACRO_STAGES];
	bool explicit;		/* there are such: nothing is added to them */
	struct str defined[2 * PLAY_DEFINED];	/* names and values in turn */
	size_t defined_count;	/* of both */
	bool queued;		/* the MTA tells the queue id by now */
	char queue_id[16];	/* made up; "" before the first message */
};

/* The value of a macro, "{auth_type}" or "j"; NULL: none. */
const char *play_macros_find(const struct play_macros *macros, const char *name);

/* A line `macros EVENT NAME=VALUE…`, `define NAME=VALUE…`. False: *error_r. */
bool play_macros_set(struct play_macros *macros, const struct step *step, struct arena *arena,
    const char **error_r);
bool play_macros_define(struct play_macros *macros, const struct step *step, const char **error_r);

#endif
