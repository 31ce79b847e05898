/* SPDX-License-Identifier: BSD-2-Clause */
/* Scenario files for commands. */
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "filterd/command/scenario_file.h"

#define OPEN_FOLDERS	16	/* descriptors that removing may use */

static bool
fail(struct scenario_file *file, const char *path)
{
	buffer_printf(&file->error, "%s: %s\n", path, strerror(errno));
	return false;
}

static bool
fail_at(struct scenario_file *file, unsigned line, const char *what)
{
	buffer_printf(&file->error, "%s:%u: %s\n", file->path, line, what);
	return false;
}

/* ---- the temporary folder ---- */

/* Sockets that a configuration names are not opened by who plays a scenario: any port will do. */
static bool
make_places(struct scenario_file *file)
{
	static const char *const ports[][2] = { { "port", "8891" }, { "port2", "8892" },
		{ "port3", "8893" } };
	const char *socket = arena_printf(file->arena, "unix:%s/socket", file->dir);
	bool good = places_set(&file->places, "dir", file->dir) &&
	    places_set(&file->places, "socket", socket);

	for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++)
		good = places_set(&file->places, ports[i][0], ports[i][1]) && good;
	return good || fail_at(file, 0, "too many places are set");
}

/* It is made at once, for ${dir} is filled in by reading. */
static bool
make_folder(struct scenario_file *file)
{
	const char *parent = getenv("TMPDIR");
	char *dir = arena_printf(file->arena, "%s/filterd-XXXXXX", parent && *parent ? parent
										       : "/tmp");

	if (!mkdtemp(dir))
		return fail(file, dir);
	file->dir = dir;
	return make_places(file);
}

static bool
write_text(struct scenario_file *file, const char *path, struct str text)
{
	FILE *to = fopen(path, "wb");
	bool good = to && fwrite(text.data, 1, text.length, to) == text.length;

	if (to && fclose(to) != 0)
		good = false;
	return good || fail(file, path);
}

/* config <<MARK and file NAME <<MARK; of several configurations the last counts. */
static bool
unpack(struct scenario_file *file, const struct step *step)
{
	bool config = step->verb->id == DIRECTIVE_CONFIG;
	const char *name = config ? "filterd.conf" : step->words[0].text.data;
	const char *path = arena_printf(file->arena, "%s/%s", file->dir, name);

	if (!step->block.data || strchr(name, '/') || name[0] == '.')
		return fail_at(file, step->line, "a name without \"/\" and a text expected");
	if (config)
		file->config = path;
	return write_text(file, path, step->block);
}

bool
scenario_file_unpack(struct scenario_file *file)
{
	for (size_t i = 0; i < file->scenario.count; i++) {
		const struct step *step = &file->scenario.steps[i];

		if (step->verb->side == SIDE_DIRECTIVE && (step->verb->id == DIRECTIVE_CONFIG ||
		    step->verb->id == DIRECTIVE_FILE) && !unpack(file, step))
			return false;
	}
	return true;
}

static int
remove_entry(const char *path, const struct stat *status, int type, struct FTW *place)
{
	(void)status;
	(void)type;
	(void)place;
	return remove(path);
}

/* ---- the file ---- */

static bool
read_text(struct scenario_file *file, struct buffer *text)
{
	FILE *from = fopen(file->path, "rb");
	char piece[64 * 1024];
	size_t size;
	bool good;

	if (!from)
		return fail(file, file->path);
	while ((size = fread(piece, 1, sizeof(piece), from)) > 0 &&
	    text->length <= SCENARIO_FILE_BYTES)
		buffer_add(text, piece, size);
	errno = text->length > SCENARIO_FILE_BYTES ? EFBIG : errno;
	good = (!ferror(from) && text->length <= SCENARIO_FILE_BYTES) || fail(file, file->path);
	fclose(from);
	return good;
}

static bool
read_steps(struct scenario_file *file)
{
	struct buffer text = { 0 };
	const char *error;
	unsigned line;
	bool good = read_text(file, &text);

	if (good && !scenario_read(&file->scenario, &file->places,
	    (struct str){ buffer_text(&text), text.length }, &line, &error))
		good = fail_at(file, line, error);
	buffer_free(&text);
	return good;
}

bool
scenario_file_open(struct scenario_file *file_r, const char *path, const struct places *given)
{
	*file_r = (struct scenario_file){
		.path = path, .places = *given, .arena = arena_create(0, 0)
	};
	return make_folder(file_r) && read_steps(file_r);
}

void
scenario_file_close(struct scenario_file *file)
{
	if (file->dir)
		nftw(file->dir, remove_entry, OPEN_FOLDERS, FTW_DEPTH | FTW_PHYS);
	if (file->scenario.arena)
		scenario_free(&file->scenario);
	buffer_free(&file->error);
	arena_destroy(&file->arena);
}

const struct chain *
scenario_chain(const struct generation *generation, const char *listener, const char *address)
{
	const struct settings *settings = generation_settings(generation);
	const struct listener_settings *found = NULL;

	if (listener)
		found = settings_listener(settings, listener);
	for (size_t i = 0; !listener && address && i < settings->listener_count; i++)
		if (strcmp(settings->listeners[i].socket, address) == 0)
			found = &settings->listeners[i];
	if (!found && !listener && settings->listener_count)
		found = &settings->listeners[0];
	return found ? generation_chain(generation, found->name) : NULL;
}
