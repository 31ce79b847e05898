/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The fake host behind <filterd/plugin_test.h>, which is what tests include: what it remembers,
 * and the table of services that a plugin under test is given. A plugin sees of it what
 * <filterd/plugin.h> says of every host; where the fake one is simpler, plugin_test.h says how.
 *
 * Owned by the fake host is all that it hands out, in three pools that end with the message, with
 * the session, and with the fake host. Fatal, with a line on standard error and exit status 1: a
 * test that asks for what cannot be, and memory that has run out. What a plugin does wrong is no
 * more than MF_ERROR.
 */
#ifndef FILTERD_PLUGIN_TEST_HOST_H
#define FILTERD_PLUGIN_TEST_HOST_H

#include <filterd/plugin.h>

#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- what plugin.h leaves to the host ---- */

struct mf_condition { bool holds; };
struct mf_template { const char *text; };
struct mf_list { const char *words; };		/* divided by blanks */
struct mf_regex { regex_t compiled; };

struct mf_fake_pair { const char *name, *value; };

struct mf_fake_array { size_t count; void **items; };

struct mf_result {
	const char *method, *value, *reason;
	struct mf_fake_array properties;	/* struct mf_fake_pair */
};

struct mf_fake_symbol { const char *name; double points; };

/* ---- what the fake host remembers ---- */

struct mf_fake_memory {
	struct mf_fake_memory *next;
	void (*release)(void *foreign);		/* NULL: it is memory and no more */
	void *foreign;
};

/* A message: as it came, or as edits have left it. */
struct mf_fake_mail {
	const struct mf_address *sender;	/* NULL: there is no message */
	struct mf_fake_array recipients;	/* struct mf_address */
	struct mf_fake_array fields;		/* struct mf_header */
	const char *body;			/* ends in NUL */
	size_t body_size;
	const char *quarantine;			/* the reason; NULL: not held */
};

enum mf_fake_kind {
	MF_FAKE_ADD_HEADER, MF_FAKE_INSERT_HEADER, MF_FAKE_SET_HEADER, MF_FAKE_DELETE_HEADER,
	MF_FAKE_REPLACE_BODY, MF_FAKE_APPEND_BODY, MF_FAKE_SET_SENDER, MF_FAKE_ADD_RECIPIENT,
	MF_FAKE_DELETE_RECIPIENT, MF_FAKE_QUARANTINE
};

struct mf_fake_edit {
	enum mf_fake_kind kind;
	const char *name;	/* of a header field, or an address */
	const char *value;	/* of a field, bytes of a body, ESMTP arguments, reason */
	size_t size;		/* of the value */
	size_t index;
};

/* How much there was before a callback, or before MAIL. */
struct mf_fake_mark { size_t edits, results, symbols, asked; };

struct mf_fake {
	struct mf_context context;	/* first: a plugin's context is its fake host */
	const struct mf_plugin *plugin;

	/* What the last callback ended in, for tests to look at */
	enum mf_verdict verdict;
	int reply_code;			/* of MF_REJECT and MF_TEMPFAIL, else 0 */
	const char *reply_enhanced, *reply_text;
	const char *error;		/* why it ended in MF_ERROR, or start failed; else NULL */

	/* For tests to look at: the message as the edits so far have left it, at its end and until
	 * the next MAIL; in live callbacks as it came */
	struct mf_fake_mail mail;
	const char *log;		/* "LEVEL: text\n" for each line of mf_log() */
	/* "RULE WHERE\n" for each mf_matched(), "RULE WOULD\n" for mf_matched_shadow() */
	const char *rules;
	unsigned stages, verdicts, uses;	/* what start asked for; ~0u: all */
	/* calls of message_end and session_end so far */
	unsigned messages_ended, sessions_ended;
	unsigned dns_queries;		/* so far; the same one twice in a message counts once */
	/* "WHAT INDEX WITH\n" for each edit of a MIME part in this message; NULL: none */
	const char *part_edits;

