/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table of fields, and their names to struct field. A name that is not known is an error of the
 * configuration, with the nearest known one.
 */
#include <string.h>

#include "filterd/config/field.h"

#define PLAIN		false, false, false
#define NAME_OF_HOST	false, false, true
#define DECODED		false, true, false
#define EACH		true, false, false
#define EACH_DECODED	true, true, false
#define EACH_HOST	true, false, true
#define NO_MACRO	{ NULL, NULL }, NULL
#define MACRO(name)	{ name, NULL }, NULL
#define ONE_OF(words)	{ NULL, NULL }, words

const struct field_entry field_entries[] = {
	{ "listener", "name of the listener that took the connection",
	  FIELD_LISTENER, FIELD_WHOLE, FIELD_TEXT, NAME_OF_HOST, MF_STAGE_CONNECT, NO_MACRO },
	{ "client.ip", "IP address of the SMTP client; none for a local submission",
	  FIELD_CLIENT_IP, FIELD_WHOLE, FIELD_ADDRESS, PLAIN, MF_STAGE_CONNECT, NO_MACRO },
	{ "client.name", "verified host name of the client; else \"unknown\" or \"[address]\"",
	  FIELD_CLIENT_NAME, FIELD_WHOLE, FIELD_TEXT, NAME_OF_HOST, MF_STAGE_CONNECT, NO_MACRO },
	{ "client.port", "TCP port of the client; none when the MTA does not tell",
	  FIELD_CLIENT_PORT, FIELD_WHOLE, FIELD_NUMBER, PLAIN, MF_STAGE_CONNECT, NO_MACRO },
	{ "helo", "argument of HELO or EHLO",
	  FIELD_HELO, FIELD_WHOLE, FIELD_TEXT, NAME_OF_HOST, MF_STAGE_HELO, NO_MACRO },
	{ "auth.user", "login name of an authenticated client (SMTP AUTH)",
	  FIELD_AUTH_USER, FIELD_WHOLE, FIELD_TEXT, PLAIN, MF_STAGE_MAIL, MACRO("{auth_authen}") },
	{ "auth.mechanism", "SASL mechanism of an authenticated client", FIELD_AUTH_MECHANISM,
	  FIELD_WHOLE, FIELD_TEXT, PLAIN, MF_STAGE_MAIL, MACRO("{auth_type}") },
	{ "tls.version", "TLS version, e.g. \"TLSv1.3\"; none without TLS", FIELD_TLS_VERSION,
	  FIELD_WHOLE, FIELD_TEXT, PLAIN, MF_STAGE_MAIL, MACRO("{tls_version}") },
	{ "tls.cipher", "TLS cipher suite of the connection",
	  FIELD_TLS_CIPHER, FIELD_WHOLE, FIELD_TEXT, PLAIN, MF_STAGE_MAIL, MACRO("{cipher}") },
	{ "sender", "envelope sender without brackets; empty for the null sender",
	  FIELD_SENDER, FIELD_WHOLE, FIELD_TEXT, PLAIN, MF_STAGE_MAIL, NO_MACRO },
	{ "sender.local", "part of the sender before the last \"@\"",
	  FIELD_SENDER, FIELD_LOCAL, FIELD_TEXT, PLAIN, MF_STAGE_MAIL, NO_MACRO },
	{ "sender.domain", "part of the sender after the last \"@\"",
	  FIELD_SENDER, FIELD_DOMAIN, FIELD_TEXT, NAME_OF_HOST, MF_STAGE_MAIL, NO_MACRO },
	{ "recipient", "envelope recipient: at RCPT the one being judged, later each accepted one",
	  FIELD_RECIPIENT, FIELD_WHOLE, FIELD_TEXT, EACH, MF_STAGE_RCPT, NO_MACRO },
	{ "recipient.local", "part of the recipient before the last \"@\"",
	  FIELD_RECIPIENT, FIELD_LOCAL, FIELD_TEXT, EACH, MF_STAGE_RCPT, NO_MACRO },
	{ "recipient.domain", "part of the recipient after the last \"@\"",
	  FIELD_RECIPIENT, FIELD_DOMAIN, FIELD_TEXT, EACH_HOST, MF_STAGE_RCPT, NO_MACRO },
	{ "recipients.count", "number of accepted recipients",
	  FIELD_RECIPIENTS_COUNT, FIELD_WHOLE, FIELD_NUMBER, PLAIN, MF_STAGE_DATA, NO_MACRO },
	{ "size", "size of header fields and body in bytes",
	  FIELD_SIZE, FIELD_WHOLE, FIELD_NUMBER, PLAIN, MF_STAGE_MESSAGE, NO_MACRO },
	{ "header.NAME", "each header field of that name, unfolded and decoded (RFC 2047)",
	  FIELD_HEADER, FIELD_WHOLE, FIELD_TEXT, EACH_DECODED, MF_STAGE_EOH, NO_MACRO },
	{ "header.NAME.raw", "the same as received: all bytes behind the colon, folds as LF, blank",
	  FIELD_HEADER, FIELD_RAW, FIELD_TEXT, EACH, MF_STAGE_EOH, NO_MACRO },
	{ "header.NAME.domain", "domain of each address in header fields of that name",
	  FIELD_HEADER, FIELD_DOMAIN, FIELD_TEXT, EACH_HOST, MF_STAGE_EOH, NO_MACRO },
	{ "header.NAME.address", "each address in header fields of that name, without display name",
	  FIELD_HEADER, FIELD_MAILBOX, FIELD_TEXT, EACH, MF_STAGE_EOH, NO_MACRO },
	{ "header.NAME.count", "number of header fields of that name",
	  FIELD_HEADER, FIELD_COUNT, FIELD_NUMBER, PLAIN, MF_STAGE_EOH, NO_MACRO },
	{ "headers", "each header field as \"Name: value\", unfolded and decoded",
	  FIELD_HEADERS, FIELD_WHOLE, FIELD_TEXT, EACH_DECODED, MF_STAGE_EOH, NO_MACRO },
	{ "headers.count", "number of header fields",
	  FIELD_HEADERS, FIELD_COUNT, FIELD_NUMBER, PLAIN, MF_STAGE_EOH, NO_MACRO },
	{ "subject", "the first Subject, unfolded and decoded",
	  FIELD_SUBJECT, FIELD_WHOLE, FIELD_TEXT, DECODED, MF_STAGE_EOH, NO_MACRO },
	{ "body.raw", "the body as received, undecoded",
	  FIELD_BODY_RAW, FIELD_WHOLE, FIELD_TEXT, PLAIN, MF_STAGE_MESSAGE, NO_MACRO },
	{ "body", "text of each text part, decoded; of HTML what a reader sees",
	  FIELD_BODY, FIELD_WHOLE, FIELD_TEXT, EACH_DECODED, MF_STAGE_MESSAGE, NO_MACRO },
	{ "part.type", "declared media type of each MIME part, e.g. \"text/html\"",
	  FIELD_PART, FIELD_MEDIA_TYPE, FIELD_TEXT, EACH_DECODED, MF_STAGE_MESSAGE, NO_MACRO },
	{ "part.detected", "media type that the content of each part speaks for, when it is known",
	  FIELD_PART, FIELD_DETECTED, FIELD_TEXT, EACH_DECODED, MF_STAGE_MESSAGE, NO_MACRO },
	{ "part.charset", "declared character set of each part",
	  FIELD_PART, FIELD_CHARSET, FIELD_TEXT, EACH_DECODED, MF_STAGE_MESSAGE, NO_MACRO },
	{ "part.encoding", "declared transfer encoding of each part, e.g. \"base64\"",
	  FIELD_PART, FIELD_ENCODING, FIELD_TEXT, EACH_DECODED, MF_STAGE_MESSAGE, NO_MACRO },
	{ "part.disposition", "declared disposition of each part, e.g. \"attachment\"",
	  FIELD_PART, FIELD_DISPOSITION, FIELD_TEXT, EACH_DECODED, MF_STAGE_MESSAGE, NO_MACRO },
	{ "part.name", "every name that a mail program might show for a part",
	  FIELD_PART, FIELD_NAME, FIELD_TEXT, EACH_DECODED, MF_STAGE_MESSAGE, NO_MACRO },
	{ "part.extension", "extension of each such name in lower case, without the dot",
	  FIELD_PART, FIELD_EXTENSION, FIELD_TEXT, EACH_DECODED, MF_STAGE_MESSAGE, NO_MACRO },
	{ "part.size", "size of the decoded content of each part in bytes",
	  FIELD_PART, FIELD_BYTES, FIELD_NUMBER, EACH, MF_STAGE_MESSAGE, NO_MACRO },
	{ "parts.count", "number of MIME parts; the message itself is one",
	  FIELD_PART, FIELD_COUNT, FIELD_NUMBER, PLAIN, MF_STAGE_MESSAGE, NO_MACRO },
	{ "attachment.name", "every name that a mail program might show for an attachment",
	  FIELD_ATTACHMENT, FIELD_NAME, FIELD_TEXT, EACH_DECODED, MF_STAGE_MESSAGE, NO_MACRO },
	{ "attachment.extension", "extension of each such name in lower case, without the dot",
	  FIELD_ATTACHMENT, FIELD_EXTENSION, FIELD_TEXT, EACH_DECODED, MF_STAGE_MESSAGE, NO_MACRO },
	{ "attachment.type", "declared media type of each attachment",
	  FIELD_ATTACHMENT, FIELD_MEDIA_TYPE, FIELD_TEXT, EACH_DECODED, MF_STAGE_MESSAGE,
	  NO_MACRO },
	{ "attachment.detected", "media type that the content of each attachment speaks for",
	  FIELD_ATTACHMENT, FIELD_DETECTED, FIELD_TEXT, EACH_DECODED, MF_STAGE_MESSAGE, NO_MACRO },
	{ "attachment.size", "size of the decoded content of each attachment in bytes",
	  FIELD_ATTACHMENT, FIELD_BYTES, FIELD_NUMBER, EACH, MF_STAGE_MESSAGE, NO_MACRO },
	{ "attachments.count", "number of attachments",
	  FIELD_ATTACHMENT, FIELD_COUNT, FIELD_NUMBER, PLAIN, MF_STAGE_MESSAGE, NO_MACRO },
	{ "mime.defect", "name of each defect of the MIME structure, e.g. \"base64-invalid\"",
	  FIELD_MIME_DEFECT, FIELD_WHOLE, FIELD_TEXT, EACH, MF_STAGE_MESSAGE,
	  ONE_OF(MF_MIME_DEFECTS) },
	{ "url", "address of each link, in texts and in HTML",
	  FIELD_URL, FIELD_WHOLE, FIELD_TEXT, EACH_DECODED, MF_STAGE_MESSAGE, NO_MACRO },
	{ "url.domain", "host that each of them leads to, in lower case with A-labels",
	  FIELD_URL, FIELD_DOMAIN, FIELD_TEXT, EACH_HOST, MF_STAGE_MESSAGE, NO_MACRO },
	{ "url.mismatch", "address of each link that is shown as an address of somebody else",
	  FIELD_URL, FIELD_MISMATCH, FIELD_TEXT, EACH_DECODED, MF_STAGE_MESSAGE, NO_MACRO },
	{ "archive.member.name", "name of each member of each archive, of archives within too",
	  FIELD_ARCHIVE, FIELD_NAME, FIELD_TEXT, EACH_DECODED, MF_STAGE_MESSAGE, NO_MACRO },
	{ "archive.member.size", "unpacked size of each member in bytes, 0 when it is not known",
	  FIELD_ARCHIVE, FIELD_BYTES, FIELD_NUMBER, EACH, MF_STAGE_MESSAGE, NO_MACRO },
	{ "archive.member.encrypted", "\"yes\" or \"no\" for each member",
	  FIELD_ARCHIVE, FIELD_ENCRYPTED, FIELD_TEXT, EACH, MF_STAGE_MESSAGE, NO_MACRO },
	{ "archive.depth", "how deep archives stand in each other; 0: there is none",
	  FIELD_ARCHIVE, FIELD_DEPTH, FIELD_NUMBER, PLAIN, MF_STAGE_MESSAGE, NO_MACRO },
	{ "archive.defect", "name of each defect of an archive, e.g. \"archive-bomb\"",
	  FIELD_ARCHIVE, FIELD_DEFECT, FIELD_TEXT, EACH, MF_STAGE_MESSAGE,
	  ONE_OF(MF_ARCHIVE_DEFECTS) },
	{ "score", "score of the message so far",
	  FIELD_SCORE, FIELD_WHOLE, FIELD_NUMBER, PLAIN, MF_STAGE_MESSAGE, NO_MACRO },
	{ "symbol.NAME", "points of that symbol; none when it is not set",
	  FIELD_SYMBOL, FIELD_WHOLE, FIELD_NUMBER, PLAIN, MF_STAGE_MESSAGE, NO_MACRO },
	{ "result.METHOD.value", "each result of that method, e.g. \"pass\" (RFC 8601)",
	  FIELD_RESULT, FIELD_WHOLE, FIELD_TEXT, EACH, MF_STAGE_MESSAGE, NO_MACRO },
	{ "result.METHOD.reason", "reason given with each result of that method",
	  FIELD_RESULT, FIELD_WHOLE, FIELD_TEXT, EACH, MF_STAGE_MESSAGE, NO_MACRO },
	{ "result.METHOD.PROPERTY", "property of each such result, e.g. result.dkim.header.d",
	  FIELD_RESULT, FIELD_WHOLE, FIELD_TEXT, EACH, MF_STAGE_MESSAGE, NO_MACRO },
	{ "result.METHOD.VALUE.PROPERTY",
	  "the same, of results with that value alone",
	  FIELD_RESULT, FIELD_WHOLE, FIELD_TEXT, EACH, MF_STAGE_MESSAGE, NO_MACRO },
	{ "macro.NAME", "MTA macro, with or without braces: macro.j, macro.cert_subject",
	  FIELD_MACRO, FIELD_WHOLE, FIELD_TEXT, PLAIN, MF_STAGE_MESSAGE, NO_MACRO },
	{ "env.NAME", "environment variable of the daemon",
	  FIELD_ENV, FIELD_WHOLE, FIELD_TEXT, PLAIN, MF_STAGE_CONNECT, NO_MACRO },
	{ NULL, NULL, 0, 0, 0, PLAIN, 0, NO_MACRO }
};

