/* SPDX-License-Identifier: BSD-2-Clause */
/* What the tests of the configuration share: an arena with a collector of mistakes, and their
 * texts. */
#ifndef TESTS_UNIT_MISTAKES_H
#define TESTS_UNIT_MISTAKES_H

#include "filterd/config/errors.h"

struct mistakes {
	struct arena *arena;
	struct config_errors *errors;
};

/* Setup and teardown of a cmocka test: *state is a struct mistakes. */
int mistakes_setup(void **state);
int mistakes_teardown(void **state);

/* All mistakes as they are printed, in the arena. */
const char *mistakes_printed(const struct mistakes *mistakes);

/* The same without file names and excerpts: "LINE:COLUMN: text", one a line. Afterwards there are
 * none. */
const char *mistakes_taken(struct mistakes *mistakes);

#endif
