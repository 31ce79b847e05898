/* SPDX-License-Identifier: BSD-2-Clause */
/* A chain: the filters of one listener in order, and what they want together. Private to chain/. */
#ifndef FILTERD_CHAIN_CHAIN_H
#define FILTERD_CHAIN_CHAIN_H

#include "filterd/chain/filter.h"
#include "filterd/chain/generation.h"

/* The filters that are called at a stage: places in the chain, in order. */
struct chain_stage {
	const size_t *places;
	size_t count;
};

struct chain {
	const struct settings *settings;
	const char *listener;
	struct config_position place;	/* where it is written */
	struct filter *const *filters;
	size_t count;
	struct chain_stage at[MF_STAGE_COUNT];
	struct chain_wants wants;
	/* some filter reads or changes the body as a whole, or may have the message stored */
	bool keeps_body;
	bool stores;			/* some filter may put messages into the quarantine store */
};

/* Puts the filters named by the listener together and checks that each finds before it what it
 * needs. `all` are those loaded. NULL on a mistake, noted. Lives in the settings' arena. */
struct chain *chain_make(struct settings *settings, const struct listener_settings *listener,
    struct filter *const *all, size_t all_count);

/* Works out stages and wants, once the filters have been started. A mistake in the order of those
 * that change the body is noted. */
void chain_settle(struct chain *chain, struct arena *arena);

#endif