#define ENTRY_COUNT (sizeof(field_entries) / sizeof(field_entries[0]) - 1)

/*
 * When a macro is known, by what both MTAs send by default and document (Postfix MILTER_README,
 * "Macros"; Sendmail operations guide, section 5.2, and libmilter's smfi_getsymval page). TLS
 * macros are named for HELO, but TLS begins after the first EHLO, so only MAIL is sure. The queue
 * id `i` comes at MAIL from Sendmail, but from Postfix only when a first recipient was accepted.
 */
static const struct {
	const char *macro;
	enum mf_stage stage;
} macro_stages[] = {
	{ "j", MF_STAGE_CONNECT },
	{ "_", MF_STAGE_CONNECT },
	{ "v", MF_STAGE_CONNECT },
	{ "{daemon_name}", MF_STAGE_CONNECT },
	{ "{daemon_addr}", MF_STAGE_CONNECT },
	{ "{daemon_port}", MF_STAGE_CONNECT },
	{ "{if_name}", MF_STAGE_CONNECT },
	{ "{if_addr}", MF_STAGE_CONNECT },
	{ "{client_addr}", MF_STAGE_CONNECT },
	{ "{client_name}", MF_STAGE_CONNECT },
	{ "{client_port}", MF_STAGE_CONNECT },
	{ "{client_ptr}", MF_STAGE_CONNECT },
	{ "{client_resolve}", MF_STAGE_CONNECT },
	{ "{client_connections}", MF_STAGE_CONNECT },
	{ "{client_rate}", MF_STAGE_CONNECT },
	{ "{tls_version}", MF_STAGE_MAIL },
	{ "{cipher}", MF_STAGE_MAIL },
	{ "{cipher_bits}", MF_STAGE_MAIL },
	{ "{cert_subject}", MF_STAGE_MAIL },
	{ "{cert_issuer}", MF_STAGE_MAIL },
	{ "{cn_subject}", MF_STAGE_MAIL },
	{ "{cn_issuer}", MF_STAGE_MAIL },
	{ "{verify}", MF_STAGE_MAIL },
	{ "{auth_type}", MF_STAGE_MAIL },
	{ "{auth_authen}", MF_STAGE_MAIL },
	{ "{auth_author}", MF_STAGE_MAIL },
	{ "{auth_ssf}", MF_STAGE_MAIL },
	{ "{mail_mailer}", MF_STAGE_MAIL },
	{ "{mail_host}", MF_STAGE_MAIL },
	{ "{mail_addr}", MF_STAGE_MAIL },
	{ "{dsn_envid}", MF_STAGE_MAIL },
	{ "{dsn_ret}", MF_STAGE_MAIL },
	{ "{rcpt_mailer}", MF_STAGE_RCPT },
	{ "{rcpt_host}", MF_STAGE_RCPT },
	{ "{rcpt_addr}", MF_STAGE_RCPT },
	{ "{dsn_notify}", MF_STAGE_RCPT },
	{ "i", MF_STAGE_DATA },
};

