/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sessions: the input is a sequence of events with their texts, in any order, and what the MTA
 * grants. Whatever comes, each message and session ends once, no answer is given where none was
 * announced, replies fit their outcomes, and explanations can be told.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/puppets.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define TEXT_MAXIMUM 255

static struct tally counts;
static const struct chain *chains[2], *chain;

/* The input as it is used up; the front end's macros and clock come from it too. */
struct input {
	const uint8_t *data;
	size_t left;
	struct session *session;
	int64_t clock;
	char text[TEXT_MAXIMUM + 1];
	char macro[TEXT_MAXIMUM + 1];
};

static void
expect(bool holds, const char *promise)
{
	if (!holds)
		puppets_broken("%s", promise);
}

/* 0 when the input is at its end. */
static unsigned
next(struct input *input)
{
	if (!input->left)
		return 0;
	input->left--;
	return *input->data++;
}

/* A text of at most 255 bytes, in bytes_r; it may hold a NUL. */
static struct str
next_text(struct input *input, char bytes_r[TEXT_MAXIMUM + 1])
{
	size_t length = next(input);

	if (length > input->left)
		length = input->left;
	memcpy(bytes_r, input->data, length);
	bytes_r[length] = '\0';
	input->data += length;
	input->left -= length;
	return (struct str){ bytes_r, length };
}

/* ---- the front end ---- */

static const char *
find_macro(void *front_data, const char *name)
{
	const struct input *input = front_data;

	return input->macro[0] && (name[0] == 'i' || name[0] == '{') ? input->macro : NULL;
}

static void
show_progress(void *front_data)
{
	(void)front_data;
}

static int64_t
read_clock(void *front_data)
{
	return ((struct input *)front_data)->clock;
}

static const struct front front = { find_macro, show_progress, read_clock, read_clock, NULL };

/* ---- events ---- */

static struct decision
send_connect(struct input *input)
{
	static const uint8_t ip[16] = { [10] = 0xff, 0xff, 192, 0, 2, 1 };
	unsigned version = next(input) % 2 * 4;
	struct str name = next_text(input, input->text);

	return session_connect(input->session, name.data, "192.0.2.1", version ? ip : NULL,
	    version, 25);
}

static struct decision
send_helo(struct input *input)
{
	return session_helo(input->session, next_text(input, input->text).data);
}

static struct decision
send_mail(struct input *input)
{
	const char *const arguments[] = { "SIZE=1", next(input) % 2 ? "SMTPUTF8" : NULL, NULL };

	return session_mail(input->session, next_text(input, input->text).data, arguments);
}

static struct decision
send_rcpt(struct input *input)
{
	static const char *const arguments[] = { NULL };

	return session_rcpt(input->session, next_text(input, input->text).data, arguments);
}

static struct decision
send_data(struct input *input)
{
	return session_data(input->session);
}

static struct decision
send_header(struct input *input)
{
	static const char *const names[] = { "Subject", "From", "Received", "X" };
	const char *name = names[next(input) % 4];

	return session_header(input->session, str_of(name),
	    str_of(next_text(input, input->text).data));
}

static struct decision
send_eoh(struct input *input)
{
	return session_eoh(input->session);
}

/* Now and then much of it, so that it goes to a file and passes the limit. */
static struct decision
send_body(struct input *input)
{
	unsigned times = next(input) % 64;
	struct str text = next_text(input, input->text);
	char *bytes = malloc(text.length * (times + 1) + 1);
	struct decision decision;
	unsigned i;

	for (i = 0; i <= times; i++)
		memcpy(bytes + i * text.length, text.data, text.length);
	decision = session_body(input->session, bytes, text.length * (times + 1));
	free(bytes);
	return decision;
}

static struct decision
send_end(struct input *input)
{
	struct decision decision = session_end_of_message(input->session);
	bool passed = decision.outcome == OUTCOME_CONTINUE || decision.outcome == OUTCOME_ACCEPT;

	expect(passed || !decision.plan, "no plan for what is refused");
	expect(!decision.plan || session_model(input->session), "a model beside each plan");
	return decision;
}

static struct decision
send_unknown(struct input *input)
{
	return session_unknown(input->session, next_text(input, input->text).data);
}

static const struct {
	enum mf_stage stage;
	struct decision (*send)(struct input *input);
} events[] = {
	{ MF_STAGE_CONNECT, send_connect }, { MF_STAGE_HELO, send_helo },
	{ MF_STAGE_MAIL, send_mail }, { MF_STAGE_RCPT, send_rcpt }, { MF_STAGE_DATA, send_data },
	{ MF_STAGE_HEADER, send_header }, { MF_STAGE_EOH, send_eoh },
	{ MF_STAGE_BODY, send_body }, { MF_STAGE_MESSAGE, send_end },
	{ MF_STAGE_UNKNOWN, send_unknown },
};
#define EVENTS (sizeof(events) / sizeof(events[0]))

/* There is none when the message that was refused has been released since. */
static void
check_reply(const struct reply *reply, int class)
{
	size_t i;
	const char *c;

	expect(reply->code / 100 == class && reply->enhanced[0] == '0' + class,
	    "a reply that fits its outcome");
	expect(reply->line_count > 0 && reply->line_count <= REPLY_LINES, "a reply with a text");
	for (i = 0; i < reply->line_count; i++) {
		expect(strlen(reply->lines[i]) <= REPLY_LINE_BYTES, "lines of replies are short");
		for (c = reply->lines[i]; *c; c++)
			expect((unsigned char)*c >= ' ' && *c != 0x7f, "replies are printable");
	}
}

static void
check(struct input *input, enum mf_stage stage, struct decision decision)
{
	const unsigned silent = ~chain_wants(chain)->replies;

	expect(decision.outcome == OUTCOME_CONTINUE || !(silent & MF_AT(stage)),
	    "silence where no answer was announced");
	expect(decision.outcome != OUTCOME_SKIP || stage == MF_STAGE_BODY,
	    "only bodies are skipped");
	expect(decision.outcome != OUTCOME_DISCARD || stage >= MF_STAGE_MAIL,
	    "what is not there is not discarded");
	if (decision.reply)
		check_reply(decision.reply, decision.outcome == OUTCOME_REJECT ? 5 : 4);
	if (session_explanation(input->session))
		puppets_check_explanation(input->session);
}

/* What is no event: abort, release, a failed plan, another macro, time that passes. */
static void
do_other(struct input *input, unsigned what)
{
	switch (what) {
	case 0:
		session_abort(input->session);
		break;
	case 1:
		session_release(input->session);
		break;
	case 2:
		session_plan_failed(input->session, "fuzz");
		break;
	case 3:
		next_text(input, input->macro);
		break;
	default:
		input->clock += next(input) * 100000;
	}
	if (session_explanation(input->session))
		puppets_check_explanation(input->session);
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	chains[0] = puppets_load(&counts, "fuzz");
	chains[1] = puppets_load(&counts, "quiet");
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { .data = data, .left = size };
	struct grant grant;
	unsigned byte;

	grant.uses = ~next(&input);
	grant.stages = ~(next(&input) << 1);
	byte = next(&input);
	grant.skip = byte % 2;
	chain = chains[byte / 2 % 2];
	grant.leading_space = grant.sendmail = next(&input) % 2;
	input.session = session_open(chain, &front, &input);
	session_granted(input.session, &grant);
	while (input.left) {
		unsigned what = next(&input) % (EVENTS + 5);

		if (what < EVENTS)
			check(&input, events[what].stage, events[what].send(&input));
		else
			do_other(&input, what - EVENTS);
	}
	session_close(&input.session);
	puppets_check(&counts);
	return 0;
}
