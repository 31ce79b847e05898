/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A plugin that uses every option type, callback and service of interface 1.0 and writes down what
 * it sees: "T: " lines, the same with every host, and "S: " lines, where the fake host is simpler.
 * tests/abi/run says what it is for, and why it is never to change.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include PLUGIN_HEADER

#define SAY(c, ...) mf_log(c, MF_LOG_NOTICE, "T: " __VA_ARGS__)

/* ---- options ---- */

enum colour { RED, GREEN };

struct inner { int64_t number; };

struct block {
	const char *name;
	const char *second;
	double score;
	struct mf_blocks inners;
};

struct options {
	bool flag;
	int64_t number;
	double real;
	const char *text;
	const char *absent;
	struct mf_strings words;
	struct mf_duration time;
	struct mf_size size;
	enum colour colour;
	const struct mf_list *list;
	const struct mf_regex *regex;
	const struct mf_condition *condition;
	const struct mf_condition *never;
	const struct mf_template *with_groups;
	struct mf_blocks blocks;
};

static const struct mf_option inner_table[] = {
	MF_OPTION(struct inner, number, "4", "a number"),
	MF_OPTION_END
};

static const struct mf_option block_table[] = {
	MF_ARGUMENT(struct block, name, "a name"),
	MF_OPTIONAL_ARGUMENT(struct block, second, "none", "another"),
	MF_OPTION(struct block, score, "1.5", "a score"),
	MF_BLOCK(struct block, inners, "inner", inner_table, struct inner, "inner blocks"),
	MF_OPTION_END
};

static const struct mf_option option_table[] = {
	MF_OPTION(struct options, flag, "on", "a flag"),
	MF_RANGE(struct options, number, "3", 1, 9, "a number"),
	MF_OPTION(struct options, real, "0.5", "a real number"),
	MF_REQUIRED(struct options, text, "a text"),
	MF_OPTION(struct options, absent, NULL, "a text"),
	MF_OPTION(struct options, words, "a b", "words"),
	MF_OPTION(struct options, time, "2s", "a duration"),
	MF_RANGE(struct options, size, "4k", 1, 1000000, "a size"),
	MF_CHOICE(struct options, colour, "red green", "green", "a colour"),
	MF_OPTION(struct options, list, NULL, "a list"),
	MF_OPTION(struct options, regex, "/(l.)n/i", "a regex"),
	MF_OPTION(struct options, condition, NULL, "a condition"),
	MF_OPTION(struct options, never, NULL, "a condition"),
	MF_OPTION(struct options, with_groups, "<$1>", "a template"),
	MF_BLOCK(struct options, blocks, "block", block_table, struct block, "blocks"),
	MF_OPTION_END
};

static void
say_block(struct mf_context *c, const struct mf_block *block)
{
	const struct block *b = block->options;
	size_t i;

	SAY(c, "%s %s %s %.2f, inner blocks: %zu", block->keyword, b->name, b->second, b->score,
	    b->inners.count);
	for (i = 0; i < b->inners.count; i++)
		SAY(c, "inner %" PRId64,
		    ((const struct inner *)b->inners.items[i].options)->number);
}

static void
say_options(struct mf_context *c)
{
	const struct options *o = c->options;
	size_t i;

	SAY(c, "flag %d number %" PRId64 " real %.2f text %s absent %s", o->flag, o->number,
	    o->real, o->text, o->absent ? o->absent : "NULL");
	SAY(c, "words %zu %s %s time %" PRId64 " size %" PRIu64 " colour %d", o->words.count,
	    o->words.items[0], o->words.items[1], o->time.milliseconds, o->size.bytes,
	    (int)o->colour);
	for (i = 0; i < o->blocks.count; i++)
		say_block(c, &o->blocks.items[i]);
}

/* ---- instance, session, message ---- */

struct session { unsigned callbacks; };
struct message { unsigned callbacks, chunks; };

static void
say_cleanup(void *foreign)
{
	free(foreign);
}

static bool
start(struct mf_context *c)
{
	SAY(c, "start: stage %d, session %s, message %s, filter %s", (int)c->stage,
	    c->session ? "there" : "NULL", c->message ? "there" : "NULL", mf_filter(c));
	say_options(c);
	mf_log(c, MF_LOG_NOTICE, "S: first stage %d", (int)mf_first_stage(c));
	mf_only_stages(c, ~0u);
	mf_only_uses(c, ~0u);
	c->instance = calloc(1, 1);
	mf_cleanup(c, say_cleanup, calloc(1, 1));
	return c->instance != NULL;
}

static void
stop(struct mf_context *c)
{
	SAY(c, "stop");
	free(c->instance);
}

static struct session *
count(struct mf_context *c)
{
	struct session *session = c->session;
	struct message *message = c->message;

	session->callbacks++;
	if (message)
		message->callbacks++;
	return session;
}

