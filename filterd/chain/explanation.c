/* SPDX-License-Identifier: BSD-2-Clause */
/* The explanation as a line of the log: flat fields, and in its JSON form the filters whole. */
#include <string.h>

#include "filterd/chain/explanation.h"
#include "filterd/chain/state.h"

#define FIELDS_MAXIMUM 24
#define RECIPIENTS_SHOWN 100

static const char *const stage_names[MF_STAGE_COUNT] = {
	[MF_STAGE_START] = "start", [MF_STAGE_CONNECT] = "connect", [MF_STAGE_HELO] = "helo",
	[MF_STAGE_MAIL] = "mail", [MF_STAGE_RCPT] = "rcpt", [MF_STAGE_DATA] = "data",
	[MF_STAGE_HEADER] = "header", [MF_STAGE_EOH] = "eoh", [MF_STAGE_BODY] = "body",
	[MF_STAGE_MESSAGE] = "message", [MF_STAGE_UNKNOWN] = "unknown",
};

static const char *const verdict_names[] = {
	[MF_CONTINUE] = "continue", [MF_DONE] = "done", [MF_ACCEPT] = "accept",
	[MF_REJECT] = "reject", [MF_TEMPFAIL] = "tempfail", [MF_DISCARD] = "discard",
	[MF_ERROR] = "error",
};

const char *
stage_name(enum mf_stage stage)
{
	return stage_names[stage];
}

const char *
verdict_name(enum mf_verdict verdict)
{
	return verdict_names[verdict];
}

/* ---- the line ---- */

/* Fields of the line, and the text of those that have to be made. */
struct line {
	const struct explanation *explanation;
	struct log_field fields[FIELDS_MAXIMUM];
	size_t count;
	struct buffer texts[FIELDS_MAXIMUM];
	size_t text_count;
};

static void
add(struct line *line, const char *key, const char *text)
{
	if (text)
		line->fields[line->count++] = (struct log_field){ key, str_of(text), false };
}

/* A text that is made piece by piece; to be given to add_made(). */
static struct buffer *
make(struct line *line)
{
	return &line->texts[line->text_count++];
}

static void
add_made(struct line *line, const char *key, const struct buffer *text, bool bare)
{
	if (text->length)
		line->fields[line->count++] = (struct log_field){ key, { text->data, text->length },
			bare };
}

static void
add_recipients(struct line *line)
{
	const struct explanation *explanation = line->explanation;
	struct buffer *text = make(line);
	size_t i;

	for (i = 0; i < explanation->recipient_count && i < RECIPIENTS_SHOWN; i++) {
		buffer_add_text(text, i ? "," : "");
		buffer_add_text(text, explanation->recipients[i]);
	}
	if (i < explanation->recipient_count)
		buffer_printf(text, ",+%zu", explanation->recipient_count - i);
	add_made(line, "recipients", text, false);
}

static void
add_reply(struct line *line)
{
	const struct reply *reply = line->explanation->reply;
	struct buffer *text = make(line);
	size_t i;

	if (!reply)
		return;
	buffer_printf(text, "%d %s", reply->code, reply->enhanced);
	for (i = 0; i < reply->line_count; i++) {
		buffer_add_char(text, ' ');
		buffer_add_text(text, reply->lines[i]);
	}
	add_made(line, "reply", text, false);
}

static void
add_results(struct line *line)
{
	const struct board *board = line->explanation->board;
	const struct mf_result *result;
	struct buffer *text = make(line);

	for (result = board->results; result; result = result->next)
		buffer_printf(
		    text, "%s%s=%s", text->length ? " " : "", result->method, result->value);
	add_made(line, "results", text, false);
}

static void
add_score(struct line *line)
{
	const struct board *board = line->explanation->board;
	const struct symbol *symbol;
	struct buffer *score = make(line), *text = make(line);

	if (!board->symbols)
		return;
	buffer_printf(score, "%.10g", board->score);
	add_made(line, "score", score, true);
	for (symbol = board->symbols; symbol; symbol = symbol->next)
		buffer_printf(
		    text, "%s%s:%.10g", text->length ? " " : "", symbol->name, symbol->points);
	add_made(line, "symbols", text, false);
}

