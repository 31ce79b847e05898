/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * filterd plugin interface: all that a plugin sees of its host.
 *
 * A plugin is a shared object that exports one symbol, `filterd_plugin`, which MF_PLUGIN() defines.
 * It links to nothing: every service is reached through the table `struct mf_host` in the context
 * that each callback is given, and the static inline functions at the end of this file wrap that
 * table so that plugin code reads plainly.
 *
 * Callbacks are of two kinds.
 *   live      connect helo mail rcpt data header eoh body unknown: called while the client speaks,
 *             with what it sends, as it sends it. What other filters mean to change is not seen.
 *   message   called once at end of message: sees the whole message as the filters before it have
 *             left it.
 *
 * Edits may be made in any callback. They are kept for the end of the message, where the edits of
 * filter 1, live ones first, are applied before filter 2's, and so on. Edits made before MAIL apply
 * to every message of the connection. They are committed when the callback returns, and rolled back
 * when it ends in MF_ERROR, passes its deadline or runs in shadow; those made while a recipient was
 * judged fall with that recipient if it is refused in the end. So it is with results, symbols and
 * score; not with session and message state, which are the plugin's own.
 *
 * Memory: what the host returns is borrowed, never freed by the plugin. Unless said otherwise it
 * lives as long as the message (before MAIL and in start: as long as the session or the instance).
 * What the host is given it copies. Texts end in NUL. Allocation never returns NULL.
 *
 * Threads: options are immutable. What start puts into c->instance is shared by all threads and the
 * plugin locks it; it allocates such memory itself and frees it in stop. Session and message state
 * belong to one thread at a time, not always to the same thread. A context is for the thread that
 * was called with it, until the callback returns. A callback must not call exit, fork, or block in
 * anything that the host does not offer: who talks to a socket makes it non-blocking and waits with
 * mf_wait(). An exception of C++ must not leave it.
 *
 * Time: each callback has until its deadline, `timeout` of its filter block; one that returns later
 * ends in MF_ERROR. One that does not return until `hard-timeout` is cut off: the connection with
 * the MTA is closed under it, and the worker process is replaced.
 *
 * ABI change log (every entry is append-only within a major version)
 *   1.0  first version
 *   1.1  mf_wait(): a wait that keeps to the deadline
 *   1.2  mf_matched_shadow(): a rule that is only tried
 *   1.3  mf_dns_start(), mf_dns_await(), mf_dns(): the DNS
 *   1.4  mf_part_count() and the other mf_part… of plugin/mime.h: MIME;
 *        mf_part_archive(), mf_links(): what is inside
 *   1.5  mf_result_at(): the results board as a whole
 *   1.6  mf_only_verdicts(): live callbacks that nobody waits for
 *   1.7  mf_changed(): what filters have made of the message; final_body in the descriptor
 *   1.8  mf_expand_shown(): templates for people to read; MF_TEMPLATE_FILE: templates in files
 */
#ifndef FILTERD_PLUGIN_H
#define FILTERD_PLUGIN_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <filterd/plugin/option.h>
#include <filterd/plugin/dns.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MF_ABI_MAJOR 1u
#define MF_ABI_MINOR 8u
#define MF_ABI ((MF_ABI_MAJOR << 16) | MF_ABI_MINOR)

#if defined(__GNUC__)
#define MF_PRINTF(text, first) __attribute__((__format__(__printf__, text, first)))
#define MF_EXPORT __attribute__((visibility("default")))
#else
#define MF_PRINTF(text, first)
#define MF_EXPORT
#endif

/* ---- verdicts and stages ---- */

enum mf_verdict {
	MF_CONTINUE,	/* the next filter, same stage */
	/* this filter wants no more of this message (before MAIL: of this connection) */
	MF_DONE,
	/* the chain ends for this message with the edits made so far (before MAIL: for this
	 * connection) */
	MF_ACCEPT,
	/* refuse with the reply set by mf_reject(), else 550 5.7.1; before MAIL the connection, at
	 * RCPT that recipient only, at unknown that command only */
	MF_REJECT,
	MF_TEMPFAIL,	/* the same with 4xx: mf_tempfail(), else 451 4.7.1 */
	MF_DISCARD,	/* accept and drop the message; an error at connect, helo and unknown */
	/* the filter failed: its on-error policy applies; say why with mf_error(). So does any
	 * value that is not one of these. */
	MF_ERROR
};

