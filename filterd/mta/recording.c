/* SPDX-License-Identifier: BSD-2-Clause */
/* Recordings: events and answers as lines of a scenario. */
#include <stdlib.h>
#include <string.h>

#include "filterd/mta/judged.h"
#include "filterd/mta/macro_stages.h"
#include "filterd/mta/milter_answer.h"
#include "filterd/mta/recording.h"
#include "filterd/scenario/bits.h"
#include "filterd/util/memory.h"

#define PIECE		(64u << 10)	/* bytes that are gathered before they are written */
#define LINE_WORDS	(WORDS_MOST - 3)	/* beside session, verb and event */

struct recording {
	struct recording_scene scene;
	struct buffer text;
	bool failed;
	bool leading_space;
	bool eventful;			/* more than a negotiation was said */
	size_t macro_count;
	int64_t clock;			/* as last written; -1: not yet */
	char **sets[MACRO_STAGES];	/* by stage, a value or NULL for each macro */
};

/* ---- lines ---- */

static void
flush(struct recording *recording, size_t least)
{
	struct buffer *text = &recording->text;

	if (text->length < least || !text->length)
		return;
	if (!recording->failed)
		recording->failed = !recording->scene.write(recording->scene.argument, text->data,
		    text->length);
	if (text->room > 4 * PIECE)
		buffer_free(text);
	text->length = 0;
}

static void
end_line(struct recording *recording)
{
	buffer_add_char(&recording->text, '\n');
	flush(recording, PIECE);
}

static void
begin_event(struct recording *recording, enum event_verb verb)
{
	recording->eventful = recording->eventful ||
	    (verb != EVENT_NEGOTIATE && verb != EVENT_QUIT);
	buffer_printf(&recording->text, "> %s", verb_tables[SIDE_EVENT][verb].name);
}

static void
add_word(struct recording *recording, const char *word)
{
	buffer_add_char(&recording->text, ' ');
	words_quote(&recording->text, str_of(word), 0);
}

static void
write_clock(struct recording *recording)
{
	int64_t now = recording->scene.front->now(recording->scene.front_data);

	if (now != recording->clock)
		buffer_printf(&recording->text, "clock %lld\n", (long long)now);
	recording->clock = now;
}

/* ---- macros ---- */

/* What a replay sees of a macro before this stage. */
static const char *
seen_before(const struct recording *recording, enum macro_stage stage, size_t i)
{
	const char *value = NULL;

	for (enum macro_stage at = 0; at < stage; at++)
		if (recording->sets[at] && recording->sets[at][i])
			value = recording->sets[at][i];
	return value;
}

static void
free_set(char ***set, size_t count)
{
	for (size_t i = 0; *set && i < count; i++)
		free((*set)[i]);
	free(*set);
	*set = NULL;
}

static bool
same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* The macros that came with an event of this stage: those that earlier stages do not have, or have
 * with other values. */
static char **
take_set(struct recording *recording, enum macro_stage stage)
{
	const struct recording_scene *scene = &recording->scene;
	char **set = memory_array(recording->macro_count, sizeof(*set));
	size_t room = LINE_WORDS;

	for (size_t i = 0; room && i < recording->macro_count; i++) {
		const char *value = scene->front->macro(scene->front_data, scene->macros[i]);

		if (!value || same_text(value, seen_before(recording, stage, i)))
			continue;
		set[i] = memory_strdup(value);
		room--;
	}
	return set;
}

static bool
same_sets(char **a, char **b, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!same_text(a ? a[i] : NULL, b ? b[i] : NULL))
			return false;
	return true;
}

/* A replay forgets the macros of later stages by this line, as libmilter does. Nothing is written
 * where nothing is new. */
static void
write_macros(struct recording *recording, enum event_verb verb, enum macro_stage stage)
{
	size_t count = recording->macro_count;
	char **set = take_set(recording, stage);

	if (same_sets(set, recording->sets[stage], count)) {
		free_set(&set, count);
		return;
	}
	for (enum macro_stage at = stage; at < MACRO_STAGES; at++)
		free_set(&recording->sets[at], count);
	recording->sets[stage] = set;
	buffer_printf(&recording->text, "> macros %s", verb_tables[SIDE_EVENT][verb].name);
	for (size_t i = 0; i < count; i++) {
		struct buffer word = { 0 };

		if (!set[i])
			continue;
		buffer_printf(&word, "%s=%s", recording->scene.macros[i], set[i]);
		add_word(recording, buffer_text(&word));
		buffer_free(&word);
	}
	end_line(recording);
}

/* ---- open and close ---- */

struct recording *
recording_open(const struct recording_scene *scene)
{
	struct recording *recording = memory_alloc(sizeof(*recording));

	recording->scene = *scene;
	recording->clock = -1;
	recording->leading_space = true;
	while (scene->macros[recording->macro_count])
		recording->macro_count++;
	buffer_printf(&recording->text, "# Session %s, recorded by filterd.\npeer ",
	    scene->session_id);
	words_quote(&recording->text, str_of(scene->address), 0);
	buffer_add_char(&recording->text, '\n');
	if (!scene->body)
		buffer_add_text(&recording->text, "lacks body\n");
	return recording;
}

