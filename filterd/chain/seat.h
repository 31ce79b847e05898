/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A seat: one filter's place in one session, and all that it has there: its state, its edits, its
 * part of the explanation. Private to chain/. Used by one thread at a time.
 */
#ifndef FILTERD_CHAIN_SEAT_H
#define FILTERD_CHAIN_SEAT_H

#include "filterd/chain/explanation.h"
#include "filterd/chain/filter.h"
#include "filterd/chain/results.h"
#include "filterd/message/model.h"
#include "filterd/service/metrics.h"

struct session;
struct start;

/* Edits in the order in which they were made. To be begun with edits_clear(); not to be copied. */
struct edit_list {
	struct edit *first, **end;
};

static inline void
edits_clear(struct edit_list *list)
{
	list->first = NULL;
	list->end = &list->first;
}

static inline void
edits_append(struct edit_list *list, struct edit *edit)
{
	*list->end = edit;
	list->end = &edit->next;
}

/* Forgets what was appended since the end of the list was this. */
static inline void
edits_cut(struct edit_list *list, struct edit **end)
{
	*end = NULL;
	list->end = end;
}

/* All of `from` to the end of `list`; from is empty afterwards. */
static inline void
edits_move(struct edit_list *list, struct edit_list *from)
{
	if (!from->first)
		return;
	*list->end = from->first;
	list->end = from->end;
	edits_clear(from);
}

/* What one filter has in a connection, or in a message; that of a message begins with the
 * connection's. */
struct part {
	struct filter_account account;	/* its lists of edits are filled in at the end */
	struct matched_rule **rules_end;
	/* made and committed; of a shadow filter: those it would have made */
	struct edit_list edits;
	struct edit_list dropped;	/* rolled back */
	struct board shadow;		/* a shadow filter's own results */
	size_t memory;			/* bytes of arena that its callbacks took */
	size_t queries;			/* of the DNS that it made */
	bool done;			/* it wants no more */
	/* a callback was called: so will be session_end or message_end */
	bool owed;
};

struct seat {
	struct mf_context context;	/* first: the host's functions find the seat by it */
	const struct filter *filter;
	struct session *session;	/* NULL in start and stop */
	struct metrics_filter *metrics;	/* where it counts; NULL: nowhere */
	/* why it cannot take part: each call is an ERROR; NULL: it can */
	const char *absent;
	bool absent_logged;
	enum mf_stage scope_stage;	/* where its `when` was asked last, and the answer */
	bool in_scope;
	struct part connection;
	struct part message;
	/* while a recipient is judged: fall with it when it is refused */
	/* what the connection had before HELO: a later HELO takes it back to there */
	struct {
		struct edit **edits;
		struct matched_rule **rules;
		struct board_mark shadow;
	} before_helo;
	struct edit_list recipient_edits;
	struct board_mark recipient_mark;	/* of message.shadow, likewise */
};

/* The seat of a plugin's context. */
static inline struct seat *
seat_of(struct mf_context *c)
{
	return (struct seat *)(void *)c;
}

#endif