/* In the order in which an SMTP session reaches them; MF_STAGE_UNKNOWN may come anywhere. */
enum mf_stage {
	MF_STAGE_START,		/* start and stop: no session */
	MF_STAGE_CONNECT,
	MF_STAGE_HELO,
	MF_STAGE_MAIL,
	MF_STAGE_RCPT,
	MF_STAGE_DATA,
	MF_STAGE_HEADER,
	MF_STAGE_EOH,
	MF_STAGE_BODY,
	MF_STAGE_MESSAGE,
	MF_STAGE_UNKNOWN,
	MF_STAGE_COUNT
};

#define MF_AT(stage) (1u << (stage))

/* What an instance uses; see mf_only_uses(). */
enum mf_use {
	/* reads the body, in a callback or through a condition or template */
	MF_USE_BODY		= 1 << 0,
	MF_USE_ADD_HEADER	= 1 << 1,	/* adds or inserts header fields */
	MF_USE_CHANGE_HEADER	= 1 << 2,	/* changes or deletes header fields */
	MF_USE_CHANGE_BODY	= 1 << 3,
	MF_USE_CHANGE_SENDER	= 1 << 4,
	MF_USE_ADD_RECIPIENT	= 1 << 5,
	MF_USE_DELETE_RECIPIENT	= 1 << 6,
	MF_USE_QUARANTINE	= 1 << 7
};

/* What mf_wait() waits for. */
enum mf_event {
	MF_READABLE	= 1 << 0,
	MF_WRITABLE	= 1 << 1
};

/* How a wait has ended. */
enum mf_waited {
	/* what was waited for has come; or an error or the peer's end, which a read or write will
	 * tell */
	MF_WAITED_READY,
	MF_WAITED_TIME,		/* the milliseconds have passed */
	/* the callback's deadline has passed: return soon, it ends in MF_ERROR whatever it
	 * returns */
	MF_WAITED_DEADLINE
};

/* What a text is put into. */
enum mf_form {
	MF_FORM_TEXT,
	MF_FORM_HTML
};

enum mf_log_level { MF_LOG_ERROR, MF_LOG_WARNING, MF_LOG_NOTICE, MF_LOG_INFO, MF_LOG_DEBUG };

/* ---- opaque host objects ---- */

struct mf_result;	/* one entry of the results board */
struct mf_host;		/* the host's table, at the end of this file */
/* of plugin/mime.h */
struct mf_part;
struct mf_part_stream;
struct mf_part_content;
/* of plugin/inspect.h */
struct mf_archive;
struct mf_link;

/* ---- what the host shows ---- */

struct mf_context {
	const struct mf_host *host;	/* for the wrappers below */
	const void *options;		/* this instance's options, as its table says; immutable */
	void *instance;			/* what start left here; shared by all threads */
	/* descriptor.session_size bytes, zeroed; NULL in start and stop */
	void *session;
	/* descriptor.message_size bytes, zeroed; NULL outside MAIL … end of message */
	void *message;
	/* the stage of the callback that runs; in message_end the furthest that the message has
	 * reached, in session_end connect or helo */
	enum mf_stage stage;
	/* append only */
};

/* The SMTP client. */
struct mf_client {
	/* its host name as the MTA found it; "[192.0.2.1]" or "unknown" when it has none */
	const char *name;
	/* printable IP address; "local" for a submission without one; path for AF_UNIX */
	const char *address;
	/* network order, IPv4 in its IPv4-mapped IPv6 form; all zero when there is none */
	uint8_t ip[16];
	uint16_t port;			/* host order; 0 when not known */
	uint8_t version;		/* 4, 6, or 0: no IP address */
	/* append only */
};

/* An envelope address, RFC 5321 section 4.1.2. */
struct mf_address {
	const char *text;		/* without angle brackets; "" for the null reverse-path */
	/* part before the last "@", as sent; the whole when there is no "@" */
	const char *local;
	const char *domain;		/* part after it, in lower case; "" when there is none */
	/* ESMTP arguments, RFC 5321 section 4.1.1.11, as sent; ends with NULL */
	const char *const *arguments;
	/* append only */
};

/* A header field, RFC 5322 section 2.2. */
struct mf_header {
	const char *name;		/* as spelled */
	/* the bytes after the colon, leading white space and folds (LF) kept, no final LF; a NUL
	 * may stand among them, and stands behind them */
	const char *value;
	size_t name_length;
	size_t value_length;
	size_t index;			/* its place among all fields of the message, from 0 */
	/* fixed: plugins have it by value */
};

/* A property of a result: "header.d" and its value. */
struct mf_property { const char *name, *value; };

/* A result as it stands on the board. */
struct mf_result_view {
	const char *method, *value;
	const char *reason;			/* NULL: none was given */
	const struct mf_property *properties;	/* in the order in which they were added */
	size_t property_count;
	/* fixed: plugins have it by value */
};

