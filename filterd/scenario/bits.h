/* SPDX-License-Identifier: BSD-2-Clause */
/* The milter protocol's option bits by name, and what standard MTAs are like. Constant tables. */
#ifndef FILTERD_SCENARIO_BITS_H
#define FILTERD_SCENARIO_BITS_H

#include <stdbool.h>
#include <stdint.h>

#include "filterd/util/buffer.h"
#include "filterd/util/str.h"

struct bit_name {
	const char *name;	/* NULL at the table's end */
	uint32_t bit;
};

extern const struct bit_name bits_actions[];	/* SMFIF_* */
extern const struct bit_name bits_steps[];	/* SMFIP_* */

/* Reads a number, or names divided by commas ("none" and "all" too); false when a name is
 * unknown. The text ends in NUL. */
bool bits_read(const struct bit_name *names, struct str text, uint32_t *bits_r);

/* Writes the names of the bits; a number for those without a name; "none" for none. */
void bits_print(struct buffer *out, const struct bit_name *names, uint32_t bits);

#define MTA_MACROS	5	/* that always have a value, at most */

/* An MTA with its standard configuration. */
struct mta_kind {
	const char *name;
	struct str macros[2 * MTA_MACROS];	/* names and values in turn; then data NULL */
	bool late_queue_id;	/* "i" is known from DATA on, not from MAIL on */
};

extern const struct mta_kind mta_postfix, mta_sendmail;

/* NULL for an unknown name. */
const struct mta_kind *mta_kind(struct str name);

#endif
