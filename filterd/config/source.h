/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Files named in a configuration: what a pattern names, and reading one whole, within a limit.
 * Used for the configuration itself, for what it includes, and for list files. Goes to the archive
 * in use first (archive.h), if any.
 */
#ifndef FILTERD_CONFIG_SOURCE_H
#define FILTERD_CONFIG_SOURCE_H

#include <stdbool.h>
#include <sys/types.h>

#include "filterd/util/arena.h"
#include "filterd/util/buffer.h"

struct source_file {
	struct buffer text;	/* the caller frees it */
	dev_t device;		/* which file it is, whatever its name */
	ino_t inode;
};

/* What errno says of a file, in the arena; whom permission is denied, for that is not always who
 * has called filterd. */
const char *source_reason(struct arena *arena, int error);

/* False: *error_r says why, in the arena; nothing is to be freed. */
bool source_read(const char *path, size_t maximum, struct arena *arena, struct source_file *file_r,
    const char **error_r);

struct source_paths {
	size_t count;
	const char **items;	/* in the arena, or the archive's; sorted */
};

/* The files that a pattern names; a relative one begins at the folder of the file `base`. A
 * pattern without * ? [ is a path, which need not exist. False: a folder cannot be read; *error_r
 * says why. */
bool source_glob(const char *base, const char *pattern, struct arena *arena,
    struct source_paths *paths_r, const char **error_r);

#endif