/* ---- the plugin ---- */

struct mf_plugin {
	uint32_t abi;			/* MF_ABI; first, for it protects the rest */
	uint32_t size;			/* sizeof(struct mf_plugin) */
	/* sizeof(struct mf_option): the stride of its option tables */
	uint32_t option_size;
	const char *name;		/* [a-z0-9-]+, the word behind `plugin` in the config */
	const char *version;
	const char *summary;		/* one line */
	/* methods it puts on the results board; ends with NULL; NULL: none */
	const char *const *provides;
	/* methods that an earlier filter of the chain must provide */
	const char *const *needs;
	/* MTA macros it reads, as "{auth_type}" or "j", whatever their stage */
	const char *const *macros;
	const struct mf_option *options;
	size_t options_size;
	size_t session_size;		/* state a session: allocated and zeroed by the host */
	size_t message_size;		/* state a message: likewise */

	/* Once a worker and instance, before any session; also in filterd check and filterd test.
	 * False: the instance cannot serve; say why with mf_config_error() (a config mistake) or
	 * mf_error(). stop is called only after a start that succeeded. */
	bool (*start)(struct mf_context *c);
	void (*stop)(struct mf_context *c);

	/* Live callbacks. NULL: the stage is of no interest, and the MTA may not even be asked for
	 * it. Arguments are borrowed for the call. */
	enum mf_verdict (*connect)(struct mf_context *c, const struct mf_client *client);
	enum mf_verdict (*helo)(struct mf_context *c, const char *name);
	enum mf_verdict (*mail)(struct mf_context *c, const struct mf_address *sender);
	enum mf_verdict (*rcpt)(struct mf_context *c, const struct mf_address *recipient);
	enum mf_verdict (*data)(struct mf_context *c);
	enum mf_verdict (*header)(struct mf_context *c, const struct mf_header *field);
	enum mf_verdict (*eoh)(struct mf_context *c);
	enum mf_verdict (*body)(struct mf_context *c, const void *bytes, size_t size);
	enum mf_verdict (*unknown)(struct mf_context *c, const char *command);

	/* End of message. */
	enum mf_verdict (*message)(struct mf_context *c);

	/* Exactly once for each session and each message for which the filter had a callback
	 * called, whatever the MTA does; message_end first. Nothing can be changed any more. */
	void (*message_end)(struct mf_context *c);
	void (*session_end)(struct mf_context *c);

	/* since 1.7: `message` tells or signs what the body is. A chain is refused where a filter
	 * behind it may change the body. */
	bool final_body;
	/* append only */
};

/* ---- the host's table: append-only; `size` tells how much of it this host has ---- */

struct mf_host {
	uint32_t abi;
	uint32_t size;

	/* memory and text */
	void *(*alloc)(struct mf_context *c, size_t size);
	void *(*session_alloc)(struct mf_context *c, size_t size);
	void (*cleanup)(struct mf_context *c, void (*release)(void *foreign), void *foreign);
	char *(*vprintf)(struct mf_context *c, const char *format, va_list arguments);

	/* what is known */
	const struct mf_client *(*client)(struct mf_context *c);
	const char *(*helo)(struct mf_context *c);
	const struct mf_address *(*sender)(struct mf_context *c);
	size_t (*recipient_count)(struct mf_context *c);
	const struct mf_address *(*recipient)(struct mf_context *c, size_t index);
	const char *(*macro)(struct mf_context *c, const char *name);
	const char *(*session_id)(struct mf_context *c);
	const char *(*queue_id)(struct mf_context *c);
	const char *(*listener)(struct mf_context *c);
	const char *(*filter)(struct mf_context *c);
	int64_t (*now)(struct mf_context *c);
	int64_t (*time_left)(struct mf_context *c);

	/* the message */
	size_t (*header_count)(struct mf_context *c, const char *name);
	bool (*header_at)(struct mf_context *c, size_t index, struct mf_header *field_r);
	bool (*header_find)(struct mf_context *c, const char *name, size_t n,
	    struct mf_header *field_r);
	const char *(*decoded)(struct mf_context *c, const struct mf_header *field);
	const void *(*body)(struct mf_context *c, size_t *size_r);
	const char *(*encoded)(struct mf_context *c, const char *text);

