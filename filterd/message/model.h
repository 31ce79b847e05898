/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The message model: envelope, ordered header fields with their exact bytes, body. What arrived is
 * kept as `original`; what the filters make of it is `current`. An edit never changes a state in
 * place: a transaction works on its own copy of the state's arrays (fields, recipients; the nodes
 * themselves are shared and immutable), commit makes the copy current, rollback drops it.
 *
 * Edits made by live callbacks are kept as a list of operations (struct edit) and applied at the
 * end of the message, filter by filter.
 */
#ifndef FILTERD_MESSAGE_MODEL_H
#define FILTERD_MESSAGE_MODEL_H

#include <filterd/plugin.h>

#include "filterd/message/body.h"
#include "filterd/message/mime.h"
#include "filterd/util/arena.h"
#include "filterd/util/str.h"

/* A header field; immutable. name and value end in NUL. */
struct field_node {
	struct str name;
	/* bytes behind the colon, leading blank kept (SMFIP_HDR_LEADSPC), folds as LF + blank */
	struct str value;
	/* What is made of the value when it is asked for, once however many conditions ask: the
	 * mutable members, for a message belongs to one thread. */
	struct str decoded;		/* data NULL: not made */
	struct str line;		/* likewise */
	const struct str *domains;	/* NULL: not made */
	size_t domain_count;
};

struct state {
	struct field_node **fields;
	size_t field_count, field_room;
	struct mf_address *sender;
	struct mf_address **recipients;		/* accepted ones, in order */
	size_t recipient_count, recipient_room;
	struct body *body;
	const char *quarantine;			/* reason; NULL: none */
};

struct model {
	struct arena *arena;			/* of the message */
	struct body_limits limits;
	size_t maximum_fields, maximum_recipients;
	struct state original;
	struct state *current;			/* &original until a first commit */
	/* the open transaction's copy; NULL: none yet (copied at the first edit) */
	struct state *draft;
	size_t header_bytes;			/* of the original, as received */
	struct mime_limits mime_limits;		/* set before model_mime() is asked for the view */
	struct mime_cache *mime;		/* NULL: nobody has asked for it */
};

void model_init(struct model *model, struct arena *arena, const struct body_limits *limits,
    size_t maximum_fields, size_t maximum_recipients);

/* What arrives. False: a limit (errno EFBIG) or the spool file (errno). Bytes are copied. */
void model_sender(struct model *model, const char *path, const char *const *arguments);
bool model_recipient(struct model *model, const char *path, const char *const *arguments);
/* Takes back the newest recipient, refused after all. */
void model_recipient_refused(struct model *model);
bool model_field(struct model *model, struct str name, struct str value);
bool model_body(struct model *model, const void *bytes, size_t size);

/* The state as the running callback sees it: the draft, else current. */
const struct state *model_view(const struct model *model);

/* ---- edits ---- */

enum edit_kind {
	EDIT_HEADER_ADD, EDIT_HEADER_INSERT, EDIT_HEADER_SET, EDIT_HEADER_DELETE,
	EDIT_BODY_REPLACE, EDIT_BODY_APPEND, EDIT_SENDER, EDIT_RECIPIENT_ADD, EDIT_RECIPIENT_DELETE,
	    EDIT_QUARANTINE
};

/* One edit as a filter asked for it; also what the explanation shows. */
struct edit {
	enum edit_kind kind;
	/* INSERT: place among all fields; SET, DELETE: the nth of the name, from 0 */
	size_t index;
	const char *name;		/* header name; NULL otherwise */
	struct str value;		/* header value, body bytes, address, reason */
	const char *arguments;		/* ESMTP arguments, divided by blanks, or NULL */
	/* BODY_REPLACE: the new body in pieces, which may be the old one's bytes; value is then not
	 * looked at. NULL: value is the body. */
	const struct str *pieces;
	size_t piece_count;
	struct edit *next;
};

/* Whether the edit is legal as it stands: header name (RFC 5322 section 2.2: printable ASCII
 * without colon, at most 998 bytes), header value (no NUL, CR only before LF, LF only before a
 * blank or tab; an LF fold of nothing but blanks is refused; name and value at most 59,000 bytes,
 * which both MTAs carry out; lines as long as they like, for those that arrive are no shorter),
 * address (NULL deletes all recipients), lengths. NULL: legal; else what is wrong (static text). */
const char *edit_check(const struct edit *edit);

/* A copy in the arena. A CRLF in a header value becomes LF. */
struct edit *edit_copy(struct arena *arena, const struct edit *edit);

/* Applies an edit that edit_check finds legal to the open transaction (begun by the first
 * edit); copies what it keeps. A recipient that is there is not added again: to give it other
 * ESMTP arguments it is deleted first. False: a limit or the spool file, errno; the draft is
 * then unusable and must be rolled back. */
bool model_apply(struct model *model, const struct edit *edit);

void model_commit(struct model *model);
void model_rollback(struct model *model);

/* ---- reading ---- */

/* name.data NULL: all. */
size_t state_field_count(const struct state *state, struct str name);
/* The place among all fields of the nth of a name; field_count when there is none. */
size_t state_field_find(const struct state *state, struct str name, size_t n);
/* Whether name and value are the same to the byte. */
bool field_same(const struct field_node *a, const struct field_node *b);
struct str field_decoded(struct model *model, struct field_node *field);
/* "Name: " and the decoded value. */
struct str field_line(struct model *model, struct field_node *field);
/* The domains of the addresses in the value, as address_list_each() finds them. */
const struct str *field_domains(struct model *model, struct field_node *field, size_t *count_r);
/* Bytes of headers (name ":" value CRLF each), the empty line and the body. */
size_t state_size(const struct state *state);

#endif
