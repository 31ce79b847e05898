/* SPDX-License-Identifier: BSD-2-Clause */
/* The explanation as JSON: the object of `filterd test --json`, and parts of it for the log. */
#include <string.h>

#include "filterd/chain/explanation.h"
#include "filterd/chain/state.h"
#include "filterd/service/dns_answer.h"
#include "filterd/service/json.h"

/* ---- filters ---- */

static void
put_rules(struct buffer *to, const struct matched_rule *rule)
{
	json_add_key(to, "rules");
	buffer_add_char(to, '[');
	for (; rule; rule = rule->next) {
		json_add_item(to);
		buffer_add_char(to, '{');
		json_add_member(to, "rule", rule->rule);
		json_add_member(to, "where", rule->where);
		json_add_member(to, "stage", stage_name(rule->stage));
		json_add_flag(to, "shadow", rule->would != NULL);
		if (rule->would)
			json_add_member(to, "would", rule->would);
		buffer_add_char(to, '}');
	}
	buffer_add_char(to, ']');
}

static void
put_filter(struct buffer *to, const struct filter_account *account)
{
	buffer_add_char(to, '{');
	json_add_member(to, "name", account->name);
	json_add_member(to, "stage", account->called ? stage_name(account->stage) : NULL);
	json_add_member(to, "verdict", account->called ? verdict_name(account->verdict) : NULL);
	json_add_number(to, "time_us", (double)account->time_us);
	put_rules(to, account->rules);
	json_add_flag(to, "shadow", account->shadow);
	if (account->cause)
		json_add_member(to, "cause", account->cause);
	if (account->policy)
		json_add_member(to, "policy", account->policy);
	buffer_add_char(to, '}');
}

void
explanation_json_filters(const struct explanation *explanation, struct buffer *to)
{
	size_t i;

	buffer_add_char(to, '[');
	for (i = 0; i < explanation->filter_count; i++) {
		json_add_item(to);
		put_filter(to, &explanation->filters[i]);
	}
	buffer_add_char(to, ']');
}

/* ---- edits ---- */

/* How an edit's members are called; NULL: it has none of that sort. */
static const struct {
	const char *value;
	bool index;
} shapes[] = {
	[EDIT_HEADER_ADD] = { "value", false },
	[EDIT_HEADER_INSERT] = { "value", true },
	[EDIT_HEADER_SET] = { "value", true },
	[EDIT_HEADER_DELETE] = { NULL, true },
	[EDIT_BODY_REPLACE] = { NULL, false },
	[EDIT_BODY_APPEND] = { NULL, false },
	[EDIT_SENDER] = { "address", false },
	[EDIT_RECIPIENT_ADD] = { "address", false },
	[EDIT_RECIPIENT_DELETE] = { "address", false },
	[EDIT_QUARANTINE] = { "reason", false },
};

static void
put_edit(
    struct buffer *to, const struct filter_account *account, const struct edit *edit, bool dropped)
{
	buffer_add_char(to, '{');
	json_add_member(to, "filter", account->name);
	json_add_member(to, "kind", edit_name(edit->kind));
	if (edit->name)
		json_add_member(to, "name", edit->name);
	if (shapes[edit->kind].index)
		json_add_number(to, "index", (double)edit->index);
	if (edit->kind == EDIT_BODY_REPLACE || edit->kind == EDIT_BODY_APPEND)
		json_add_number(to, "size", (double)edit->value.length);
	if (shapes[edit->kind].value) {
		json_add_key(to, shapes[edit->kind].value);
		if (edit->value.data)
			json_text(to, edit->value);
		else
			json_add_string(to, NULL);
	}
	if (edit->arguments)
		json_add_member(to, "arguments", edit->arguments);
	json_add_flag(to, "shadow", account->shadow);
	json_add_flag(to, "dropped", dropped);
	buffer_add_char(to, '}');
}

void
explanation_json_edits(const struct explanation *explanation, struct buffer *to)
{
	const struct edit *edit;
	size_t i;

	buffer_add_char(to, '[');
	for (i = 0; i < explanation->filter_count; i++) {
		const struct filter_account *account = &explanation->filters[i];

		for (edit = account->edits; edit; edit = edit->next) {
			json_add_item(to);
			put_edit(to, account, edit, false);
		}
		for (edit = account->dropped; edit; edit = edit->next) {
			json_add_item(to);
			put_edit(to, account, edit, true);
		}
	}
	buffer_add_char(to, ']');
}

/* ---- results and score ---- */