	/* edits */
	bool (*header_add)(struct mf_context *c, const char *name, const char *value);
	bool (*header_insert)(struct mf_context *c, size_t index, const char *name,
	    const char *value);
	bool (*header_set)(struct mf_context *c, const char *name, size_t n, const char *value);
	bool (*header_delete)(struct mf_context *c, const char *name, size_t n);
	bool (*body_replace)(struct mf_context *c, const void *bytes, size_t size);
	bool (*body_append)(struct mf_context *c, const void *bytes, size_t size);
	bool (*sender_set)(struct mf_context *c, const char *address, const char *arguments);
	bool (*recipient_add)(struct mf_context *c, const char *address, const char *arguments);
	bool (*recipient_delete)(struct mf_context *c, const char *address);
	bool (*quarantine)(struct mf_context *c, const char *reason);

	/* verdicts, log, explanation */
	void (*reply)(struct mf_context *c, int code, const char *enhanced, const char *text);
	void (*error)(struct mf_context *c, const char *cause);
	void (*log)(struct mf_context *c, enum mf_log_level level, const char *text);
	void (*matched)(struct mf_context *c, const char *rule, const char *where);

	/* results board */
	struct mf_result *(*result_add)(struct mf_context *c, const char *method, const char *value,
	    const char *reason);
	void (*result_property)(struct mf_context *c, struct mf_result *result,
	    const char *property, const char *value);
	size_t (*result_count)(struct mf_context *c, const char *method);
	const char *(*result_value)(struct mf_context *c, const char *method, size_t n);
	const char *(*result_get)(struct mf_context *c, const char *method, size_t n,
	    const char *property);
	double (*score)(struct mf_context *c);
	void (*symbol_add)(struct mf_context *c, const char *name, double points);
	bool (*symbol)(struct mf_context *c, const char *name, double *points_r);

	/* conditions, templates, regexes, lists */
	bool (*test)(struct mf_context *c, const struct mf_condition *condition);
	enum mf_stage (*condition_stage)(struct mf_context *c,
	    const struct mf_condition *condition);
	const char *(*expand)(struct mf_context *c, const struct mf_template *text);
	enum mf_stage (*template_stage)(struct mf_context *c, const struct mf_template *text);
	bool (*match)(struct mf_context *c, const struct mf_regex *regex, const char *subject,
	    size_t length);
	char *(*replace)(struct mf_context *c, const struct mf_regex *regex,
	    const struct mf_template *with,
	    const char *subject, size_t length, size_t *length_r);
	bool (*list_has)(struct mf_context *c, const struct mf_list *list, const char *text);

	/* start only */
	void (*only_stages)(struct mf_context *c, unsigned stages);
	void (*only_uses)(struct mf_context *c, unsigned uses);
	void (*config_error)(struct mf_context *c, const void *member, const char *text);
	enum mf_stage (*first_stage)(struct mf_context *c);

	/* since 1.1 */
	enum mf_waited (*wait)(struct mf_context *c, int fd, unsigned events,
	    int64_t milliseconds);

	/* since 1.2 */
	void (*matched_shadow)(struct mf_context *c, const char *rule, const char *where,
	    const char *would);

	/* since 1.3 */
	struct mf_dns_query *(*dns_start)(struct mf_context *c, const char *name,
	    enum mf_dns_type type);
	const struct mf_dns_answer *(*dns_await)(struct mf_context *c, struct mf_dns_query *query);

	/* since 1.4 */
	size_t (*part_count)(struct mf_context *c);
	const struct mf_part *(*part)(struct mf_context *c, size_t index);
	const char *(*part_detected)(struct mf_context *c, size_t index);
	size_t (*part_size)(struct mf_context *c, size_t index);
	bool (*part_header)(struct mf_context *c, size_t index, size_t n,
	    struct mf_header *field_r);
	struct mf_part_stream *(*part_open)(struct mf_context *c, size_t index);
	size_t (*part_read)(struct mf_context *c, struct mf_part_stream *stream,
	    const void **bytes_r);
	const char *(*part_text)(struct mf_context *c, size_t index, size_t *length_r);
	const char *const *(*part_defects)(struct mf_context *c, size_t index);
	bool (*part_replace)(struct mf_context *c, size_t index,
	    const struct mf_part_content *content);
	bool (*part_set_text)(struct mf_context *c, size_t index, const char *text,
	    size_t length);
	bool (*part_remove)(struct mf_context *c, size_t index);
	bool (*part_append)(struct mf_context *c, size_t index,
	    const struct mf_part_content *content);
	bool (*part_wrap)(struct mf_context *c, size_t index, const char *type);
	bool (*part_header_set)(struct mf_context *c, size_t index, const char *name,
	    const char *value);
	const struct mf_archive *(*part_archive)(struct mf_context *c, size_t index);
	const struct mf_link *(*links)(struct mf_context *c, size_t *count_r);

