/* SPDX-License-Identifier: BSD-2-Clause */
/* Borrowed byte strings: comparison, hashing, and the nearest known name for error texts. */
#include <string.h>

#include "filterd/util/str.h"

#define NEAREST_MAXIMUM 64

struct str
str_of(const char *text)
{
	return (struct str){ text ? text : "", text ? strlen(text) : 0 };
}

bool
str_equal(struct str a, struct str b)
{
	return a.length == b.length && (a.length == 0 || memcmp(a.data, b.data, a.length) == 0);
}

char
str_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

int
str_hex(char c)
{
	c = str_lower(c);
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool
str_has_prefix_nocase(struct str text, struct str prefix)
{
	size_t i;

	if (text.length < prefix.length)
		return false;
	for (i = 0; i < prefix.length; i++)
		if (str_lower(text.data[i]) != str_lower(prefix.data[i]))
			return false;
	return true;
}

bool
str_equal_nocase(struct str a, struct str b)
{
	return a.length == b.length && str_has_prefix_nocase(a, b);
}

struct str
str_trim(struct str text)
{
	while (text.length && strchr(" \t\r\n", text.data[0]) && text.data[0]) {
		text.data++;
		text.length--;
	}
	while (text.length && strchr(" \t\r\n", text.data[text.length - 1]) &&
	    text.data[text.length - 1])
		text.length--;
	return text;
}

static unsigned long long
hash_step(unsigned long long hash, char c)
{
	return (hash ^ (unsigned char)c) * 0x100000001b3ULL;
}

unsigned long long
str_hash(struct str text)
{
	unsigned long long hash = 0xcbf29ce484222325ULL;
	size_t i;

	for (i = 0; i < text.length; i++)
		hash = hash_step(hash, text.data[i]);
	return hash;
}

unsigned long long
str_hash_nocase(struct str text)
{
	unsigned long long hash = 0xcbf29ce484222325ULL;
	size_t i;

	for (i = 0; i < text.length; i++)
		hash = hash_step(hash, str_lower(text.data[i]));
	return hash;
}

static size_t
least(size_t a, size_t b, size_t c)
{
	size_t ab = a < b ? a : b;

	return ab < c ? ab : c;
}

/* Levenshtein distance of two words of at most NEAREST_MAXIMUM bytes. */
static size_t
edit_distance(struct str a, struct str b)
{
	size_t row[NEAREST_MAXIMUM + 1];
	size_t i, j;

	for (j = 0; j <= b.length; j++)
		row[j] = j;
	for (i = 1; i <= a.length; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (j = 1; j <= b.length; j++) {
			size_t above = row[j];
			bool same = str_lower(a.data[i - 1]) == str_lower(b.data[j - 1]);

			row[j] = least(above + 1, row[j - 1] + 1, diagonal + (same ? 0 : 1));
			diagonal = above;
		}
	}
	return row[b.length];
}

const char *
str_nearest(const char *word, const char *const *candidates, size_t count)
{
	struct str wanted = str_of(word);
	const char *nearest = NULL;
	size_t limit = wanted.length / 3 + 1;
	size_t i;

	if (wanted.length > NEAREST_MAXIMUM)
		return NULL;
	for (i = 0; i < count; i++) {
		struct str candidate = str_of(candidates[i]);
		size_t distance;

		if (!candidate.length || candidate.length > NEAREST_MAXIMUM)
			continue;
		distance = edit_distance(wanted, candidate);
		if (distance < limit || (distance == limit && !nearest)) {
			limit = distance;
			nearest = candidates[i];
		}
	}
	return nearest;
}
