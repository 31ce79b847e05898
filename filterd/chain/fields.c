/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where the values of fields come from: session, model, results board, macros, environment, as the
 * running callback sees them. A field without value visits nothing. Texts are borrowed or live in
 * the message's arena.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "filterd/chain/fields.h"
#include "filterd/message/address.h"

/* The message as the callback sees it; NULL: there is none. */
static const struct state *
view(const struct visit *visit)
{
	return in_message(visit->session) ? model_view(&visit->session->message.model) : NULL;
}

/* ---- connection ---- */

static bool
each_listener(const struct visit *visit)
{
	return give(visit, visit->session->chain->listener);
}

static bool
each_client_ip(const struct visit *visit)
{
	const struct mf_client *client = &visit->session->client;
	const struct field_value value = { .text = str_of(client->address), .ip = client->ip };

	return client->version && visit->visitor(visit->argument, &value);
}

static bool
each_client_name(const struct visit *visit)
{
	return give(visit, visit->session->client.name);
}

static bool
each_client_port(const struct visit *visit)
{
	return visit->session->client.port && give_number(visit, visit->session->client.port);
}

static bool
each_helo(const struct visit *visit)
{
	return give(visit, visit->session->helo);
}

static bool
each_macro(const struct visit *visit)
{
	const struct session *session = visit->session;
	const struct field *field = visit->field;
	const char *name = field->id == FIELD_MACRO ? field->name : field->macros[0];

	return give(visit, session->front->macro(session->front_data, name));
}

/* ---- envelope ---- */

static bool
give_address(const struct visit *visit, const struct mf_address *address)
{
	switch (visit->field->part) {
	case FIELD_LOCAL:
		return give(visit, address->local);
	case FIELD_DOMAIN:
		return give(visit, address->domain);
	default:
		return give(visit, address->text);
	}
}

static bool
each_sender(const struct visit *visit)
{
	const struct state *state = view(visit);

	return state && give_address(visit, state->sender);
}

static bool
each_recipient(const struct visit *visit)
{
	const struct state *state = view(visit);
	size_t i;

	if (!state)
		return false;
	if (visit->session->message.judging)
		return give_address(visit, state->recipients[state->recipient_count - 1]);
	for (i = 0; i < state->recipient_count; i++)
		if (give_address(visit, state->recipients[i]))
			return true;
	return false;
}

static bool
each_recipients_count(const struct visit *visit)
{
	const struct state *state = view(visit);

	return state && give_number(visit, (double)state->recipient_count);
}

/* A body that nobody reads is counted, not kept. */
static bool
each_size(const struct visit *visit)
{
	const struct state *state = view(visit);
	const struct session *session = visit->session;
	size_t counted = session->chain->keeps_body ? 0 : session->message.body_bytes;

	return state && give_number(visit, (double)(state_size(state) + counted));
}

/* ---- header fields ---- */

static bool
give_domains(const struct visit *visit, struct field_node *node)
{
	size_t i, count;
	const struct str *domains = field_domains(&visit->session->message.model, node, &count);

	for (i = 0; i < count; i++)
		if (give_text(visit, domains[i]))
			return true;
	return false;
}

static bool
give_mailbox(void *visit, struct str address, struct str local, struct str domain)
{
	(void)local;
	return domain.length > 0 && give_text(visit, address);
}

static bool
give_mailboxes(const struct visit *visit, const struct field_node *node)
{
	struct arena *scratch = arena_create(0, 0);
	bool ended;

	ended = address_list_each(node->value, scratch, give_mailbox, (void *)(uintptr_t)visit);
	arena_destroy(&scratch);
	return ended;
}

static bool
give_field(const struct visit *visit, struct field_node *node)
{
	switch (visit->field->part) {
	case FIELD_RAW:
		return give_text(visit, node->value);
	case FIELD_DOMAIN:
		return give_domains(visit, node);
	case FIELD_MAILBOX:
		return give_mailboxes(visit, node);
	default:
		return give_text(visit, field_decoded(&visit->session->message.model, node));
	}
}

static bool
each_field_named(
    const struct visit *visit, const struct state *state, struct str name, size_t maximum)
{
	size_t i;

	for (i = 0; i < state->field_count && maximum; i++) {
		if (!str_equal_nocase(state->fields[i]->name, name))
			continue;
		if (give_field(visit, state->fields[i]))
			return true;
		maximum--;
	}
	return false;
}

static bool
each_header(const struct visit *visit)
{
	const struct state *state = view(visit);
	struct str name = str_of(visit->field->name);

	if (!state)
		return false;
	if (visit->field->part == FIELD_COUNT)
		return give_number(visit, (double)state_field_count(state, name));
	return each_field_named(visit, state, name, SIZE_MAX);
}

static bool
each_subject(const struct visit *visit)
{
	const struct state *state = view(visit);

	return state && each_field_named(visit, state, STR("Subject"), 1);
}

static bool
each_headers(const struct visit *visit)
{
	const struct state *state = view(visit);
	size_t i;

	if (!state)
		return false;
	if (visit->field->part == FIELD_COUNT)
		return give_number(visit, (double)state->field_count);
	for (i = 0; i < state->field_count; i++)
		if (give_text(visit, field_line(&visit->session->message.model, state->fields[i])))
			return true;
	return false;
}

/* ---- body ---- */