	/* since 1.5 */
	bool (*result_at)(struct mf_context *c, size_t index, struct mf_result_view *view_r);

	/* since 1.6 */
	void (*only_verdicts)(struct mf_context *c, unsigned stages);

	/* since 1.7 */
	bool (*changed)(struct mf_context *c, const char *name);

	/* since 1.8 */
	const char *(*expand_shown)(struct mf_context *c, const struct mf_template *text,
	    enum mf_form form);
	/* append only */
};

/* ---- memory and text ---- */

/* Zeroed memory that lives as long as the message (session, when there is none). Past memory-limit
 * or session-memory-limit of the config, which count all that the filter had the host allocate, the
 * callback ends in MF_ERROR when it returns; the memory given is usable until then. A size that the
 * machine does not have ends the worker. */
static inline void *
mf_alloc(struct mf_context *c, size_t size)
{
	return c->host->alloc(c, size);
}

/* The same, as long as the session. */
static inline void *
mf_session_alloc(struct mf_context *c, size_t size)
{
	return c->host->session_alloc(c, size);
}

/* Calls release(foreign) when the message (session, when there is none; in start: the instance) is
 * over, after message_end (session_end, stop), the last one registered first. */
static inline void
mf_cleanup(struct mf_context *c, void (*release)(void *foreign), void *foreign)
{
	c->host->cleanup(c, release, foreign);
}

/* Text in the message's memory. */
MF_PRINTF(2, 3) static inline char *
mf_printf(struct mf_context *c, const char *format, ...)
{
	va_list arguments;
	char *text;

	va_start(arguments, format);
	text = c->host->vprintf(c, format, arguments);
	va_end(arguments);
	return text;
}

/* ---- what is known ---- */

/* Never NULL. (In C++ the type is `struct mf_client`, for this function has its name.) */
static inline const struct mf_client *
mf_client(struct mf_context *c)
{
	return c->host->client(c);
}

/* The HELO or EHLO argument; NULL before it. Valid until the next HELO or EHLO: a client that
 * starts TLS says it twice. */
static inline const char *
mf_helo(struct mf_context *c)
{
	return c->host->helo(c);
}

/* The envelope sender; NULL outside a message. In `message`: as earlier filters left it. */
static inline const struct mf_address *
mf_sender(struct mf_context *c)
{
	return c->host->sender(c);
}

/* Accepted envelope recipients so far, at RCPT without the one that is judged; in `message`: as
 * earlier filters left them. */
static inline size_t
mf_recipient_count(struct mf_context *c)
{
	return c->host->recipient_count(c);
}

/* NULL past the last. */
static inline const struct mf_address *
mf_recipient(struct mf_context *c, size_t index)
{
	return c->host->recipient(c, index);
}

/* The value of an MTA macro, "{auth_type}" or "j"; NULL when the MTA sent none. Valid for the
 * callback. Only what the descriptor names under `macros` is sure to be asked for. */
static inline const char *
mf_macro(struct mf_context *c, const char *name)
{
	return c->host->macro(c, name);
}

/* Printable id of the MTA connection, unique a host and day. */
static inline const char *
mf_session_id(struct mf_context *c)
{
	return c->host->session_id(c);
}

/* The MTA's queue id; NULL until the MTA told it (Postfix: at the first recipient or later). */
static inline const char *
mf_queue_id(struct mf_context *c)
{
	return c->host->queue_id(c);
}

/* The name of the listener that took the session. */
static inline const char *
mf_listener(struct mf_context *c)
{
	return c->host->listener(c);
}

/* The name of this instance in the config. */
static inline const char *
mf_filter(struct mf_context *c)
{
	return c->host->filter(c);
}

/* Seconds since the epoch; in filterd test those of its --now, though not in start. */
static inline int64_t
mf_now(struct mf_context *c)
{
	return c->host->now(c);
}

/* Milliseconds until this callback's deadline; never negative. In start and stop: `timeout`. */
static inline int64_t
mf_time_left(struct mf_context *c)
{
	return c->host->time_left(c);
}

/* Waits until a descriptor is ready for what `events` says (enum mf_event, or'ed), at most so many
 * milliseconds and never past this callback's deadline. With descriptor -1 it only waits; negative
 * milliseconds: up to the deadline. In start and stop, which have none, a wait lasts as long as
 * `timeout` at most, and that is its deadline. */
static inline enum mf_waited
mf_wait(struct mf_context *c, int fd, unsigned events, int64_t milliseconds)
{
	return c->host->wait(c, fd, events, milliseconds);
}

