/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Canonicalisation, RFC 6376 section 3.4: header fields one at a time, the body as a stream whose
 * chunks may be cut anywhere. What comes out is handed to a function, a digest's as a rule, in
 * pieces of any size.
 */
#ifndef PLUGINS_DKIM_CANON_H
#define PLUGINS_DKIM_CANON_H

#include "plugins/dkim/signature.h"
#include "plugins/dkim/text.h"

enum { DKIM_OUTPUT = 1024 };

/* Where canonical bytes go. Small pieces are gathered, large ones go through as they are. */
struct dkim_output {
	void (*write)(void *to, const void *bytes, size_t size);
	void *to;
	size_t used;
	char buffer[DKIM_OUTPUT];
};

void dkim_output_start(struct dkim_output *output,
    void (*write)(void *to, const void *bytes, size_t size), void *to);
void dkim_output_put(struct dkim_output *output, const char *bytes, size_t size);

/* Hands out what was gathered: at the end. */
void dkim_output_flush(struct dkim_output *output);

/* ---- header fields ---- */

/* A field as a milter has it: the value is all behind the colon, white space kept, folds "\n". */
struct dkim_field {
	struct dkim_text name;
	struct dkim_text value;
};

/* The field with its final CRLF. Simple: byte for byte as it was sent. */
void dkim_canon_field(enum dkim_canon canon, const struct dkim_field *field,
    struct dkim_output *output);

/* A field that is signing or signed, as it is hashed behind the others (section 3.7): the value of
 * b= taken as empty, no CRLF behind it. `raw` is that value with its white space, a view into
 * field->value; with an empty one nothing is left out. */
void dkim_canon_signature(enum dkim_canon canon, const struct dkim_field *field,
    struct dkim_text raw, struct dkim_output *output);

/* ---- body ---- */

#define DKIM_WHOLE_BODY UINT64_MAX

/* The state of one stream. Lines end in CRLF; a CR or LF alone is a byte like others. */
struct dkim_body {
	enum dkim_canon canon;
	bool blank;		/* relaxed: white space was seen that is not written yet */
	bool blank_cr;		/* and a CR behind it */
	bool cr;		/* a CR was seen that is not written yet */
	uint64_t line_ends;	/* CRLFs seen that are not written yet: before that CR */
	uint64_t left;		/* bytes that may still be written: l= */
	uint64_t size;		/* canonical bytes so far, those past l= too */
	struct dkim_output output;
};

/* Begins a body of which the first `limit` canonical bytes are wanted, DKIM_WHOLE_BODY for all. */
void dkim_body_start(struct dkim_body *body, enum dkim_canon canon, uint64_t limit,
    void (*write)(void *to, const void *bytes, size_t size), void *to);
void dkim_body_put(struct dkim_body *body, const void *bytes, size_t size);

/* The end: nothing is gathered any more, and body->size is the size of the canonical body, which
 * may be less or more than the limit. */
void dkim_body_finish(struct dkim_body *body);

#endif