static void
put_result(struct buffer *to, const struct mf_result *result)
{
	const struct result_property *property;

	json_add_item(to);
	buffer_add_char(to, '{');
	json_add_member(to, "method", result->method);
	json_add_member(to, "result", result->value);
	json_add_member(to, "reason", result->reason);
	json_add_key(to, "properties");
	buffer_add_char(to, '{');
	for (property = result->properties; property; property = property->next)
		if (result_property(result, property->name) == property->value)
			json_add_member(to, property->name, property->value);
	buffer_add_text(to, "}}");
}

/* Whether it is the first entry of its name. */
static bool
is_first(const struct board *board, const struct symbol *symbol)
{
	const struct symbol *earlier;

	for (earlier = board->symbols; earlier != symbol; earlier = earlier->next)
		if (strcmp(earlier->name, symbol->name) == 0)
			return false;
	return true;
}

static void
put_board(struct buffer *to, const struct board *board)
{
	const struct mf_result *result;
	const struct symbol *symbol;
	double points;

	json_add_key(to, "results");
	buffer_add_char(to, '[');
	for (result = board->results; result; result = result->next)
		put_result(to, result);
	buffer_add_char(to, ']');
	json_add_number(to, "score", board->score);
	json_add_key(to, "symbols");
	buffer_add_char(to, '{');
	for (symbol = board->symbols; symbol; symbol = symbol->next)
		if (is_first(board, symbol) && board_has_symbol(board, symbol->name, &points))
			json_add_number(to, symbol->name, points);
	buffer_add_char(to, '}');
}

/* ---- queries ---- */

static void
put_query(struct buffer *to, const struct dns_account *query)
{
	json_add_item(to);
	buffer_add_char(to, '{');
	json_add_member(to, "name", query->name);
	json_add_member(to, "type", dns_type_name(query->type));
	json_add_member(to, "status", query->known ? dns_status_name(query->status) : NULL);
	if (query->secure)
		json_add_bool(to, "secure", true);
	json_add_integer(to, "time_us", query->time_us);
	json_add_member(to, "filter", query->filter);
	buffer_add_char(to, '}');
}

/* The member "dns"; nothing when no filter has asked. */
static void
put_queries(struct buffer *to, const struct explanation *explanation)
{
	size_t i;

	if (!explanation->query_count)
		return;
	json_add_key(to, "dns");
	buffer_add_char(to, '[');
	for (i = 0; i < explanation->query_count; i++)
		put_query(to, explanation->queries[i]);
	buffer_add_char(to, ']');
}

/* ---- the whole ---- */

void
reply_json(const struct reply *reply, struct buffer *to)
{
	struct buffer text = { 0 };
	size_t i;

	if (!reply) {
		json_add_string(to, NULL);
		return;
	}
	buffer_printf(&text, "%d %s", reply->code, reply->enhanced);
	for (i = 0; i < reply->line_count; i++) {
		buffer_add_char(&text, i ? '\n' : ' ');
		buffer_add_text(&text, reply->lines[i]);
	}
	json_add_string(to, buffer_text(&text));
	buffer_free(&text);
}

static void
put_envelope(struct buffer *to, const struct explanation *explanation)
{
	const struct state *final = explanation->final;
	size_t count = final ? final->recipient_count : explanation->recipient_count;
	size_t i;

	json_add_member(to, "sender", final ? final->sender->text : explanation->sender);
	json_add_key(to, "recipients");
	buffer_add_char(to, '[');
	for (i = 0; i < count; i++) {
		json_add_item(to);
		json_add_string(
		    to, final ? final->recipients[i]->text : explanation->recipients[i]);
	}
	buffer_add_char(to, ']');
	json_add_member(to, "quarantine", final ? final->quarantine : NULL);
	if (explanation->store)
		json_add_member(to, "store", explanation->store);
	if (explanation->stored)
		json_add_member(to, "stored", explanation->stored);
	if (explanation->released)
		json_add_member(to, "released", explanation->released);
}

void
explanation_json_add(const struct explanation *explanation, struct buffer *to)
{
	buffer_add_char(to, '{');
	json_add_member(to, "verdict", explanation->verdict);
	json_add_key(to, "reply");
	reply_json(explanation->reply, to);
	json_add_member(to, "stage", stage_name(explanation->stage));
	json_add_key(to, "filters");
	explanation_json_filters(explanation, to);
	put_board(to, explanation->board);
	json_add_key(to, "edits");
	explanation_json_edits(explanation, to);
	put_envelope(to, explanation);
	put_queries(to, explanation);
	buffer_add_char(to, '}');
}

void
explanation_json(const struct explanation *explanation, FILE *to)
{
	struct buffer text = { 0 };

	explanation_json_add(explanation, &text);
	buffer_add_char(&text, '\n');
	fwrite(text.data, 1, text.length, to);
	buffer_free(&text);
}
