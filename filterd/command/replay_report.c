/* SPDX-License-Identifier: BSD-2-Clause */
/* The report of a replay: differences gathered by message, and printed. */
#include <stdlib.h>
#include <string.h>

#include "filterd/command/replay_report.h"
#include "filterd/mta/judged.h"
#include "filterd/service/json.h"
#include "filterd/util/memory.h"

#define SHOWN	500	/* bytes of a text in a report */

/* A message, or a connection before its first one. */
struct replay_group {
	struct replay_group *next;
	struct str label;		/* of the session; the scenario's */
	const struct step *first;	/* MAIL for a message; the scenario's */
	struct buffer recipients;	/* a JSON array without its end */
	struct buffer notes;		/* what differs: lines, or such an array */
	const struct step *recorded;	/* the line `judged`; NULL: none */
	struct buffer now;		/* such a line of now; empty: none */
	char *queue_id;
	bool differs;
};

static bool
is_message(const struct replay_group *group)
{
	return group->first->verb->id == EVENT_MAIL;
}

/* ---- differences ---- */

static void
note(struct replay_report *report, struct replay_group *group, const char *at, unsigned line,
    const char *recorded, const char *now)
{
	struct buffer *to = &group->notes;

	group->differs = true;
	if (!report->json) {
		buffer_printf(to, "   %s\n      recorded  %s\n      now       %s\n", at, recorded,
		    now);
		return;
	}
	json_add_item(to);
	buffer_add_char(to, '{');
	json_add_member(to, "at", at);
	json_add_integer(to, "line", line);
	json_add_member(to, "recorded", recorded);
	json_add_member(to, "now", now);
	buffer_add_char(to, '}');
}

/* The answer lines of a recording, behind their session, divided by "; ". */
static void
print_recorded(const struct replay_event *event, struct buffer *to)
{
	for (size_t i = 0; i < event->expected_count; i++) {
		const struct step *step = event->expected[i];

		if (step->verb->id == ANSWER_JUDGED)
			continue;
		buffer_add_text(to, to->length ? "; " : "");
		buffer_add_text(to, step->verb->name);
		for (size_t w = 0; w < step->count; w++) {
			buffer_add_char(to, ' ');
			words_quote(to, step->words[w].text, SHOWN);
		}
		if (step->block.data)
			buffer_printf(to, " (%zu bytes)", step->block.length);
	}
	if (!to->length)
		buffer_add_text(to, "the mail goes on");
}

static void
print_now(const struct replay_event *event, struct buffer *to)
{
	if (event->fate == REPLAY_PASSED)
		buffer_add_text(to, "the message has ended before");
	else if (event->fate != REPLAY_ANSWERED || !event->answers.count ||
	    (event->answers.count == 1 && milter_answer_goes_on(&event->answers.items[0], false)))
		buffer_add_text(to, "the mail goes on");
	else
		for (size_t i = 0; i < event->answers.count; i++) {
			buffer_add_text(to, i ? "; " : "");
			milter_answer_print(&event->answers.items[i], to, SHOWN);
		}
}

static bool
expects_answer(const struct replay_event *event)
{
	for (size_t i = 0; i < event->expected_count; i++)
		if (event->expected[i]->verb->id != ANSWER_JUDGED)
			return true;
	return false;
}

static void
compare_answers(struct replay_report *report, struct replay_group *group,
    const struct replay_scene *scene, const struct replay_event *event)
{
	struct buffer recorded = { 0 }, now = { 0 };
	struct replay_difference difference;

	if (event->fate == REPLAY_PASSED ? !expects_answer(event)
					 : replay_as_expected(scene, event, &difference))
		return;
	print_recorded(event, &recorded);
	print_now(event, &now);
	note(report, group, event->step->verb->name, event->step->line, buffer_text(&recorded),
	    buffer_text(&now));
	buffer_free(&recorded);
	buffer_free(&now);
}

/* ---- what the filters found ---- */

/* The value of a part in words NAME VALUE …; "" when it is not there. */
static const char *
part(const struct word *words, size_t count, const char *name)
{
	for (size_t i = 0; i + 1 < count; i += 2)
		if (strcmp(words[i].text.data, name) == 0)
			return words[i + 1].text.data;
	return "";
}

static void
compare_found(struct replay_report *report, struct replay_group *group)
{
	static const char *const parts[] = {
		"verdict", "filter", "filters", "rules", "results", "symbols"
	};
	static const struct places none;
	struct arena *arena = arena_create(0, 0);
	struct word now[WORDS_MOST];
	const char *error;
	size_t count = 0;

	words_split(&none, arena, (struct str){ buffer_text(&group->now), group->now.length }, now,
	    &count, &error);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		const char *before = part(group->recorded->words, group->recorded->count,
		    parts[i]);
		const char *after = count ? part(now + 1, count - 1, parts[i]) : "";

		if (strcmp(before, after) != 0)
			note(report, group, parts[i], group->recorded->line,
			    *before ? before : "-", *after ? after : "-");
	}
	arena_destroy(&arena);
}

