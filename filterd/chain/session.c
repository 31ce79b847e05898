/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A session from open to close: its memory, what the MTA granted, and the events of the connection.
 * Those of a message are in session_message.c.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "filterd/chain/host.h"
#include "filterd/chain/state.h"
#include "filterd/util/memory.h"

#define SESSION_MAGIC 0x53455353u
#define UNKNOWNS_MAXIMUM 1000	/* unknown commands of a session that filters are shown */

/* ---- open and close ---- */

static void
open_part(struct part *part, const struct filter *filter, struct arena *arena)
{
	part->account = (struct filter_account){ .name = filter->name, .shadow = filter->shadow };
	part->rules_end = &part->account.rules;
	edits_clear(&part->edits);
	edits_clear(&part->dropped);
	board_init(&part->shadow, arena);
}

static const char removed[] = "it has crashed too often and was removed from the chain";

static void
open_seat(struct session *session, struct seat *seat, const struct filter *filter)
{
	seat->filter = filter;
	seat->session = session;
	seat->absent = filter->removed ? removed : NULL;
	seat->context.host = &host_table;
	seat->context.options = filter->options;
	seat->context.instance = filter->instance;
	edits_clear(&seat->recipient_edits);
	open_part(&seat->connection, filter, session->arena);
}

struct session *
session_open(const struct chain *chain, const struct front *front, void *front_data)
{
	struct session *session = memory_alloc(sizeof(*session));
	size_t i;

	session->magic = SESSION_MAGIC;
	session->chain = chain;
	session->front = front;
	session->front_data = front_data;
	session->grant = (struct grant){ .uses = ~0u, .stages = ~0u, .leading_space = true };
	session->arena = arena_create(0, 0);
	session_id_make(session->id);
	session->client = (struct mf_client){ .name = "unknown", .address = "local" };
	session->reached = MF_STAGE_CONNECT;
	board_init(&session->board, session->arena);
	session->seats = memory_array(chain->count, sizeof(*session->seats));
	session->accounts = memory_array(chain->count, sizeof(*session->accounts));
	for (i = 0; i < chain->count; i++) {
		session->seats[i].metrics = metrics_filter(i);
		open_seat(session, &session->seats[i], chain->filters[i]);
	}
	count_session(true);
	return session;
}

void
session_close(struct session **session)
{
	struct session *doomed = *session;
	size_t i;

	if (!doomed)
		return;
	assert(doomed->magic == SESSION_MAGIC);
	message_forget(doomed);
	for (i = doomed->chain->count; i > 0; i--) {
		struct seat *seat = &doomed->seats[i - 1];

		if (seat->connection.owed && seat->filter->plugin->session_end)
			call_end(seat, doomed->reached, seat->filter->plugin->session_end);
	}
	count_session(false);
	arena_destroy(&doomed->message.arena);
	arena_destroy(&doomed->arena);
	free(doomed->helo);
	free(doomed->seats);
	free(doomed->accounts);
	doomed->magic = 0;
	free(doomed);
	*session = NULL;
}

/* ---- what the MTA granted ---- */

static const struct {
	unsigned use;
	const char *missing;
} needs[] = {
	{ MF_USE_ADD_HEADER, "the MTA does not let header fields be added" },
	{ MF_USE_CHANGE_HEADER, "the MTA does not let header fields be changed" },
	{ MF_USE_CHANGE_BODY, "the MTA does not let the body be changed" },
	{ MF_USE_CHANGE_SENDER, "the MTA does not let the sender be changed" },
	{ MF_USE_ADD_RECIPIENT, "the MTA does not let recipients be added" },
	{ MF_USE_DELETE_RECIPIENT, "the MTA does not let recipients be deleted" },
	{ MF_USE_QUARANTINE, "the MTA does not offer a quarantine" },
};

static const char *const missing_events[MF_STAGE_COUNT] = {
	[MF_STAGE_CONNECT] = "the MTA does not report connections",
	[MF_STAGE_HELO] = "the MTA does not report HELO",
	[MF_STAGE_MAIL] = "the MTA does not report MAIL",
	[MF_STAGE_RCPT] = "the MTA does not report RCPT",
	[MF_STAGE_DATA] = "the MTA does not report DATA",
	[MF_STAGE_HEADER] = "the MTA does not send header fields",
	[MF_STAGE_EOH] = "the MTA does not report the end of headers",
	[MF_STAGE_BODY] = "the MTA does not send the body",
};

/* The first thing that a filter needs and this MTA does not have; NULL: nothing. An edit that is
 * only assumed, for the plugin did not declare any, is refused when it is asked for. */
static const char *
find_missing(const struct filter *filter, const struct grant *grant)
{
	unsigned uses = filter->uses_declared && !filter->shadow ? filter->uses & ~grant->uses : 0;
	enum mf_stage stage;
	size_t i;

	for (i = 0; i < sizeof(needs) / sizeof(needs[0]); i++)
		if (uses & needs[i].use)
			return needs[i].missing;
	for (stage = MF_STAGE_CONNECT; stage <= MF_STAGE_BODY; stage++)
		if (filter->stages & ~grant->stages & MF_AT(stage))
			return missing_events[stage];
	return NULL;
}

void
session_granted(struct session *session, const struct grant *grant)
{
	size_t i;

	session->grant = *grant;
	if (session->chain->stores)
		session->grant.uses |= MF_USE_QUARANTINE;
	for (i = 0; i < session->chain->count; i++)
		if (!session->chain->filters[i]->removed)
			session->seats[i].absent =
			    find_missing(session->chain->filters[i], &session->grant);
}

/* ---- events of the connection ---- */

static const struct decision go_on = { .outcome = OUTCOME_CONTINUE };