enum mf_stage
field_macro_stage(const char *macro)
{
	size_t i;

	for (i = 0; i < sizeof(macro_stages) / sizeof(macro_stages[0]); i++)
		if (strcmp(macro, macro_stages[i].macro) == 0)
			return macro_stages[i].stage;
	return MF_STAGE_MESSAGE;
}

/* ---- names with a part that the config fills in ---- */

/* A name under examination. */
struct reading {
	struct str tail;		/* behind "header." */
	struct arena *arena;
	struct field *field;
	const char **error_r;
};

static const struct field_entry *
entry_of(enum field_id id, enum field_part part)
{
	const struct field_entry *entry = field_entries;

	while (entry->id != id || entry->part != part)
		entry++;
	return entry;
}

static void
take_entry(struct field *field, const struct field_entry *entry)
{
	field->id = entry->id;
	field->part = entry->part;
	field->type = entry->type;
	field->several = entry->several;
	field->decoded = entry->decoded;
	field->nocase = entry->nocase;
	field->stage = entry->stage;
	field->values = entry->values;
	memcpy(field->macros, entry->macros, sizeof(field->macros));
}

/* Printable ASCII without blanks. */
static bool
is_graphic(struct str text)
{
	size_t i;

	for (i = 0; i < text.length; i++)
		if (text.data[i] < '!' || text.data[i] > '~')
			return false;
	return text.length > 0;
}

