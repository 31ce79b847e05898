/* SPDX-License-Identifier: BSD-2-Clause */
/* Judgements from explanations. Edits are those that an MTA would have to make, whoever asked for
 * them, so that two ways to the same message are no difference. */
#include <inttypes.h>
#include <string.h>

#include "filterd/chain/explanation.h"
#include "filterd/mta/judgement.h"

static const char *const action_names[] = {
	[ACTION_CHANGE_SENDER] = "set-sender", [ACTION_DELETE_RECIPIENT] = "delete-recipient",
	[ACTION_ADD_RECIPIENT] = "add-recipient", [ACTION_CHANGE_HEADER] = "change-header",
	[ACTION_INSERT_HEADER] = "insert-header", [ACTION_ADD_HEADER] = "add-header",
	[ACTION_REPLACE_BODY] = "replace-body", [ACTION_QUARANTINE] = "quarantine"
};

/* FNV-1a: bodies are compared with bodies of the same mail, by nobody who would gain by a clash. */
static uint64_t
hash(struct str bytes)
{
	uint64_t value = 14695981039346656037u;
	size_t i;

	for (i = 0; i < bytes.length; i++)
		value = (value ^ (unsigned char)bytes.data[i]) * 1099511628211u;
	return value;
}

static void
add_body(struct buffer *to, struct body *body)
{
	struct str bytes;

	if (body && body_bytes(body, &bytes))
		buffer_printf(to, " %zu bytes, %016" PRIx64, bytes.length, hash(bytes));
}

static void
add_action(struct buffer *to, const struct action *action, const struct plan *plan)
{
	buffer_add_text(to, to->length ? "; " : "");
	buffer_add_text(to, action_names[action->kind]);
	if (action->kind == ACTION_CHANGE_HEADER || action->kind == ACTION_INSERT_HEADER)
		buffer_printf(to, " %u", action->index);
	if (action->name) {
		buffer_add_char(to, ' ');
		buffer_add_text(to, action->name);
	}
	if (action->value.data) {
		buffer_add_char(to, ':');
		buffer_add_str(to, action->value);
	}
	if (action->arguments) {
		buffer_add_char(to, ' ');
		buffer_add_text(to, action->arguments);
	}
	if (action->kind == ACTION_REPLACE_BODY)
		add_body(to, plan->body);
}

static void
add_edits(struct buffer *to, struct model *model)
{
	static const struct plan_target target = { .leading_space = true };
	const struct plan *plan;
	size_t i;

	if (!model)
		return;
	plan = plan_make(model, &target);
	for (i = 0; i < plan->count; i++)
		add_action(to, &plan->actions[i], plan);
}

static void
add_reply(struct buffer *to, const struct reply *reply)
{
	size_t i;

	if (!reply)
		return;
	buffer_printf(to, "%d %s", reply->code, reply->enhanced);
	for (i = 0; i < reply->line_count; i++) {
		buffer_add_char(to, ' ');
		buffer_add_text(to, reply->lines[i]);
	}
}

static void
add_recipients(struct buffer *to, const struct explanation *explanation)
{
	size_t i;

	for (i = 0; i < explanation->recipient_count; i++) {
		buffer_add_text(to, i ? "," : "");
		buffer_add_text(to, explanation->recipients[i]);
	}
}

static void
add_results(struct buffer *to, const struct board *board)
{
	const struct mf_result *result;
	const struct symbol *symbol;

	for (result = board->results; result; result = result->next)
		buffer_printf(
		    to, "%s%s=%s", to->length ? " " : "", result->method, result->value);
	if (board->symbols)
		buffer_printf(to, "%sscore %.10g", to->length ? " " : "", board->score);
	for (symbol = board->symbols; symbol; symbol = symbol->next)
		buffer_printf(to, " %s:%.10g", symbol->name, symbol->points);
}

void
judgement_make(struct judgement *judgement_r, struct session *session)
{
	const struct explanation *explanation = session_explanation(session);
	struct buffer *parts = judgement_r->parts;

	buffer_add_text(&parts[JUDGED_VERDICT], explanation->verdict);
	add_reply(&parts[JUDGED_REPLY], explanation->reply);
	add_recipients(&parts[JUDGED_RECIPIENTS], explanation);
	add_edits(&parts[JUDGED_EDITS], session_model(session));
	add_results(&parts[JUDGED_RESULTS], explanation->board);
	if (explanation->decided_by)
		buffer_add_text(&judgement_r->filter, explanation->decided_by);
}

static bool
is_same(const struct buffer *a, const struct buffer *b)
{
	return a->length == b->length &&
	    (!a->length || memcmp(a->data, b->data, a->length) == 0);
}

unsigned
judgement_compare(const struct judgement *a, const struct judgement *b)
{
	unsigned part, differing = 0;

	for (part = 0; part < JUDGEMENT_PARTS; part++)
		if (!is_same(&a->parts[part], &b->parts[part]))
			differing |= 1u << part;
	return differing & (1u << JUDGED_VERDICT) ? 1u << JUDGED_VERDICT : differing;
}

void
judgement_free(struct judgement *judgement)
{
	unsigned part;

	for (part = 0; part < JUDGEMENT_PARTS; part++)
		buffer_free(&judgement->parts[part]);
	buffer_free(&judgement->filter);
}
