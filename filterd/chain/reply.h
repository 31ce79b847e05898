/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SMTP replies made fit to be sent, whatever a plugin asked for: the code fits the verdict (RFC
 * 5321 section 4.2), the enhanced status code fits the code (RFC 3463 section 2), the text is lines
 * of printable characters. Pure.
 */
#ifndef FILTERD_CHAIN_REPLY_H
#define FILTERD_CHAIN_REPLY_H

#include "filterd/chain/session.h"
#include "filterd/util/arena.h"

/* What was asked for, borrowed. */
struct reply_request {
	int code;			/* 0: the default, 550 or 451 */
	const char *enhanced;		/* NULL: 5.7.1 or 4.7.1 */
	const char *text;		/* lines divided by "\n"; NULL or empty: the default */
};

/* The reply for OUTCOME_REJECT or OUTCOME_TEMPFAIL, in the arena. What is wrong is replaced by the
 * default: then *mistake_r says what it was (static text), else it is NULL. Non-ASCII text is kept
 * only when utf8 is set (RFC 6531 section 3.7.4), else it becomes "?". */
const struct reply *reply_make(struct arena *arena, enum outcome outcome,
    const struct reply_request *request, bool utf8, const char **mistake_r);

/* "550 5.7.1 text", lines divided by "\n"; in the arena. */
const char *reply_text(struct arena *arena, const struct reply *reply);

#endif
