/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The contents of lists: entries in the configuration, and files with one a line. A mistake in a
 * list file is noted at its line there.
 */
#include <string.h>

#include "filterd/config/settings_parts.h"
#include "filterd/config/source.h"

#define LIST_FILE_MAXIMUM	(512u << 20)	/* bytes of a file */

struct loading {
	const struct settings *settings;
	struct mf_list *list;
	struct config_source source;	/* the file that is being read */
	const char *line_start;
	unsigned line;
};

/* ---- entries ---- */

static void
add_entry(struct loading *loading, struct str entry, struct config_position at)
{
	const char *error;

	if (!list_add(loading->list, entry, &error))
		config_error(loading->settings->scope.errors, at, "in list \"%s\": %s",
		    list_name(loading->list), error);
}

/* The line without its comment: a "#" at its beginning or behind a blank. */
static struct str
without_comment(struct str line)
{
	size_t i;

	for (i = 0; i < line.length; i++)
		if (line.data[i] == '#' &&
		    (i == 0 || line.data[i - 1] == ' ' || line.data[i - 1] == '\t'))
			return (struct str){ line.data, i };
	return line;
}

static void
add_line(struct loading *loading, struct str line)
{
	struct str entry = str_trim(without_comment(line));

	if (entry.length)
		add_entry(loading, entry, (struct config_position){
			.source = &loading->source,
			.offset = (size_t)(entry.data - loading->source.text.data),
			.length = entry.length,
			.line = loading->line,
			.column = (unsigned)(entry.data - loading->line_start + 1),
		});
}

static void
add_lines(struct loading *loading)
{
	struct str rest = loading->source.text;

	while (rest.length) {
		const char *end = memchr(rest.data, '\n', rest.length);
		size_t length = end ? (size_t)(end - rest.data) : rest.length;

		loading->line++;
		loading->line_start = rest.data;
		add_line(loading, (struct str){ rest.data, length });
		length += end ? 1 : 0;
		rest = (struct str){ rest.data + length, rest.length - length };
	}
}

/* ---- files ---- */

static void
add_file(struct loading *loading, const char *path, struct config_position at)
{
	struct arena *arena = loading->settings->arena;
	struct source_file file;
	const char *error;

	if (!source_read(path, LIST_FILE_MAXIMUM, arena, &file, &error)) {
		config_error(loading->settings->scope.errors, at, "cannot read \"%s\": %s", path,
		    error);
		return;
	}
	loading->source = (struct config_source){ path,
		{ buffer_text(&file.text), file.text.length } };
	loading->line = 0;
	add_lines(loading);
	buffer_free(&file.text);
}

/* False: a mistake was noted. */
static bool
find_files(const struct settings *settings, const char *pattern, struct config_position at,
    struct source_paths *paths_r)
{
	const char *error;

	if (source_glob(at.source->name, pattern, settings->arena, paths_r, &error))
		return true;
	config_error(settings->scope.errors, at, "cannot read \"%s\": %s", pattern, error);
	return false;
}

static void
add_pattern(struct loading *loading, const char *pattern, struct config_position at)
{
	struct source_paths paths;
	size_t i;

	if (!find_files(loading->settings, pattern, at, &paths))
		return;
	for (i = 0; i < paths.count; i++)
		add_file(loading, paths.items[i], at);
}

/* Has the archive keep them. One that cannot be read is the mistake of who needs what is in it. */
static void
archive_files(const struct settings *settings, const char *pattern, struct config_position at)
{
	struct source_paths paths;
	struct source_file file;
	const char *error;
	size_t i;

	if (!find_files(settings, pattern, at, &paths))
		return;
	for (i = 0; i < paths.count; i++)
		if (source_read(paths.items[i], LIST_FILE_MAXIMUM, settings->arena, &file, &error))
			buffer_free(&file.text);
}

/* ---- lists ---- */

static void
release_list(void *list)
{
	struct mf_list *doomed = list;

	list_destroy(&doomed);
}

static struct mf_list *
load_list(struct settings *settings, const struct list_settings *block, bool files)
{
	struct loading loading = {
		.settings = settings, .list = list_create(block->name ? block->name : "")
	};
	size_t i;

	arena_cleanup(settings->arena, release_list, loading.list);
	for (i = 0; i < block->entries.count; i++)
		add_entry(&loading, str_of(block->entries.items[i]),
		    schema_position(settings->schema, &block->entries.items[i]));
	for (i = 0; files && i < block->file.count; i++)
		add_pattern(&loading, block->file.items[i],
		    schema_position(settings->schema, &block->file.items[i]));
	list_seal(loading.list);
	return loading.list;
}

void
settings_load_lists(struct settings *settings, const struct list_settings *blocks, size_t count,
    bool files)
{
	size_t i;

	settings->lists = arena_array(settings->arena, count, sizeof(*settings->lists));
	for (i = 0; i < count; i++)
		settings->lists[i] = load_list(settings, &blocks[i], files);
	settings->list_count = settings->scope.list_count = count;
	settings->scope.lists = settings->lists;
}

void
settings_archive_lists(const struct settings *settings, const struct list_settings *blocks,
    size_t count)
{
	size_t i, j;

	for (i = 0; i < count; i++)
		for (j = 0; j < blocks[i].file.count; j++)
			archive_files(settings, blocks[i].file.items[j],
			    schema_position(settings->schema, &blocks[i].file.items[j]));
}
