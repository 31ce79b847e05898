/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A plugin that plays a part written in its options, and watches the host meanwhile:
 *
 *	on STAGE [VERDICT] { when CONDITION; nth 2; add-header NAME VALUE; … }
 *
 * At each call of a stage the blocks of that stage are played in order, the first that has a
 * verdict ends it. Names and values of edits are used as they are.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/plugins/tally.h"

#define STATE_MAGIC 0x53435249u

struct one {
	const char *a;
};
struct two {
	const char *a, *b;
};
struct three {
	int64_t n;
	const char *a, *b;
};
struct number {
	int64_t n;
};

static const struct mf_option one_table[] = {
	MF_ARGUMENT(struct one, a, "text"),
	MF_OPTION_END
};
static const struct mf_option two_table[] = {
	MF_ARGUMENT(struct two, a, "text"),
	MF_OPTIONAL_ARGUMENT(struct two, b, NULL, "text"),
	MF_OPTION_END
};
static const struct mf_option three_table[] = {
	MF_ARGUMENT(struct three, n, "number"),
	MF_ARGUMENT(struct three, a, "text"),
	MF_OPTIONAL_ARGUMENT(struct three, b, NULL, "text"),
	MF_OPTION_END
};
static const struct mf_option number_table[] = {
	MF_ARGUMENT(struct number, n, "number"),
	MF_OPTION_END
};

struct part {
	const char *stage, *verdict;
	const struct mf_condition *when;
	const struct mf_template *expand;	/* logged */
	/* the call of that stage in this message; 0: each */
	int64_t nth;
	struct mf_blocks acts;
};

#define ONE(keyword) MF_BLOCK(struct part, acts, keyword, one_table, struct one, "act")
#define TWO(keyword) MF_BLOCK(struct part, acts, keyword, two_table, struct two, "act")
#define THREE(keyword) MF_BLOCK(struct part, acts, keyword, three_table, struct three, "act")
#define NUMBER(keyword) MF_BLOCK(struct part, acts, keyword, number_table, struct number, "act")

static const struct mf_option part_table[] = {
	MF_ARGUMENT(struct part, stage, "stage"),
	MF_OPTIONAL_ARGUMENT(struct part, verdict, NULL, "verdict, a number for a wrong one"),
	MF_OPTION(struct part, when, NULL, "only then"),
	MF_OPTION(struct part, expand, NULL, "a text to log"),
	MF_OPTION(struct part, nth, "0", "only at that call of the stage"),
	TWO("add-header"), THREE("insert-header"), THREE("set-header"), THREE("delete-header"),
	ONE("replace-body"), ONE("append-body"), TWO("set-sender"), TWO("add-recipient"),
	ONE("delete-recipient"), ONE("quarantine"), THREE("reply"), ONE("error"), ONE("log"),
	TWO("matched"), TWO("result"), TWO("property"), THREE("symbol"), NUMBER("sleep"),
	THREE("wait"), NUMBER("take"), NUMBER("take-session"), ONE("cleanup"), ONE("look"),
	MF_OPTION_END
};

struct options {
	struct mf_blocks on;
	struct mf_strings stages, uses;
};

static const struct mf_option option_table[] = {
	MF_BLOCK(struct options, on, "on", part_table, struct part, "a part to play"),
	MF_OPTION(struct options, stages, NULL, "stages that are wanted beside those played"),
	MF_OPTION(struct options, uses, NULL, "what it declares to use; without it, nothing"),
	MF_OPTION_END
};

static const char *const stage_names[MF_STAGE_COUNT] = {
	"start", "connect", "helo", "mail", "rcpt", "data", "header", "eoh", "body", "message",
	"unknown"
};
static const char *const verdict_names[] = { "continue", "done", "accept", "reject", "tempfail",
	"discard", "error" };
static const char *const use_names[] = { "body", "add-header", "change-header", "change-body",
	"change-sender", "add-recipient", "delete-recipient", "quarantine" };

/* The place of a word among names; count when it is none of them. */
static unsigned
place(const char *const *names, unsigned count, const char *word)
{
	unsigned i;

	for (i = 0; i < count && strcmp(names[i], word) != 0; i++)
		;
	return i;
}

/* ---- what it watches ---- */