bool
recording_is_eventful(const struct recording *recording)
{
	return recording->eventful;
}

bool
recording_close(struct recording **recording)
{
	struct recording *doomed = *recording;
	bool good;

	if (!doomed)
		return false;
	recording_bare(doomed, EVENT_QUIT);
	flush(doomed, 0);
	good = !doomed->failed;
	for (enum macro_stage stage = 0; stage < MACRO_STAGES; stage++)
		free_set(&doomed->sets[stage], doomed->macro_count);
	buffer_free(&doomed->text);
	free(doomed);
	*recording = NULL;
	return good;
}

/* ---- events ---- */

void
recording_negotiate(struct recording *recording, uint32_t actions, uint32_t steps,
    bool leading_space)
{
	if (!recording)
		return;
	recording->leading_space = leading_space;
	begin_event(recording, EVENT_NEGOTIATE);
	buffer_add_text(&recording->text, " 6 ");
	bits_print(&recording->text, bits_actions, actions);
	buffer_add_char(&recording->text, ' ');
	bits_print(&recording->text, bits_steps, steps);
	end_line(recording);
}

void
recording_connect(struct recording *recording, const char *name, const char *address,
    unsigned version, unsigned port)
{
	if (!recording)
		return;
	write_clock(recording);
	write_macros(recording, EVENT_CONNECT, MACRO_CONNECT);
	begin_event(recording, EVENT_CONNECT);
	add_word(recording, name);
	if (version)
		buffer_printf(&recording->text, " %s %s %u", version == 4 ? "inet" : "inet6",
		    address, port);
	else if (strcmp(address, "local") == 0)
		buffer_add_text(&recording->text, " unknown");
	else {
		buffer_add_text(&recording->text, " unix");
		add_word(recording, address);
	}
	end_line(recording);
}

/* MACRO_STAGES: it has none of its own. */
static enum macro_stage
macro_stage_of(enum event_verb verb)
{
	switch (verb) {
	case EVENT_HELO:
		return MACRO_HELO;
	case EVENT_MAIL:
		return MACRO_MAIL;
	case EVENT_RCPT:
		return MACRO_RCPT;
	case EVENT_DATA:
		return MACRO_DATA;
	case EVENT_EOH:
		return MACRO_EOH;
	case EVENT_EOM:
		return MACRO_MESSAGE;
	default:
		return MACRO_STAGES;
	}
}

static void
prepare(struct recording *recording, enum event_verb verb)
{
	enum macro_stage stage = macro_stage_of(verb);

	if (verb == EVENT_MAIL || verb == EVENT_EOM)
		write_clock(recording);
	if (stage != MACRO_STAGES)
		write_macros(recording, verb, stage);
	begin_event(recording, verb);
}

void
recording_words(struct recording *recording, enum event_verb verb, const char *const *words)
{
	if (!recording)
		return;
	prepare(recording, verb);
	for (size_t i = 0; words[i] && i < LINE_WORDS; i++)
		add_word(recording, words[i]);
	end_line(recording);
}

void
recording_header(struct recording *recording, const char *name, const char *value)
{
	struct buffer whole = { 0 };

	if (!recording)
		return;
	buffer_printf(&whole, "%s%s", recording->leading_space ? "" : " ", value);
	begin_event(recording, EVENT_HEADER);
	add_word(recording, name);
	add_word(recording, buffer_text(&whole));
	end_line(recording);
	buffer_free(&whole);
}

void
recording_body(struct recording *recording, const void *bytes, size_t size)
{
	if (!recording || !recording->scene.body)
		return;
	begin_event(recording, EVENT_BODY);
	scenario_add_content(&recording->text, (struct str){ bytes, size });
	end_line(recording);
}

void
recording_bare(struct recording *recording, enum event_verb verb)
{
	if (!recording)
		return;
	prepare(recording, verb);
	end_line(recording);
}

/* ---- answers ---- */

void
recording_answer(struct recording *recording, const struct decision *decision,
    const struct explanation *explanation)
{
	struct milter_answers answers = { 0 };
	struct arena *arena;

	if (!recording)
		return;
	arena = arena_create(0, 0);
	if (!milter_answers_make(arena, decision, &answers)) {
		recording->failed = true;
		answers.count = 0;
	}
	/* That the mail goes on without an edit is what a scenario takes for granted. */
	if (answers.count == 1 && milter_answer_goes_on(&answers.items[0], false))
		answers.count = 0;
	for (size_t i = 0; i < answers.count; i++) {
		buffer_add_text(&recording->text, "< ");
		milter_answer_print(&answers.items[i], &recording->text, 0);
		end_line(recording);
	}
	if (explanation) {
		buffer_add_text(&recording->text, "< ");
		judged_print(explanation, &recording->text);
		end_line(recording);
	}
	arena_destroy(&arena);
}