/* ---- groups ---- */

static struct replay_group **
find_group(struct replay_report *report, struct str label)
{
	struct replay_group **at = &report->groups;

	while (*at && !str_equal((*at)->label, label))
		at = &(*at)->next;
	return at;
}

static void
print_text(const struct replay_report *report, const struct replay_group *group)
{
	const struct step *first = group->first;

	fprintf(report->to, "== %s:%u %s", report->path, first->line,
	    is_message(group) ? "message from " : "connection");
	if (is_message(group))
		fputs(first->words[0].text.data, report->to);
	if (group->queue_id)
		fprintf(report->to, ", queue id %s", group->queue_id);
	fprintf(report->to, "%s\n%s", report->lacks_body ? ", recorded without its body" : "",
	    buffer_text(&group->notes));
}

static void
print_json(const struct replay_report *report, const struct replay_group *group)
{
	struct buffer to = { 0 };

	buffer_add_char(&to, '{');
	json_add_member(&to, "file", report->path);
	json_add_integer(&to, "line", group->first->line);
	json_add_key(&to, "session");
	json_text(&to, group->label);
	json_add_member(&to, "queue", group->queue_id);
	json_add_member(&to, "sender", is_message(group) ? group->first->words[0].text.data : NULL);
	json_add_key(&to, "recipients");
	buffer_printf(&to, "%s]", buffer_text(&group->recipients));
	json_add_bool(&to, "body", !report->lacks_body);
	json_add_bool(&to, "differs", group->differs);
	json_add_key(&to, "differences");
	buffer_printf(&to, "%s]}\n", buffer_text(&group->notes));
	fwrite(to.data, 1, to.length, report->to);
	buffer_free(&to);
}

/* Tells what was found of it. A connection without differences is not told of. */
static void
end_group(struct replay_report *report, struct replay_group **at)
{
	struct replay_group *group = *at;

	if (group->recorded)
		compare_found(report, group);
	report->messages += is_message(group);
	report->differing += group->differs;
	if (report->json && (group->differs || is_message(group)))
		print_json(report, group);
	else if (group->differs)
		print_text(report, group);
	*at = group->next;
	buffer_free(&group->recipients);
	buffer_free(&group->notes);
	buffer_free(&group->now);
	free(group->queue_id);
	free(group);
}

static struct replay_group *
group_of(struct replay_report *report, const struct step *step)
{
	struct replay_group **at = find_group(report, step->session);

	if (*at && step->verb->id == EVENT_MAIL) {
		end_group(report, at);
		at = find_group(report, step->session);
	}
	if (*at)
		return *at;
	*at = memory_alloc(sizeof(**at));
	(*at)->label = step->session;
	(*at)->first = step;
	buffer_add_char(&(*at)->recipients, '[');
	if (report->json)
		buffer_add_char(&(*at)->notes, '[');
	return *at;
}

/* ---- the report ---- */

void
replay_report_begin(struct replay_report *report, const char *path, const struct scenario *scenario)
{
	report->path = path;
	report->lacks_body = false;
	report->files++;
	for (size_t i = 0; i < scenario->count; i++)
		if (scenario->steps[i].verb->side == SIDE_DIRECTIVE &&
		    scenario->steps[i].verb->id == DIRECTIVE_LACKS)
			report->lacks_body = true;
}

static void
note_queue_id(struct replay_group *group, const char *queue_id)
{
	if (!queue_id[0] || !is_message(group))
		return;
	free(group->queue_id);
	group->queue_id = memory_strdup(queue_id);
}

void
replay_report_event(struct replay_report *report, const struct replay_scene *scene,
    const struct replay_event *event)
{
	const struct explanation *explanation = NULL;
	struct replay_group *group;

	if (event->fate == REPLAY_BARE && !event->expected_count && !event->session)
		return;
	group = group_of(report, event->step);
	note_queue_id(group, event->queue_id);
	if (event->step->verb->id == EVENT_RCPT) {
		json_add_item(&group->recipients);
		json_text(&group->recipients, event->step->words[0].text);
	}
	compare_answers(report, group, scene, event);
	for (size_t i = 0; i < event->expected_count; i++)
		if (event->expected[i]->verb->id == ANSWER_JUDGED)
			group->recorded = event->expected[i];
	if (event->session && event->fate != REPLAY_PASSED)
		explanation = session_explanation(event->session);
	if (explanation) {
		group->now.length = 0;
		judged_print(explanation, &group->now);
	}
}

void
replay_report_end(struct replay_report *report)
{
	while (report->groups)
		end_group(report, &report->groups);
}

void
replay_report_summary(const struct replay_report *report)
{
	if (!report->json)
		fprintf(report->to, "== %zu messages in %zu files: %zu differ\n", report->messages,
		    report->files, report->differing);
}
