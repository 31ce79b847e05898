/* SPDX-License-Identifier: BSD-2-Clause */
/* The command line of `filterd test`. */
#ifndef FILTERD_COMMAND_TEST_OPTIONS_H
#define FILTERD_COMMAND_TEST_OPTIONS_H

#include "filterd/chain/generation.h"
#include "filterd/mta/offline.h"
#include "filterd/scenario/words.h"

#define TEST_RECIPIENTS	1000
#define TEST_MACROS	200

struct test_options {
	const char *config;		/* NULL: none was named, and the paths are scenarios */
	const char *listener, *output;
	bool json;
	bool scenario;			/* the paths are scenarios, not messages */
	struct places places;		/* in them */
	struct offline_scene scene;
	const char *recipients[TEST_RECIPIENTS];
	struct offline_macro macros[TEST_MACROS];
	char *const *paths;		/* the messages; ends with NULL */
	struct arena *arena;		/* of what had to be copied */
};

/* Fills the options. A status of sysexits(3), said on standard error; -1: go on. */
int test_options_parse(struct test_options *options, int argc, char **argv);

/* Plays the paths, which are scenarios, in the chain of the generation (NULL: each in that of its
 * own configuration). An exit status. */
int test_scenarios(const struct test_options *options, const struct generation *given);

#endif
