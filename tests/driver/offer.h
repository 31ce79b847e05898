/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Option negotiation as MTAs do it: the names of the bits, what Postfix and Sendmail offer and
 * which macros they send by themselves, and what an answer means for each command. Constant tables;
 * owns nothing.
 */
#ifndef TESTS_DRIVER_OFFER_H
#define TESTS_DRIVER_OFFER_H

#include <stdbool.h>
#include <stdint.h>

#include "filterd/util/buffer.h"
#include "filterd/util/str.h"

#include "tests/driver/wire.h"

#define OFFER_MACROS	64	/* macros sent before one command, at most */

struct offer_bit {
	const char *name;	/* NULL at the table's end */
	uint32_t bit;
};

extern const struct offer_bit offer_actions[];	/* SMFIF_* */
extern const struct offer_bit offer_steps[];	/* SMFIP_* */
extern const char *const offer_stages[WIRE_STAGES];	/* by SMFIM_* */

/* An MTA with its standard configuration. */
struct offer_mta {
	const char *name;
	bool repeats_macros;		/* macros before every field and body chunk too */
	struct wire_options options;	/* with the macros sent when the milter asks for none */
	const struct str *macros;	/* that always have a value; names and values in turn */
	size_t macro_count;		/* names */
	const char *unqueued;		/* commands before which there is no queue id ("i") yet */
};

/* NULL for an unknown name. */
const struct offer_mta *offer_mta(struct str name);

/* Reads a number, or names divided by commas ("none" and "all" too); false when a name is
 * unknown. The text ends in NUL. */
bool offer_read_bits(const struct offer_bit *names, struct str text, uint32_t *bits_r);

/* Writes the names of the bits; a number for those without a name; "none" for none. */
void offer_print_bits(struct buffer *out, const struct offer_bit *names, uint32_t bits);

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