	/* For tests to set */
	int64_t now;			/* seconds since the epoch */
	int64_t timeout;		/* milliseconds that a callback has */
	const char *queue_id;		/* NULL: the MTA has not told it */
	enum mf_stage first_stage;	/* what mf_first_stage() says */
	bool dns_secure;		/* whether answers of the DNS are validated */
	const struct mf_link *links;	/* of the texts */
	size_t link_count;

	/* The fake host's own */
	struct mf_client who;
	const char *greeting;		/* the HELO argument */
	struct mf_fake_mail original;
	struct mf_fake_array macros, values;	/* struct mf_fake_pair */
	struct mf_fake_array edits;		/* struct mf_fake_edit */
	struct mf_fake_array results;		/* struct mf_result */
	struct mf_fake_array symbols;		/* struct mf_fake_symbol */
	struct mf_fake_array dns;		/* struct mf_fake_record */
	struct mf_fake_array parts;		/* struct mf_fake_part */
	/* struct mf_dns_query, of the message and before it of the session */
	struct mf_fake_array asked;
	struct mf_fake_array given;		/* names of options that were set */
	struct mf_fake_mark connection;		/* what was made before the first MAIL */
	struct mf_fake_mark before;		/* and before the running callback */
	struct mf_fake_memory *own, *session_memory, *message_memory;
	int64_t time_left;
	const char *refused;		/* what the running callback did that ends it in MF_ERROR */
	const char *matched;		/* the subject of the last match in this callback */
	regmatch_t groups[10];
	bool started, had_message, in_message, session_over, message_over, ending;
	bool session_owed, message_owed;	/* session_end and message_end are to be called */
};

static inline struct mf_fake *
mf_fake_of(struct mf_context *c)
{
	return (struct mf_fake *)(void *)c;
}

/* A mistake in the test itself, or in its surroundings. */
static inline void
mf_fake_die(const char *what, const char *name)
{
	fprintf(stderr, "plugin_test.h: %s: %s\n", what, name);
	exit(1);
}

/* ---- memory ---- */

static inline void *
mf_fake_take(struct mf_fake_memory **pool, size_t size)
{
	struct mf_fake_memory *piece;

	piece = size > SIZE_MAX - sizeof(*piece) ? NULL :
	    (struct mf_fake_memory *)calloc(1, sizeof(*piece) + size);
	if (!piece)
		mf_fake_die("memory", "there is none left");
	piece->next = *pool;
	*pool = piece;
	return piece + 1;
}

static inline char *
mf_fake_copy(struct mf_fake *f, const void *bytes, size_t size)
{
	char *copy = (char *)mf_fake_take(&f->own, size + 1);

	if (size)
		memcpy(copy, bytes, size);
	return copy;
}

static inline char *
mf_fake_text(struct mf_fake *f, const char *text)
{
	return text ? mf_fake_copy(f, text, strlen(text)) : NULL;
}

static inline void
mf_fake_release(struct mf_fake_memory **pool)
{
	while (*pool) {
		struct mf_fake_memory *piece = *pool;

		*pool = piece->next;
		if (piece->release)
			piece->release(piece->foreign);
		free(piece);
	}
}

/* Arrays live as long as the fake host. A change makes the items anew, so a copy of the array keeps
 * what it had. */
static inline void
mf_fake_insert(struct mf_fake *f, struct mf_fake_array *array, size_t index, void *item)
{
	void **items = (void **)mf_fake_take(&f->own, (array->count + 1) * sizeof(*items));
	size_t i;

	for (i = 0; i < array->count; i++)
		items[i < index ? i : i + 1] = array->items[i];
	items[index] = item;
	array->items = items;
	array->count++;
}

static inline void
mf_fake_append(struct mf_fake *f, struct mf_fake_array *array, void *item)
{
	mf_fake_insert(f, array, array->count, item);
}

