/* SPDX-License-Identifier: BSD-2-Clause */
/* A filter's context in start and stop, where there is no session. Private to chain/. */
#ifndef FILTERD_CHAIN_START_H
#define FILTERD_CHAIN_START_H

#include "filterd/chain/seat.h"
#include "filterd/chain/state.h"

struct start {
	struct seat seat;		/* first: what the host's functions are given */
	struct filter *filter;
	struct settings *settings;
	bool complained;		/* a mistake has been noted */
	bool stopping;			/* stop runs: nothing can be declared any more */
	const char *cause;		/* of mf_error(); NULL */
	unsigned only_stages;		/* MF_AT bits; all until mf_only_stages() */
	unsigned only_verdicts;		/* likewise, mf_only_verdicts() */
};

/* The memory that the host gives: the message's, else the session's, else the instance's. */
static inline struct arena *
seat_arena(const struct seat *seat)
{
	return seat->session ? arena_now(seat->session) : seat->filter->start->settings->arena;
}

#endif
