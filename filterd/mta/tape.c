/* SPDX-License-Identifier: BSD-2-Clause */
/* Recording and reading. What all tapes of the process hold together is counted, as many sessions
 * may be in the middle of large messages at a time. */
#include <stdatomic.h>
#include <string.h>

#include "filterd/chain/explanation.h"
#include "filterd/mta/macro_stages.h"
#include "filterd/mta/tape.h"

struct head {
	uint32_t kind, length;
};

/* Set before there are threads. */
static struct {
	const struct shadow_link *link;		/* NULL: nothing is recorded */
	uint64_t message_maximum, maximum;	/* bytes of a message, and of all that wait */
} recorder;

static _Atomic uint64_t held;	/* bytes, in all tapes' messages */

void
tape_attach(const struct shadow_link *link, const struct shadow_settings *settings)
{
	recorder.link = link;
	recorder.message_maximum = settings->maximum_size.bytes;
	recorder.maximum = settings->queue.bytes;
}

bool
tape_wanted(void)
{
	return recorder.link != NULL;
}

/* ---- records ---- */

static void
add_head(struct buffer *to, enum tape_kind kind, size_t length)
{
	const struct head head = { kind, (uint32_t)length };

	buffer_add(to, &head, sizeof(head));
}

static void
add_string(struct buffer *to, const char *text)
{
	buffer_add(to, text, strlen(text) + 1);
}

static void
add_text(struct buffer *to, enum tape_kind kind, const char *text)
{
	add_head(to, kind, strlen(text) + 1);
	add_string(to, text);
}

static void
add_pair(struct buffer *to, enum tape_kind kind, const char *name, const char *value)
{
	add_head(to, kind, strlen(name) + strlen(value) + 2);
	add_string(to, name);
	add_string(to, value);
}

static void
add_words(struct buffer *to, enum tape_kind kind, const char *const *words)
{
	size_t length = 0, i;

	for (i = 0; words[i]; i++)
		length += strlen(words[i]) + 1;
	add_head(to, kind, length);
	for (i = 0; words[i]; i++)
		add_string(to, words[i]);
}

/* ---- the limits ---- */

void
tape_drop(struct tape *tape)
{
	if (!tape->message.length)
		return;
	atomic_fetch_sub(&held, tape->message.length);
	buffer_free(&tape->message);
	tape->message = (struct buffer){ 0 };
}

static bool
is_recording(const struct tape *tape)
{
	return recorder.link && !tape->lost;
}

/* Whether so many bytes more of the message can be recorded; they are counted then. */
static bool
admit(struct tape *tape, size_t size)
{
	uint64_t all;

	size += sizeof(struct head);
	all = atomic_fetch_add(&held, size) + size;
	if (tape->message.length + size <= recorder.message_maximum && all <= recorder.maximum)
		return true;
	atomic_fetch_sub(&held, size);
	shadow_count(tape->message.length + size > recorder.message_maximum ?
	    SHADOW_DROPPED_LARGE : SHADOW_DROPPED_FULL);
	tape_drop(tape);
	tape->lost = true;
	return false;
}

/* ---- events ---- */

void
tape_connect(struct tape *tape, const struct tape_client *client, const char *name,
    const char *address)
{
	if (!recorder.link)
		return;
	tape_drop(tape);
	tape->connection.length = 0;
	add_head(&tape->connection, TAPE_CONNECT,
	    sizeof(*client) + strlen(name) + strlen(address) + 2);
	buffer_add(&tape->connection, client, sizeof(*client));
	add_string(&tape->connection, name);
	add_string(&tape->connection, address);
	tape->connect = tape->connection.length;
}

/* A later one takes the place of the first. */
void
tape_helo(struct tape *tape, const char *name)
{
	if (!recorder.link)
		return;
	tape_drop(tape);
	tape->connection.length = tape->connect;
	add_text(&tape->connection, TAPE_HELO, name);
}

static size_t
words_length(const char *const *words)
{
	size_t length = 0;

	for (; *words; words++)
		length += strlen(*words) + 1;
	return length;
}

