/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Plugin modules: shared objects opened, and their descriptors checked before anything in them is
 * believed. A module that fails a check is closed again, with a text that says what was found and
 * what was expected.
 */
#ifndef FILTERD_CHAIN_MODULE_H
#define FILTERD_CHAIN_MODULE_H

#include <filterd/plugin.h>

#include "filterd/util/arena.h"

struct module {
	char *path;			/* of the file */
	void *handle;			/* of dlopen(3) */
	/* the descriptor, in this host's size; texts and tables are the module's */
	struct mf_plugin plugin;
};

/* The file of a plugin: NAME.so in the folder; a name with a "/" is a path itself. In the arena. */
const char *module_path(struct arena *arena, const char *name, const char *folder);

/* Opens and checks it. NULL: *error_r says why (in the arena). A module is closed once for each
 * opening. */
struct module *module_open(const char *path, struct arena *arena, const char **error_r);

/* No code or data of the plugin may be in use. Clears the caller's pointer. */
void module_close(struct module **module);

/* "; did you mean …?" when there is no plugin of that name but one that is near; else "". */
const char *module_hint(struct arena *arena, const char *name, const char *folder);

/* The names of the files *.so in the folder without their ending, sorted. A folder that cannot be
 * read has none, errno says why. In the arena. */
const char *const *module_names(struct arena *arena, const char *folder, size_t *count_r);

#endif