static struct str
from(struct str text, size_t start)
{
	return (struct str){ text.data + start, text.length - start };
}

/* The part behind the last dot of header.NAME.PART, cut off the tail; FIELD_WHOLE when there is
 * none. */
static enum field_part
cut_header_part(struct str *tail)
{
	static const struct {
		struct str suffix;
		enum field_part part;
	} parts[] = {
		{ { ".raw", 4 }, FIELD_RAW },
		{ { ".domain", 7 }, FIELD_DOMAIN },
		{ { ".address", 8 }, FIELD_MAILBOX },
		{ { ".count", 6 }, FIELD_COUNT },
	};
	size_t i;

	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		struct str suffix = parts[i].suffix;

		if (tail->length <= suffix.length ||
		    !str_equal(from(*tail, tail->length - suffix.length), suffix))
			continue;
		tail->length -= suffix.length;
		return parts[i].part;
	}
	return FIELD_WHOLE;
}

/* header.From.domian: a header name may hold a dot, but hardly one with a mistyped part behind
 * it. */
static bool
part_mistyped(struct reading *reading, struct str name)
{
	static const char *const parts[] = { "raw", "domain", "address", "count" };
	const char *dot = memrchr(name.data, '.', name.length);
	const char *nearest = NULL;

	if (dot && dot > name.data)
		nearest = str_nearest(arena_copy(reading->arena, dot + 1,
		    name.length - (size_t)(dot + 1 - name.data)), parts, 4);
	if (nearest)
		*reading->error_r = arena_printf(reading->arena,
		    "unknown part of a header field in \"header.%.*s\"; did you mean \".%s\"?",
		    (int)name.length, name.data, nearest);
	return nearest != NULL;
}

