/* SPDX-License-Identifier: BSD-2-Clause */
/* Writes signature fields. The value is written up to "b=", hashed as it stands, and gets its
 * signature then: RFC 6376 section 3.7. */
#include <inttypes.h>
#include <stdio.h>

#include "plugins/dkim/base64.h"
#include "plugins/dkim/hash.h"
#include "plugins/dkim-sign/sign.h"

enum {
	WIDTH = 78,			/* columns of a line, RFC 5322 section 2.1.1 */
	TAB_WIDTH = 8
};

/* ---- folded text ---- */

struct folded {
	char *text;
	size_t length;
	size_t column;
	bool overflow;
};

static void
put(struct folded *to, const char *bytes, size_t size)
{
	if (size >= SIGN_VALUE_MAX - to->length) {
		to->overflow = true;
		return;
	}
	memcpy(to->text + to->length, bytes, size);
	to->length += size;
	to->text[to->length] = '\0';
	to->column += size;
}

static void
fold(struct folded *to)
{
	put(to, "\n\t", 2);
	to->column = TAB_WIDTH;
}

/* A piece that is not broken, on a new line when it does not fit on this one. */
static void
put_piece(struct folded *to, const char *bytes, size_t size)
{
	if (to->column + size > WIDTH && to->column > TAB_WIDTH)
		fold(to);
	put(to, bytes, size);
}

/* One that may be broken anywhere: base64. */
static void
put_broken(struct folded *to, const char *bytes, size_t size)
{
	while (size > 0) {
		size_t room = to->column < WIDTH ? WIDTH - to->column : 0;
		size_t taken = size < room ? size : room;

		put(to, bytes, taken);
		bytes += taken;
		size -= taken;
		if (size > 0)
			fold(to);
	}
}

/* ---- tags ---- */

/* "; name=value", or without ";" the first. The value is not broken. */
static void
put_tag(struct folded *to, const char *name, const char *value)
{
	char head[16];
	size_t size = (size_t)snprintf(head, sizeof(head), "%s=", name);

	if (to->length > 1)
		put(to, ";", 1);
	if (to->column + 1 + size + strlen(value) > WIDTH)
		fold(to);
	else
		put(to, " ", 1);
	put(to, head, size);
	put(to, value, strlen(value));
}

static void
put_number(struct folded *to, const char *name, uint64_t number)
{
	char text[32];

	snprintf(text, sizeof(text), "%" PRIu64, number);
	put_tag(to, name, text);
}

/* dkim-quoted-printable, RFC 6376 section 2.11; bytes beyond ASCII stay, RFC 8616 section 5. */
static void
put_identity(struct folded *to, const char *identity)
{
	char text[3 * SIGN_IDENTITY_MAX + 1];
	size_t length = 0;

	for (; *identity && length < sizeof(text) - 4; identity++) {
		unsigned char byte = (unsigned char)*identity;

		if (byte > ' ' && byte != ';' && byte != '=' && byte != 0x7f)
			text[length++] = (char)byte;
		else
			length += (size_t)snprintf(text + length, 4, "=%02X", byte);
	}
	text[length] = '\0';
	put_tag(to, "i", text);
}

/* Broken behind colons. */
static void
put_names(struct folded *to, const char *names)
{
	put_tag(to, "h", "");
	while (*names) {
		size_t length = strcspn(names, ":");

		length += names[length] == ':';
		put_piece(to, names, length);
		names += length;
	}
}

static void
put_body_hash(struct folded *to, const uint8_t *hash)
{
	char text[DKIM_BASE64_ROOM(DKIM_HASH_MAX)];

	dkim_base64_encode(hash, DKIM_HASH_MAX, text);
	put_tag(to, "bh", text);
}

static void
put_canon(struct folded *to, const struct sign_request *request)
{
	char text[32];

	snprintf(text, sizeof(text), "%s/%s", dkim_canon_name(request->header_canon),
	    dkim_canon_name(request->body_canon));
	put_tag(to, "c", text);
}

/* All but b=, which stands there without a value. */
static void
put_tags(struct folded *to, const struct sign_request *request)
{
	if (request->kind == DKIM_KIND_SIGNATURE)
		put_tag(to, "v", "1");
	else
		put_number(to, "i", request->instance);
	put_tag(to, "a", dkim_algorithm_name(request->key->algorithm));
	if (request->kind != DKIM_KIND_ARC_SEAL)
		put_canon(to, request);
	else
		put_tag(to, "cv", request->cv);
	put_tag(to, "d", request->domain);
	put_tag(to, "s", request->selector);
	if (request->identity)
		put_identity(to, request->identity);
	if (request->has_time)
		put_number(to, "t", request->time);
	if (request->lifetime)
		put_number(to, "x", request->time + request->lifetime);
	if (request->has_length)
		put_number(to, "l", request->length);
	if (request->kind != DKIM_KIND_ARC_SEAL) {
		put_names(to, request->names);
		put_body_hash(to, request->body_hash);
	}
	put_tag(to, "b", "");
}

/* ---- hash and signature ---- */

static bool
hash_header(const struct sign_request *request, const struct folded *value,
    uint8_t hash_r[DKIM_HASH_MAX])
{
	struct dkim_field field = { dkim_text_of(sign_field_name(request->kind)),
		{ value->text, value->length } };
	struct dkim_output output;
	struct dkim_digest digest;
	size_t i;

	if (!dkim_digest_start(request->crypto, request->key->algorithm, &digest))
		return false;
	dkim_output_start(&output, dkim_digest_write, &digest);
	if (request->kind != DKIM_KIND_ARC_SEAL)
		dkim_hash_fields(request->header_canon, request->fields, request->field_count,
		    request->field_count, dkim_text_of(request->names), &output);
	else
		for (i = 0; i < request->field_count; i++)
			dkim_canon_field(DKIM_RELAXED, &request->fields[i], &output);
	dkim_canon_signature(request->header_canon, &field,
	    (struct dkim_text){ value->text + value->length, 0 }, &output);
	dkim_output_flush(&output);
	return dkim_digest_finish(&digest, hash_r);
}

const char *
sign_field_name(enum dkim_kind kind)
{
	static const char *const names[] = {
		[DKIM_KIND_SIGNATURE] = "DKIM-Signature",
		[DKIM_KIND_ARC_MESSAGE] = "ARC-Message-Signature",
		[DKIM_KIND_ARC_SEAL] = "ARC-Seal"
	};

	return names[kind];
}

bool
sign_field(const struct sign_request *request, char value_r[SIGN_VALUE_MAX])
{
	struct folded value = { .text = value_r,
		.column = strlen(sign_field_name(request->kind)) + 1 };
	uint8_t hash[DKIM_HASH_MAX], signature[DKIM_SIGNATURE_MAX];
	char text[DKIM_BASE64_ROOM(DKIM_SIGNATURE_MAX)];
	size_t size;

	put_tags(&value, request);
	if (value.overflow || !hash_header(request, &value, hash))
		return false;
	if (!dkim_sign(request->crypto, request->key->pkey, request->key->algorithm, hash,
	    signature, &size))
		return false;
	put_broken(&value, text, dkim_base64_encode(signature, size, text));
	return !value.overflow;
}

bool
sign_identity_fits(const char *identity, const char *domain)
{
	const char *at = strrchr(identity, '@');
	char name[DKIM_DOMAIN];

	return at && strlen(identity) < SIGN_IDENTITY_MAX &&
	    dkim_domain(dkim_text_of(at + 1), name) && dkim_domain_within(name, domain);
}