static struct decision
decide(const struct ruling *ruling)
{
	return (struct decision){ .outcome = ruling->outcome, .reply = ruling->reply };
}

static const char *const verdicts[] = {
	[OUTCOME_ACCEPT] = "accept", [OUTCOME_REJECT] = "reject", [OUTCOME_TEMPFAIL] = "tempfail",
};

/* What is decided where nobody waits for an answer is held until an event that has one, each
 * message's own. */
static struct decision
conclude(struct session *session, enum mf_stage stage, const struct ruling *ruling)
{
	if (ruling->outcome == OUTCOME_CONTINUE)
		return go_on;
	session->ruling = *ruling;
	if (ruling->outcome == OUTCOME_ACCEPT && edits_wait(session)) {
		session->accepted = true;
		return go_on;
	}
	if (!stage_answers(session, stage)) {
		session->held = true;
		return go_on;
	}
	session->held = false;
	session->over = true;
	record_make(session, ruling, verdicts[ruling->outcome]);
	return decide(ruling);
}

/* connect and helo. */
static struct decision
connection_event(struct session *session, enum mf_stage stage, const struct event *event)
{
	struct ruling ruling = { .outcome = OUTCOME_CONTINUE };

	if (session->over && stage_answers(session, stage))
		return decide(&session->ruling);
	session->reached = stage;
	if (session->held)
		ruling = session->ruling;
	else if (!session->over && !session->accepted)
		stage_run(session, stage, event, &ruling);
	return conclude(session, stage, &ruling);
}

struct decision
session_connect(struct session *session, const char *name, const char *address, const uint8_t *ip,
    unsigned version, unsigned port)
{
	struct event event = { .client = &session->client };

	assert(session->magic == SESSION_MAGIC);
	message_forget(session);
	session->client.name = arena_strdup(session->arena, name);
	session->client.address = arena_strdup(session->arena, address);
	session->client.version = ip ? (uint8_t)version : 0;
	session->client.port = (uint16_t)port;
	if (ip)
		memcpy(session->client.ip, ip, sizeof(session->client.ip));
	return connection_event(session, MF_STAGE_CONNECT, &event);
}

static void
keep_helo(struct session *session, const char *name)
{
	size_t size = strlen(name) + 1;

	if (size > session->helo_room) {
		session->helo = memory_resize(session->helo, size);
		session->helo_room = size;
	}
	memcpy(session->helo, name, size);
}

/* A second HELO takes the place of the first, behind STARTTLS above all (RFC 3207 section 4.2):
 * what the filters did at the first would be done twice. */
static void
begin_helo(struct session *session)
{
	bool first = !session->helo;
	size_t i;

	if (first)
		session->before_helo = board_mark(&session->board);
	else
		board_rollback(&session->board, session->before_helo, NULL);
	for (i = 0; i < session->chain->count; i++) {
		struct seat *seat = &session->seats[i];
		struct part *part = &seat->connection;

		if (first) {
			seat->before_helo.edits = part->edits.end;
			seat->before_helo.rules = part->rules_end;
			seat->before_helo.shadow = board_mark(&part->shadow);
			continue;
		}
		edits_cut(&part->edits, seat->before_helo.edits);
		*seat->before_helo.rules = NULL;
		part->rules_end = seat->before_helo.rules;
		board_rollback(&part->shadow, seat->before_helo.shadow, NULL);
	}
}

struct decision
session_helo(struct session *session, const char *name)
{
	struct event event = { 0 };

	assert(session->magic == SESSION_MAGIC);
	message_forget(session);
	if (!session->over && !session->accepted)
		begin_helo(session);
	keep_helo(session, name);
	event.text = session->helo;
	return connection_event(session, MF_STAGE_HELO, &event);
}

/* Refuses this command only; the chain's end, if it comes here, holds from the next event on. */
struct decision
session_unknown(struct session *session, const char *command)
{
	const struct event event = { .text = command };
	struct message *message = &session->message;
	struct ruling ruling = { .outcome = OUTCOME_CONTINUE };

	assert(session->magic == SESSION_MAGIC);
	if (session->over || session->held || session->accepted ||
	    session->unknowns == UNKNOWNS_MAXIMUM ||
	    (in_message(session) && (message->accepted || message->held)))
		return decide(&ruling);
	session->unknowns++;
	stage_run(session, MF_STAGE_UNKNOWN, &event, &ruling);
	if (ruling.outcome != OUTCOME_ACCEPT)
		return stage_answers(session, MF_STAGE_UNKNOWN) ? decide(&ruling) : go_on;
	if (in_message(session)) {
		message->accepted = true;
		message->ruling = ruling;
	} else {
		session->accepted = true;
		session->ruling = ruling;
	}
	return (struct decision){ .outcome = OUTCOME_CONTINUE };
}

/* ---- what the front end asks ---- */

const char *
session_id(const struct session *session)
{
	return session->id;
}

void
session_repeats(struct session *session, const char *id)
{
	memset(session->id, 0, sizeof(session->id));
	memcpy(session->id, id, strnlen(id, sizeof(session->id) - 1));
}

void
session_plan_failed(struct session *session, const char *what)
{
	metrics_add(METRICS_PLAN_FAILURES, 1);
	session_log_text(session, MF_LOG_ERROR, "plan failed", NULL, "cause", what);
}

struct model *
session_model(struct session *session)
{
	struct message *message = &session->message;
	bool passed = message->ruling.outcome == OUTCOME_CONTINUE ||
	    message->ruling.outcome == OUTCOME_ACCEPT || message->quarantined;

	return message->kept && passed && message->reached == MF_STAGE_MESSAGE ? &message->model
									       : NULL;
}

const struct explanation *
session_explanation(const struct session *session)
{
	return session->explained ? &session->explanation : NULL;
}