static bool
read_header(struct reading *reading)
{
	struct str name = reading->tail;
	enum field_part part = cut_header_part(&name);

	if (!is_graphic(name) || memchr(name.data, ':', name.length)) {
		*reading->error_r = arena_printf(reading->arena,
		    "\"%.*s\" is not the name of a header field (RFC 5322 section 2.2)",
		    (int)name.length, name.data);
		return false;
	}
	if (part == FIELD_WHOLE && part_mistyped(reading, name))
		return false;
	take_entry(reading->field, entry_of(FIELD_HEADER, part));
	reading->field->name = arena_str(reading->arena, name).data;
	return true;
}

static bool
read_symbol(struct reading *reading)
{
	if (!is_graphic(reading->tail)) {
		*reading->error_r = "expected the name of a symbol behind \"symbol.\"";
		return false;
	}
	take_entry(reading->field, entry_of(FIELD_SYMBOL, FIELD_WHOLE));
	reading->field->name = arena_str(reading->arena, reading->tail).data;
	return true;
}

static bool
read_result(struct reading *reading)
{
	struct str tail = reading->tail;
	const char *dot = memchr(tail.data, '.', tail.length);
	struct str property = dot ? from(tail, (size_t)(dot + 1 - tail.data)) : STR("");

	if (!is_graphic(tail) || !dot || dot == tail.data || !property.length) {
		*reading->error_r = "expected result.METHOD.value, result.METHOD.reason or a "
		    "property such as result.dkim.header.d";
		return false;
	}
	if (!str_equal(property, STR("value")) && !str_equal(property, STR("reason")) &&
	    !memchr(property.data, '.', property.length)) {
		*reading->error_r = arena_printf(reading->arena,
		    "unknown part \"%.*s\" of a result; expected value, reason or a property with "
		    "its type, such as header.d", (int)property.length, property.data);
		return false;
	}
	take_entry(reading->field, entry_of(FIELD_RESULT, FIELD_WHOLE));
	reading->field->name = arena_copy(reading->arena, tail.data, (size_t)(dot - tail.data));
	reading->field->property = arena_str(reading->arena, property).data;
	return true;
}