/* ---- the message: in `message` the model as it is now, in live callbacks what has arrived so far
 * ---- */

/* Fields of that name, compared without case; NULL: all fields. */
static inline size_t
mf_header_count(struct mf_context *c, const char *name)
{
	return c->host->header_count(c, name);
}

/* The field at an index among all, from 0. False: there is none. */
static inline bool
mf_header_at(struct mf_context *c, size_t index, struct mf_header *field_r)
{
	return c->host->header_at(c, index, field_r);
}

/* The nth field of a name, from 0 at the top. */
static inline bool
mf_header_find(struct mf_context *c, const char *name, size_t n, struct mf_header *field_r)
{
	return c->host->header_find(c, name, n, field_r);
}

/* A field's value as a reader sees it: unfolded, encoded words decoded (RFC 2047), surrounding
 * blanks removed, valid UTF-8 without control characters. */
static inline const char *
mf_decoded(struct mf_context *c, const struct mf_header *field)
{
	return c->host->decoded(c, field);
}

/* Text (UTF-8) as the value of an unstructured field: a leading blank, words that are not ASCII as
 * encoded words (RFC 2047), folded before column 78 where it can be. ASCII text that needs no fold
 * is only given its blank. */
static inline const char *
mf_encoded(struct mf_context *c, const char *text)
{
	return c->host->encoded(c, text);
}

/* The body's bytes as the MTA sends them (lines end in CRLF), contiguous, without a NUL behind
 * them; valid until the body is edited or the callback returns. Empty in live callbacks. */
static inline const void *
mf_body(struct mf_context *c, size_t *size_r)
{
	return c->host->body(c, size_r);
}

/* In `message`: whether filters have made other header fields of that name, NULL: another body, of
 * those that arrived. */
static inline bool
mf_changed(struct mf_context *c, const char *name)
{
	return c->host->changed(c, name);
}

/* ---- edits. False: refused (an illegal name, value or address, a limit of the message, an action
 * that the MTA does not offer or that mf_only_uses() left out); the callback then ends in MF_ERROR
 * whatever it returns, and start fails. In message_end, session_end and stop they do nothing. In
 * live callbacks they are kept in the message's memory until its end, so large bodies are better
 * made in `message`. ---- */

/* Adds a field after the last. The value is put behind the colon as it is: begin it with a blank.
 * Folds are "\n" and a blank. */
static inline bool
mf_header_add(struct mf_context *c, const char *name, const char *value)
{
	return c->host->header_add(c, name, value);
}

/* Inserts a field before the one at that index; past the last it is added. */
static inline bool
mf_header_insert(struct mf_context *c, size_t index, const char *name, const char *value)
{
	return c->host->header_insert(c, index, name, value);
}

/* Gives the nth field of a name a new value, in its place and with its spelling of the name. Adds
 * one when there are fewer. */
static inline bool
mf_header_set(struct mf_context *c, const char *name, size_t n, const char *value)
{
	return c->host->header_set(c, name, n, value);
}

/* Deletes the nth field of a name; nothing to do when there are fewer. */
static inline bool
mf_header_delete(struct mf_context *c, const char *name, size_t n)
{
	return c->host->header_delete(c, name, n);
}

/* Replaces the whole body. Lines are to end in CRLF: the bytes are sent as they are. */
static inline bool
mf_body_replace(struct mf_context *c, const void *bytes, size_t size)
{
	return c->host->body_replace(c, bytes, size);
}

/* Puts bytes behind the body, likewise; they may be the body's own. */
static inline bool
mf_body_append(struct mf_context *c, const void *bytes, size_t size)
{
	return c->host->body_append(c, bytes, size);
}

/* Envelope sender without brackets, "" for the null reverse-path; ESMTP arguments, divided by
 * blanks, or NULL. In a message without SMTPUTF8 the MTA is given A-labels for U-labels of the
 * domain (RFC 6531 section 3.2). */
static inline bool
mf_sender_set(struct mf_context *c, const char *address, const char *arguments)
{
	return c->host->sender_set(c, address, arguments);
}

/* Likewise. An address that is a recipient already is not added again. */
static inline bool
mf_recipient_add(struct mf_context *c, const char *address, const char *arguments)
{
	return c->host->recipient_add(c, address, arguments);
}

/* Deletes every recipient of that address, its domain written with U-labels or A-labels; NULL: all
 * recipients. */
static inline bool
mf_recipient_delete(struct mf_context *c, const char *address)
{
	return c->host->recipient_delete(c, address);
}

/* Holds the message, in the MTA's queue or in filterd's own store. The reason is a line of up to
 * 1000 bytes. */
