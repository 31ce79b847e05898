/* SPDX-License-Identifier: BSD-2-Clause */
/* What the history is searched for: the parameters of /api/messages. Pure. */
#ifndef FILTERD_ADMIN_SEARCH_H
#define FILTERD_ADMIN_SEARCH_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "filterd/service/history_link.h"

#define SEARCH_LIMIT		50u	/* messages of an answer, when none is said */
#define SEARCH_LIMIT_MAXIMUM	500u

struct search {
	/* Part of it, whatever the case of its letters; queue: the beginning of it; verdict: all of
	 * it; text: part of any. NULL: not searched for. */
	const char *queue, *sender, *recipient, *client, *verdict, *rule, *text;
	uint64_t before;	/* ids below this one; 0: all */
	unsigned limit;
	char pseudonyms[3][PSEUDONYM_BYTES];	/* of what was searched for, where that is hashed */
};

/* The value of a parameter; NULL: it was not given. */
typedef const char *search_parameter(const void *argument, const char *name);

/* Where addresses are hashed, so is what they are compared with; hashed by: NULL: they are not.
 * False: *mistake_r, a static text, says what was expected. */
bool search_read(struct search *search_r, search_parameter *parameter, const void *argument,
    const struct history_link *hashed_by, const char **mistake_r);

/* Whether a summary (record.h) is what is searched for. */
bool search_matches(const struct search *search, const json_t *summary);

#endif