/* [A-Za-z0-9_]+ */
static bool
is_identifier(struct str text)
{
	size_t i;

	for (i = 0; i < text.length; i++) {
		char c = str_lower(text.data[i]);

		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '_')
			return false;
	}
	return text.length > 0;
}

static bool
read_macro(struct reading *reading)
{
	struct str name = reading->tail;

	if (name.length > 2 && name.data[0] == '{' && name.data[name.length - 1] == '}')
		name = (struct str){ name.data + 1, name.length - 2 };
	if (!is_identifier(name)) {
		*reading->error_r = "expected the name of a macro behind \"macro.\", such as "
		    "macro.j or macro.auth_type";
		return false;
	}
	take_entry(reading->field, entry_of(FIELD_MACRO, FIELD_WHOLE));
	reading->field->name = arena_printf(reading->arena, name.length == 1 ? "%.*s" : "{%.*s}",
	    (int)name.length, name.data);
	reading->field->macros[0] = reading->field->name;
	reading->field->stage = field_macro_stage(reading->field->name);
	return true;
}

static bool
read_env(struct reading *reading)
{
	if (!is_identifier(reading->tail)) {
		*reading->error_r = "expected the name of an environment variable behind \"env.\"";
		return false;
	}
	take_entry(reading->field, entry_of(FIELD_ENV, FIELD_WHOLE));
	reading->field->name = arena_str(reading->arena, reading->tail).data;
	return true;
}

static const struct head {
	const char *name;
	bool (*read)(struct reading *reading);
} heads[] = {
	{ "header", read_header },
	{ "symbol", read_symbol },
	{ "result", read_result },
	{ "macro", read_macro },
	{ "env", read_env },
};

#define HEAD_COUNT (sizeof(heads) / sizeof(heads[0]))

/* ---- any name ---- */

/* The part before the first dot, in the arena; NULL: no dot. */
static const char *
head_of(struct str text, struct arena *arena)
{
	const char *dot = memchr(text.data, '.', text.length);

	return dot ? arena_copy(arena, text.data, (size_t)(dot - text.data)) : NULL;
}

/* What a name may have been meant to be, by a plain name of the table; NULL: that is far off. A
 * common ending does not make names alike: attachment.name is not client.name. */