static inline bool
mf_quarantine(struct mf_context *c, const char *reason)
{
	return c->host->quarantine(c, reason);
}

/* ---- verdicts, log, explanation ---- */

/* Sets the reply and returns MF_REJECT: a code 5xx or 0 for 550, an enhanced status code (RFC 3463)
 * or NULL for 5.7.1, text of one or more lines divided by "\n". A code that does not fit is
 * replaced by these and logged. Of the text 32 lines of 980 bytes are sent; control characters, and
 * without SMTPUTF8 what is not ASCII, as "?". At connect Sendmail refuses in its own words. */
MF_PRINTF(4, 5) static inline enum mf_verdict
mf_reject(struct mf_context *c, int code, const char *enhanced, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	c->host->reply(c, code, enhanced, c->host->vprintf(c, format, arguments));
	va_end(arguments);
	return MF_REJECT;
}

/* The same with a code 4xx; 421 also has the MTA end the SMTP session. */
MF_PRINTF(4, 5) static inline enum mf_verdict
mf_tempfail(struct mf_context *c, int code, const char *enhanced, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	c->host->reply(c, code, enhanced, c->host->vprintf(c, format, arguments));
	va_end(arguments);
	return MF_TEMPFAIL;
}

/* Notes the cause for log and explanation and returns MF_ERROR. For callbacks that return a verdict
 * and for start. */
MF_PRINTF(2, 3) static inline enum mf_verdict
mf_error(struct mf_context *c, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	c->host->error(c, c->host->vprintf(c, format, arguments));
	va_end(arguments);
	return MF_ERROR;
}

/* One log line with session, queue id and filter. */
MF_PRINTF(3, 4) static inline void
mf_log(struct mf_context *c, enum mf_log_level level, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	c->host->log(c, level, c->host->vprintf(c, format, arguments));
	va_end(arguments);
}

/* Notes for the explanation that a rule matched; `where` is its mf_block.where. */
static inline void
mf_matched(struct mf_context *c, const char *rule, const char *where)
{
	c->host->matched(c, rule, where);
}

/* The same for a rule that is only tried: it has done nothing. What it would have done, in words,
 * goes into a log line of its own and into the explanation. */
static inline void
mf_matched_shadow(struct mf_context *c, const char *rule, const char *where, const char *would)
{
	c->host->matched_shadow(c, rule, where, would);
}

/* ---- results board, RFC 8601 section 2.2. Methods, values and both parts of a property's name are
 * keywords: 1 to 63 letters, digits, "-" and "_". With another the callback ends in MF_ERROR.
 * ---- */

/* Adds a result; several of a method are allowed. The reason, any text, may be NULL. The result is
 * the running callback's: give it its properties there. */
static inline struct mf_result *
mf_result_add(struct mf_context *c, const char *method, const char *value, const char *reason)
{
	return c->host->result_add(c, method, value, reason);
}

/* Adds a property, named "ptype.property" as in "header.d"; its value is any text. */
static inline void
mf_result_property(struct mf_context *c, struct mf_result *result, const char *property,
    const char *value)
{
	c->host->result_property(c, result, property, value);
}

static inline size_t
mf_result_count(struct mf_context *c, const char *method)
{
	return c->host->result_count(c, method);
}

/* The value ("pass") of the nth result of a method; NULL past the last. */
static inline const char *
mf_result_value(struct mf_context *c, const char *method, size_t n)
{
	return c->host->result_value(c, method, n);
}

/* A property of it; NULL when it has none. */
static inline const char *
mf_result_get(struct mf_context *c, const char *method, size_t n, const char *property)
{
	return c->host->result_get(c, method, n, property);
}

/* The result at an index among all on the board, from 0, in the order in which they were added.
 * False: there is none. */
static inline bool
mf_result_at(struct mf_context *c, size_t index, struct mf_result_view *view_r)
{
	return c->host->result_at(c, index, view_r);
}

/* The running score of the message. */
static inline double
mf_score(struct mf_context *c)
{
	return c->host->score(c);
}

/* Adds points to the score under a name; the same name adds up. Points that are no finite number
 * count as 0. */
static inline void
mf_symbol_add(struct mf_context *c, const char *name, double points)
{
	c->host->symbol_add(c, name, points);
}

/* Whether a symbol is set, and its points. points_r may be NULL. */
static inline bool
mf_symbol(struct mf_context *c, const char *name, double *points_r)
{
	return c->host->symbol(c, name, points_r);
}

