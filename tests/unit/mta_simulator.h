/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What Postfix and Sendmail do with a list of milter actions: small models written from their
 * sources, as plan.c names them, and not from plan.c. A test gives a model the message as the
 * filter saw it and the plan, and reads what would be delivered.
 */
#ifndef TESTS_UNIT_MTA_SIMULATOR_H
#define TESTS_UNIT_MTA_SIMULATOR_H

#include "filterd/message/plan.h"

enum mta_kind { MTA_POSTFIX, MTA_SENDMAIL };

struct mta;

/* An MTA that holds the original message. `hidden` more nodes than the nine of the stock
 * sendmail.cf stand before Sendmail's client fields. Lives in the arena. */
struct mta *mta_create(struct arena *arena, enum mta_kind kind, const struct state *original,
    bool leading_space, size_t hidden);

/* Carries out all actions. */
void mta_carry_out(struct mta *mta, const struct plan *plan);

/* What is wrong with what would be delivered when it ought to be `current`; NULL: nothing. */
const char *mta_fault(struct mta *mta, const struct state *current);

/* One line a field, as delivered, own fields of the MTA included; in the arena. */
const char *mta_text(struct mta *mta);

#endif