static const char *
plain_candidate(struct str text, const char *pattern, struct arena *arena)
{
	const char *mine = head_of(text, arena), *its = head_of(str_of(pattern), arena);

	if (strpbrk(pattern, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
		return NULL;
	if (mine && its && !str_nearest(mine, &its, 1))
		return NULL;
	return pattern;
}

/* The same by a head: "header.Subject" for "heder.Subject". */
static const char *
head_candidate(struct str text, const char *head, struct arena *arena)
{
	const char *mine = head_of(text, arena);

	if (!mine || !str_nearest(mine, &head, 1))
		return NULL;
	return arena_printf(arena, "%s%.*s", head, (int)(text.length - strlen(mine)),
	    text.data + strlen(mine));
}

/* The first field that begins so: "client.ip" for "client"; NULL: none. */
static const char *
longer_field(struct str text)
{
	size_t i;

	for (i = 0; i < ENTRY_COUNT; i++) {
		struct str pattern = str_of(field_entries[i].pattern);

		if (pattern.length > text.length && pattern.data[text.length] == '.' &&
		    memcmp(pattern.data, text.data, text.length) == 0)
			return field_entries[i].pattern;
	}
	return NULL;
}

static const char *
unknown_field(struct str text, struct arena *arena)
{
	const char *candidates[ENTRY_COUNT + HEAD_COUNT];
	const char *nearest;
	size_t i;

	for (i = 0; i < ENTRY_COUNT; i++)
		candidates[i] = plain_candidate(text, field_entries[i].pattern, arena);
	for (i = 0; i < HEAD_COUNT; i++)
		candidates[ENTRY_COUNT + i] = head_candidate(text, heads[i].name, arena);
	nearest = str_nearest(arena_str(arena, text).data, candidates, ENTRY_COUNT + HEAD_COUNT);
	if (!nearest)
		nearest = longer_field(text);
	if (!nearest)
		return arena_printf(arena, "unknown field \"%.*s\"", (int)text.length, text.data);
	return arena_printf(arena, "unknown field \"%.*s\"; did you mean \"%s\"?",
	    (int)text.length, text.data, nearest);
}

bool
field_parse(struct str text, struct arena *arena, struct field *field_r, const char **error_r)
{
	struct reading reading = { .arena = arena, .field = field_r, .error_r = error_r };
	const struct field_entry *entry;
	size_t i;

	*field_r = (struct field){ .spelled = arena_str(arena, text).data };
	for (i = 0; i < HEAD_COUNT; i++) {
		size_t length = strlen(heads[i].name);

		if (text.length <= length || text.data[length] != '.' ||
		    memcmp(text.data, heads[i].name, length) != 0)
			continue;
		reading.tail = from(text, length + 1);
		return heads[i].read(&reading);
	}
	for (entry = field_entries; entry->pattern; entry++)
		if (str_equal(text, str_of(entry->pattern))) {
			take_entry(field_r, entry);
			return true;
		}
	*error_r = unknown_field(text, arena);
	return false;
}

bool
field_reads_mime(const struct field *field)
{
	return field->id == FIELD_BODY || field->id == FIELD_PART ||
	    field->id == FIELD_ATTACHMENT || field->id == FIELD_MIME_DEFECT ||
	    field->id == FIELD_URL || field->id == FIELD_ARCHIVE;
}

static bool
name_equal(const char *a, const char *b, bool nocase)
{
	if (!a || !b)
		return a == b;
	return nocase ? str_equal_nocase(str_of(a), str_of(b)) : strcmp(a, b) == 0;
}

bool
field_equal(const struct field *a, const struct field *b)
{
	return a->id == b->id && a->part == b->part &&
	    name_equal(a->name, b->name, a->id == FIELD_HEADER) &&
	    name_equal(a->property, b->property, false);
}

/* ---- values ---- */

struct tally {
	field_visitor *passes;
	void *argument;
	bool wanted;		/* the answer that ends the visit */
	bool seen;
};

static bool
count_value(void *argument, const struct field_value *value)
{
	struct tally *tally = argument;

	tally->seen = true;
	return tally->passes(tally->argument, value) == tally->wanted;
}

bool
field_quantify(struct field_source *source, const struct field *field,
    enum field_quantifier quantifier, field_visitor *passes, void *argument)
{
	struct tally tally = { .passes = passes, .argument = argument };
	bool found;

	/* All pass unless one is found that does not; none passes unless one is found that does. */
	tally.wanted = quantifier == FIELD_ANY || quantifier == FIELD_ALL_NOT;
	found = source->each(source->subject, field, count_value, &tally);
	if (quantifier == FIELD_ANY || quantifier == FIELD_ANY_NOT)
		return found;
	return tally.seen && !found;
}
