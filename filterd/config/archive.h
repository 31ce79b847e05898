/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An archive: the files of a configuration as they were when they were first read, and what its
 * patterns named then. While one is in use, source.c reads what is in it from it and adds what is
 * not; so all who load a configuration with the same archive, children of the process included,
 * load the same, whatever has become of the files. A file that could not be read is not kept.
 */
#ifndef FILTERD_CONFIG_ARCHIVE_H
#define FILTERD_CONFIG_ARCHIVE_H

#include "filterd/config/source.h"

struct archive;

struct archive *archive_create(void);
void archive_destroy(struct archive **archive);

/* Puts it to use in this process, until another is; NULL: none. The archive is borrowed. To be
 * called, as all reading is done, while the process has one thread. */
void archive_use(struct archive *archive);
bool archive_in_use(void);

/* The rest is for source.c. NULL: it is not in the archive in use; borrowed. */
const struct source_file *archive_file(const char *path);
const struct source_paths *archive_paths(const char *pattern);

/* They are copied. Without an archive in use nothing happens. */
void archive_keep_file(const char *path, const struct source_file *file);
void archive_keep_paths(const char *pattern, const struct source_paths *paths);

#endif
