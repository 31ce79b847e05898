/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The state of a session, shared by the files of chain/ that run it: session.c has the events,
 * call.c runs one callback, verdict.c says what its verdict means, edits.c keeps what it edits,
 * message.c begins and ends messages, record.c writes the explanation, host*.c and fields.c are
 * what plugins and conditions reach. Private to chain/.
 */
#ifndef FILTERD_CHAIN_STATE_H
#define FILTERD_CHAIN_STATE_H

#include "filterd/chain/asked.h"
#include "filterd/chain/chain.h"
#include "filterd/chain/front.h"
#include "filterd/chain/reply.h"
#include "filterd/chain/seat.h"
#include "filterd/chain/session_id.h"
#include "filterd/service/log.h"

/* What an event brings for a callback; only what the stage has is set. */
struct event {
	const struct mf_client *client;		/* connect */
	const char *text;			/* helo: the name; unknown: the command */
	const struct mf_address *address;	/* mail, rcpt */
	const struct mf_header *header;
	const void *bytes;			/* body */
	size_t size;
};

/* Bytes of memory in arenas. */
struct used {
	size_t session, message;
};

/* The callback that runs. */
struct call {
	struct seat *seat;		/* NULL: none runs */
	/* message_end or session_end: nothing can be changed any more */
	bool ending;
	/* a condition, template or regex has been used: captures are its own */
	bool asked;
	struct edit_list edits;		/* made by it so far */
	/* why an edit or a read was refused: it ends in ERROR; NULL */
	const char *refused;
	const char *cause;		/* of mf_error(); NULL */
	struct reply_request reply;
	int64_t deadline;		/* by the front's monotonic clock */
	bool late;			/* a wait has reached it */
	struct used limit;		/* what the arenas may come to through it */
};

/* What an event has come to, and through whom. */
struct ruling {
	enum outcome outcome;
	const struct reply *reply;	/* REJECT, TEMPFAIL */
	const char *filter;		/* NULL: the host itself */
	enum mf_stage stage;
};

enum message_phase {
	/* no MAIL since the connection began or the last message was aborted */
	MESSAGE_NONE,
	MESSAGE_OPEN,
	MESSAGE_OVER		/* decided; what was decided holds until the next MAIL */
};

struct message {
	/* made for the first message, then used again; NULL before it */
	struct arena *arena;
	enum message_phase phase;
	/* the arena still holds the last message: it is cleared at the next event */
	bool kept;
	struct model model;
	struct board board;
	enum mf_stage reached;		/* the furthest stage */
	bool judging;			/* the newest recipient is not accepted yet */
	bool utf8;			/* SMTPUTF8, RFC 6531 */
	/* the chain has ended, but edits wait for the end of the message */
	bool accepted;
	/* decided where no answer can be given: told at the next event that has one */
	bool held;
	struct ruling ruling;		/* of `accepted` and `held`; once over: what it came to */
	struct ruling refusal;		/* of the last recipient refused; CONTINUE: none */
	const struct plan *plan;
	struct asked asked;		/* of the DNS */
	/* what a release has put on it: then no filter sees more of it; NULL */
	const struct mark *mark;
	bool quarantined;		/* in the store, or would be: the MTA has nothing to hold */
	const char *stored, *released;	/* its id in the store, when it went in or came back */
	size_t body_bytes;		/* as received, kept or not */
	const char *auth_user;		/* NULL: none */
	/* at end of message: when the MTA last heard of us; else 0. Also the watchdog's, while it
	 * holds the call that runs. */
	int64_t progress;
};

struct session {
	unsigned magic;
	const struct chain *chain;
	const struct front *front;
	void *front_data;
	struct grant grant;
	struct arena *arena;
	char id[SESSION_ID_BYTES];
	char queue_id[CRASH_NOTE_QUEUE_ID];	/* of the message; "" while it is not known */
	struct mf_client client;
	char *helo;			/* NULL before it */
	size_t helo_room;
	struct seat *seats;		/* one a filter of the chain */
	struct board board;		/* of the connection */
	struct asked asked;		/* of the DNS, before MAIL */
	struct board_mark before_helo;	/* of that board */
	unsigned unknowns;		/* unknown commands that filters have seen */
	struct ruling ruling;		/* of `over`, `accepted` and `held` */
	bool over;			/* decided for the connection: holds until its end */
	/* the chain has ended, but edits made before MAIL wait for messages */
	bool accepted;
	/* decided where no answer can be given: told at the next event that has one */
	bool held;
	enum mf_stage reached;		/* before MAIL: connect or helo */
	struct message message;
	struct call call;
	struct field_source source;
	struct filter_account *accounts;	/* for the explanation: one a filter */
	struct explanation explanation;
	/* the explanation is that of the message or connection just ended */
	bool explained;
};

static inline bool
in_message(const struct session *session)
{
	return session->message.phase == MESSAGE_OPEN;
}

/* The memory, the board and the filter's part that a callback works with now. */
static inline struct arena *
arena_now(const struct session *session)
{
	return in_message(session) ? session->message.arena : session->arena;
}

static inline struct board *
board_now(struct session *session)
{
	return in_message(session) ? &session->message.board : &session->board;
}

static inline struct part *
part_now(struct seat *seat)
{
	return in_message(seat->session) ? &seat->message : &seat->connection;
}

/* Microseconds at end of message between two signs of life. */
static inline int64_t
progress_interval(const struct session *session)
{
	return session->chain->settings->message.progress_interval.milliseconds * 1000;
}

/* Its place in the chain. */
static inline size_t
seat_place(const struct seat *seat)
{
	return (size_t)(seat - seat->session->seats);
}