static inline void
mf_fake_remove(struct mf_fake *f, struct mf_fake_array *array, size_t index)
{
	void **items = (void **)mf_fake_take(&f->own, array->count * sizeof(*items));
	size_t i, count = 0;

	for (i = 0; i < array->count; i++)
		if (i != index)
			items[count++] = array->items[i];
	array->items = items;
	array->count = count;
}

/* Cuts a text at blanks: the next word, NULL when there is none. */
static inline char *
mf_fake_word(char **rest)
{
	char *word = *rest + strspn(*rest, " ");

	*rest = word + strcspn(word, " ");
	if (**rest)
		*(*rest)++ = '\0';
	return *word ? word : NULL;
}

static inline void
mf_fake_pair_set(struct mf_fake *f, struct mf_fake_array *pairs, const char *name,
    const char *value)
{
	struct mf_fake_pair *pair = (struct mf_fake_pair *)mf_fake_take(&f->own, sizeof(*pair));

	pair->name = mf_fake_text(f, name);
	pair->value = mf_fake_text(f, value);
	mf_fake_append(f, pairs, pair);
}

/* The one that was set last; NULL: none was. */
static inline const char *
mf_fake_pair_get(const struct mf_fake_array *pairs, const char *name, size_t length)
{
	size_t i;

	for (i = pairs->count; i > 0; i--) {
		const struct mf_fake_pair *pair = (const struct mf_fake_pair *)pairs->items[i - 1];

		if (strlen(pair->name) == length && memcmp(pair->name, name, length) == 0)
			return pair->value;
	}
	return NULL;
}

static inline void *
mf_host_alloc(struct mf_context *c, size_t size)
{
	struct mf_fake *f = mf_fake_of(c);

	return mf_fake_take(f->in_message ? &f->message_memory : &f->session_memory, size);
}

static inline void *
mf_host_session_alloc(struct mf_context *c, size_t size)
{
	return mf_fake_take(&mf_fake_of(c)->session_memory, size);
}

static inline void
mf_host_cleanup(struct mf_context *c, void (*release)(void *foreign), void *foreign)
{
	struct mf_fake *f = mf_fake_of(c);
	struct mf_fake_memory **pool = &f->session_memory;

	if (c->stage == MF_STAGE_START)
		pool = &f->own;
	else if (f->in_message)
		pool = &f->message_memory;
	mf_fake_take(pool, 0);
	(*pool)->release = release;
	(*pool)->foreign = foreign;
}

MF_PRINTF(2, 0) static inline char *
mf_host_vprintf(struct mf_context *c, const char *format, va_list arguments)
{
	va_list again;
	char *text;
	int length;

	va_copy(again, arguments);
	length = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (length < 0)
		mf_fake_die("not a format", format);
	text = (char *)mf_host_alloc(c, (size_t)length + 1);
	vsnprintf(text, (size_t)length + 1, format, arguments);
	return text;
}

/* ---- what is known ---- */

static inline const struct mf_client *
mf_host_client(struct mf_context *c)
{
	return &mf_fake_of(c)->who;
}

static inline const char *
mf_host_helo(struct mf_context *c)
{
	return mf_fake_of(c)->greeting;
}

static inline const struct mf_address *
mf_host_sender(struct mf_context *c)
{
	return mf_fake_of(c)->in_message ? mf_fake_of(c)->mail.sender : NULL;
}

static inline size_t
mf_host_recipient_count(struct mf_context *c)
{
	return mf_fake_of(c)->in_message ? mf_fake_of(c)->mail.recipients.count : 0;
}

static inline const struct mf_address *
mf_host_recipient(struct mf_context *c, size_t index)
{
	if (index >= mf_host_recipient_count(c))
		return NULL;
	return (const struct mf_address *)mf_fake_of(c)->mail.recipients.items[index];
}

static inline const char *
mf_host_macro(struct mf_context *c, const char *name)
{
	return mf_fake_pair_get(&mf_fake_of(c)->macros, name, strlen(name));
}