static bool
each_body(const struct visit *visit)
{
	struct session *session = visit->session;
	const struct state *state = view(visit);
	struct str bytes;

	if (!state)
		return false;
	if (body_bytes(state->body, &bytes))
		return give_text(visit, bytes);
	if (!session->call.refused)
		session->call.refused = arena_printf(
		    session->message.arena, "cannot read the body: %s", strerror(errno));
	return false;
}

/* ---- results ---- */

static bool
each_score(const struct visit *visit)
{
	return give_number(visit, board_now(visit->session)->score);
}

static bool
each_symbol(const struct visit *visit)
{
	double points;

	return board_has_symbol(board_now(visit->session), visit->field->name, &points) &&
	    give_number(visit, points);
}

static bool
give_properties(const struct visit *visit, const struct mf_result *result, const char *name)
{
	const struct result_property *property;

	for (property = result->properties; property; property = property->next)
		if (strcmp(property->name, name) == 0 && give(visit, property->value))
			return true;
	return false;
}

/* The name of a property, "header.d", with the value before it that its result must have, or
 * without: "pass.header.d". Keywords have no dots. */
static const char *
split_property(const char *text, struct str *value_r)
{
	const char *dot = strchr(text, '.');
	bool has_value = dot && strchr(dot + 1, '.');

	*value_r = (struct str){ text, has_value ? (size_t)(dot - text) : 0 };
	return has_value ? dot + 1 : text;
}

static bool
each_result(const struct visit *visit)
{
	const struct mf_result *result;
	bool value = strcmp(visit->field->property, "value") == 0;
	bool reason = strcmp(visit->field->property, "reason") == 0;
	struct str wanted;
	const char *property = split_property(visit->field->property, &wanted);

	for (result = board_now(visit->session)->results; result; result = result->next) {
		if (strcmp(result->method, visit->field->name) != 0 ||
		    (wanted.length && !str_equal(wanted, str_of(result->value))))
			continue;
		if (value ? give(visit, result->value) : reason ? give(visit, result->reason) :
		    give_properties(visit, result, property))
			return true;
	}
	return false;
}

static bool
each_env(const struct visit *visit)
{
	return give(visit, getenv(visit->field->name));
}

/* ---- all ---- */

static bool (*const readers[])(const struct visit *visit) = {
	[FIELD_LISTENER] = each_listener,
	[FIELD_CLIENT_IP] = each_client_ip,
	[FIELD_CLIENT_NAME] = each_client_name,
	[FIELD_CLIENT_PORT] = each_client_port,
	[FIELD_HELO] = each_helo,
	[FIELD_AUTH_USER] = each_macro,
	[FIELD_AUTH_MECHANISM] = each_macro,
	[FIELD_TLS_VERSION] = each_macro,
	[FIELD_TLS_CIPHER] = each_macro,
	[FIELD_SENDER] = each_sender,
	[FIELD_RECIPIENT] = each_recipient,
	[FIELD_RECIPIENTS_COUNT] = each_recipients_count,
	[FIELD_SIZE] = each_size,
	[FIELD_HEADER] = each_header,
	[FIELD_HEADERS] = each_headers,
	[FIELD_SUBJECT] = each_subject,
	[FIELD_BODY_RAW] = each_body,
	[FIELD_BODY] = fields_body,
	[FIELD_PART] = fields_part,
	[FIELD_ATTACHMENT] = fields_part,
	[FIELD_MIME_DEFECT] = fields_mime_defect,
	[FIELD_URL] = fields_url,
	[FIELD_ARCHIVE] = fields_archive,
	[FIELD_SCORE] = each_score,
	[FIELD_SYMBOL] = each_symbol,
	[FIELD_RESULT] = each_result,
	[FIELD_MACRO] = each_macro,
	[FIELD_ENV] = each_env,
};

static bool
each_value(void *subject, const struct field *field, field_visitor *visitor, void *argument)
{
	const struct visit visit = { subject, field, visitor, argument };

	return readers[field->id](&visit);
}

static void
limit_reached(void *subject, const char *rule, const char *where, const char *pattern)
{
	const struct session *session = subject;
	const struct log_field fields[] = {
		{ "rule", { *rule ? rule : NULL, strlen(rule) }, false },
		{ "where", { *where ? where : NULL, strlen(where) }, false },
		{ "pattern", str_of(pattern), false },
	};

	if (session->call.seat)
		metrics_filter_add(session->call.seat->metrics, METRICS_REGEX_LIMITS, 1);
	session_log(session, MF_LOG_WARNING, "regex limit reached",
	    session->call.seat ? session->call.seat->filter->name : NULL, fields,
	    sizeof(fields) / sizeof(fields[0]));
}

/* At UNKNOWN what is known is what the session has reached. */
static enum mf_stage
stage_known(const struct session *session)
{
	enum mf_stage stage = session->call.seat->context.stage;

	if (stage != MF_STAGE_UNKNOWN)
		return stage;
	return in_message(session) ? session->message.reached : session->reached;
}

struct field_source *
session_source(struct session *session)
{
	struct field_source *source = &session->source;

	if (session->call.asked)
		return source;
	session->call.asked = true;
	*source = (struct field_source){
		.each = each_value,
		.limit_reached = limit_reached,
		.subject = session,
		.stage = stage_known(session),
		.arena = arena_now(session),
	};
	return source;
}