struct state {
	unsigned magic;		/* 0 before the first call */
	unsigned calls[MF_STAGE_COUNT];
	bool ended;
};

static void
check(bool holds)
{
	if (!holds)
		tally()->wrong++;
}

static void
begin_state(struct state *state, atomic_uint *count)
{
	if (state->magic == STATE_MAGIC) {
		check(!state->ended);
		return;
	}
	check(state->magic == 0);
	state->magic = STATE_MAGIC;
	(*count)++;
}

static void
end_state(struct state *state, atomic_uint *count)
{
	check(state && state->magic == STATE_MAGIC && !state->ended);
	if (state)
		state->ended = true;
	(*count)++;
}

static void
watch(struct mf_context *c)
{
	struct state *message = c->message;
	bool needs_message = c->stage >= MF_STAGE_MAIL && c->stage <= MF_STAGE_MESSAGE;

	tally()->calls[c->stage]++;
	check(c->session != NULL);
	check(!needs_message || message);
	check(mf_client(c) != NULL);
	begin_state(c->session, &tally()->sessions);
	if (message) {
		begin_state(message, &tally()->messages);
		message->calls[c->stage]++;
	}
}

/* ---- what it does ---- */

struct act {
	const char *keyword;
	void (*run)(struct mf_context *c, const void *options);
};

static char *
text_of(struct mf_context *c, const char *text)
{
	return mf_printf(c, " %s", text ? text : "");
}

/* The host copies what it is given: this may be used for something else at once. */
static void
spoil(char *text)
{
	memset(text, '?', strlen(text));
}

static void
add_header(struct mf_context *c, const void *options)
{
	const struct two *o = options;
	char *value = text_of(c, o->b);

	mf_header_add(c, o->a, value);
	spoil(value);
}

static void
insert_header(struct mf_context *c, const void *options)
{
	const struct three *o = options;
	char *value = text_of(c, o->b);

	mf_header_insert(c, (size_t)o->n, o->a, value);
	spoil(value);
}

static void
set_header(struct mf_context *c, const void *options)
{
	const struct three *o = options;
	char *value = text_of(c, o->b);

	mf_header_set(c, o->a, (size_t)o->n, value);
	spoil(value);
}

static void
delete_header(struct mf_context *c, const void *options)
{
	const struct three *o = options;

	mf_header_delete(c, o->a, (size_t)o->n);
}

static void
replace_body(struct mf_context *c, const void *options)
{
	const struct one *o = options;

	mf_body_replace(c, o->a, strlen(o->a));
}

static void
append_body(struct mf_context *c, const void *options)
{
	const struct one *o = options;

	mf_body_append(c, o->a, strlen(o->a));
}

static void
set_sender(struct mf_context *c, const void *options)
{
	const struct two *o = options;

	mf_sender_set(c, o->a, o->b);
}

static void
add_recipient(struct mf_context *c, const void *options)
{
	const struct two *o = options;

	mf_recipient_add(c, o->a, o->b);
}

static void
delete_recipient(struct mf_context *c, const void *options)
{
	const struct one *o = options;

	mf_recipient_delete(c, strcmp(o->a, "all") == 0 ? NULL : o->a);
}

static void
quarantine(struct mf_context *c, const void *options)
{
	mf_quarantine(c, ((const struct one *)options)->a);
}

/* Sets the reply; the verdict is the part's. */
static void
reply(struct mf_context *c, const void *options)
{
	const struct three *o = options;
	char *enhanced = mf_printf(c, "%s", o->a);

	mf_reject(c, (int)o->n, enhanced[0] ? enhanced : NULL, "%s", o->b ? o->b : "");
	spoil(enhanced);
}

static void
say_error(struct mf_context *c, const void *options)
{
	mf_error(c, "%s", ((const struct one *)options)->a);
}

static void
write_log(struct mf_context *c, const void *options)
{
	mf_log(c, MF_LOG_NOTICE, "%s", ((const struct one *)options)->a);
}

static void
matched(struct mf_context *c, const void *options)
{
	const struct two *o = options;

	mf_matched(c, o->a, o->b);
}

static void
put_result(struct mf_context *c, const void *options)
{
	const struct two *o = options;

	mf_result_property(c, mf_result_add(c, o->a, o->b, "because"), "header.d", "example.org");
}

