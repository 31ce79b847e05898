/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Configuration files and what they include. A file that cannot be read is a mistake at the
 * include statement; the rest is read all the same.
 */
#include <stdlib.h>

#include "filterd/config/include.h"

/* Hands the file's text to the arena and reads it. */
static void
run_file(struct config_parser *parser, const char *path, struct source_file *file)
{
	struct arena *arena = parser->reading->arena;
	struct str text = { buffer_text(&file->text), file->text.length };

	parser->device = file->device;
	parser->inode = file->inode;
	parser->reading->files++;
	if (file->text.data)
		arena_cleanup(arena, free, file->text.data);
	config_parser_run(parser, path, text);
}

/* Whether the file is being read already: reading it within itself would not end. */
static bool
includes_itself(const struct config_parser *includer, const struct source_file *file)
{
	for (; includer; includer = includer->includer)
		if (includer->device == file->device && includer->inode == file->inode)
			return true;
	return false;
}

static void
include_file(struct config_parser *includer, const char *path, struct config_position at)
{
	struct config_reading *reading = includer->reading;
	struct config_parser parser = {
		.reading = reading,
		.depth = includer->depth,
		.end = includer->end,
		.includer = includer,
		.include_depth = includer->include_depth + 1,
	};
	struct source_file file;
	const char *error;

	if (!source_read(path, CONFIG_FILE_MAXIMUM, reading->arena, &file, &error)) {
		config_error(reading->errors, at, "cannot read \"%s\": %s", path, error);
		return;
	}
	if (includes_itself(includer, &file)) {
		config_error(reading->errors, at, "\"%s\" includes itself", path);
		buffer_free(&file.text);
		return;
	}
	run_file(&parser, path, &file);
	includer->end = parser.end;
}

static void
include_pattern(struct config_parser *includer, const struct config_statement *statement)
{
	const struct config_token *value = &statement->values[0];
	struct config_reading *reading = includer->reading;
	struct source_paths paths;
	const char *error;
	size_t i;

	if (value->kind > CONFIG_REGEX) {
		config_error(reading->errors, value->at,
		    "expected one file name or pattern after \"include\"");
		return;
	}
	if (includer->include_depth == CONFIG_INCLUDE_MAXIMUM) {
		config_error(reading->errors, value->at, "files are included more than %u deep",
		    CONFIG_INCLUDE_MAXIMUM);
		return;
	}
	if (!source_glob(includer->lexer.source->name, config_plain(value, reading->arena).data,
	    reading->arena, &paths, &error)) {
		config_error(reading->errors, value->at, "cannot include %s: %s",
		    config_shown(value, reading->arena), error);
		return;
	}
	for (i = 0; i < paths.count && reading->files < CONFIG_FILES_MAXIMUM; i++)
		include_file(includer, paths.items[i], value->at);
	if (i < paths.count)
		config_error(reading->errors, value->at, "more than %u files are read",
		    CONFIG_FILES_MAXIMUM);
}

struct config_tree *
config_parse_file(const char *path, struct arena *arena, struct config_errors *errors)
{
	struct config_tree *tree = arena_alloc(arena, sizeof(*tree));
	struct config_reading reading = {
		.arena = arena, .errors = errors, .tree = tree, .include = include_pattern
	};
	struct config_parser parser = { .reading = &reading, .end = &tree->first };
	struct source_file file;
	const char *error;

	if (source_read(path, CONFIG_FILE_MAXIMUM, arena, &file, &error)) {
		run_file(&parser, path, &file);
	} else {
		struct config_source source = { path, STR("") };

		config_error(errors, (struct config_position){ .source = &source },
		    "cannot be read: %s", error);
	}
	return tree;
}

struct config_tree *
config_parse_text(const char *name, struct str text, struct arena *arena,
    struct config_errors *errors)
{
	return config_parser_text(name, text, include_pattern, arena, errors);
}
