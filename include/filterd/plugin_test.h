/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A fake host, to test the callbacks of a plugin with neither filterd nor an MTA. Include it, and
 * the plugin's own source behind it; the test plays the MTA, and looks at what the plugin did:
 *
 *	#include <filterd/plugin_test.h>
 *	#include "hello.c"
 *
 *	int main(void)
 *	{
 *		struct mf_fake *f = mf_fake_create(&filterd_plugin);
 *
 *		mf_fake_set(f, "greeting", "Hi there");
 *		mf_fake_mail(f, "<alice@example.org>", NULL);
 *		mf_fake_header(f, "Subject", " lunch");
 *		MF_CHECK(mf_fake_message(f) == MF_CONTINUE);
 *		MF_CHECK_TEXT(mf_fake_value(f, "X-Hello", 0), " Hi there");
 *		mf_fake_destroy(&f);
 *	}
 *
 * Events call the plugin's callback, if it has one and still wants to be called, and return its
 * verdict, MF_CONTINUE when none was called. Before the first of them the plugin is started. What a
 * callback does that filterd would not have (an illegal edit, say) ends it in MF_ERROR, and what it
 * edited and put on the board is undone, as with filterd; f->error says why. The session goes on
 * after MF_ERROR, as with `on-error skip`.
 *
 * Simpler than filterd are: conditions, which hold or do not, as the test says; templates, whose
 * fields are what the test says, and whose files are not read, for what the test gives is their
 * text; regular expressions, which are POSIX extended ones (regex(3),
 * not PCRE2); lists, which know whole words only; the DNS, where there is what the test put there,
 * at once, without aliases and limits; mf_decoded() and mf_encoded(), which leave
 * encoded words (RFC 2047) alone; memory, which has no limit; and edits, of which the MTA carries
 * out all. So try a plugin with `filterd test` as well.
 *
 * The text that these functions return is the fake host's and lasts until mf_fake_destroy(). They
 * are for one thread. A test that fails, or asks for what cannot be, ends the program with exit
 * status 1 and a line on standard error. Compile it with -fsanitize=address,undefined: memory that
 * a plugin keeps too long is given back when filterd gives it back.
 */
#ifndef FILTERD_PLUGIN_TEST_H
#define FILTERD_PLUGIN_TEST_H

#include <filterd/plugin_test/host.h>
#include <filterd/plugin_test/option.h>

/* The plugin whose source the test includes, or is linked with. */
MF_EXPORT extern const struct mf_plugin filterd_plugin;

/* ---- checks ---- */

/* Ends the program unless the condition holds. */
#define MF_CHECK(condition) mf_check(condition, #condition, __FILE__, __LINE__)

/* Ends the program unless the two texts are the same. NULL is one too. */
#define MF_CHECK_TEXT(got, expected) mf_check_text(got, expected, #got, __FILE__, __LINE__)

static inline void
mf_check(bool holds, const char *condition, const char *file, int line)
{
	if (holds)
		return;
	fprintf(stderr, "%s:%d: not so: %s\n", file, line, condition);
	exit(1);
}

static inline void
mf_check_text(const char *got, const char *expected, const char *what, const char *file, int line)
{
	if (got == expected || (got && expected && strcmp(got, expected) == 0))
		return;
	fprintf(stderr, "%s:%d: %s is\n\t%s\nand not\n\t%s\n", file, line, what,
	    got ? got : "NULL", expected ? expected : "NULL");
	exit(1);
}

/* ---- the scene ---- */

/* A fake host with an instance of the plugin, whose options have their defaults. The client is
 * localhost, 127.0.0.1, until mf_fake_connect(). */
static inline struct mf_fake *
mf_fake_create(const struct mf_plugin *plugin)
{
	struct mf_fake *f = (struct mf_fake *)calloc(1, sizeof(*f));

	if (!f)
		mf_fake_die("memory", "there is none left");
	f->context.host = &mf_fake_host;
	f->plugin = plugin;
	f->log = f->rules = "";
	f->stages = f->verdicts = f->uses = ~0u;
	f->now = 1700000000;
	f->timeout = f->time_left = 10000;
	f->queue_id = "4FAKE00001";
	f->first_stage = MF_STAGE_CONNECT;
	f->who.name = "localhost";
	f->who.address = "127.0.0.1";
	f->context.options = mf_fake_options(f, plugin->options, plugin->options_size);
	return f;
}

/* Sets an option as the config would: its name, and the text behind it. A condition holds unless
 * that is "off"; a list is words, a regex "/…/" or "/…/i". Blocks: mf_fake_block(). */
