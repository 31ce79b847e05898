/* SPDX-License-Identifier: BSD-2-Clause */
/* Archives: a list of files and a list of patterns, in one arena; there are few of either. */
#include <stdlib.h>
#include <string.h>

#include "filterd/config/archive.h"
#include "filterd/util/memory.h"

struct kept_file {
	struct kept_file *next;
	const char *path;
	struct source_file file;
};

struct kept_paths {
	struct kept_paths *next;
	const char *pattern;
	struct source_paths paths;
};

struct archive {
	struct arena *arena;
	struct kept_file *files;
	struct kept_paths *patterns;
};

static struct archive *in_use;

struct archive *
archive_create(void)
{
	struct archive *archive = memory_alloc(sizeof(*archive));

	archive->arena = arena_create(0, 0);
	return archive;
}

void
archive_destroy(struct archive **archive)
{
	struct archive *doomed = *archive;
	struct kept_file *file;

	if (!doomed)
		return;
	if (in_use == doomed)
		in_use = NULL;
	for (file = doomed->files; file; file = file->next)
		buffer_free(&file->file.text);
	arena_destroy(&doomed->arena);
	free(doomed);
	*archive = NULL;
}

void
archive_use(struct archive *archive)
{
	in_use = archive;
}

bool
archive_in_use(void)
{
	return in_use != NULL;
}

const struct source_file *
archive_file(const char *path)
{
	const struct kept_file *kept = in_use ? in_use->files : NULL;

	while (kept && strcmp(kept->path, path) != 0)
		kept = kept->next;
	return kept ? &kept->file : NULL;
}

const struct source_paths *
archive_paths(const char *pattern)
{
	const struct kept_paths *kept = in_use ? in_use->patterns : NULL;

	while (kept && strcmp(kept->pattern, pattern) != 0)
		kept = kept->next;
	return kept ? &kept->paths : NULL;
}

void
archive_keep_file(const char *path, const struct source_file *file)
{
	struct kept_file *kept;

	if (!in_use)
		return;
	kept = arena_alloc(in_use->arena, sizeof(*kept));
	kept->next = in_use->files;
	kept->path = arena_strdup(in_use->arena, path);
	kept->file.device = file->device;
	kept->file.inode = file->inode;
	buffer_add(&kept->file.text, file->text.data, file->text.length);
	in_use->files = kept;
}

void
archive_keep_paths(const char *pattern, const struct source_paths *paths)
{
	struct kept_paths *kept;
	size_t i;

	if (!in_use)
		return;
	kept = arena_alloc(in_use->arena, sizeof(*kept));
	kept->next = in_use->patterns;
	kept->pattern = arena_strdup(in_use->arena, pattern);
	kept->paths.count = paths->count;
	kept->paths.items = arena_array(in_use->arena, paths->count, sizeof(*kept->paths.items));
	for (i = 0; i < paths->count; i++)
		kept->paths.items[i] = arena_strdup(in_use->arena, paths->items[i]);
	in_use->patterns = kept;
}
