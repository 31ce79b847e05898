/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The explanation: one structured record a message that says how it fared and why. It is the log
 * line, later the history entry, and what `filterd test` prints.
 */
#ifndef FILTERD_CHAIN_EXPLANATION_H
#define FILTERD_CHAIN_EXPLANATION_H

#include <stdio.h>

#include "filterd/chain/results.h"
#include "filterd/chain/session.h"
#include "filterd/config/settings.h"
#include "filterd/util/buffer.h"

struct matched_rule {
	const char *rule, *where;
	/* of a rule in shadow: what it would have done, in words; NULL: it was done */
	const char *would;
	enum mf_stage stage;
	struct matched_rule *next;
};

/* One filter's part. */
struct filter_account {
	const char *name;
	enum mf_stage stage;		/* of its last or deciding call */
	enum mf_verdict verdict;	/* the last one that was not CONTINUE, else CONTINUE */
	bool called;			/* false: `when` or its stages left it out */
	bool shadow;
	const char *cause;		/* of an ERROR; NULL */
	const char *policy;		/* what stood in for it: "tempfail", …; NULL */
	int64_t time_us;		/* summed over all its calls */
	struct matched_rule *rules;	/* in the order of matching */
	/* In order; those of a shadow filter were not made. Of an edit of the body only the size
	 * may be known: then value.data is NULL. */
	struct edit *edits;
	/* Rolled back: its callback failed, or the recipient for whom it was made was refused. */
	struct edit *dropped;
	/* what a shadow filter would have put on the board; NULL otherwise */
	const struct board *board;
};

/* A query of the DNS. */
struct dns_account {
	const char *name;		/* as text, without final dot; "" is the root */
	enum mf_dns_type type;
	const char *filter;		/* that asked first */
	bool known;			/* false: no answer came, and nobody awaited one */
	enum mf_dns_status status;	/* once known */
	bool secure;			/* DNSSEC has proved the answer */
	int64_t time_us;		/* until it was */
};

struct explanation {
	const char *session_id, *queue_id, *listener;
	const char *client_name, *client_address, *helo, *auth_user;
	const char *sender;		/* as received */
	const char *const *recipients;	/* as received and accepted */
	size_t recipient_count;
	/* sender, recipients, quarantine as they are after the edits; NULL: the message did not
	 * come that far */
	const struct state *final;
	/* "accept" "reject" "tempfail" "discard" "quarantine" "aborted" */
	const char *verdict;
	enum mf_stage stage;
	const struct reply *reply;	/* NULL: none */
	const char *decided_by;		/* filter, or NULL */
	size_t size;			/* bytes as received */
	const struct filter_account *filters;
	size_t filter_count;
	const struct board *board;	/* results, score, symbols */
	const struct plan *plan;	/* what was sent to the MTA */
	/* those made before MAIL first */
	const struct dns_account *const *queries;
	size_t query_count;
	/* the quarantine store that the message is for, NULL: none, and its id there, NULL: it was
	 * not put there, as there is no MTA that would lose it */
	const char *store, *stored;
	const char *released;		/* its id in the store that it came back from; NULL */
};

/* The log line. `format` is that of the log (enum log_format): in JSON each filter is an object. */
void explanation_log(const struct explanation *explanation, int format);

const char *stage_name(enum mf_stage stage);
const char *verdict_name(enum mf_verdict verdict);

/* The JSON object of `filterd test --json`; explanation_json() prints it as a line. */
void explanation_json_add(const struct explanation *explanation, struct buffer *to);
void explanation_json(const struct explanation *explanation, FILE *to);

/* The reply as that object has it, several lines divided by LF. */
void reply_json(const struct reply *reply, struct buffer *to);

/* Its members "filters" and "edits" alone, as JSON values. */
void explanation_json_filters(const struct explanation *explanation, struct buffer *to);
void explanation_json_edits(const struct explanation *explanation, struct buffer *to);

/* For a person: each filter's verdict and why. */
void explanation_text(const struct explanation *explanation, FILE *to);

#endif