static inline void
mf_fake_set(struct mf_fake *f, const char *option, const char *text)
{
	const struct mf_option *entry = mf_fake_option_find(f->plugin->options, option);

	if (f->started)
		mf_fake_die("start has run: options are immutable", option);
	mf_fake_option_set(f, entry, (char *)(void *)(uintptr_t)f->context.options, text);
	mf_fake_append(f, &f->given, (void *)(uintptr_t)entry);
}

/* Adds a block, and returns its options, which have their defaults: for the test to fill in, with
 * mf_fake_list() and its kin where that is needed. Blocks of blocks: mf_fake_inner_block(). */
static inline void *
mf_fake_block(struct mf_fake *f, const char *keyword)
{
	return mf_fake_inner_block(f, f->plugin->options,
	    (void *)(uintptr_t)f->context.options, keyword);
}

/* A macro of the MTA, named as mf_macro() does. */
static inline void
mf_fake_macro(struct mf_fake *f, const char *name, const char *value)
{
	mf_fake_pair_set(f, &f->macros, name, value);
}

/* What a field, "client.name", is in templates. One without a value stays as it is written. */
static inline void
mf_fake_template_field(struct mf_fake *f, const char *name, const char *value)
{
	mf_fake_pair_set(f, &f->values, name, value);
}

/* A record of the DNS. The data: an address for A and AAAA, a host name for PTR, for MX
 * "10 mx.example.org", and for TXT the text itself. A name that has none of the type asked for but
 * one of another has no data (MF_DNS_NODATA); one that has none at all does not exist
 * (MF_DNS_NXDOMAIN). What is put there when a message has asked already, the next one sees. */
static inline void
mf_fake_dns(struct mf_fake *f, const char *name, enum mf_dns_type type, const char *data)
{
	mf_fake_dns_add(f, name, type, MF_DNS_FOUND, data);
}

/* Queries for this name and type come to this: MF_DNS_SERVFAIL, MF_DNS_TIMEOUT, …. */
static inline void
mf_fake_dns_fail(struct mf_fake *f, const char *name, enum mf_dns_type type,
    enum mf_dns_status status)
{
	mf_fake_dns_add(f, name, type, status, "");
}

/* A result that a filter before this one has put on the board. It is there for one message: set it
 * behind mf_fake_mail(). */
static inline struct mf_result *
mf_fake_result_set(struct mf_fake *f, const char *method, const char *value)
{
	return mf_host_result_add(&f->context, method, value, NULL);
}

/* ---- callbacks ---- */

static inline void
mf_fake_truncate(struct mf_fake *f, struct mf_fake_mark mark)
{
	f->edits.count = mark.edits;
	f->results.count = mark.results;
	f->symbols.count = mark.symbols;
}

static inline struct mf_fake_mark
mf_fake_mark_now(const struct mf_fake *f)
{
	struct mf_fake_mark mark = { f->edits.count, f->results.count, f->symbols.count,
		f->asked.count };

	return mark;
}

/* Before each callback. */
static inline void
mf_fake_open(struct mf_fake *f, enum mf_stage stage)
{
	f->context.stage = stage;
	f->verdict = MF_CONTINUE;
	f->reply_code = 0;
	f->reply_enhanced = f->reply_text = f->error = f->refused = f->matched = NULL;
	f->time_left = f->timeout;
}

/* Starts the instance; an event does so when the test does not. False: it cannot serve. */
static inline bool
mf_fake_start(struct mf_fake *f)
{
	const char *missing = mf_fake_option_missing(f);
	bool fine = true;

	if (missing)
		mf_fake_die("this option must be set", missing);
	mf_fake_open(f, MF_STAGE_START);
	if (f->plugin->start)
		fine = f->plugin->start(&f->context);
	if (f->refused) {
		f->error = f->refused;
		fine = false;
	}
	f->started = fine;
	return fine;
}

/* Whether the plugin, if it has this callback, is to be called; then its state is there. */
static inline bool
mf_fake_ready(struct mf_fake *f, enum mf_stage stage, bool has_callback)
{
	if (!f->started && !mf_fake_start(f))
		mf_fake_die("it does not start", f->error ? f->error : "it does not say why");
	mf_fake_open(f, stage);
	if (!has_callback || !(f->stages & MF_AT(stage)) || f->session_over ||
	    (f->in_message && f->message_over))
		return false;
	if (!f->session_owed)
		f->context.session = mf_fake_take(&f->session_memory, f->plugin->session_size);
	if (f->in_message && !f->message_owed)
		f->context.message = mf_fake_take(&f->message_memory, f->plugin->message_size);
	f->session_owed = true;
	f->message_owed = f->in_message;
	f->before = mf_fake_mark_now(f);
	return true;
}

