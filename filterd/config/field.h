/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The fields that conditions and templates can read: their names, types and the stage at which each
 * is known. Where the values come from is not known here: the chain offers a field_source.
 */
#ifndef FILTERD_CONFIG_FIELD_H
#define FILTERD_CONFIG_FIELD_H

#include <filterd/plugin.h>

#include "filterd/service/regex.h"
#include "filterd/util/arena.h"
#include "filterd/util/str.h"

enum field_id {
	FIELD_LISTENER,		/* listener */
	FIELD_CLIENT_IP,	/* client.ip */
	FIELD_CLIENT_NAME,	/* client.name */
	FIELD_CLIENT_PORT,	/* client.port */
	FIELD_HELO,		/* helo */
	FIELD_AUTH_USER,	/* auth.user: macro {auth_authen} */
	FIELD_AUTH_MECHANISM,	/* auth.mechanism: macro {auth_type} */
	FIELD_TLS_VERSION,	/* tls.version: macro {tls_version} */
	FIELD_TLS_CIPHER,	/* tls.cipher: macro {cipher} */
	FIELD_SENDER,		/* sender, .local, .domain */
	/* recipient, .local, .domain: at RCPT the one judged, later every one */
	FIELD_RECIPIENT,
	FIELD_RECIPIENTS_COUNT,	/* recipients.count */
	FIELD_SIZE,		/* size of headers and body in bytes */
	/* header.NAME: each field of that name, decoded; .raw .domain .address .count */
	FIELD_HEADER,
	FIELD_HEADERS,		/* headers: each field as "Name: decoded value"; headers.count */
	FIELD_SUBJECT,		/* subject: the first Subject, decoded */
	FIELD_BODY_RAW,		/* body.raw */
	FIELD_BODY,		/* body: the text of each text part; of HTML what is shown */
	FIELD_PART,		/* part.type … of each MIME part; parts.count */
	FIELD_ATTACHMENT,	/* attachment.name … of each attachment; attachments.count */
	FIELD_MIME_DEFECT,	/* mime.defect: the name of each defect */
	FIELD_URL,		/* url, url.domain, url.mismatch: of each link */
	FIELD_ARCHIVE,		/* archive.member.name … of each member; archive.depth, .defect */
	FIELD_SCORE,		/* score */
	FIELD_SYMBOL,		/* symbol.NAME: its points; absent when not set */
	FIELD_RESULT,		/* result.METHOD.value .reason .PROPERTY ("header.d") */
	/* macro.NAME: with or without braces: macro.j, macro.auth_type, macro.{auth_type} */
	FIELD_MACRO,
	FIELD_ENV		/* env.NAME */
};

enum field_part {
	FIELD_WHOLE, FIELD_LOCAL, FIELD_DOMAIN, FIELD_MAILBOX, FIELD_RAW, FIELD_COUNT,
	/* of a MIME part */
	FIELD_MEDIA_TYPE, FIELD_DETECTED, FIELD_CHARSET, FIELD_ENCODING, FIELD_DISPOSITION,
	FIELD_NAME, FIELD_EXTENSION, FIELD_BYTES,
	/* of what is inside a part */
	FIELD_MISMATCH, FIELD_ENCRYPTED, FIELD_DEPTH, FIELD_DEFECT
};
enum field_type { FIELD_TEXT, FIELD_NUMBER, FIELD_ADDRESS };

struct field {
	enum field_id id;
	enum field_part part;
	enum field_type type;
	bool several;		/* may have more than one value */
	bool decoded;		/* text is decoded UTF-8, not bytes as received */
	bool nocase;		/* names of hosts and listeners: text compares without ASCII case */
	enum mf_stage stage;	/* the earliest at which it is known */
	/* Header name, symbol, method, macro (with braces when longer than one letter), variable;
	 * NULL for the others. */
	const char *name;
	const char *property;	/* result: "value", "reason", "ptype.property" or
				 * "VALUE.ptype.property"; NULL otherwise */
	const char *spelled;	/* as in the config */
	const char *macros[2];	/* MTA macros its value comes from; NULL: none */
	const char *values;	/* all that it can have, divided by blanks; NULL: any text */
};

/* Text in, field out. False: *error_r says what is wrong, with the nearest known name when there is
 * one (in the arena). */
bool field_parse(struct str text, struct arena *arena, struct field *field_r, const char **error_r);

/* Whether its values come from the MIME view. */
bool field_reads_mime(const struct field *field);

/* Whether two fields have the same values, however they were spelled. */
bool field_equal(const struct field *a, const struct field *b);

/* Patterns of all field names with their help text, for documentation and for nearest names; ends
 * with a NULL pattern. Words in capitals stand for what the config fills in. */
struct field_entry {
	const char *pattern;	/* "header.NAME.raw" */
	const char *help;
	enum field_id id;
	enum field_part part;
	enum field_type type;
	bool several;
	bool decoded;
	bool nocase;
	enum mf_stage stage;
	const char *macros[2];
	const char *values;
};
extern const struct field_entry field_entries[];

/* The stage at which both Postfix and Sendmail have sent a macro, given with braces when longer
 * than one letter; MF_STAGE_MESSAGE for one that is not known here. */
enum mf_stage field_macro_stage(const char *macro);

/* One value of a field. */
struct field_value {
	struct str text;	/* FIELD_TEXT; FIELD_ADDRESS: printable */
	double number;		/* FIELD_NUMBER */
	/* FIELD_ADDRESS: 16 bytes, IPv4 mapped; NULL: the client has no address */
	const uint8_t *ip;
};

/* Called for each value; true ends the visit. The value is borrowed for the call, its text for the
 * evaluation. */
typedef bool field_visitor(void *argument, const struct field_value *value);

/* Where values come from, and what one evaluation leaves behind. */
struct field_source {
	/* Visits each value of the field; true when the visitor ended the visit. A field with no
	 * value has none. It is called again and again for the same field: what costs to make (a
	 * mapped body, decoded text) is the source's to keep until the message changes. */
	bool (*each)(void *subject, const struct field *field, field_visitor *visitor,
	    void *argument);
	/* A regex limit was reached; where is "file:line", rule the label of the block that holds
	 * it, or "". */
	void (*limit_reached)(void *subject, const char *rule, const char *where,
	    const char *pattern);
	void *subject;
	enum mf_stage stage;		/* the stage now; MF_STAGE_MESSAGE at the end */
	/* of the last regex that matched; in the arena, kept between calls */
	struct captures captures;
	struct arena *arena;		/* for expanded text and captures */
};

/* How many of a field's values must pass a check. */
enum field_quantifier {
	FIELD_ANY,		/* one does */
	FIELD_ANY_NOT,		/* one does not */
	FIELD_ALL,		/* there is one, and all do */
	FIELD_ALL_NOT		/* there is one, and none does */
};

/* Visits values only as far as needed. */
bool field_quantify(struct field_source *source, const struct field *field,
    enum field_quantifier quantifier, field_visitor *passes, void *argument);

#endif