/* This runs for each filter of each message, and printf(3) takes its time. */
static void
add_digits(struct buffer *text, uint64_t number)
{
	char digits[20];
	size_t i = sizeof(digits);

	do {
		digits[--i] = (char)('0' + number % 10);
		number /= 10;
	} while (number);
	buffer_add(text, digits + i, sizeof(digits) - i);
}

static void
add_name(struct buffer *text, const struct filter_account *account)
{
	buffer_add_text(text, text->length ? " " : "");
	buffer_add_text(text, account->name);
	buffer_add_text(text, account->shadow ? "(shadow):" : ":");
}

/* name:line of the configuration */
static void
add_rule(struct buffer *text, const struct matched_rule *rule)
{
	const char *line = strrchr(rule->where, ':');

	buffer_add_text(text, rule->rule);
	buffer_add_text(text, rule->would ? "(shadow)" : "");
	buffer_add_text(text, line ? line : "");
}

/* name:verdict@stage:120us[rule,rule] */
static void
describe_filter(struct buffer *text, const struct filter_account *account)
{
	const struct matched_rule *rule;

	add_name(text, account);
	buffer_add_text(text, verdict_name(account->verdict));
	buffer_add_char(text, '@');
	buffer_add_text(text, stage_name(account->stage));
	buffer_add_char(text, ':');
	add_digits(text, (uint64_t)account->time_us);
	buffer_add_text(text, "us");
	for (rule = account->rules; rule; rule = rule->next) {
		buffer_add_char(text, rule == account->rules ? '[' : ',');
		add_rule(text, rule);
	}
	buffer_add_text(text, account->rules ? "]" : "");
}

static bool
is_envelope(enum edit_kind kind)
{
	return kind == EDIT_SENDER || kind == EDIT_RECIPIENT_ADD || kind == EDIT_RECIPIENT_DELETE;
}

/* filter:kind:name, or filter:kind:<address>; all recipients are deleted without an address */
static void
describe_edits(struct buffer *text, const struct filter_account *account)
{
	const struct edit *edit;

	for (edit = account->edits; edit; edit = edit->next) {
		add_name(text, account);
		buffer_add_text(text, edit_name(edit->kind));
		buffer_add_text(text, edit->name ? ":" : "");
		buffer_add_text(text, edit->name ? edit->name : "");
		if (is_envelope(edit->kind) && edit->value.data) {
			buffer_add_text(text, ":<");
			buffer_add_str(text, edit->value);
			buffer_add_char(text, '>');
		}
	}
}

static void
add_filters(struct line *line, int format)
{
	const struct explanation *explanation = line->explanation;
	struct buffer *filters = make(line);
	struct buffer *edits = make(line);
	size_t i;

	if (format == LOG_FORMAT_JSON) {
		explanation_json_filters(explanation, filters);
		explanation_json_edits(explanation, edits);
	}
	for (i = 0; format != LOG_FORMAT_JSON && i < explanation->filter_count; i++) {
		const struct filter_account *account = &explanation->filters[i];

		if (account->called)
			describe_filter(filters, account);
		describe_edits(edits, account);
	}
	add_made(line, "filters", filters, true);
	add_made(line, "edits", edits, true);
}

void
explanation_log(const struct explanation *explanation, int format)
{
	struct line line = { .explanation = explanation };
	struct buffer *size = make(&line);
	size_t i;

	if (!log_wants(MF_LOG_INFO))
		return;
	add(&line, "session", explanation->session_id);
	add(&line, "queue", explanation->queue_id);
	add(&line, "listener", explanation->listener);
	add(&line, "client", explanation->client_address);
	add(&line, "name", explanation->client_name);
	add(&line, "helo", explanation->helo);
	add(&line, "auth", explanation->auth_user);
	add(&line, "sender", explanation->sender);
	add_recipients(&line);
	add(&line, "verdict", explanation->verdict);
	add(&line, "stage", stage_name(explanation->stage));
	add_reply(&line);
	add(&line, "filter", explanation->decided_by);
	add_digits(size, explanation->size);
	add_made(&line, "size", size, true);
	add(&line, "quarantine", explanation->final ? explanation->final->quarantine : NULL);
	add(&line, "stored", explanation->stored);
	add(&line, "released", explanation->released);
	add_results(&line);
	add_score(&line);
	add_filters(&line, format);
	log_event(
	    MF_LOG_INFO, explanation->sender ? "message" : "connection", line.fields, line.count);
	for (i = 0; i < line.text_count; i++)
		buffer_free(&line.texts[i]);
}