/* ---- live callbacks ---- */

static enum mf_verdict
on_connect(struct mf_context *c, const struct mf_client *client)
{
	count(c);
	SAY(c, "connect %s %s, version %u, last byte %u", client->name, client->address,
	    (unsigned)client->version, (unsigned)client->ip[15]);
	SAY(c, "the same client: %d, helo %s", mf_client(c)->name == client->name,
	    mf_helo(c) ? "there" : "NULL");
	SAY(c, "zeroed %d", *(char *)mf_session_alloc(c, 10));
	mf_header_add(c, "X-Connect", " yes");
	return MF_CONTINUE;
}

static enum mf_verdict
on_helo(struct mf_context *c, const char *name)
{
	count(c);
	SAY(c, "helo %s %s", name, mf_helo(c));
	return MF_CONTINUE;
}

static enum mf_verdict
on_mail(struct mf_context *c, const struct mf_address *sender)
{
	count(c);
	SAY(c, "mail %s, local %s, domain %s, arguments %s", sender->text, sender->local,
	    sender->domain, sender->arguments[0] ? sender->arguments[0] : "none");
	SAY(c, "macro %s %s", mf_macro(c, "{every}"), mf_macro(c, "{none}") ? "there" : "NULL");
	SAY(c, "session id %d, recipients %zu", mf_session_id(c)[0] != '\0', mf_recipient_count(c));
	mf_cleanup(c, say_cleanup, calloc(1, 1));
	return MF_CONTINUE;
}

static enum mf_verdict
on_rcpt(struct mf_context *c, const struct mf_address *recipient)
{
	count(c);
	SAY(c, "rcpt %s, before it %zu", recipient->text, mf_recipient_count(c));
	if (strcmp(recipient->local, "refused") == 0)
		return mf_reject(c, 553, "5.1.8", "Not %s", recipient->local);
	if (strcmp(recipient->local, "later") == 0)
		return mf_tempfail(c, 450, "4.2.1", "Not %s", "now");
	return MF_CONTINUE;
}

static enum mf_verdict
on_data(struct mf_context *c)
{
	count(c);
	SAY(c, "data");
	return MF_CONTINUE;
}

static enum mf_verdict
on_header(struct mf_context *c, const struct mf_header *field)
{
	count(c);
	SAY(c, "header %zu %s:%s (%zu %zu)", field->index, field->name, mf_decoded(c, field),
	    field->name_length, field->value_length);
	return MF_CONTINUE;
}

static enum mf_verdict
on_eoh(struct mf_context *c)
{
	count(c);
	SAY(c, "eoh, fields %zu", mf_header_count(c, NULL));
	mf_header_insert(c, 0, "X-Live", " eoh");
	return MF_CONTINUE;
}

static enum mf_verdict
on_body(struct mf_context *c, const void *bytes, size_t size)
{
	struct message *message = c->message;

	count(c);
	message->chunks++;
	SAY(c, "body %zu %.4s", size, (const char *)bytes);
	return MF_CONTINUE;
}

static enum mf_verdict
on_unknown(struct mf_context *c, const char *command)
{
	SAY(c, "unknown %s", command);
	return MF_CONTINUE;
}

/* ---- end of message ---- */

static void
say_fields(struct mf_context *c)
{
	struct mf_header field;
	size_t i;

	for (i = 0; mf_header_at(c, i, &field); i++)
		SAY(c, "field %zu %s:%s", field.index, field.name, field.value);
}

static void
say_envelope(struct mf_context *c)
{
	size_t i;

	SAY(c, "sender %s", mf_sender(c)->text);
	for (i = 0; i < mf_recipient_count(c); i++)
		SAY(c, "recipient %s", mf_recipient(c, i)->text);
	SAY(c, "past the last: %s", mf_recipient(c, i) ? "there" : "NULL");
}

static void
say_body(struct mf_context *c)
{
	size_t size;
	const char *body = mf_body(c, &size);

	SAY(c, "body %zu: %.*s", size, (int)(size - 2), body);	/* without its last CRLF */
}

static void
edit_fields(struct mf_context *c)
{
	struct mf_header field;

	if (mf_header_find(c, "SUBJECT", 0, &field))
		SAY(c, "subjects %zu, at %zu", mf_header_count(c, "subject"), field.index);
	SAY(c, "add %d", mf_header_add(c, "X-Added", mf_encoded(c, "text")));
	SAY(c, "insert %d", mf_header_insert(c, 1, "X-Inserted", " one\n two"));
	SAY(c, "set %d", mf_header_set(c, "subject", 0, " dinner"));
	SAY(c, "set anew %d", mf_header_set(c, "X-New", 0, " new"));
	SAY(c, "delete %d", mf_header_delete(c, "X-Gone", 0));
}

