/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Regular expressions: PCRE2 with JIT, limits always set. Compiled patterns are immutable and
 * shared by all threads; match data and JIT stack are a thread's own and are freed when it ends.
 *
 * UTF mode is chosen by the pattern (a byte over 127, \x{, \N{, \p, \P, \X or the flag u) or by
 * the caller for fields that hold decoded text. It never fails on invalid UTF-8
 * (PCRE2_MATCH_INVALID_UTF: no match spans an invalid byte), and \w \d \s \b and case go by Unicode
 * in it.
 */
#ifndef FILTERD_SERVICE_REGEX_H
#define FILTERD_SERVICE_REGEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "filterd/util/arena.h"
#include "filterd/util/str.h"

struct mf_regex;

/* With JIT, match counts otherwise than without, depth does not apply, and heap bounds the JIT
 * stack (between 32 KiB and REGEX_STACK_MAXIMUM). */
struct regex_limits {
	uint32_t match;		/* pcre2_set_match_limit */
	uint32_t depth;		/* pcre2_set_depth_limit */
	uint32_t heap;		/* KiB, pcre2_set_heap_limit */
};

#define REGEX_GROUPS 10
#define REGEX_STACK_MAXIMUM 4096	/* KiB */
#define REGEX_PATTERN_MAXIMUM 32768	/* bytes of a pattern */

/* $0 … $9 of a match; borrowed from the subject. A group that did not take part has data NULL. */
struct captures {
	struct str group[REGEX_GROUPS];
};

/* REGEX_LIMIT: match, depth, heap limit or JIT stack; counts as no match, and the caller logs it.
 * */
enum regex_outcome { REGEX_NO_MATCH, REGEX_MATCH, REGEX_LIMIT };

/* Compiles /pattern/flags. Flags: i m s x as in Perl, u UTF mode. NULL on a mistake:
 * *error_r says what (in the arena), *offset_r where in the pattern; for an unknown flag *offset_r
 * is pattern.length + 1 + its index. The regex lives as long as the arena. */
struct mf_regex *regex_compile(struct str pattern, struct str flags, bool decoded_text,
    struct regex_limits limits, struct arena *arena, const char **error_r, size_t *offset_r);

/* captures_r may be NULL; it is set only by a match. */
enum regex_outcome regex_match(const struct mf_regex *regex, struct str subject,
    struct captures *captures_r);

/* The same from a start offset, for replace-all loops; *end_r is where the match ended. What stands
 * before start is seen by look-behind and \b. */
enum regex_outcome regex_match_from(const struct mf_regex *regex, struct str subject, size_t start,
    struct captures *captures_r, size_t *end_r);

bool regex_is_utf(const struct mf_regex *regex);

/* Groups of the pattern, $0 not counted. */
unsigned regex_group_count(const struct mf_regex *regex);

/* The pattern as written, for logs: "/…/i". */
const char *regex_text(const struct mf_regex *regex);

#endif
