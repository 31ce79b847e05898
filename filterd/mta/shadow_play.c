/* SPDX-License-Identifier: BSD-2-Clause */
/* The front end of shadow processes. A tape is a worker's word: it is read within its bounds. */
#include <string.h>
#include <time.h>

#include "filterd/chain/explanation.h"
#include "filterd/mta/shadow_play.h"
#include "filterd/mta/tape.h"
#include "filterd/service/log.h"
#include "filterd/util/clock.h"

#define WORDS_MAXIMUM	64	/* of MAIL and RCPT, the path included */
#define VALUE_SHOWN	1000	/* bytes of a part in the log */

struct macro {
	const char *name, *value;
	struct macro *next;
};

struct play {
	struct arena *arena;
	const char *listener, *session_id;	/* NULL: the tape does not say */
	struct macro *macros;
	struct str events;		/* from the first one on */
	struct judgement first;		/* of the chain that serves */
	bool whole;			/* it has seen the end of the message */
	bool message;			/* there is one */
	bool client;			/* there is a connection */
	struct session *session;
};

/* ---- the front ---- */

static const char *
play_macro(void *front_data, const char *name)
{
	const struct macro *macro = ((const struct play *)front_data)->macros;

	while (macro && strcmp(macro->name, name) != 0)
		macro = macro->next;
	return macro ? macro->value : NULL;
}

static void
play_progress(void *front_data)
{
	(void)front_data;
}

static int64_t
play_monotonic(void *front_data)
{
	(void)front_data;
	return clock_monotonic();
}

static int64_t
play_now(void *front_data)
{
	(void)front_data;
	return time(NULL);
}

static const struct front play_front = {
	.macro = play_macro, .progress = play_progress, .monotonic = play_monotonic,
	.now = play_now
};

static const struct grant whole_grant = {
	.uses = ~0u, .stages = ~0u, .leading_space = true, .skip = true
};

/* ---- what the tape says beside the events ---- */

static void
take_macro(struct play *play, struct str bytes)
{
	struct macro *macro = arena_alloc(play->arena, sizeof(*macro));

	macro->name = tape_text(&bytes);
	macro->value = tape_text(&bytes);
	macro->next = play->macros;
	if (macro->value)
		play->macros = macro;
}

static void
take_part(struct play *play, struct str bytes)
{
	unsigned char part = bytes.length ? (unsigned char)bytes.data[0] : JUDGEMENT_PARTS;

	if (part < JUDGEMENT_PARTS)
		buffer_add_str(&play->first.parts[part],
		    (struct str){ bytes.data + 1, bytes.length - 1 });
}

static void
take(struct play *play, struct tape_record record)
{
	const char *text;

	switch (record.kind) {
	case TAPE_LISTENER:
		play->listener = tape_text(&record.bytes);
		break;
	case TAPE_SESSION:
		play->session_id = tape_text(&record.bytes);
		break;
	case TAPE_MACRO:
		take_macro(play, record.bytes);
		break;
	case TAPE_PART:
		take_part(play, record.bytes);
		break;
	case TAPE_FILTER:
		text = tape_text(&record.bytes);
		buffer_add_text(&play->first.filter, text ? text : "");
		break;
	case TAPE_CONNECT:
		play->client = true;
		break;
	case TAPE_MAIL:
		play->message = true;
		break;
	case TAPE_END_OF_MESSAGE:
		play->whole = true;
		break;
	default:
		break;
	}
}

/* ---- the events ---- */

static struct decision
play_connect(struct play *play, struct str bytes)
{
	static const struct decision go_on = { .outcome = OUTCOME_CONTINUE };
	const char *name, *address;
	struct tape_client client;

	if (bytes.length < sizeof(client))
		return go_on;
	memcpy(&client, bytes.data, sizeof(client));
	bytes.data += sizeof(client);
	bytes.length -= sizeof(client);
	name = tape_text(&bytes);
	address = tape_text(&bytes);
	if (!address)
		return go_on;
	return session_connect(play->session, name, address, client.version ? client.ip : NULL,
	    client.version, client.port);
}

static struct decision
play_words(struct play *play, struct str bytes,
    struct decision (*event)(struct session *session, const char *path,
	const char *const *arguments))
{
	const char *words[WORDS_MAXIMUM + 1] = { NULL };
	size_t count = 0;

	while (count < WORDS_MAXIMUM && (words[count] = tape_text(&bytes)))
		count++;
	words[count] = NULL;
	return event(play->session, count ? words[0] : "", words + (count > 0));
}

static struct decision
play_header(struct play *play, struct str bytes)
{
	const char *name = tape_text(&bytes);
	const char *value = tape_text(&bytes);

	return session_header(play->session, str_of(name ? name : ""),
	    str_of(value ? value : ""));
}

