/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A generation: one configuration, loaded whole: plugins opened, options bound, instances started,
 * chains put in order and checked (provides/needs). Immutable once loaded and shared by all
 * threads; a reload makes a new one in new workers.
 */
#ifndef FILTERD_CHAIN_GENERATION_H
#define FILTERD_CHAIN_GENERATION_H

#include "filterd/chain/removal.h"
#include "filterd/config/settings.h"

struct generation;
struct chain;

/* Loads settings (SETTINGS_WHOLE), the plugins of the chains of one listener (NULL: all filters of
 * the file, used or not) but those that are removed (NULL: none is), and starts them. NULL on any
 * mistake: all are noted in errors. */
struct generation *generation_load(const char *path, const char *listener,
    const struct removals *removals, struct config_errors *errors);

/* Stops the instances, closes plugins, frees all. No session may be open. */
void generation_destroy(struct generation **generation);

const struct settings *generation_settings(const struct generation *generation);
const struct chain *generation_chain(const struct generation *generation, const char *listener);

/* What a chain wants of its MTA: for negotiation. */
struct chain_wants {
	unsigned events;		/* MF_AT bits: events to be sent */
	/* MF_AT bits: events at which some filter can decide, so an answer is needed */
	unsigned replies;
	unsigned uses;			/* enum mf_use bits: edits that some filter may make */
	/* every macro that a filter, condition, template or the host itself reads; ends with NULL
	 * */
	const char *const *macros;
};
const struct chain_wants *chain_wants(const struct chain *chain);

#endif