/* Why a callback ends in MF_ERROR; NULL: it does not. */
static inline const char *
mf_fake_fault(const struct mf_fake *f, enum mf_verdict verdict)
{
	bool no_message = f->context.stage <= MF_STAGE_HELO || f->context.stage == MF_STAGE_UNKNOWN;

	if (f->refused)
		return f->refused;
	if ((unsigned)verdict > MF_ERROR)
		return "it returned what is no verdict";
	if (verdict == MF_DISCARD && no_message)
		return "it returned MF_DISCARD where there is no message";
	if (verdict == MF_ERROR && f->error)
		return f->error;
	if (f->time_left <= 0)
		return "timed out";
	return verdict == MF_ERROR ? "its plugin does not say why" : NULL;
}

/* The reply, with what filterd puts where the plugin said nothing, or what does not fit. */
static inline void
mf_fake_settle_reply(struct mf_fake *f)
{
	bool reject = f->verdict == MF_REJECT;

	if (!reject && f->verdict != MF_TEMPFAIL) {
		f->reply_code = 0;
		f->reply_enhanced = f->reply_text = NULL;
		return;
	}
	if (f->reply_code / 100 != (reject ? 5 : 4))
		f->reply_code = reject ? 550 : 451;
	if (!f->reply_enhanced || f->reply_enhanced[0] != (reject ? '5' : '4'))
		f->reply_enhanced = reject ? "5.7.1" : "4.7.1";
	if (!f->reply_text)
		f->reply_text = reject ? "Refused by local policy" : "Try again later";
}

/* What a verdict means for the calls to come. */
static inline void
mf_fake_note_end(struct mf_fake *f)
{
	bool one_only = f->context.stage == MF_STAGE_RCPT || f->context.stage == MF_STAGE_UNKNOWN;

	if (f->verdict == MF_CONTINUE || f->verdict == MF_ERROR)
		return;
	if (one_only && (f->verdict == MF_REJECT || f->verdict == MF_TEMPFAIL))
		return;
	if (f->in_message)
		f->message_over = true;
	else
		f->session_over = true;
}

/* After each callback: its verdict, and what it did undone if that is to be. */
static inline enum mf_verdict
mf_fake_close(struct mf_fake *f, enum mf_verdict verdict)
{
	const char *fault = mf_fake_fault(f, verdict);
	bool refused;

	f->error = fault;
	f->verdict = fault ? MF_ERROR : verdict;
	refused = f->context.stage == MF_STAGE_RCPT &&
	    (f->verdict == MF_REJECT || f->verdict == MF_TEMPFAIL);
	if (fault || refused)
		mf_fake_truncate(f, f->before);
	mf_fake_settle_reply(f);
	mf_fake_note_end(f);
	return f->verdict;
}

/* ---- events ---- */

/* An IPv4 or IPv6 address; anything else, "local" say, is none. (inet_pton(3) would do, but its
 * headers bring the names connect and send, which plugins have callbacks of.) */
static inline void
mf_fake_client_address(struct mf_fake *f, const char *address)
{
	static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

	f->who.address = mf_fake_text(f, address);
	f->who.version = 0;
	memset(f->who.ip, 0, sizeof(f->who.ip));
	if (mf_fake_ip4(address, f->who.ip + 12)) {
		memcpy(f->who.ip, mapped, sizeof(mapped));
		f->who.version = 4;
	} else if (strchr(address, ':') && mf_fake_ip6(address, f->who.ip)) {
		f->who.version = 6;
	} else {
		memset(f->who.ip, 0, sizeof(f->who.ip));
	}
}

/* A client connects: its host name, and its IP address or what stands for one. */
static inline enum mf_verdict
mf_fake_connect(struct mf_fake *f, const char *name, const char *address)
{
	f->who.name = mf_fake_text(f, name);
	mf_fake_client_address(f, address);
	if (!mf_fake_ready(f, MF_STAGE_CONNECT, f->plugin->connect != NULL))
		return MF_CONTINUE;
	return mf_fake_close(f, f->plugin->connect(&f->context, &f->who));
}

