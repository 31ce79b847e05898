/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One callback of one filter: its state, its context, its clock and its transaction. This is the
 * hot path: no allocation but a filter's own, and the clock is read once between two calls.
 * Whatever a plugin returns, a verdict that fits the stage comes out; a plugin can end its callback
 * in ERROR, never the process.
 */
#include <stdint.h>

#include "filterd/chain/host.h"
#include "filterd/chain/state.h"
#include "filterd/config/condition.h"

/* ---- the stages' callbacks ---- */

static enum mf_verdict
invoke_connect(struct seat *seat, const struct event *event)
{
	return seat->filter->plugin->connect(&seat->context, event->client);
}

static enum mf_verdict
invoke_helo(struct seat *seat, const struct event *event)
{
	return seat->filter->plugin->helo(&seat->context, event->text);
}

static enum mf_verdict
invoke_mail(struct seat *seat, const struct event *event)
{
	return seat->filter->plugin->mail(&seat->context, event->address);
}

static enum mf_verdict
invoke_rcpt(struct seat *seat, const struct event *event)
{
	return seat->filter->plugin->rcpt(&seat->context, event->address);
}

static enum mf_verdict
invoke_data(struct seat *seat, const struct event *event)
{
	(void)event;
	return seat->filter->plugin->data(&seat->context);
}

static enum mf_verdict
invoke_header(struct seat *seat, const struct event *event)
{
	return seat->filter->plugin->header(&seat->context, event->header);
}

static enum mf_verdict
invoke_eoh(struct seat *seat, const struct event *event)
{
	(void)event;
	return seat->filter->plugin->eoh(&seat->context);
}

static enum mf_verdict
invoke_body(struct seat *seat, const struct event *event)
{
	return seat->filter->plugin->body(&seat->context, event->bytes, event->size);
}

static enum mf_verdict
invoke_message(struct seat *seat, const struct event *event)
{
	(void)event;
	return seat->filter->plugin->message(&seat->context);
}

static enum mf_verdict
invoke_unknown(struct seat *seat, const struct event *event)
{
	return seat->filter->plugin->unknown(&seat->context, event->text);
}

static enum mf_verdict (*const invocations[MF_STAGE_COUNT])(
    struct seat *seat, const struct event *event) = {
	[MF_STAGE_CONNECT] = invoke_connect,
	[MF_STAGE_HELO] = invoke_helo,
	[MF_STAGE_MAIL] = invoke_mail,
	[MF_STAGE_RCPT] = invoke_rcpt,
	[MF_STAGE_DATA] = invoke_data,
	[MF_STAGE_HEADER] = invoke_header,
	[MF_STAGE_EOH] = invoke_eoh,
	[MF_STAGE_BODY] = invoke_body,
	[MF_STAGE_MESSAGE] = invoke_message,
	[MF_STAGE_UNKNOWN] = invoke_unknown,
};

#define NO_DISCARD (MF_AT(MF_STAGE_CONNECT) | MF_AT(MF_STAGE_HELO) | MF_AT(MF_STAGE_UNKNOWN))

/* ---- taking part ---- */

/* `when` is asked once a stage, and for each recipient. */
static bool
in_scope(struct seat *seat, enum mf_stage stage)
{
	struct session *session = seat->session;

	if (seat->scope_stage == stage && (stage == MF_STAGE_HEADER || stage == MF_STAGE_BODY))
		return seat->in_scope;
	session->call = (struct call){ .seat = seat };
	seat->context.stage = stage;
	seat->in_scope = condition_test(seat->filter->settings.when, session_source(session));
	seat->scope_stage = stage;
	session->call.seat = NULL;
	return seat->in_scope;
}

bool
seat_takes_part(struct seat *seat, enum mf_stage stage)
{
	if (part_now(seat)->done)
		return false;
	return !seat->filter->settings.when || in_scope(seat, stage);
}

static void *
state_create(struct arena *arena, size_t size)
{
	return size ? arena_alloc(arena, size) : NULL;
}

/* What the plugin asked for by size, at its first callback. */
static void
prepare_state(struct seat *seat)
{
	struct session *session = seat->session;

	if (!seat->connection.owed) {
		seat->connection.owed = true;
		seat->context.session = state_create(
		    session->arena, seat->filter->plugin->session_size);
	}
	if (!seat->message.owed && in_message(session)) {
		seat->message.owed = true;
		seat->context.message = state_create(
		    session->message.arena, seat->filter->plugin->message_size);
	}
}

int64_t
clock_now(const struct session *session)
{
	return session->front->monotonic(session->front_data);
}

/* ---- memory ---- */

static struct used
used_now(const struct session *session)
{
	return (struct used){ arena_used(session->arena),
		in_message(session) ? arena_used(session->message.arena) : 0 };
}

/* What is left of the memory that a filter may take, who has taken some already. */
static size_t
memory_left(struct mf_size limit, size_t taken)
{
	return taken < limit.bytes ? limit.bytes - taken : 0;
}

static void
limit_memory(struct seat *seat, struct used before)
{
	const struct message_settings *limits = &seat->session->chain->settings->message;

	seat->session->call.limit = (struct used){
		before.session + memory_left(limits->session_memory_limit, seat->connection.memory),
		before.message + memory_left(limits->memory_limit, seat->message.memory)
	};
}

