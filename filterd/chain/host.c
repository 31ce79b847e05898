/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The host's table, and those of its functions that serve memory, log and start. A plugin may call
 * any of them at any time: where one makes no sense (an edit in start, options declared in a
 * session) it does nothing and says so in its value or in the log. Texts that should not be NULL
 * and are count as empty.
 */
#include <stdarg.h>

#include "filterd/chain/host.h"
#include "filterd/chain/start.h"
#include "filterd/chain/state.h"

/* ---- memory and text ---- */

static void *
host_alloc(struct mf_context *c, size_t size)
{
	return arena_alloc(seat_arena(seat_of(c)), size);
}

static void *
host_session_alloc(struct mf_context *c, size_t size)
{
	const struct seat *seat = seat_of(c);

	return arena_alloc(seat->session ? seat->session->arena : seat_arena(seat), size);
}

static void
host_cleanup(struct mf_context *c, void (*release)(void *foreign), void *foreign)
{
	if (release)
		arena_cleanup(seat_arena(seat_of(c)), release, foreign);
}

static char *
host_vprintf(struct mf_context *c, const char *format, va_list arguments)
{
	return arena_vprintf(seat_arena(seat_of(c)), format, arguments);
}

/* ---- who ---- */

static const char *
host_session_id(struct mf_context *c)
{
	const struct seat *seat = seat_of(c);

	return seat->session ? seat->session->id : "";
}

static const char *
host_queue_id(struct mf_context *c)
{
	const struct seat *seat = seat_of(c);

	return seat->session && seat->session->queue_id[0] ? seat->session->queue_id : NULL;
}

static const char *
host_listener(struct mf_context *c)
{
	const struct seat *seat = seat_of(c);

	return seat->session ? seat->session->chain->listener : "";
}

static const char *
host_filter(struct mf_context *c)
{
	return seat_of(c)->filter->name;
}

/* ---- verdicts, log, explanation ---- */

static void
host_reply(struct mf_context *c, int code, const char *enhanced, const char *text)
{
	struct session *session = seat_of(c)->session;

	if (!session)
		return;
	/* Unlike the text, which the wrappers print, this one may be the callback's own. */
	if (enhanced)
		enhanced = arena_strdup(arena_now(session), enhanced);
	session->call.reply = (struct reply_request){ code, enhanced, text };
}

static void
host_error(struct mf_context *c, const char *cause)
{
	struct seat *seat = seat_of(c);

	if (seat->session)
		seat->session->call.cause = cause;
	else
		seat->filter->start->cause = cause;
}

static void
host_log(struct mf_context *c, enum mf_log_level level, const char *text)
{
	const struct seat *seat = seat_of(c);
	const struct log_field fields[] = {
		{ "filter", str_of(seat->filter->name), false },
		{ "text", str_of(text), false },
	};

	if ((unsigned)level > MF_LOG_DEBUG)
		level = MF_LOG_DEBUG;
	if (seat->session)
		session_log(seat->session, level, "filter says", seat->filter->name, fields + 1, 1);
	else
		log_event(level, "filter says", fields, 2);
}

static void
host_matched(struct mf_context *c, const char *rule, const char *where)
{
	struct seat *seat = seat_of(c);

	if (seat->session && !seat->session->call.ending)
		record_rule(seat, rule ? rule : "", where ? where : "", NULL);
}

/* The line names the recipient, as a rule may match several of a message. */
static void
log_shadow_rule(struct seat *seat, const char *rule, const char *where, const char *would)
{
	const struct session *session = seat->session;
	const struct state *state = &session->message.model.original;
	bool judging = in_message(session) && session->message.judging;
	const char *recipient =
	    judging ? state->recipients[state->recipient_count - 1]->text : NULL;
	const struct log_field fields[] = {
		{ "rule", str_of(rule), false },
		{ "where", str_of(where), false },
		{ "stage", str_of(stage_name(seat->context.stage)), false },
		{ "recipient", { recipient, recipient ? strlen(recipient) : 0 }, false },
		{ "would", str_of(would), false },
	};

	session_log(session, MF_LOG_INFO, "rule in shadow", seat->filter->name, fields,
	    sizeof(fields) / sizeof(fields[0]));
}

static void
host_matched_shadow(
    struct mf_context *c, const char *rule, const char *where, const char *would)
{
	struct seat *seat = seat_of(c);

	if (!seat->session || seat->session->call.ending)
		return;
	rule = rule ? rule : "";
	where = where ? where : "";
	would = would ? would : "";
	record_rule(seat, rule, where, would);
	log_shadow_rule(seat, rule, where, would);
}

