/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Records for the history. This runs for each message, so what is not asked for is not made.
 * Nothing here is fatal: a record that cannot be sent is counted and forgotten.
 */
#include <string.h>
#include <time.h>

#include "filterd/chain/explanation.h"
#include "filterd/chain/history.h"
#include "filterd/message/diff.h"
#include "filterd/service/json.h"
#include "filterd/service/metrics.h"

#define LIST_BYTES	(16u * 1024)	/* of recipients, and of rules */
#define TEXT_BYTES	1024u		/* of any other text of a summary */
#define DIFF_CELLS	(64u * 1024)	/* cost of a diff: a fraction of a millisecond */

/* Set before there are threads. */
static const struct history_link *attached;
static unsigned attached_generation;

void
history_attach(const struct history_link *link, unsigned generation)
{
	attached = link;
	attached_generation = generation;
}

/* ---- the summary ---- */

static void
put_text(struct buffer *to, const char *key, const char *text)
{
	json_add_key(to, key);
	if (text)
		json_text(to, (struct str){ text, strnlen(text, TEXT_BYTES) });
	else
		json_add_string(to, NULL);
}

static void
put_client(struct buffer *to, const struct explanation *explanation)
{
	json_add_key(to, "client");
	buffer_add_char(to, '{');
	put_text(to, "name", explanation->client_name);
	put_text(to, "address", explanation->client_address);
	buffer_add_char(to, '}');
	put_text(to, "helo", explanation->helo);
}

static void
put_recipients(struct buffer *to, const struct explanation *explanation)
{
	size_t end, i;

	json_add_key(to, "recipients");
	buffer_add_char(to, '[');
	end = to->length + LIST_BYTES;
	for (i = 0; i < explanation->recipient_count && to->length < end; i++) {
		const char *recipient = explanation->recipients[i];

		if (!recipient)
			continue;
		json_add_item(to);
		json_text(to, (struct str){ recipient, strnlen(recipient, TEXT_BYTES) });
	}
	buffer_add_char(to, ']');
	json_add_integer(to, "recipient_count", (int64_t)explanation->recipient_count);
}

static void
put_rules(struct buffer *to, const struct explanation *explanation)
{
	const struct matched_rule *rule;
	size_t end, i;

	json_add_key(to, "rules");
	buffer_add_char(to, '[');
	end = to->length + LIST_BYTES;
	for (i = 0; i < explanation->filter_count; i++)
		for (rule = explanation->filters[i].rules; rule && to->length < end;
		    rule = rule->next) {
			json_add_item(to);
			json_text(to, (struct str){ rule->rule, strnlen(rule->rule, TEXT_BYTES) });
		}
	buffer_add_char(to, ']');
}

/* The first field of that name, as far as the MTA was asked for header fields; NULL: none. */
static const char *
find_subject(const struct record_maker *maker, const struct explanation *explanation,
    struct model *model, struct arena *arena)
{
	const struct state *state = model ? &model->original : NULL;
	size_t place = state ? state_field_find(state, STR("Subject"), 0) : 0;
	struct str subject;

	if (!state || !maker->settings->subject || place == state->field_count)
		return NULL;
	subject = str_trim(field_decoded(model, state->fields[place]));
	if (subject.length > TEXT_BYTES)
		subject.length = TEXT_BYTES;
	return privacy_text(maker, explanation, subject, arena);
}

static void
put_summary(const struct record_maker *maker, const struct explanation *explanation,
    const char *subject, struct buffer *to)
{
	buffer_add_char(to, '{');
	json_add_integer(to, "time", maker->time);
	put_text(to, "session", explanation->session_id);
	put_text(to, "queue", explanation->queue_id);
	put_text(to, "listener", explanation->listener);
	json_add_integer(to, "generation", maker->generation);
	put_client(to, explanation);
	put_text(to, "sender", explanation->sender);
	put_recipients(to, explanation);
	put_text(to, "verdict", explanation->verdict);
	json_add_key(to, "reply");
	reply_json(explanation->reply, to);
	put_text(to, "stage", stage_name(explanation->stage));
	put_text(to, "decided_by", explanation->decided_by);
	json_add_integer(to, "size", (int64_t)explanation->size);
	put_text(to, "subject", subject);
	put_rules(to, explanation);
	buffer_add_char(to, '}');
}

/* ---- the detail ---- */

/* Of addresses that are not plain a diff would show too much. */
static void
put_diff(const struct record_maker *maker, const struct explanation *explanation,
    struct model *model, struct buffer *to)
{
	static const struct diff_options options = { .body = false, .cells = DIFF_CELLS };
	struct buffer text = { 0 };

	if (model && explanation->final && maker->settings->edits &&
	    maker->settings->addresses == HISTORY_PLAIN)
		diff_add(model, &options, &text);
	json_add_key(to, "diff");
	if (text.length)
		json_text(to, (struct str){ text.data, text.length });
	else
		json_add_string(to, NULL);
	buffer_free(&text);
}

/* ---- the whole ---- */

bool
record_write(const struct record_maker *maker, const struct explanation *explanation,
    struct model *model, struct buffer *record)
{
	struct history_head head = { .magic = HISTORY_MAGIC };
	struct arena *arena = arena_create(0, 0);
	const struct explanation *shown = privacy_apply(maker, explanation, arena);
	bool whole;

	buffer_add(record, &head, sizeof(head));
	put_summary(maker, shown, find_subject(maker, explanation, model, arena), record);
	head.summary = (uint32_t)(record->length - sizeof(head));
	memcpy(record->data, &head, sizeof(head));
	buffer_add_text(record, "{\"explanation\":");
	explanation_json_add(shown, record);
	put_diff(maker, explanation, model, record);
	buffer_add_char(record, '}');
	arena_destroy(&arena);
	whole = record->length <= HISTORY_RECORD_BYTES;
	if (!whole)
		record->length = sizeof(head) + head.summary;
	return whole;
}

void
history_record(const struct explanation *explanation, struct model *model,
    const struct settings *settings)
{
	struct record_maker maker = {
		.settings = &settings->history, .link = attached,
		.generation = attached_generation
	};
	struct buffer record = { 0 };
	struct timespec now;

	if (!attached || !settings_want_history(settings))
		return;
	clock_gettime(CLOCK_REALTIME, &now);
	maker.time = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
	if (!record_write(&maker, explanation, model, &record))
		metrics_add(METRICS_HISTORY_SHORTENED, 1);
	if (!history_link_send(attached, record.data, record.length))
		metrics_add(METRICS_HISTORY_DROPPED, 1);
	buffer_free(&record);
}
