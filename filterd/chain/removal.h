/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Filters that are out of their chains, for they have brought down too many workers. Their plugins
 * are not loaded; at the stages where they took part their on-error policy stands in for them. As
 * nothing but the plugin knows these stages, every generation that loads notes them, in memory that
 * it may share with those that come after it.
 */
#ifndef FILTERD_CHAIN_REMOVAL_H
#define FILTERD_CHAIN_REMOVAL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

/* Both arrays have an entry for each filter block of the configuration, in its order. */
struct removals {
	size_t count;
	const bool *removed;
	/* MF_AT bits, noted by those who load the filter; what is read may be anything */
	atomic_uint *stages;
};

#endif
