/* SPDX-License-Identifier: BSD-2-Clause */
/* Files named in a configuration. A file that cannot be read is the caller's mistake to report. */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "filterd/config/archive.h"
#include "filterd/config/source.h"

#define READ_SIZE 65536

/* ---- reading ---- */

/* Reads to the end. False: errno is set, EFBIG for a file past the limit. */
static bool
read_all(int fd, size_t maximum, struct buffer *text)
{
	char bytes[READ_SIZE];
	ssize_t got;

	do {
		got = read(fd, bytes, sizeof(bytes));
		if (got > 0)
			buffer_add(text, bytes, (size_t)got);
		if (text->length > maximum) {
			errno = EFBIG;
			return false;
		}
	} while (got > 0 || (got < 0 && errno == EINTR));
	return got == 0;
}

static bool
read_descriptor(int fd, size_t maximum, struct source_file *file_r)
{
	struct stat status;

	if (fstat(fd, &status) < 0 || !read_all(fd, maximum, &file_r->text))
		return false;
	file_r->device = status.st_dev;
	file_r->inode = status.st_ino;
	return true;
}

const char *
source_reason(struct arena *arena, int error)
{
	const struct passwd *user = error == EACCES ? getpwuid(geteuid()) : NULL;

	if (user)
		return arena_printf(arena, "%s for user %s", strerror(error), user->pw_name);
	return arena_strdup(arena, strerror(error));
}

/* Who may not read the file may not have it from the archive either. False: it is to be read. */
static bool
take_from_archive(const char *path, struct source_file *file_r)
{
	const struct source_file *kept = archive_file(path);

	if (!kept || (access(path, R_OK) < 0 && errno == EACCES))
		return false;
	file_r->device = kept->device;
	file_r->inode = kept->inode;
	buffer_add(&file_r->text, kept->text.data, kept->text.length);
	return true;
}

bool
source_read(const char *path, size_t maximum, struct arena *arena, struct source_file *file_r,
    const char **error_r)
{
	int fd, cause;

	*file_r = (struct source_file){ 0 };
	if (take_from_archive(path, file_r))
		return true;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd >= 0 && read_descriptor(fd, maximum, file_r)) {
		close(fd);
		archive_keep_file(path, file_r);
		return true;
	}
	cause = errno;
	*error_r = cause == EFBIG ? arena_printf(arena, "it is larger than %zu bytes", maximum) :
	    source_reason(arena, cause);
	buffer_free(&file_r->text);
	if (fd >= 0)
		close(fd);
	return false;
}

/* ---- patterns ---- */

/* The folder of a file with its "/", "" for the current one; wildcards in it are escaped when
 * asked for. */
static const char *
folder_of(const char *file, bool escaped, struct arena *arena)
{
	const char *slash = strrchr(file, '/');
	char *folder = arena_alloc(arena, 2 * strlen(file) + 1);
	char *to = folder;

	for (; slash && file <= slash; file++) {
		if (escaped && strchr("*?[\\", *file))
			*to++ = '\\';
		*to++ = *file;
	}
	return folder;
}

/* A folder that is not there holds no file; one that cannot be read ends the search. */
static int
folder_failed(const char *path, int cause)
{
	(void)path;
	return cause != ENOENT && cause != ENOTDIR;
}

static void
copy_paths(const glob_t *found, struct arena *arena, struct source_paths *paths_r)
{
	size_t i;

	paths_r->count = found->gl_pathc;
	paths_r->items = arena_array(arena, found->gl_pathc, sizeof(*paths_r->items));
	for (i = 0; i < found->gl_pathc; i++)
		paths_r->items[i] = arena_strdup(arena, found->gl_pathv[i]);
}

bool
source_glob(const char *base, const char *pattern, struct arena *arena,
    struct source_paths *paths_r, const char **error_r)
{
	bool wild = strpbrk(pattern, "*?[") != NULL;
	const char *folder = pattern[0] == '/' ? "" : folder_of(base, wild, arena);
	const char *path = arena_printf(arena, "%s%s", folder, pattern);
	const struct source_paths *kept = archive_paths(path);
	glob_t found = { 0 };
	int outcome;

	*paths_r = (struct source_paths){ 0 };
	if (!wild) {
		paths_r->count = 1;
		paths_r->items = arena_array(arena, 1, sizeof(*paths_r->items));
		paths_r->items[0] = path;
		return true;
	}
	if (kept) {
		*paths_r = *kept;
		return true;
	}
	outcome = glob(path, 0, folder_failed, &found);
	if (outcome == 0)
		copy_paths(&found, arena, paths_r);
	else if (outcome != GLOB_NOMATCH)
		*error_r = "a folder that it names cannot be read";
	globfree(&found);
	if (outcome == 0 || outcome == GLOB_NOMATCH)
		archive_keep_paths(path, paths_r);
	return outcome == 0 || outcome == GLOB_NOMATCH;
}