static void
put_property(struct mf_context *c, const void *options)
{
	const struct two *o = options;

	mf_result_property(c, mf_result_add(c, "script", "none", NULL), o->a, o->b);
}

static void
put_symbol(struct mf_context *c, const void *options)
{
	const struct three *o = options;

	mf_symbol_add(c, o->a, (double)o->n / 10);
}

static void
sleep_milliseconds(struct mf_context *c, const void *options)
{
	int64_t n = ((const struct number *)options)->n;
	struct timespec time = { n / 1000, n % 1000 * 1000000 };

	check(mf_time_left(c) > 0);
	nanosleep(&time, NULL);
}

/* For so many milliseconds, -1 for the deadline: `wait 5 for-nothing`, or of a pipe `for-silence`,
 * `for-a-byte` that is in it already, `for-room`. Logs how that ended. */
static void
wait_and_see(struct mf_context *c, const void *options)
{
	static const char *const ends[] = { "ready", "time", "deadline" };
	const struct three *o = options;
	bool room = strcmp(o->a, "for-room") == 0;
	int ends_of_pipe[2];

	check(pipe(ends_of_pipe) == 0);
	if (strcmp(o->a, "for-a-byte") == 0)
		check(write(ends_of_pipe[1], "", 1) == 1);
	mf_log(c, MF_LOG_NOTICE, "waited %s: %s", o->a, ends[mf_wait(c,
	    strcmp(o->a, "for-nothing") == 0 ? -1 : ends_of_pipe[room],
	    room ? MF_WRITABLE : MF_READABLE, o->n)]);
	close(ends_of_pipe[0]);
	close(ends_of_pipe[1]);
}

static void
take(struct mf_context *c, const void *options)
{
	size_t size = (size_t)((const struct number *)options)->n;

	memset(mf_alloc(c, size), 0xa5, size);
}

static void
take_session(struct mf_context *c, const void *options)
{
	size_t size = (size_t)((const struct number *)options)->n;

	memset(mf_session_alloc(c, size), 0xa5, size);
}

static void
count_cleanup(void *foreign)
{
	(*(atomic_uint *)foreign)++;
}

static void
register_cleanup(struct mf_context *c, const void *options)
{
	(void)options;
	mf_cleanup(c, count_cleanup, &tally()->cleanups);
}

/* Logs what it sees of the message. */
static void
look(struct mf_context *c, const void *options)
{
	const char *what = ((const struct one *)options)->a;
	const struct mf_address *sender = mf_sender(c);
	struct mf_header field;
	const char *body;
	size_t i, size;

	body = mf_body(c, &size);
	mf_log(c, MF_LOG_NOTICE, "%s: sender %s, %zu recipients, %zu fields, body %.*s", what,
	    sender ? sender->text : "-", mf_recipient_count(c), mf_header_count(c, NULL), (int)size,
	    body);
	for (i = 0; i < mf_recipient_count(c); i++)
		mf_log(c, MF_LOG_NOTICE, "%s: to %s", what, mf_recipient(c, i)->text);
	for (i = 0; mf_header_at(c, i, &field); i++)
		mf_log(c, MF_LOG_NOTICE, "%s: %zu %s:%s = %s", what, field.index, field.name,
		    field.value, mf_decoded(c, &field));
	mf_log(c, MF_LOG_NOTICE, "%s: score %g", what, mf_score(c));
}

static const struct act acts[] = {
	{ "add-header", add_header }, { "insert-header", insert_header },
	{ "set-header", set_header }, { "delete-header", delete_header },
	{ "replace-body", replace_body }, { "append-body", append_body },
	{ "set-sender", set_sender }, { "add-recipient", add_recipient },
	{ "delete-recipient", delete_recipient }, { "quarantine", quarantine },
	{ "reply", reply }, { "error", say_error }, { "log", write_log }, { "matched", matched },
	{ "result", put_result }, { "property", put_property }, { "symbol", put_symbol },
	{ "sleep", sleep_milliseconds }, { "wait", wait_and_see }, { "take", take },
	{ "take-session", take_session }, { "cleanup", register_cleanup }, { "look", look },
};

static void
run_act(struct mf_context *c, const struct mf_block *block)
{
	size_t i;

	for (i = 0; i < sizeof(acts) / sizeof(acts[0]); i++)
		if (strcmp(acts[i].keyword, block->keyword) == 0)
			acts[i].run(c, block->options);
}

