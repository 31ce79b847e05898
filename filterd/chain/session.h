/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A session: one MTA connection, from connect to close, with any number of messages. A front end
 * calls one function an event, in the order in which the MTA sends them; each answers with a
 * decision. A session is used by one thread at a time.
 *
 * Order is the caller's duty for open and close only: events out of order (a MAIL in a message, a
 * header before MAIL, a second end of message) are answered sanely: what needs a message and has
 * none is tempfailed and logged.
 */
#ifndef FILTERD_CHAIN_SESSION_H
#define FILTERD_CHAIN_SESSION_H

#include "filterd/chain/front.h"
#include "filterd/chain/generation.h"
#include "filterd/message/plan.h"

struct session;

enum outcome {
	OUTCOME_CONTINUE,
	OUTCOME_ACCEPT,		/* no more events of this message (at connect, helo: connection) */
	OUTCOME_REJECT,
	OUTCOME_TEMPFAIL,
	OUTCOME_DISCARD,
	/* body only: no more chunks wanted; given only when the grant has skip */
	OUTCOME_SKIP
};

#define REPLY_LINES 32		/* smfi_setmlreply */
#define REPLY_LINE_BYTES 980

/* An SMTP reply, RFC 5321 section 4.2 and RFC 3463; texts are printable, no CR, LF or NUL, UTF-8
 * only if the MTA took SMTPUTF8. */
struct reply {
	int code;			/* 4xx with OUTCOME_TEMPFAIL, 5xx with OUTCOME_REJECT */
	const char *enhanced;		/* "5.7.1" */
	const char *lines[REPLY_LINES];
	size_t line_count;		/* 0: no reply text set, the MTA's default stands */
};

/* Borrowed until the next event of the session. */
struct decision {
	enum outcome outcome;
	const struct reply *reply;	/* with REJECT and TEMPFAIL; NULL: the MTA's default */
	/* end of message with CONTINUE or ACCEPT: edits to send; NULL or empty: none */
	const struct plan *plan;
};

struct session *session_open(const struct chain *chain, const struct front *front,
    void *front_data);

/* After negotiation, before connect. A filter that needs an edit the MTA does not grant is taken
 * out and its on-error policy stands in, logged. */
void session_granted(struct session *session, const struct grant *grant);

/* address as mf_client.address; ip NULL when there is none. */
struct decision session_connect(struct session *session, const char *name, const char *address,
    const uint8_t *ip, unsigned version, unsigned port);
struct decision session_helo(struct session *session, const char *name);
/* path with or without brackets; arguments end with NULL. */
struct decision session_mail(struct session *session, const char *path,
    const char *const *arguments);
struct decision session_rcpt(struct session *session, const char *path,
    const char *const *arguments);
struct decision session_data(struct session *session);
/* Each text ends at its first NUL: plugins are given C strings. */
struct decision session_header(struct session *session, struct str name, struct str value);
struct decision session_eoh(struct session *session);
struct decision session_body(struct session *session, const void *bytes, size_t size);
struct decision session_end_of_message(struct session *session);
struct decision session_unknown(struct session *session, const char *command);
/* The message ends without a verdict (RSET, a new MAIL, QUIT, lost connection). Does nothing when
 * there is none. */
void session_abort(struct session *session);
void session_close(struct session **session);

const char *session_id(const struct session *session);

/* The session goes by the id of another one, which it repeats. To be called before connect. */
void session_repeats(struct session *session, const char *id);
/* Where the MTA could not carry out the plan: logged with the explanation. */
void session_plan_failed(struct session *session, const char *what);

/* The front end has carried out what was decided: gives the message's memory back now, instead of
 * at the next event. Decision, plan, model and explanation are gone then. Nothing while a message
 * is open. */
void session_release(struct session *session);

/* The model of the message just judged, for the offline front end; NULL unless it has passed the
 * chain to its end. */
struct model *session_model(struct session *session);

struct explanation;
/* The explanation of the message just ended; valid until the next event. NULL when none. */
const struct explanation *session_explanation(const struct session *session);

#endif