/* ---- asking the DNS: <filterd/plugin/dns.h> says what an answer is. In start, stop, message_end
 * and session_end nothing is asked, and every answer is MF_DNS_INVALID. ---- */

/* Sends a query and never waits: start early what is awaited late, and queries run beside each
 * other. The name is text as in a master file (RFC 1035 section 5.1: "\." is no divider), ASCII or
 * UTF-8 (U-labels are asked as A-labels, RFC 5891 section 5), with a final dot or without, absolute
 * always. What has been asked before of the same name and type, for this message or before MAIL for
 * its session, by whichever filter, is the same query and counts once. Never NULL: a query that
 * cannot be made has an answer that says so. A query lives as long as the message (before MAIL: as
 * long as the session), and need not be awaited. */
static inline struct mf_dns_query *
mf_dns_start(struct mf_context *c, const char *name, enum mf_dns_type type)
{
	return c->host->dns_start(c, name, type);
}

/* The answer to a query, which lives as long as the query. Waits for it when it has not come yet,
 * but not for ever. When `timeout` of the config's dns block has passed since the query was sent,
 * the answer is MF_DNS_TIMEOUT. It is also when 9 tenths of this callback's time have passed: so it
 * has time left to return a verdict, and whoever awaits the query in a later callback may still get
 * what has come. Never NULL. */
static inline const struct mf_dns_answer *
mf_dns_await(struct mf_context *c, struct mf_dns_query *query)
{
	return c->host->dns_await(c, query);
}

/* Asks, and waits for the answer. */
static inline const struct mf_dns_answer *
mf_dns(struct mf_context *c, const char *name, enum mf_dns_type type)
{
	return c->host->dns_await(c, c->host->dns_start(c, name, type));
}

/* ---- start only ---- */

/* This instance wants only these of its callbacks: MF_AT(stage) | …. The fewer, the less the MTA is
 * asked for. */
static inline void
mf_only_stages(struct mf_context *c, unsigned stages)
{
	c->host->only_stages(c, stages);
}

/* Of its live callbacks, this instance means to end the chain in these alone: MF_AT(stage) | …; 0:
 * in none. Without the call the host assumes all. The MTA waits for no answer to an event at which
 * no filter has something to say, which saves most of what a milter costs: so a plugin that only
 * looks while the client speaks says so here. A verdict that comes nevertheless, or the on-error
 * policy of a callback that fails, holds from the next event that is answered, which is the end of
 * the message at the latest: that of a recipient for the whole message, that of an unknown command
 * not at all. */
static inline void
mf_only_verdicts(struct mf_context *c, unsigned stages)
{
	c->host->only_verdicts(c, stages);
}

/* This instance uses only these: enum mf_use. Without the call the host assumes all. An edit beyond
 * them, or mf_body(), ends the callback in MF_ERROR. What the instance's own conditions and
 * templates read is known to the host. */
static inline void
mf_only_uses(struct mf_context *c, unsigned uses)
{
	c->host->only_uses(c, uses);
}

/* The first stage at which this instance is called at all: the one at which the `when` of its
 * filter block can be decided. */
static inline enum mf_stage
mf_first_stage(struct mf_context *c)
{
	return c->host->first_stage(c);
}

/* Reports a mistake at the place in the config that set this member of the options; start then
 * returns false. */
MF_PRINTF(3, 4) static inline void
mf_config_error(struct mf_context *c, const void *member, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	c->host->config_error(c, member, c->host->vprintf(c, format, arguments));
	va_end(arguments);
}

#ifdef __cplusplus
} /* extern "C" */
#endif

#include <filterd/plugin/language.h>

#include <filterd/plugin/mime.h>

#include <filterd/plugin/inspect.h>

#ifdef __cplusplus
extern "C" {
#endif

/* g++ would have every member named. */
#if defined(__cplusplus) && defined(__GNUC__)
#define MF_SOME_MEMBERS _Pragma("GCC diagnostic ignored \"-Wmissing-field-initializers\"")
#else
#define MF_SOME_MEMBERS
#endif

/* Defines the one symbol that a plugin exports, at the end of its source:
 *	MF_PLUGIN(.name = "hello", .summary = "…", .message = say_hello);
 * C++ (20) wants the members in the order of struct mf_plugin. */
#define MF_PLUGIN(...) \
	MF_SOME_MEMBERS \
	MF_EXPORT extern const struct mf_plugin filterd_plugin; \
	const struct mf_plugin filterd_plugin = { .abi = MF_ABI, .size = sizeof(struct mf_plugin), \
	    .option_size = sizeof(struct mf_option), __VA_ARGS__ }

#ifdef __cplusplus
}
#endif

#endif