void
tape_mail(struct tape *tape, const char *const *words)
{
	if (!recorder.link)
		return;
	tape_drop(tape);
	tape->lost = false;
	if (admit(tape, words_length(words)))
		add_words(&tape->message, TAPE_MAIL, words);
}

void
tape_rcpt(struct tape *tape, const char *const *words)
{
	if (is_recording(tape) && admit(tape, words_length(words)))
		add_words(&tape->message, TAPE_RCPT, words);
}

void
tape_header(struct tape *tape, const char *name, const char *value)
{
	if (is_recording(tape) && admit(tape, strlen(name) + strlen(value) + 2))
		add_pair(&tape->message, TAPE_HEADER, name, value);
}

void
tape_event(struct tape *tape, enum tape_kind kind, const void *bytes, size_t size)
{
	if (!is_recording(tape) || !admit(tape, size))
		return;
	add_head(&tape->message, kind, size);
	if (size)
		buffer_add(&tape->message, bytes, size);
}

/* ---- the end ---- */

static void
add_macros(struct buffer *to, const struct tape_macros *macros)
{
	const char *const *names;
	enum macro_stage stage;

	for (stage = 0; stage < MACRO_STAGES; stage++)
		for (names = macro_names(stage); names && *names; names++) {
			const char *value = macros->get(macros->argument, *names);

			if (value)
				add_pair(to, TAPE_MACRO, *names, value);
		}
}

static void
add_judgement(struct buffer *to, struct session *session)
{
	struct judgement judgement = { 0 };
	unsigned part;

	judgement_make(&judgement, session);
	for (part = 0; part < JUDGEMENT_PARTS; part++) {
		add_head(to, TAPE_PART, judgement.parts[part].length + 1);
		buffer_add_char(to, (char)part);
		buffer_add_str(to, (struct str){ buffer_text(&judgement.parts[part]),
		    judgement.parts[part].length });
	}
	add_text(to, TAPE_FILTER, buffer_text(&judgement.filter));
	judgement_free(&judgement);
}

static void
send_tape(const struct tape *tape, struct session *session, const char *listener,
    const struct tape_macros *macros)
{
	struct buffer before = { 0 }, behind = { 0 };

	add_text(&before, TAPE_LISTENER, listener);
	add_text(&before, TAPE_SESSION, session_id(session));
	add_macros(&before, macros);
	add_judgement(&behind, session);
	if (!shadow_link_send(recorder.link, (struct str[]){
		{ before.data, before.length },
		{ tape->connection.data, tape->connection.length },
		{ tape->message.data, tape->message.length },
		{ behind.data, behind.length } }, 4, recorder.maximum))
		shadow_count(SHADOW_DROPPED_FULL);
	buffer_free(&before);
	buffer_free(&behind);
}

/* A message that the client gave up was not judged to its end, so there is nothing to compare. */
void
tape_end(struct tape *tape, struct session *session, const char *listener,
    const struct tape_macros *macros)
{
	const struct explanation *explanation;

	if (!recorder.link)
		return;
	explanation = session_explanation(session);
	if (!explanation)
		return;
	if (!tape->lost && !explanation->released && strcmp(explanation->verdict, "aborted") != 0)
		send_tape(tape, session, listener, macros);
	tape_drop(tape);
	tape->lost = true;
}

void
tape_free(struct tape *tape)
{
	tape_drop(tape);
	buffer_free(&tape->connection);
}

/* ---- reading ---- */

bool
tape_next(struct str *rest, struct tape_record *record_r)
{
	struct head head;

	if (rest->length < sizeof(head))
		return false;
	memcpy(&head, rest->data, sizeof(head));
	if (rest->length - sizeof(head) < head.length)
		return false;
	record_r->kind = (enum tape_kind)head.kind;
	record_r->bytes = (struct str){ rest->data + sizeof(head), head.length };
	rest->data += sizeof(head) + head.length;
	rest->length -= sizeof(head) + head.length;
	return true;
}

const char *
tape_text(struct str *bytes)
{
	const char *text = bytes->data;
	const char *end = bytes->length ? memchr(bytes->data, '\0', bytes->length) : NULL;

	if (!end)
		return NULL;
	bytes->length -= (size_t)(end + 1 - bytes->data);
	bytes->data = end + 1;
	return text;
}