static struct decision
play_event(struct play *play, struct tape_record record)
{
	static const struct decision go_on = { .outcome = OUTCOME_CONTINUE };
	const char *text;

	switch (record.kind) {
	case TAPE_CONNECT:
		return play_connect(play, record.bytes);
	case TAPE_HELO:
		text = tape_text(&record.bytes);
		return session_helo(play->session, text ? text : "");
	case TAPE_MAIL:
		return play_words(play, record.bytes, session_mail);
	case TAPE_RCPT:
		return play_words(play, record.bytes, session_rcpt);
	case TAPE_DATA:
		return session_data(play->session);
	case TAPE_HEADER:
		return play_header(play, record.bytes);
	case TAPE_EOH:
		return session_eoh(play->session);
	case TAPE_BODY:
		return session_body(play->session, record.bytes.data, record.bytes.length);
	case TAPE_END_OF_MESSAGE:
		return session_end_of_message(play->session);
	default:
		return go_on;
	}
}

/* Until the chain has decided. */
static void
play_events(struct play *play)
{
	struct str rest = play->events;
	struct tape_record record;

	while (!session_explanation(play->session) && tape_next(&rest, &record))
		play_event(play, record);
}

/* ---- what came of it ---- */

/* Of a message whose chain saw no more of it: a refusal of its last recipient stands. */
static void
conclude(struct play *play, struct judgement *second_r)
{
	const struct explanation *explanation;

	if (!session_explanation(play->session))
		session_abort(play->session);
	explanation = session_explanation(play->session);
	if (explanation && strcmp(explanation->verdict, "aborted") != 0)
		judgement_make(second_r, play->session);
	else
		buffer_add_text(&second_r->parts[JUDGED_VERDICT], JUDGEMENT_UNDECIDED);
}

static struct str
shown(const struct buffer *text)
{
	struct str all = { buffer_text(text), text->length };

	if (all.length > VALUE_SHOWN)
		all.length = VALUE_SHOWN;
	return all;
}

/* NULL data when it is empty: the field is left out. */
static struct str
shown_if_any(const struct buffer *text)
{
	return text->length ? shown(text) : (struct str){ NULL, 0 };
}

static void
log_differences(struct play *play, const struct judgement *second, unsigned differing)
{
	static const char *const shadow_keys[JUDGEMENT_PARTS] = {
		"shadow_verdict", "shadow_reply", "shadow_recipients", "shadow_edits",
		"shadow_results"
	};
	const char *queue = play_macro(play, "i");
	struct log_field fields[6 + 2 * JUDGEMENT_PARTS];
	size_t count = 0;
	unsigned part;

	fields[count++] = (struct log_field){ "session", str_of(play->session_id), false };
	if (queue)
		fields[count++] = (struct log_field){ "queue", str_of(queue), false };
	fields[count++] = (struct log_field){ "listener", str_of(play->listener), false };
	for (part = 0; part < JUDGEMENT_PARTS; part++) {
		if (part != JUDGED_VERDICT && !(differing & (1u << part)))
			continue;
		fields[count++] = (struct log_field){ judgement_part_names[part],
		    shown(&play->first.parts[part]), false };
		fields[count++] = (struct log_field){ shadow_keys[part],
		    shown(&second->parts[part]), false };
	}
	fields[count++] = (struct log_field){ "filter", shown_if_any(&play->first.filter),
	    false };
	fields[count++] = (struct log_field){ "shadow_filter", shown_if_any(&second->filter),
	    false };
	if (differing & (1u << JUDGED_VERDICT))
		fields[count++] = (struct log_field){ "shadow_reply",
		    shown_if_any(&second->parts[JUDGED_REPLY]), false };
	log_event(MF_LOG_NOTICE, "shadow differs", fields, count);
}

/* Whether there is something to compare: a chain that took a message without seeing it to its end
 * has spared the shadow what it would decide by. */
static bool
is_comparable(const struct play *play, const struct judgement *second)
{
	const char *first = buffer_text(&play->first.parts[JUDGED_VERDICT]);

	return play->whole || strcmp(first, "accept") != 0 ||
	    strcmp(buffer_text(&second->parts[JUDGED_VERDICT]), JUDGEMENT_UNDECIDED) != 0;
}

static void
compare(struct play *play, const struct judgement *second)
{
	unsigned differing, part;

	shadow_count(SHADOW_JUDGED);
	differing = is_comparable(play, second) ? judgement_compare(&play->first, second) : 0;
	if (!differing)
		return;
	shadow_count(SHADOW_DIFFERING);
	for (part = 0; part < JUDGEMENT_PARTS; part++)
		if (differing & (1u << part))
			shadow_count(SHADOW_DIFFERENCES + part);
	log_differences(play, second, differing);
}

static void
judge(struct play *play, const struct chain *chain)
{
	struct judgement second = { 0 };

	play->session = session_open(chain, &play_front, play);
	session_repeats(play->session, play->session_id);
	session_granted(play->session, &whole_grant);
	play_events(play);
	conclude(play, &second);
	compare(play, &second);
	session_close(&play->session);
	judgement_free(&second);
}

void
shadow_play(const struct generation *generation, struct str tape)
{
	struct play play = { .arena = arena_create(0, 0), .events = tape };
	const struct chain *chain = NULL;
	struct tape_record record;

	while (tape_next(&tape, &record))
		take(&play, record);
	if (play.listener && play.session_id && play.client)
		chain = generation_chain(generation, play.listener);
	if (chain)
		judge(&play, chain);
	judgement_free(&play.first);
	arena_destroy(&play.arena);
}