static inline enum mf_verdict
mf_fake_helo(struct mf_fake *f, const char *name)
{
	f->greeting = mf_fake_text(f, name);
	if (!mf_fake_ready(f, MF_STAGE_HELO, f->plugin->helo != NULL))
		return MF_CONTINUE;
	return mf_fake_close(f, f->plugin->helo(&f->context, f->greeting));
}

/* The message is over: message_end, and its memory. */
static inline void
mf_fake_end_message(struct mf_fake *f)
{
	if (!f->in_message)
		return;
	if (f->message_owed && f->plugin->message_end) {
		f->ending = true;
		f->plugin->message_end(&f->context);
		f->ending = false;
		f->messages_ended++;
	}
	f->in_message = f->message_owed = f->message_over = false;
	f->asked.count = f->connection.asked;
	f->context.message = NULL;
	mf_fake_release(&f->message_memory);
}

/* MAIL FROM: the address, with angle brackets or without, and ESMTP arguments, divided by blanks,
 * or NULL. It ends the message before. */
static inline enum mf_verdict
mf_fake_mail(struct mf_fake *f, const char *address, const char *arguments)
{
	mf_fake_end_message(f);
	if (f->had_message)
		mf_fake_truncate(f, f->connection);
	f->had_message = true;
	f->connection = mf_fake_mark_now(f);
	memset(&f->original, 0, sizeof(f->original));
	f->original.body = "";
	f->original.sender = mf_fake_address(f, address, arguments);
	mf_fake_rebuild(f, false);
	f->in_message = true;
	if (!mf_fake_ready(f, MF_STAGE_MAIL, f->plugin->mail != NULL))
		return MF_CONTINUE;
	return mf_fake_close(f, f->plugin->mail(&f->context, f->original.sender));
}

static inline void
mf_fake_need_message(const struct mf_fake *f, const char *event)
{
	if (!f->in_message)
		mf_fake_die("there is no message; mf_fake_mail() begins one", event);
}

/* RCPT TO, likewise. With MF_REJECT and MF_TEMPFAIL the message does not get this recipient. */
static inline enum mf_verdict
mf_fake_rcpt(struct mf_fake *f, const char *address, const char *arguments)
{
	struct mf_address *recipient = mf_fake_address(f, address, arguments);

	mf_fake_need_message(f, "mf_fake_rcpt");
	if (mf_fake_ready(f, MF_STAGE_RCPT, f->plugin->rcpt != NULL))
		mf_fake_close(f, f->plugin->rcpt(&f->context, recipient));
	if (f->verdict != MF_REJECT && f->verdict != MF_TEMPFAIL)
		mf_fake_append(f, &f->original.recipients, recipient);
	mf_fake_rebuild(f, false);
	return f->verdict;
}

static inline enum mf_verdict
mf_fake_data(struct mf_fake *f)
{
	mf_fake_need_message(f, "mf_fake_data");
	if (!mf_fake_ready(f, MF_STAGE_DATA, f->plugin->data != NULL))
		return MF_CONTINUE;
	return mf_fake_close(f, f->plugin->data(&f->context));
}

/* A header field; the value begins with the blank behind the colon. */
static inline enum mf_verdict
mf_fake_header(struct mf_fake *f, const char *name, const char *value)
{
	struct mf_header *field = mf_fake_field(f, name, value, strlen(value));

	mf_fake_need_message(f, "mf_fake_header");
	field->index = f->original.fields.count;
	mf_fake_append(f, &f->original.fields, field);
	mf_fake_rebuild(f, false);
	if (!mf_fake_ready(f, MF_STAGE_HEADER, f->plugin->header != NULL))
		return MF_CONTINUE;
	return mf_fake_close(f, f->plugin->header(&f->context, field));
}

static inline enum mf_verdict
mf_fake_eoh(struct mf_fake *f)
{
	mf_fake_need_message(f, "mf_fake_eoh");
	if (!mf_fake_ready(f, MF_STAGE_EOH, f->plugin->eoh != NULL))
		return MF_CONTINUE;
	return mf_fake_close(f, f->plugin->eoh(&f->context));
}

/* A chunk of the body: lines that end in CRLF. There may be several. */
static inline enum mf_verdict
mf_fake_body(struct mf_fake *f, const void *bytes, size_t size)
{
	struct mf_fake_edit chunk = { MF_FAKE_APPEND_BODY, NULL, (const char *)bytes, size, 0 };

	mf_fake_need_message(f, "mf_fake_body");
	mf_fake_apply_body(f, &f->original, &chunk);
	mf_fake_rebuild(f, false);
	if (!mf_fake_ready(f, MF_STAGE_BODY, f->plugin->body != NULL))
		return MF_CONTINUE;
	return mf_fake_close(f, f->plugin->body(&f->context, bytes, size));
}