static inline const char *
mf_host_session_id(struct mf_context *c)
{
	(void)c;
	return "fake-1";
}

static inline const char *
mf_host_queue_id(struct mf_context *c)
{
	return mf_fake_of(c)->in_message ? mf_fake_of(c)->queue_id : NULL;
}

static inline const char *
mf_host_listener(struct mf_context *c)
{
	(void)c;
	return "fake";
}

static inline const char *
mf_host_filter(struct mf_context *c)
{
	return mf_fake_of(c)->plugin->name;
}

static inline int64_t
mf_host_now(struct mf_context *c)
{
	return mf_fake_of(c)->now;
}

static inline int64_t
mf_host_time_left(struct mf_context *c)
{
	return mf_fake_of(c)->time_left;
}

/* Waits for a descriptor take their time; those for none pass at once, and only the fake host's
 * clock shows them. */
static inline enum mf_waited
mf_host_wait(struct mf_context *c, int fd, unsigned events, int64_t milliseconds)
{
	struct mf_fake *f = mf_fake_of(c);
	bool whole = milliseconds >= 0 && milliseconds < f->time_left;
	int64_t wait = whole ? milliseconds : f->time_left;
	struct pollfd wanted = { fd, (short)((events & MF_READABLE ? POLLIN : 0) |
	    (events & MF_WRITABLE ? POLLOUT : 0)), 0 };
	int found = 0;

	while (fd >= 0 && (found = poll(&wanted, 1, (int)wait)) < 0 && errno == EINTR)
		;
	if (found > 0)
		return MF_WAITED_READY;
	f->time_left -= wait;
	return whole ? MF_WAITED_TIME : MF_WAITED_DEADLINE;
}

/* ---- the message ---- */

/* The place of the nth field of a name; the count of fields: there is none. */
static inline size_t
mf_fake_find(const struct mf_fake_mail *mail, const char *name, size_t n)
{
	size_t i;

	for (i = 0; i < mail->fields.count; i++) {
		const struct mf_header *field = (const struct mf_header *)mail->fields.items[i];

		if ((!name || strcasecmp(field->name, name) == 0) && n-- == 0)
			break;
	}
	return i;
}

static inline size_t
mf_host_header_count(struct mf_context *c, const char *name)
{
	const struct mf_fake *f = mf_fake_of(c);
	size_t count = 0;

	while (f->in_message && mf_fake_find(&f->mail, name, count) < f->mail.fields.count)
		count++;
	return count;
}

static inline bool
mf_host_header_at(struct mf_context *c, size_t index, struct mf_header *field_r)
{
	const struct mf_fake *f = mf_fake_of(c);

	if (!f->in_message || index >= f->mail.fields.count)
		return false;
	*field_r = *(const struct mf_header *)f->mail.fields.items[index];
	field_r->index = index;
	return true;
}

static inline bool
mf_host_header_find(struct mf_context *c, const char *name, size_t n, struct mf_header *field_r)
{
	return mf_host_header_at(c, mf_fake_find(&mf_fake_of(c)->mail, name, n), field_r);
}

/* Unfolded and without blanks at both ends. */
static inline const char *
mf_host_decoded(struct mf_context *c, const struct mf_header *field)
{
	char *text = (char *)mf_host_alloc(c, field->value_length + 1);
	size_t i, length = 0;

	for (i = 0; i < field->value_length; i++) {
		char byte = field->value[i] == '\t' ? ' ' : field->value[i];

		if ((unsigned char)byte >= ' ' && byte != 0x7f && (length || byte != ' '))
			text[length++] = byte;
	}
	while (length && text[length - 1] == ' ')
		length--;
	text[length] = '\0';
	return text;
}