/* Puts what was taken on the filter's account. */
static void
account_memory(struct seat *seat, struct used before)
{
	struct used now = used_now(seat->session);

	seat->connection.memory += now.session - before.session;
	seat->message.memory += now.message - before.message;
}

bool
call_overdrawn(const struct session *session)
{
	struct used now = used_now(session);

	return now.session > session->call.limit.session ||
	    now.message > session->call.limit.message;
}

/* ---- what came back ---- */

static bool
is_late(const struct call *call, int64_t now)
{
	return call->late || now > call->deadline;
}

/* Why the callback ends in ERROR; NULL: it does not. */
static const char *
find_fault(struct seat *seat, enum mf_stage stage, enum mf_verdict verdict, bool overdrawn,
    int64_t now)
{
	struct session *session = seat->session;
	const struct call *call = &session->call;

	if (call->refused)
		return call->refused;
	if ((unsigned)verdict > MF_ERROR)
		return arena_printf(
		    arena_now(session), "it returned %d, which is no verdict", (int)verdict);
	if (verdict == MF_DISCARD && (NO_DISCARD & MF_AT(stage)))
		return "it returned MF_DISCARD where there is no message";
	if (verdict == MF_ERROR && call->cause)
		return call->cause;
	if (overdrawn)
		return "it took more memory than memory-limit or session-memory-limit allows";
	if (is_late(call, now))
		return arena_printf(arena_now(session), "timed out after %lld ms",
		    (long long)seat->filter->settings.timeout.milliseconds);
	return verdict == MF_ERROR ? "its plugin does not say why" : NULL;
}

/* Undoes what the results board shows of a failed callback, and takes back a shadow filter's part
 * of it. */
static void
settle_board(struct seat *seat, struct board_mark outer, struct board_mark inner, bool failed)
{
	struct board *board = board_now(seat->session);

	if (failed && board_changed(board, inner))
		board_rollback(board, inner, NULL);
	if (seat->filter->shadow && board_changed(board, outer))
		board_rollback(board, outer, &part_now(seat)->shadow);
}

static void
note_call(struct seat *seat, enum mf_stage stage)
{
	struct filter_account *account = &part_now(seat)->account;

	account->called = true;
	if (account->verdict == MF_CONTINUE)
		account->stage = stage;
}

static void
open_call(struct seat *seat, enum mf_stage stage, int64_t now)
{
	struct call *call = &seat->session->call;
	int64_t timeout = seat->filter->settings.timeout.milliseconds;

	*call = (struct call){ .seat = seat };
	edits_clear(&call->edits);
	call->deadline = timeout ? now + timeout * 1000 : INT64_MAX;
	seat->context.stage = stage;
}

/* What the watchdog is to look for. */
static void
watch_call(struct crash_note *note, struct seat *seat, int64_t begun)
{
	const struct session *session = seat->session;
	int64_t last = session->message.progress;

	crash_note_watch(note, seat,
	    begun + seat->filter->settings.hard_timeout.milliseconds * 1000,
	    last ? last + progress_interval(session) : CRASH_NOTE_NEVER);
}

static enum mf_verdict
run(struct seat *seat, enum mf_stage stage, const struct event *event, int64_t begun)
{
	struct crash_note *note = crash_note_mine();
	enum mf_verdict verdict;

	watch_call(note, seat, begun);
	crash_note_begin(
	    note, seat->filter->note_name, seat->session->id, seat->session->queue_id, stage);
	verdict = invocations[stage](seat, event);
	crash_note_end(note);
	return verdict;
}

enum mf_verdict
call_stage(struct seat *seat, enum mf_stage stage, const struct event *event, int64_t *clock)
{
	struct session *session = seat->session;
	struct board *board = board_now(session);
	int64_t begun = *clock;
	struct board_mark outer, inner;
	struct used used;
	enum mf_verdict verdict;
	bool overdrawn;

	open_call(seat, stage, begun);
	note_call(seat, stage);
	if (seat->absent) {
		session->call.cause = seat->absent;
		edits_settle(seat, stage, false);
		session->call.seat = NULL;
		return MF_ERROR;
	}
	prepare_state(seat);
	outer = board_mark(board);
	if (seat->filter->shadow)
		board_move(board, &part_now(seat)->shadow);
	inner = board_mark(board);
	used = used_now(session);
	limit_memory(seat, used);
	verdict = run(seat, stage, event, begun);
	overdrawn = call_overdrawn(session);
	account_memory(seat, used);
	*clock = clock_now(session);
	part_now(seat)->account.time_us += *clock - begun;
	count_call(seat, (*clock - begun) * 1000, is_late(&session->call, *clock));
	session->call.cause = find_fault(seat, stage, verdict, overdrawn, *clock);
	settle_board(seat, outer, inner, session->call.cause != NULL);
	edits_settle(seat, stage, session->call.cause == NULL);
	session->call.seat = NULL;
	return session->call.cause ? MF_ERROR : verdict;
}

void
call_end(struct seat *seat, enum mf_stage stage, void (*end)(struct mf_context *c))
{
	struct session *session = seat->session;
	struct crash_note *note = crash_note_mine();
	int64_t now = clock_now(session);

	open_call(seat, stage, now);
	session->call.ending = true;
	session->call.limit = (struct used){ SIZE_MAX, SIZE_MAX };
	watch_call(note, seat, now);
	crash_note_begin(note, seat->filter->note_name, session->id, session->queue_id, stage);
	end(&seat->context);
	crash_note_end(note);
	session->call.seat = NULL;
}