/* A command that the MTA does not know. */
static inline enum mf_verdict
mf_fake_unknown(struct mf_fake *f, const char *command)
{
	if (!mf_fake_ready(f, MF_STAGE_UNKNOWN, f->plugin->unknown != NULL))
		return MF_CONTINUE;
	return mf_fake_close(f, f->plugin->unknown(&f->context, command));
}

/* End of message: the live edits take effect, `message` is called, then message_end. */
static inline enum mf_verdict
mf_fake_message(struct mf_fake *f)
{
	mf_fake_need_message(f, "mf_fake_message");
	mf_fake_rebuild(f, true);
	if (mf_fake_ready(f, MF_STAGE_MESSAGE, f->plugin->message != NULL))
		mf_fake_close(f, f->plugin->message(&f->context));
	mf_fake_rebuild(f, true);
	mf_fake_end_message(f);
	return f->verdict;
}

/* The message is given up: RSET, a client that vanished, another filter's refusal. */
static inline void
mf_fake_abort(struct mf_fake *f)
{
	mf_fake_end_message(f);
}

/* The session is over: message_end if it is due, and session_end. Another one may follow. */
static inline void
mf_fake_quit(struct mf_fake *f)
{
	struct mf_fake_mark none = { 0, 0, 0, 0 };

	mf_fake_end_message(f);
	f->context.stage = f->greeting ? MF_STAGE_HELO : MF_STAGE_CONNECT;
	f->ending = true;
	if (f->session_owed && f->plugin->session_end) {
		f->plugin->session_end(&f->context);
		f->sessions_ended++;
	}
	f->ending = f->session_owed = f->session_over = false;
	f->context.session = NULL;
	f->greeting = NULL;
	f->had_message = false;
	mf_fake_truncate(f, none);
	f->asked.count = 0;
	mf_fake_release(&f->session_memory);
}

/* Ends session and instance (stop), frees all, and sets the pointer to NULL. */
static inline void
mf_fake_destroy(struct mf_fake **f)
{
	mf_fake_quit(*f);
	mf_fake_open(*f, MF_STAGE_START);
	if ((*f)->started && (*f)->plugin->stop)
		(*f)->plugin->stop(&(*f)->context);
	mf_fake_release(&(*f)->session_memory);
	mf_fake_release(&(*f)->own);
	free(*f);
	*f = NULL;
}

/* ---- what came of it; members of struct mf_fake say more: verdict, reply_code, reply_text, error,
 * mail, log ---- */

/* The value of the nth field of a name, as the message is now; NULL: there are fewer. */
static inline const char *
mf_fake_value(const struct mf_fake *f, const char *name, size_t n)
{
	size_t at = mf_fake_find(&f->mail, name, n);

	if (at == f->mail.fields.count)
		return NULL;
	return ((const struct mf_header *)f->mail.fields.items[at])->value;
}

/* The nth recipient, as the message is now; NULL: there are fewer. */
static inline const char *
mf_fake_recipient(const struct mf_fake *f, size_t n)
{
	if (n >= f->mail.recipients.count)
		return NULL;
	return ((const struct mf_address *)f->mail.recipients.items[n])->text;
}

/* The value of the nth result of a method; NULL: there are fewer. */
static inline const char *
mf_fake_result(const struct mf_fake *f, const char *method, size_t n)
{
	const struct mf_result *result = mf_fake_result_at(f, method, n);

	return result ? result->value : NULL;
}

/* A property of it; NULL: it has none. */
static inline const char *
mf_fake_property(const struct mf_fake *f, const char *method, size_t n, const char *property)
{
	const struct mf_result *result = mf_fake_result_at(f, method, n);

	return result ? mf_fake_pair_get(&result->properties, property, strlen(property)) : NULL;
}

/* The score that the plugin has given the message. */
static inline double
mf_fake_score(const struct mf_fake *f)
{
	bool found;

	return mf_fake_points(f, NULL, &found);
}

/* How many edits there are: those that the plugin asked for and that were not undone. */
static inline size_t
mf_fake_edits(const struct mf_fake *f)
{
	return f->edits.count;
}

/* Whether a line of the log has this text in it. */
static inline bool
mf_fake_logged(const struct mf_fake *f, const char *text)
{
	return strstr(f->log, text) != NULL;
}

#endif
