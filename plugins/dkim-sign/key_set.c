/* SPDX-License-Identifier: BSD-2-Clause */
/* The keys of one path. A "%" stands for the names that the folder has when filterd starts: no file
 * is looked for while mail is judged, and a key that cannot be used is found at once. */
#include <glob.h>
#include <stdlib.h>

#include "plugins/dkim-sign/key_set.h"

static void
release(void *key)
{
	private_key_free(key);
}

static bool
load_one(struct mf_context *c, const char *path, struct domain_key *key, const char **error_r)
{
	const char *wrong = private_key_load(path, &key->key);

	if (wrong) {
		*error_r = mf_printf(c, "%s: %s", path, wrong);
		return false;
	}
	mf_cleanup(c, release, &key->key);
	return true;
}

/* ---- paths with "%" ---- */

/* The pattern for glob(3): "%" as "*", what it would take for patterns itself quoted. */
static char *
glob_pattern(struct mf_context *c, const char *path)
{
	char *pattern = mf_alloc(c, 2 * strlen(path) + 1), *to = pattern;

	for (; *path; path++) {
		if (strchr("*?[\\", *path))
			*to++ = '\\';
		*to++ = *path == '%' ? '*' : *path;
	}
	return pattern;
}

static size_t
count_percents(const char *path)
{
	size_t count = 0;

	for (; *path; path++)
		count += *path == '%';
	return count;
}

/* Whether the template with that domain is the path. */
static bool
is_filled_in(const char *template, const char *path, const char *domain, size_t length)
{
	for (; *template; template++) {
		if (*template != '%' && *path++ != *template)
			return false;
		if (*template == '%' && strncmp(path, domain, length) != 0)
			return false;
		if (*template == '%')
			path += length;
	}
	return *path == '\0';
}

/* The domain that a found path has where the template has "%", all of them the same; NULL: none. */
static const char *
domain_of(struct mf_context *c, const char *template, const char *path)
{
	size_t percents = count_percents(template);
	size_t literal = strlen(template) - percents;
	size_t length = strlen(path) > literal ? (strlen(path) - literal) / percents : 0;
	const char *start = path + strcspn(template, "%");
	char name[DKIM_DOMAIN];

	if (length == 0 || !is_filled_in(template, path, start, length) ||
	    !dkim_domain((struct dkim_text){ start, length }, name))
		return NULL;
	return mf_printf(c, "%s", name);
}

static int
compare_keys(const void *left, const void *right)
{
	const struct domain_key *a = left, *b = right;

	return strcmp(a->domain, b->domain);
}

static bool
load_found(struct mf_context *c, const char *template, const glob_t *found, struct key_set *set,
    const char **error_r)
{
	size_t i;

	set->keys = mf_alloc(c, found->gl_pathc * sizeof(*set->keys));
	for (i = 0; i < found->gl_pathc; i++) {
		struct domain_key *key = &set->keys[set->count];

		key->domain = domain_of(c, template, found->gl_pathv[i]);
		if (!key->domain)
			continue;
		if (!load_one(c, found->gl_pathv[i], key, error_r))
			return false;
		set->count++;
	}
	return true;
}

static bool
load_all(struct mf_context *c, const char *template, struct key_set *set, const char **error_r)
{
	glob_t found = { 0 };
	bool loaded;

	if (glob(glob_pattern(c, template), GLOB_NOSORT, NULL, &found) != 0) {
		*error_r = mf_printf(c, "%s: there is no such file for any domain", template);
		globfree(&found);
		return false;
	}
	loaded = load_found(c, template, &found, set, error_r);
	globfree(&found);
	return loaded;
}

/* The clean-ups know the keys by their place: sorted are copies. */
static void
sort(struct mf_context *c, struct key_set *set)
{
	struct domain_key *sorted = mf_alloc(c, set->count * sizeof(*sorted));

	memcpy(sorted, set->keys, set->count * sizeof(*sorted));
	qsort(sorted, set->count, sizeof(*sorted), compare_keys);
	set->keys = sorted;
}

bool
key_set_load(struct mf_context *c, const char *path, struct key_set *set_r, const char **error_r)
{
	*set_r = (struct key_set){ 0 };
	if (strchr(path, '%')) {
		if (!load_all(c, path, set_r, error_r))
			return false;
		sort(c, set_r);
		return true;
	}
	set_r->keys = mf_alloc(c, sizeof(*set_r->keys));
	set_r->count = 1;
	return load_one(c, path, set_r->keys, error_r);
}

bool
key_set_decode(struct mf_context *c, struct dkim_text base64, struct key_set *set_r,
    const char **error_r)
{
	*set_r = (struct key_set){ .count = 1, .keys = mf_alloc(c, sizeof(*set_r->keys)) };
	*error_r = private_key_decode(base64, &set_r->keys->key);
	if (*error_r)
		return false;
	mf_cleanup(c, release, &set_r->keys->key);
	return true;
}

const struct private_key *
key_set_find(const struct key_set *set, const char *domain)
{
	const struct domain_key wanted = { .domain = domain };
	const struct domain_key *found;

	if (set->count == 1 && !set->keys[0].domain)
		return &set->keys[0].key;
	found = bsearch(&wanted, set->keys, set->count, sizeof(wanted), compare_keys);
	return found ? &found->key : NULL;
}