static inline const void *
mf_host_body(struct mf_context *c, size_t *size_r)
{
	struct mf_fake *f = mf_fake_of(c);

	if (!(f->uses & MF_USE_BODY))
		f->refused = "it reads the body and did not say so in start";
	*size_r = c->stage == MF_STAGE_MESSAGE ? f->mail.body_size : 0;
	return *size_r ? f->mail.body : "";
}

/* Whether two messages have the same fields of a name. */
static inline bool
mf_fake_same_fields(const struct mf_fake_mail *a, const struct mf_fake_mail *b, const char *name)
{
	size_t n;

	for (n = 0;; n++) {
		size_t i = mf_fake_find(a, name, n), j = mf_fake_find(b, name, n);
		const struct mf_header *one, *other;

		if (i >= a->fields.count || j >= b->fields.count)
			return i >= a->fields.count && j >= b->fields.count;
		one = (const struct mf_header *)a->fields.items[i];
		other = (const struct mf_header *)b->fields.items[j];
		if (strcmp(one->name, other->name) != 0 ||
		    one->value_length != other->value_length ||
		    memcmp(one->value, other->value, one->value_length) != 0)
			return false;
	}
}

static inline bool
mf_host_changed(struct mf_context *c, const char *name)
{
	const struct mf_fake *f = mf_fake_of(c);

	if (c->stage != MF_STAGE_MESSAGE)
		return false;
	if (name)
		return !mf_fake_same_fields(&f->mail, &f->original, name);
	return f->mail.body_size != f->original.body_size ||
	    memcmp(f->mail.body, f->original.body, f->mail.body_size) != 0;
}

static inline const char *
mf_host_encoded(struct mf_context *c, const char *text)
{
	return mf_printf(c, " %s", text);
}

#include <filterd/plugin_test/dns.h>
#include <filterd/plugin_test/edit.h>
#include <filterd/plugin_test/mime.h>
#include <filterd/plugin_test/rules.h>

/* ---- the table ---- */

static const struct mf_host mf_fake_host = {
	MF_ABI, sizeof(struct mf_host),
	mf_host_alloc, mf_host_session_alloc, mf_host_cleanup, mf_host_vprintf,
	mf_host_client, mf_host_helo, mf_host_sender, mf_host_recipient_count, mf_host_recipient,
	mf_host_macro, mf_host_session_id, mf_host_queue_id, mf_host_listener, mf_host_filter,
	mf_host_now, mf_host_time_left,
	mf_host_header_count, mf_host_header_at, mf_host_header_find, mf_host_decoded, mf_host_body,
	mf_host_encoded,
	mf_host_header_add, mf_host_header_insert, mf_host_header_set, mf_host_header_delete,
	mf_host_body_replace, mf_host_body_append, mf_host_sender_set, mf_host_recipient_add,
	mf_host_recipient_delete, mf_host_quarantine,
	mf_host_reply, mf_host_error, mf_host_log, mf_host_matched,
	mf_host_result_add, mf_host_result_property, mf_host_result_count, mf_host_result_value,
	mf_host_result_get, mf_host_score, mf_host_symbol_add, mf_host_symbol,
	mf_host_test, mf_host_condition_stage, mf_host_expand, mf_host_template_stage,
	mf_host_match, mf_host_replace, mf_host_list_has,
	mf_host_only_stages, mf_host_only_uses, mf_host_config_error, mf_host_first_stage,
	mf_host_wait,
	mf_host_matched_shadow,
	mf_host_dns_start, mf_host_dns_await,
	mf_host_part_count, mf_host_part, mf_host_part_detected, mf_host_part_size,
	mf_host_part_header, mf_host_part_open, mf_host_part_read, mf_host_part_text,
	mf_host_part_defects, mf_host_part_replace, mf_host_part_set_text, mf_host_part_remove,
	mf_host_part_append, mf_host_part_wrap, mf_host_part_header_set,
	mf_host_part_archive, mf_host_links,
	mf_host_result_at, mf_host_only_verdicts, mf_host_changed,
	mf_host_expand_shown
};

#endif
