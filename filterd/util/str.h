/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Borrowed byte strings with a length. Where a struct says that its text ends in NUL, data[length]
 * is '\0', and the text can be given to C functions as long as it holds no NUL itself.
 */
#ifndef FILTERD_UTIL_STR_H
#define FILTERD_UTIL_STR_H

#include <stdbool.h>
#include <stddef.h>

struct str {
	const char *data;
	size_t length;
};

/* The str of a string literal. */
#define STR(literal) ((struct str){ (literal), sizeof(literal) - 1 })

/* The str of a C string; NULL gives the empty str. */
struct str str_of(const char *text);

bool str_equal(struct str a, struct str b);

/* ASCII letters compare without case; no locale. */
bool str_equal_nocase(struct str a, struct str b);
bool str_has_prefix_nocase(struct str text, struct str prefix);

/* Without blanks, tabs, CR and LF at both ends. */
struct str str_trim(struct str text);

/* ASCII lower case; no locale. */
char str_lower(char c);
/* The value of a hexadecimal digit in either case; -1: it is none. */
int str_hex(char c);

/* Hash for tables (FNV-1a, 64 bits); the second one folds ASCII case. */
unsigned long long str_hash(struct str text);
unsigned long long str_hash_nocase(struct str text);

/* Of the candidates (count of them, NULL ones passed over) the one nearest to word by edit
 * distance, for error texts; NULL when none is near: more than a third of the word's letters would
 * have to change. Words over 64 bytes have none. */
const char *str_nearest(const char *word, const char *const *candidates, size_t count);

#endif
