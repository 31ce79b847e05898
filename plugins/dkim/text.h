/* SPDX-License-Identifier: BSD-2-Clause */
/* Pieces of text that the parsers of DKIM hand around: views into what they were given, which stays
 * its owner's and must outlive them. Nothing here allocates. */
#ifndef PLUGINS_DKIM_TEXT_H
#define PLUGINS_DKIM_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct dkim_text {
	const char *data;	/* no NUL behind it */
	size_t length;
};

static inline struct dkim_text
dkim_text_of(const char *text)
{
	return (struct dkim_text){ text, strlen(text) };
}

/* White space that may stand around and in values: blanks, and the line ends of folds. */
static inline bool
dkim_is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Letters of ASCII only, whatever the locale. */
static inline char
dkim_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

/* Without the white space at both ends. */
struct dkim_text dkim_trim(struct dkim_text text);

/* Whether two texts are the same, letters' case apart. */
bool dkim_text_same(struct dkim_text a, struct dkim_text b);

/* Whether a text is a word, letters' case apart. */
bool dkim_text_is(struct dkim_text text, const char *word);

/* Takes the next item off a list that colons divide, without white space around it. False: there
 * is none left. "" is a list of one empty item; begin with rest->data not NULL. */
bool dkim_next_item(struct dkim_text *rest, struct dkim_text *item_r);

/* Whether such a list has the word, letters' case apart. */
bool dkim_list_has(struct dkim_text list, const char *word);

/* A number in decimal digits and nothing else. What is larger than UINT64_MAX counts as that.
 * False: no number, or more than `digits` digits. */
bool dkim_number(struct dkim_text text, size_t digits, uint64_t *number_r);

#endif