/* ---- start only ---- */

/* The start that runs; NULL: none does, which is logged. */
static struct start *
start_of(struct mf_context *c, const char *what)
{
	struct seat *seat = seat_of(c);

	if (!seat->session && !seat->filter->start->stopping)
		return seat->filter->start;
	log_text(
	    MF_LOG_WARNING, "filter %s: %s() is of use in start only", seat->filter->name, what);
	return NULL;
}

static void
host_only_stages(struct mf_context *c, unsigned stages)
{
	struct start *start = start_of(c, "mf_only_stages");

	if (start)
		start->only_stages = stages;
}

static void
host_only_verdicts(struct mf_context *c, unsigned stages)
{
	struct start *start = start_of(c, "mf_only_verdicts");

	if (start)
		start->only_verdicts = stages;
}

static void
host_only_uses(struct mf_context *c, unsigned uses)
{
	struct start *start = start_of(c, "mf_only_uses");

	if (!start)
		return;
	start->filter->uses = uses & FILTER_USES_ALL;
	start->filter->uses_declared = true;
}

static void
host_config_error(struct mf_context *c, const void *member, const char *text)
{
	struct start *start = start_of(c, "mf_config_error");
	struct config_position at;

	if (!start)
		return;
	at = schema_position(start->settings->schema, member);
	if (!at.source)
		at = start->filter->settings.statement->name.at;
	config_error(start->settings->scope.errors, at, "%s", text);
	start->complained = true;
}

static enum mf_stage
host_first_stage(struct mf_context *c)
{
	const struct start *start = start_of(c, "mf_first_stage");

	return start ? start->filter->when_stage : MF_STAGE_CONNECT;
}

const struct mf_host host_table = {
	.abi = MF_ABI,
	.size = sizeof(struct mf_host),
	.alloc = host_alloc,
	.session_alloc = host_session_alloc,
	.cleanup = host_cleanup,
	.vprintf = host_vprintf,
	.client = host_client,
	.helo = host_helo,
	.sender = host_sender,
	.recipient_count = host_recipient_count,
	.recipient = host_recipient,
	.macro = host_macro,
	.session_id = host_session_id,
	.queue_id = host_queue_id,
	.listener = host_listener,
	.filter = host_filter,
	.now = host_now,
	.time_left = host_time_left,
	.header_count = host_header_count,
	.header_at = host_header_at,
	.header_find = host_header_find,
	.decoded = host_decoded,
	.body = host_body,
	.encoded = host_encoded,
	.header_add = host_header_add,
	.header_insert = host_header_insert,
	.header_set = host_header_set,
	.header_delete = host_header_delete,
	.body_replace = host_body_replace,
	.body_append = host_body_append,
	.sender_set = host_sender_set,
	.recipient_add = host_recipient_add,
	.recipient_delete = host_recipient_delete,
	.quarantine = host_quarantine,
	.reply = host_reply,
	.error = host_error,
	.log = host_log,
	.matched = host_matched,
	.result_add = host_result_add,
	.result_property = host_result_property,
	.result_count = host_result_count,
	.result_value = host_result_value,
	.result_get = host_result_get,
	.score = host_score,
	.symbol_add = host_symbol_add,
	.symbol = host_symbol,
	.test = host_test,
	.condition_stage = host_condition_stage,
	.expand = host_expand,
	.template_stage = host_template_stage,
	.match = host_match,
	.replace = host_replace,
	.list_has = host_list_has,
	.only_stages = host_only_stages,
	.only_uses = host_only_uses,
	.config_error = host_config_error,
	.first_stage = host_first_stage,
	.wait = host_wait,
	.matched_shadow = host_matched_shadow,
	.part_count = host_part_count,
	.part = host_part,
	.part_detected = host_part_detected,
	.part_size = host_part_size,
	.part_header = host_part_header,
	.part_open = host_part_open,
	.part_read = host_part_read,
	.part_text = host_part_text,
	.part_defects = host_part_defects,
	.part_replace = host_part_replace,
	.part_set_text = host_part_set_text,
	.part_remove = host_part_remove,
	.part_append = host_part_append,
	.part_wrap = host_part_wrap,
	.part_header_set = host_part_header_set,
	.part_archive = host_part_archive,
	.links = host_links,
	.dns_start = host_dns_start,
	.dns_await = host_dns_await,
	.result_at = host_result_at,
	.only_verdicts = host_only_verdicts,
	.changed = host_changed,
	.expand_shown = host_expand_shown,
};