static bool
fits(struct mf_context *c, const struct part *part)
{
	const struct state *message = c->message;

	if (strcmp(part->stage, stage_names[c->stage]) != 0)
		return false;
	if (part->nth && (!message || message->calls[c->stage] != (unsigned)part->nth))
		return false;
	return mf_test(c, part->when);
}

static enum mf_verdict
verdict_of(const char *word)
{
	unsigned count = sizeof(verdict_names) / sizeof(verdict_names[0]);
	unsigned i = place(verdict_names, count, word);

	return (enum mf_verdict)(i < count ? (int)i : atoi(word));
}

static enum mf_verdict
play(struct mf_context *c)
{
	const struct options *o = c->options;
	size_t i, j;

	watch(c);
	for (i = 0; i < o->on.count; i++) {
		const struct part *part = o->on.items[i].options;

		if (!fits(c, part))
			continue;
		for (j = 0; j < part->acts.count; j++)
			run_act(c, &part->acts.items[j]);
		if (part->expand)
			mf_log(c, MF_LOG_NOTICE, "%s", mf_expand(c, part->expand));
		if (part->verdict)
			return verdict_of(part->verdict);
	}
	return MF_CONTINUE;
}

/* ---- callbacks ---- */

static unsigned
stages_played(const struct options *o)
{
	unsigned stages = 0;
	size_t i;

	for (i = 0; i < o->on.count; i++)
		stages |= MF_AT(place(stage_names, MF_STAGE_COUNT,
		    ((const struct part *)o->on.items[i].options)->stage));
	for (i = 0; i < o->stages.count; i++)
		stages |= MF_AT(place(stage_names, MF_STAGE_COUNT, o->stages.items[i]));
	return stages;
}

static bool
start(struct mf_context *c)
{
	const struct options *o = c->options;
	unsigned uses = 0;
	size_t i;

	tally()->starts++;
	c->instance = &tally()->starts;
	mf_only_stages(c, stages_played(o));
	for (i = 0; i < o->uses.count; i++)
		uses |= 1u << place(use_names, sizeof(use_names) / sizeof(use_names[0]),
		    o->uses.items[i]);
	if (o->uses.count)
		mf_only_uses(c, uses & 0xff);
	return true;
}

static void
stop(struct mf_context *c)
{
	check(c->instance == &tally()->starts);
	tally()->stops++;
}

static enum mf_verdict
at_connect(struct mf_context *c, const struct mf_client *client)
{
	check(client == mf_client(c));
	return play(c);
}

static enum mf_verdict
at_text(struct mf_context *c, const char *text)
{
	check(text != NULL);
	return play(c);
}

static enum mf_verdict
at_address(struct mf_context *c, const struct mf_address *address)
{
	check(address && address->text && address->local && address->domain && address->arguments);
	return play(c);
}

static enum mf_verdict
at_header(struct mf_context *c, const struct mf_header *field)
{
	struct mf_header same;

	check(mf_header_at(c, field->index, &same) && same.value == field->value);
	check(field->index + 1 == mf_header_count(c, NULL));
	return play(c);
}

static enum mf_verdict
at_body(struct mf_context *c, const void *bytes, size_t size)
{
	check(bytes || !size);
	return play(c);
}

static void
end_message(struct mf_context *c)
{
	end_state(c->message, &tally()->message_ends);
	check(!mf_header_add(c, "X-Late", " never"));
}

static void
end_session(struct mf_context *c)
{
	check(c->message == NULL);
	end_state(c->session, &tally()->session_ends);
}

MF_PLUGIN(
	.name = "script",
	.version = "1.0",
	.summary = "Plays the part that its options write",
	.options = option_table,
	.options_size = sizeof(struct options),
	.session_size = sizeof(struct state),
	.message_size = sizeof(struct state),
	.start = start,
	.stop = stop,
	.connect = at_connect,
	.helo = at_text,
	.mail = at_address,
	.rcpt = at_address,
	.data = play,
	.header = at_header,
	.eoh = play,
	.body = at_body,
	.unknown = at_text,
	.message = play,
	.message_end = end_message,
	.session_end = end_session,
);
