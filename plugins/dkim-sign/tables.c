/* SPDX-License-Identifier: BSD-2-Clause */
/* OpenDKIM's two tables, read from their files. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plugins/dkim-sign/tables.h"

enum { TABLE_MAXIMUM = 64 * 1024 * 1024 };	/* bytes of a file */

/* ---- files ---- */

static bool
read_all(int fd, char *bytes, size_t size)
{
	size_t done = 0;

	while (done < size) {
		ssize_t got = read(fd, bytes + done, size - done);

		if (got == 0)
			errno = EIO;
		if (got == 0 || (got < 0 && errno != EINTR))
			return false;
		if (got > 0)
			done += (size_t)got;
	}
	return true;
}

static bool
read_file(struct mf_context *c, const char *path, struct dkim_text *text_r, const char **error_r)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat status;
	char *bytes = NULL;
	bool good = fd >= 0 && fstat(fd, &status) == 0;

	*error_r = NULL;
	if (good && (!S_ISREG(status.st_mode) || status.st_size > TABLE_MAXIMUM)) {
		*error_r = mf_printf(c, "%s: it is no file, or has more than 64 MiB", path);
		good = false;
	}
	if (good) {
		bytes = mf_alloc(c, (size_t)status.st_size + 1);
		good = read_all(fd, bytes, (size_t)status.st_size);
		*text_r = (struct dkim_text){ bytes, (size_t)status.st_size };
	}
	if (!good && !*error_r)
		*error_r = mf_printf(c, "%s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return good;
}

static size_t
count_lines(struct dkim_text text)
{
	size_t i, count = 1;

	for (i = 0; i < text.length; i++)
		count += text.data[i] == '\n';
	return count;
}

/* The path behind "file:" or "refile:"; NULL: another kind of data set, which is not read. */
static const char *
path_of(const char *place, bool *wildcards_r)
{
	*wildcards_r = strncmp(place, "refile:", 7) == 0;
	if (*wildcards_r)
		return place + 7;
	if (strncmp(place, "file:", 5) == 0)
		return place + 5;
	return place[0] == '/' || place[0] == '.' ? place : NULL;
}

static const char *
wrong_line(struct mf_context *c, const char *path, unsigned line, const char *what)
{
	return mf_printf(c, "%s:%u: %s", path, line, what);
}

/* ---- KeyTable ---- */

static int
compare_names(struct dkim_text a, struct dkim_text b)
{
	size_t shorter = a.length < b.length ? a.length : b.length;
	int order = memcmp(a.data, b.data, shorter);

	if (order != 0)
		return order;
	return a.length == b.length ? 0 : a.length < b.length ? -1 : 1;
}

static int
compare_keys(const void *left, const void *right)
{
	const struct table_key *a = left, *b = right;
	int order = compare_names(a->entry.name, b->entry.name);

	if (order != 0)
		return order;
	return a->entry.line == b->entry.line ? 0 : a->entry.line < b->entry.line ? -1 : 1;
}

static bool
load_key(struct mf_context *c, const char *path, const struct open_line *line,
    struct table_key *key, const char **error_r)
{
	const char *wrong = key_entry_parse(line, &key->entry);
	const char *file;

	if (wrong) {
		*error_r = wrong_line(c, path, line->number, wrong);
		return false;
	}
	file = mf_printf(c, "%.*s", (int)key->entry.key.length, key->entry.key.data);
	if (key_entry_is_path(&key->entry) ? key_set_load(c, file, &key->set, error_r) :
					     key_set_decode(c, key->entry.key, &key->set, error_r))
		return true;
	*error_r = wrong_line(c, path, line->number, *error_r);
	return false;
}

static bool
load_keys(struct mf_context *c, struct dkim_text text, struct tables *tables, const char **error_r)
{
	struct open_cursor cursor = { text, 0 };
	struct open_line line;

	tables->keys = mf_alloc(c, count_lines(text) * sizeof(*tables->keys));
	while (open_table_next(&cursor, &line)) {
		struct table_key *key = &tables->keys[tables->key_count++];

		if (!load_key(c, tables->key_file, &line, key, error_r))
			return false;
	}
	if (tables->key_count > 1)
		qsort(tables->keys, tables->key_count, sizeof(*tables->keys), compare_keys);
	return true;
}

const struct table_key *
tables_find_key(const struct tables *tables, struct dkim_text name)
{
	size_t low = 0, high = tables->key_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_names(tables->keys[middle].entry.name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == tables->key_count || compare_names(tables->keys[low].entry.name, name) != 0)
		return NULL;
	return &tables->keys[low];
}

/* ---- SigningTable ---- */

static bool
load_signing(struct mf_context *c, struct dkim_text text, struct tables *tables,
    const char **error_r)
{
	struct open_cursor cursor = { text, 0 };
	struct open_line line;
	const char *wrong;

	tables->signing.entries = mf_alloc(c, count_lines(text) * sizeof(*tables->signing.entries));
	while (open_table_next(&cursor, &line)) {
		struct signing_entry *entry = &tables->signing.entries[tables->signing.count++];

		wrong = signing_entry_parse(&line, entry);
		if (!wrong && !open_is_percent(entry->key) && !tables_find_key(tables, entry->key))
			wrong = mf_printf(c, "there is no key \"%.*s\" in %s",
			    (int)entry->key.length, entry->key.data, tables->key_file);
		if (wrong) {
			*error_r = wrong_line(c, tables->signing_file, line.number, wrong);
			return false;
		}
	}
	signing_table_prepare(&tables->signing);
	return true;
}

bool
tables_load(struct mf_context *c, const char *key_table, const char *signing_table,
    struct tables *tables_r, const char **error_r, bool *in_keys_r)
{
	struct dkim_text text;
	bool wildcards;

	*tables_r = (struct tables){ 0 };
	*in_keys_r = true;
	tables_r->key_file = path_of(key_table, &wildcards);
	if (!tables_r->key_file || wildcards) {
		*error_r = "expected a path, with \"file:\" before it or not";
		return false;
	}
	if (!read_file(c, tables_r->key_file, &text, error_r) ||
	    !load_keys(c, text, tables_r, error_r))
		return false;
	*in_keys_r = false;
	tables_r->signing_file = path_of(signing_table, &tables_r->signing.wildcards);
	if (!tables_r->signing_file) {
		*error_r = "expected a path, with \"file:\" or \"refile:\" before it";
		return false;
	}
	return read_file(c, tables_r->signing_file, &text, error_r) &&
	    load_signing(c, text, tables_r, error_r);
}
