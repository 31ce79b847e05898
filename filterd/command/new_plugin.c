/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * filterd new-plugin: writes a folder with a plugin that can be built, tested and installed, for
 * its author to change. Nothing is overwritten: a folder that is there is left alone, and one that
 * cannot be written whole is taken away again.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "filterd/chain/module.h"
#include "filterd/command/command.h"
#include "filterd/command/new_plugin.h"
#include "filterd/util/buffer.h"

#define PLACEHOLDER	"@NAME@"
#define NAME_MAXIMUM	48	/* bytes: with what the templates put before and behind it */

static const char usage[] =
    "usage: filterd new-plugin NAME [--to FOLDER]\n"
    "\n"
    "Writes the folder NAME with a small plugin of that name, its test, a Makefile, a\n"
    "configuration, a scenario and a message to try it with, and a page about it: a plugin that\n"
    "can be built and installed, to be made yours. NAME has letters a-z, digits and \"-\", and\n"
    "begins with a letter.\n"
    "\n"
    "  -t, --to FOLDER   where the folder NAME is made (here)\n"
    "  -h, --help        this text\n"
    "\n"
    "Exit status: 0 when it is there, 64 when the name cannot be one, 73 when it is there already\n"
    "or cannot be written.\n";

static const struct option options[] = {
	{ "to", required_argument, NULL, 't' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 }
};

/* ---- the name ---- */

/* What is wrong with it; NULL: nothing. It is a file's, a plugin's, a header field's, and as the
 * method of a result a keyword. */
static const char *
check_name(const char *name)
{
	size_t length = strlen(name);

	if (length == 0 || strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") != length)
		return "expected letters a-z, digits and \"-\"";
	if (name[0] < 'a' || name[length - 1] == '-')
		return "expected a letter at its beginning, and no \"-\" at its end";
	if (length > NAME_MAXIMUM)
		return "expected no more than 48 letters";
	return NULL;
}

/* `make install` would put it in the place of the other. */
static bool
is_taken(const char *name)
{
	struct arena *arena = arena_create(0, 0);
	bool taken = access(module_path(arena, name, PLUGIN_DIR), F_OK) == 0;

	arena_destroy(&arena);
	return taken;
}

/* ---- the files ---- */

static void
fill_in(struct buffer *text, const char *template, const char *name)
{
	const char *hole;

	while ((hole = strstr(template, PLACEHOLDER))) {
		buffer_add(text, template, (size_t)(hole - template));
		buffer_add_text(text, name);
		template = hole + strlen(PLACEHOLDER);
	}
	buffer_add_text(text, template);
}

static void
path_of(struct buffer *path, const char *folder, const struct new_plugin_file *file,
    const char *name)
{
	buffer_printf(path, "%s/", folder);
	fill_in(path, file->name, name);
}

static bool
write_text(int fd, const struct buffer *text)
{
	size_t done = 0;

	while (done < text->length) {
		ssize_t written = write(fd, text->data + done, text->length - done);

		if (written < 0 && errno != EINTR)
			return false;
		if (written > 0)
			done += (size_t)written;
	}
	return true;
}

static bool
write_file(const char *folder, const struct new_plugin_file *file, const char *name)
{
	struct buffer path = { 0 }, text = { 0 };
	bool written = false;
	int fd;

	path_of(&path, folder, file, name);
	fill_in(&text, file->text, name);
	fd = open(buffer_text(&path), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (fd >= 0) {
		written = write_text(fd, &text);
		written = close(fd) == 0 && written;
	}
	if (!written)
		fprintf(stderr, "filterd new-plugin: cannot write %s: %s\n", buffer_text(&path),
		    strerror(errno));
	buffer_free(&text);
	buffer_free(&path);
	return written;
}

/* The folder, which is ours, without the first files of the list. */
static void
take_away(const char *folder, size_t count, const char *name)
{
	while (count-- > 0) {
		struct buffer path = { 0 };

		path_of(&path, folder, &new_plugin_files[count], name);
		unlink(buffer_text(&path));
		buffer_free(&path);
	}
	rmdir(folder);
}

static int
write_folder(const char *folder, const char *name)
{
	size_t i;

	if (mkdir(folder, 0777) < 0) {
		fprintf(stderr, "filterd new-plugin: cannot make the folder %s: %s\n", folder,
		    strerror(errno));
		return EX_CANTCREAT;
	}
	for (i = 0; i < new_plugin_file_count; i++) {
		if (!write_file(folder, &new_plugin_files[i], name)) {
			take_away(folder, i + 1, name);
			return EX_CANTCREAT;
		}
	}
	printf("%s is there. To build and try it: make -C %s check\n", folder, folder);
	return EX_OK;
}

static int
create(const char *name, const char *to)
{
	const char *wrong = check_name(name);
	struct buffer folder = { 0 };
	int status;

	if (wrong) {
		fprintf(stderr, "filterd new-plugin: \"%s\" cannot be a plugin's name: %s\n", name,
		    wrong);
		return EX_USAGE;
	}
	if (is_taken(name)) {
		fprintf(stderr, "filterd new-plugin: there is a plugin \"%s\" in " PLUGIN_DIR "\n",
		    name);
		return EX_CANTCREAT;
	}
	buffer_printf(&folder, "%s%s%s", to ? to : "", to ? "/" : "", name);
	status = write_folder(buffer_text(&folder), name);
	buffer_free(&folder);
	return status;
}

int
command_new_plugin(int argc, char **argv)
{
	const char *to = NULL;
	int letter;

	while ((letter = getopt_long(argc, argv, "t:h", options, NULL)) != -1) {
		switch (letter) {
		case 't':
			to = optarg;
			break;
		case 'h':
			fputs(usage, stdout);
			return EX_OK;
		default:
			return EX_USAGE;
		}
	}
	if (argc - optind != 1) {
		fprintf(stderr, "filterd new-plugin: expected one name; --help says more\n");
		return EX_USAGE;
	}
	return create(argv[optind], to);
}