/* ---- call.c ---- */

/* The front's clock, in microseconds. It is read once between two callbacks: the end of one is the
 * beginning of the next. */
int64_t clock_now(const struct session *session);

/* Whether the filter takes part at this stage of this connection or message. */
bool seat_takes_part(struct seat *seat, enum mf_stage stage);

/* Runs the filter's callback for the stage; what it returns fits the stage. With MF_ERROR the cause
 * is in the session's call, and what the callback did has been undone. `clock` is read again. */
enum mf_verdict call_stage(
    struct seat *seat, enum mf_stage stage, const struct event *event, int64_t *clock);

/* Whether the callback that runs has taken more memory than its filter may: it ends in ERROR. */
bool call_overdrawn(const struct session *session);

/* Runs message_end or session_end. */
void call_end(struct seat *seat, enum mf_stage stage, void (*end)(struct mf_context *c));

/* ---- verdict.c ---- */

/* What the verdict means for the event: true when the chain ends here, with the ruling. Notes it in
 * the account. */
bool verdict_ends(
    struct seat *seat, enum mf_stage stage, enum mf_verdict verdict, struct ruling *ruling_r);

/* ---- stage.c ---- */

/* Passes an event through the chain. The ruling is CONTINUE when no filter ended it. */
void stage_run(struct session *session, enum mf_stage stage, const struct event *event,
    struct ruling *ruling_r);

/* The same at end of message, where each filter's edits are applied before its callback. */
void stage_run_message(struct session *session, struct ruling *ruling_r);

/* Whether the MTA waits for an answer to events of this stage. */
bool stage_answers(const struct session *session, enum mf_stage stage);

/* ---- limit.c ---- */

enum limit {
	LIMIT_SIZE,		/* of the body */
	LIMIT_HEADERS,		/* number of header fields */
	LIMIT_HEADER_SIZE,	/* bytes of header fields */
	LIMIT_RECIPIENTS,
	LIMIT_STORAGE,		/* the spool file failed; `error` is its errno */
	LIMIT_QUARANTINE,	/* the quarantine store failed, likewise */
	LIMIT_ORDER		/* an event that cannot come here */
};

/* What the host itself decides when a limit is passed; logged. */
struct ruling limit_ruling(
    const struct session *session, enum limit limit, enum mf_stage stage, int error);

/* ---- edits.c ---- */

/* An edit that the running callback asks for. False: refused, and the callback ends in ERROR. */
bool edit_request(struct seat *seat, const struct edit *edit);

/* Keeps or drops the edits of the callback that has returned. */
void edits_settle(struct seat *seat, enum mf_stage stage, bool keep);

/* A recipient is judged: what the filters do from now on is kept, or dropped, with it. */
void edits_begin_recipient(struct session *session);
void edits_settle_recipient(struct session *session, bool accepted);

/* Applies what the filter edited in live callbacks to the open transaction. False: errno. */
bool edits_apply(struct seat *seat);

/* Whether any filter has edits that wait for the end of a message. */
bool edits_wait(const struct session *session);

/* "add-header", …; the enum mf_use bit that it needs. */
const char *edit_name(enum edit_kind kind);
unsigned edit_use(enum edit_kind kind);

/* ---- message.c ---- */

void message_begin(struct session *session, const char *path, const char *const *arguments);

/* Ends the open message: message_end, explanation, log line. */
void message_finish(struct session *session, const struct ruling *ruling);
void message_abort(struct session *session);

/* Ends the message, if there is one, and forgets it. */
void message_forget(struct session *session);

/* Gives back the memory of a message that is over. */
void message_clear(struct session *session);

void message_learn_queue_id(struct session *session);

/* ---- quarantine.c ---- */

/* Whether the message, which has passed the chain, is for the store. */
bool quarantine_wanted(const struct session *session);

/* Puts it there. The ruling becomes a discard, or what becomes of a message that cannot be kept. */
void quarantine_hold(struct session *session, struct ruling *ruling);

/* Looks whether a header field marks the message as a released one. */
void quarantine_look(struct session *session, struct str name, struct str value);

/* The end of such a message. */
void quarantine_pass(struct session *session, struct ruling *ruling_r);

/* ---- record.c ---- */

/* Makes the session's explanation, as things are now. */
void record_fill(struct session *session, const struct ruling *ruling, const char *verdict);

/* Makes the explanation of the open message, or of the connection when there is none, and logs
 * it. */
void record_make(struct session *session, const struct ruling *ruling, const char *verdict);

/* Notes a rule for the account of the running callback; would: of a rule in shadow, what it would
 * have done, else NULL. */
void record_rule(struct seat *seat, const char *rule, const char *where, const char *would);

/* ---- counting.c: what goes into the metrics, unless one line does it ---- */

void count_session(bool opened);
void count_call(const struct seat *seat, int64_t nanoseconds, bool timed_out);
void count_verdict(const struct seat *seat, enum mf_verdict verdict);

/* A message that has ended, or a connection that was decided. */
void count_explanation(const struct explanation *explanation, const struct session *session);

/* ---- session_log.c ---- */

/* A line of this session: event, then its fields, with session and queue id, and the filter unless
 * it is NULL. */
void session_log(const struct session *session, enum mf_log_level level, const char *event,
    const char *filter, const struct log_field *fields, size_t count);

/* The same with one field more. */
void session_log_text(const struct session *session, enum mf_log_level level, const char *event,
    const char *filter, const char *key, const char *text);

/* ---- fields.c ---- */

/* The session's field source as the running callback sees it. */
struct field_source *session_source(struct session *session);

#endif
