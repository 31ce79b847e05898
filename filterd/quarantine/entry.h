/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the quarantine store knows of a message beside its bytes: envelope, why it was held, how it
 * was judged, and what has become of it. In its file it is one JSON object; texts of mail that are
 * not UTF-8 are objects {"hex":"…"} there, so that none is lost. Pure: text in, struct out.
 */
#ifndef FILTERD_QUARANTINE_ENTRY_H
#define FILTERD_QUARANTINE_ENTRY_H

#include <stdint.h>

#include "filterd/util/arena.h"
#include "filterd/util/buffer.h"

#define ENTRY_ID	32		/* characters: YYYYMMDDTHHMMSS- and 16 of hexadecimal */
#define ENTRY_NONCE	32		/* of hexadecimal */
#define ENTRY_DIGEST	65		/* of hexadecimal: see mark.h */
#define ENTRY_ADDRESSES	100000		/* recipients, at most */
#define ENTRY_BYTES	(64u << 20)	/* of the JSON text, at most */

enum entry_state {
	ENTRY_HELD,
	/* given to an MTA just now; or whoever did that has died, and nobody knows how it ended */
	ENTRY_RELEASING,
	ENTRY_RELEASED
};

/* An envelope address with its ESMTP arguments (RFC 5321 section 4.1.1.11). */
struct entry_address {
	const char *text;		/* without angle brackets */
	const char *const *arguments;	/* ends with NULL */
};

/* A release, as it was tried last. */
struct entry_release {
	int64_t time;			/* seconds since 1970; 0: none was tried */
	const char *nonce;		/* of its mark */
	const char *by;			/* where it went: "smtp …", "sendmail …" */
	const char *error;		/* why it failed; NULL: it did not */
};

/* Texts may be NULL where nothing is known; all is borrowed. */
struct entry {
	const char *id;
	int64_t time;			/* when it was held, seconds since 1970 */
	enum entry_state state;
	const char *reason;
	const char *filter;		/* that asked for it */
	const char *const *rules;	/* of that filter that matched; ends with NULL */
	const char *listener, *session, *queue;
	const char *client_name, *client_address, *helo, *user;
	const char *subject, *message_id;
	struct entry_address sender;
	const struct entry_address *recipients;
	size_t recipient_count;
	uint64_t size;			/* bytes of the message */
	const char *digest;		/* of what a mark is bound to; see mark.h */
	struct entry_release release;
	const char *explanation;	/* a JSON object */
};

/* "held", "releasing", "released". */
const char *entry_state_name(enum entry_state state);

/* Whether it can be the id of an entry: then it is safe as a part of a file's name. */
bool entry_id_valid(const char *id);

void entry_write(const struct entry *entry, struct buffer *to);

/* False: it is no entry, and *error_r, a static text, says why. What is read lives in the arena. */
bool entry_read(struct str text, struct arena *arena, struct entry *entry_r, const char **error_r);

/* Whether the text has no control characters: what is put into SMTP commands must not end them. */
bool entry_is_plain(const char *text);

#endif