static void
edit_rest(struct mf_context *c)
{
	SAY(c, "sender %d", mf_sender_set(c, "other@example.org", "BODY=8BITMIME"));
	SAY(c, "recipient %d", mf_recipient_add(c, "new@example.org", NULL));
	SAY(c, "no recipient %d", mf_recipient_delete(c, "bob@example.net"));
	SAY(c, "replace %d", mf_body_replace(c, "new body\r\n", 10));
	SAY(c, "append %d", mf_body_append(c, "end\r\n", 5));
	SAY(c, "quarantine %d", mf_quarantine(c, "a look at it"));
}

static void
use_board(struct mf_context *c)
{
	struct mf_result *result = mf_result_add(c, "every", "pass", "a reason");
	double points = 0;

	mf_result_property(c, result, "header.d", "example.org");
	mf_result_add(c, "every", "fail", NULL);
	SAY(c, "results %zu %s %s %s", mf_result_count(c, "every"), mf_result_value(c, "every", 1),
	    mf_result_get(c, "every", 0, "header.d"),
	    mf_result_get(c, "every", 1, "header.d") ? "there" : "NULL");
	SAY(c, "no result: %s", mf_result_value(c, "every", 2) ? "there" : "NULL");
	mf_symbol_add(c, "EVERY", 2);
	mf_symbol_add(c, "EVERY", 0.5);
	mf_symbol_add(c, "OTHER", -1);
	SAY(c, "symbols %d %d", mf_symbol(c, "EVERY", &points), mf_symbol(c, "NONE", NULL));
	SAY(c, "points %.2f, score %.2f", points, mf_score(c));
	mf_matched(c, "a rule", "here:1");
}

static void
use_language(struct mf_context *c)
{
	const struct options *o = c->options;
	size_t length = 0;
	const char *replaced;

	SAY(c, "conditions %d %d %d", mf_test(c, NULL), mf_test(c, o->condition),
	    mf_test(c, o->never));
	SAY(c, "no match %d", mf_match(c, o->regex, "dinner", 6));
	SAY(c, "match %d", mf_match(c, o->regex, "LUNCH", 5));
	SAY(c, "expand %s, nothing \"%s\"", mf_expand(c, o->with_groups), mf_expand(c, NULL));
	replaced = mf_replace(c, o->regex, o->with_groups, "lunch, len.", 11, &length);
	SAY(c, "replaced %s %zu", replaced, length);
	replaced = mf_replace(c, o->regex, o->with_groups, "none", 4, NULL);
	SAY(c, "replaced %s", replaced ? replaced : "nothing");
	SAY(c, "list %d %d", mf_list_has(c, o->list, "One"), mf_list_has(c, o->list, "none"));
	mf_log(c, MF_LOG_NOTICE, "S: stages %d %d", (int)mf_condition_stage(c, o->condition),
	    (int)mf_template_stage(c, o->with_groups));
}

static enum mf_verdict
on_message(struct mf_context *c)
{
	struct message *message = c->message;

	count(c);
	SAY(c, "message, stage %d, callbacks %u, chunks %u", (int)c->stage, message->callbacks,
	    message->chunks);
	mf_log(c, MF_LOG_NOTICE, "S: listener %s, queue id %s", mf_listener(c),
	    mf_queue_id(c) ? mf_queue_id(c) : "NULL");
	SAY(c, "now %" PRId64 ", time left %d, zeroed %d", mf_now(c), mf_time_left(c) > 0,
	    *(char *)mf_alloc(c, 100));
	say_envelope(c);
	say_fields(c);
	say_body(c);
	edit_fields(c);
	edit_rest(c);
	say_envelope(c);
	say_fields(c);
	say_body(c);
	use_board(c);
	use_language(c);
	return MF_CONTINUE;
}

static void
on_message_end(struct mf_context *c)
{
	SAY(c, "message end, callbacks %u, edit %d", ((struct message *)c->message)->callbacks,
	    mf_header_add(c, "Too", " late"));
}

static void
on_session_end(struct mf_context *c)
{
	SAY(c, "session end, message %s", c->message ? "there" : "NULL");
}

/* ---- the plugin ---- */

static const char *const provides[] = { "every", NULL };
static const char *const needs[] = { NULL };
static const char *const macros[] = { "{every}", NULL };

MF_PLUGIN(.name = "every", .version = "1.0", .summary = "Use every part of interface 1.0",
    .provides = provides, .needs = needs, .macros = macros, .options = option_table,
    .options_size = sizeof(struct options), .session_size = sizeof(struct session),
    .message_size = sizeof(struct message), .start = start, .stop = stop, .connect = on_connect,
    .helo = on_helo, .mail = on_mail, .rcpt = on_rcpt, .data = on_data, .header = on_header,
    .eoh = on_eoh, .body = on_body, .unknown = on_unknown, .message = on_message,
    .message_end = on_message_end, .session_end = on_session_end);
