/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Option negotiation as MTAs do it: what Postfix and Sendmail offer, which macros they send by
 * themselves, and what an answer means for each command. Constant tables; owns nothing.
 */
#ifndef TESTS_DRIVER_OFFER_H
#define TESTS_DRIVER_OFFER_H

#include <stdbool.h>
#include <stdint.h>

#include "filterd/scenario/bits.h"
#include "filterd/util/buffer.h"
#include "filterd/util/str.h"

#include "tests/driver/wire.h"

#define OFFER_MACROS	64	/* macros sent before one command, at most */

extern const char *const offer_stages[WIRE_STAGES];	/* by SMFIM_* */

/* An MTA with its standard configuration. */
struct offer_mta {
	bool repeats_macros;		/* macros before every field and body chunk too */
	struct wire_options options;	/* with the macros sent when the milter asks for none */
	const struct mta_kind *kind;	/* its name, and macros that always have a value */
	const char *unqueued;		/* commands before which there is no queue id ("i") yet */
};

/* NULL for an unknown name. */
const struct offer_mta *offer_mta(struct str name);

/* The place in macros[] of a stage's name; -1 for an unknown one. */
int offer_stage(struct str name);

/* The SMFIM_* whose macros go before a command; -1 when none do. */
int offer_macro_stage(const struct offer_mta *mta, char command);

/* Appends the frame of macros that the MTA sends before a command, if any: of those that the milter
 * asked for, else of the MTA's own list, the ones that have a value. Names and values in turn. */
void offer_add_macros(struct buffer *out, const struct offer_mta *mta,
    const struct wire_options *answer, char command, const struct str *macros, size_t count);

/* Whether the milter's answer says not to send the command, or that it will not reply to it. */
bool offer_unwanted(const struct wire_options *answer, char command);
bool offer_silent(const struct wire_options *answer, char command);

/* Whether the answer keeps to the offer: no newer version, no bit that was not offered. */
bool offer_kept(const struct wire_options *offer, const struct wire_options *answer);

#endif
