/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A scenario file on its way through a command: the file, its steps, and a temporary folder with
 * the files that it brings, its configuration among them. What goes wrong is put into words, and
 * nothing is fatal.
 */
#ifndef FILTERD_COMMAND_SCENARIO_FILE_H
#define FILTERD_COMMAND_SCENARIO_FILE_H

#include "filterd/chain/generation.h"
#include "filterd/scenario/scenario.h"

struct scenario_file {
	const char *path;
	struct places places;		/* ${dir} and others, as the driver of the tests has them */
	struct scenario scenario;
	char *dir;			/* NULL: none was made */
	struct arena *arena;
	const char *config;		/* path of its own configuration; NULL: it has none */
	struct buffer error;		/* why something failed, whole lines */
};

#define SCENARIO_FILE_BYTES	(1ul << 30)	/* longer ones are refused */

/* Reads the file. given are further places, borrowed. False: error says why. Close it either
 * way. */
bool scenario_file_open(struct scenario_file *file_r, const char *path, const struct places *given);

/* Writes config and files where ${dir} is. */
bool scenario_file_unpack(struct scenario_file *file);
void scenario_file_close(struct scenario_file *file);

/* The chain of the listener of that name. Without a name: of the listener whose socket has the
 * address (NULL: none), else of the first. NULL: there is no such listener. */
const struct chain *scenario_chain(const struct generation *generation, const char *listener,
    const char *address);

#endif
