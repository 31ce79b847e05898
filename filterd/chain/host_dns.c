/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The DNS for plugins: queries of a message or connection, each made once however often it is
 * asked, their limits, and how long they are waited for. A query lives in the arena; what it holds
 * of the service goes with the arena, answered or not.
 */
#include <string.h>

#include "filterd/chain/host.h"
#include "filterd/chain/start.h"
#include "filterd/chain/state.h"
#include "filterd/util/clock.h"

#define PATIENCE_MAXIMUM 3600000	/* milliseconds that anybody waits */

/* ---- the end of a query ---- */

static void
note(struct mf_dns_query *query, const struct mf_dns_answer *answer, int64_t took)
{
	query->account.status = answer->status;
	query->account.secure = answer->secure;
	query->account.time_us = took;
	query->account.known = true;
}

/* Learns what has come of it, without waiting. */
static void
settle(struct mf_dns_query *query)
{
	const struct mf_dns_answer *answer;

	if (query->account.known || !query->lookup)
		return;
	answer = dns_wait(query->lookup, 0);
	if (answer)
		note(query, answer, dns_took(query->lookup));
}

/* The arena goes. */
static void
release(void *foreign)
{
	struct mf_dns_query *query = foreign;

	settle(query);
	metrics_add(METRICS_DNS_ENDED + (query->account.known ? query->account.status :
	    METRICS_DNS_ABANDONED), 1);
	if (query->account.known)
		metrics_dns_time(query->account.time_us * 1000);
	dns_release(&query->lookup);
}

static size_t
settle_all(struct asked *asked)
{
	struct mf_dns_query *query;

	for (query = asked->first; query; query = query->next)
		settle(query);
	return asked->count;
}

const struct dns_account *const *
asked_accounts(struct asked *connection, struct asked *message, struct arena *arena,
    size_t *count_r)
{
	const struct dns_account **accounts;
	const struct mf_dns_query *query;
	size_t i = 0;

	*count_r = settle_all(connection) + (message ? settle_all(message) : 0);
	if (!*count_r)
		return NULL;
	accounts = arena_array(arena, *count_r, sizeof(*accounts));
	for (query = connection->first; query; query = query->next)
		accounts[i++] = &query->account;
	for (query = message ? message->first : NULL; query; query = query->next)
		accounts[i++] = &query->account;
	return accounts;
}

/* ---- the beginning ---- */

static struct asked *
asked_now(struct session *session)
{
	return in_message(session) ? &session->message.asked : &session->asked;
}

static struct mf_dns_query *
find(const struct asked *asked, const struct dns_name *name, enum mf_dns_type type)
{
	struct mf_dns_query *query;

	for (query = asked->first; query; query = query->next)
		if (query->account.type == type && dns_name_equal(&query->name, name))
			break;
	return query;
}

static struct mf_dns_query *
find_any(struct session *session, const struct dns_name *name, enum mf_dns_type type)
{
	struct mf_dns_query *query = find(&session->asked, name, type);

	return query || !in_message(session) ? query : find(&session->message.asked, name, type);
}

/* A query that is not made. */
static struct mf_dns_query *
refuse(struct seat *seat, enum mf_dns_status status)
{
	struct mf_dns_query *query = arena_alloc(seat_arena(seat), sizeof(*query));

	query->answer = dns_answer_of(status);
	return query;
}

/* Whether a limit is reached; the first time that is logged. */
static bool
reaches_limit(struct seat *seat)
{
	struct session *session = seat->session;
	const struct dns_settings *settings = &session->chain->settings->dns;
	struct asked *asked = asked_now(session);
	const char *limit;

	if (asked->count >= (size_t)settings->queries_per_message)
		limit = "queries-per-message";
	else if (part_now(seat)->queries >= (size_t)settings->queries_per_filter)
		limit = "queries-per-filter";
	else
		return false;
	metrics_add(METRICS_DNS_ENDED + MF_DNS_LIMIT, 1);
	if (!asked->limit_logged)
		session_log_text(session, MF_LOG_NOTICE, "dns limit reached", seat->filter->name,
		    "limit", limit);
	asked->limit_logged = true;
	return true;
}

static struct mf_dns_query *
ask(struct seat *seat, const struct dns_name *name, enum mf_dns_type type)
{
	struct session *session = seat->session;
	struct arena *arena = seat_arena(seat);
	struct asked *asked = asked_now(session);
	struct mf_dns_query *query = arena_alloc(arena, sizeof(*query));
	char text[DNS_NAME_TEXT];

	dns_name_print(name, text);
	query->account = (struct dns_account){ .name = arena_strdup(arena, text), .type = type,
		.filter = seat->filter->name };
	query->name = *name;
	query->lookup = dns_start(session->chain->settings->resolver, name, type);
	arena_cleanup(arena, release, query);
	if (asked->last)
		asked->last->next = query;
	else
		asked->first = query;
	asked->last = query;
	asked->count++;
	part_now(seat)->queries++;
	return query;
}

struct mf_dns_query *
host_dns_start(struct mf_context *c, const char *name, enum mf_dns_type type)
{
	struct seat *seat = seat_of(c);
	struct mf_dns_query *query;
	struct dns_name parsed;

	if (!seat->session || seat->session->call.ending || !dns_type_known(type) || !name ||
	    !dns_name_parse(str_of(name), &parsed))
		return refuse(seat, MF_DNS_INVALID);
	query = find_any(seat->session, &parsed, type);
	if (query)
		return query;
	if (reaches_limit(seat))
		return refuse(seat, MF_DNS_LIMIT);
	return ask(seat, &parsed, type);
}

/* ---- waiting ---- */

/* Until when a callback may wait, for this and all others: the last tenth of its time is for what
 * it does with the answers. */
static int64_t
patience(struct mf_context *c)
{
	int64_t left = host_time_left(c) - seat_of(c)->filter->settings.timeout.milliseconds / 10;

	if (left < 0)
		left = 0;
	return clock_monotonic() + (left < PATIENCE_MAXIMUM ? left : PATIENCE_MAXIMUM) * 1000;
}

const struct mf_dns_answer *
host_dns_await(struct mf_context *c, struct mf_dns_query *query)
{
	const struct seat *seat = seat_of(c);
	int64_t own, callers;

	if (!query || !seat->session)
		return dns_answer_of(MF_DNS_INVALID);
	if (query->answer)
		return query->answer;
	own = dns_begun(query->lookup) +
	    seat->session->chain->settings->dns.timeout.milliseconds * 1000;
	callers = patience(c);
	query->answer = dns_wait(query->lookup, own < callers ? own : callers);
	if (query->answer) {
		note(query, query->answer, dns_took(query->lookup));
		return query->answer;
	}
	note(query, dns_answer_of(MF_DNS_TIMEOUT), clock_monotonic() - dns_begun(query->lookup));
	if (own <= callers)
		query->answer = dns_answer_of(MF_DNS_TIMEOUT);
	return dns_answer_of(MF_DNS_TIMEOUT);
}
