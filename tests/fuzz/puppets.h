/* SPDX-License-Identifier: BSD-2-Clause */
/* What fuzz targets with a chain of puppets (puppet.c) share. */
#ifndef TESTS_FUZZ_PUPPETS_H
#define TESTS_FUZZ_PUPPETS_H

#include "filterd/chain/session.h"
#include "tests/plugins/tally.h"

/* Loads a chain: "fuzz" has four puppets, among them a shadow and one with a condition, and rules
 * with every action; "quiet" has puppets that decide at the end of the message only. Limits are
 * low. What the puppets count goes into the tally. Never NULL: a mistake ends the program. */
const struct chain *puppets_load(struct tally *tally, const char *chain);

/* Ends the program: a promise, named by the text, was broken. Once puppets_load() was called. */
_Noreturn void puppets_broken(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Ends the program when a promise was broken, or a message or session ended not just once; begins
 * to count anew. */
void puppets_check(struct tally *tally);

/* Ends the program unless the explanation can be told: as JSON that is JSON, and as text. */
void puppets_check_explanation(const struct session *session);

#endif
