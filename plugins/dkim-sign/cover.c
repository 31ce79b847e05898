/* SPDX-License-Identifier: BSD-2-Clause */
/* What of a message a signature covers. */
#include "plugins/dkim-sign/cover.h"

#include "plugins/dkim/hash.h"

struct cover
cover_fields(struct mf_context *c)
{
	size_t count = mf_header_count(c, NULL), i;
	struct dkim_field *fields = mf_alloc(c, (count + 1) * sizeof(*fields));
	struct mf_header field;

	for (i = 0; i < count && mf_header_at(c, i, &field); i++) {
		fields[i].name = (struct dkim_text){ field.name, field.name_length };
		fields[i].value = (struct dkim_text){ field.value, field.value_length };
	}
	return (struct cover){ fields, i };
}

/* ---- h= ---- */

static bool
has_word(const struct mf_strings *words, const char *word)
{
	size_t i;

	for (i = 0; i < words->count; i++)
		if (dkim_text_is(dkim_text_of(words->items[i]), word))
			return true;
	return false;
}

/* Sendmail writes these when it delivers, behind all filters, into a message that lacks them. A
 * signature that says there are none would break. */
static bool
may_be_added(const char *name)
{
	static const char *const added[] = { "Date", "Message-ID", "To", "From" };
	const struct mf_strings words = { sizeof(added) / sizeof(added[0]), added };

	return has_word(&words, name);
}

/* How often h= has the name. */
static size_t
times(const struct cover *cover, const char *name, const struct mf_strings *oversigned)
{
	size_t count = dkim_fields_count(cover->fields, cover->count, dkim_text_of(name));

	if (has_word(oversigned, name) && (count > 0 || !may_be_added(name)))
		count++;
	return count;
}

/* Whether the name stands before in the list. */
static bool
is_repeated(const struct mf_strings *headers, size_t i)
{
	const struct mf_strings before = { i, headers->items };

	return has_word(&before, headers->items[i]);
}

const char *
cover_names(struct mf_context *c, const struct cover *cover, const struct mf_strings *headers,
    const struct mf_strings *oversigned)
{
	size_t room = 1, total = 0, i;
	char *names, *at;

	if (dkim_fields_count(cover->fields, cover->count, dkim_text_of("From")) == 0)
		return NULL;
	for (i = 0; i < headers->count; i++) {
		size_t count = times(cover, headers->items[i], oversigned);

		room += count * (strlen(headers->items[i]) + 1);
		total += count;
	}
	if (total > DKIM_NAMES_MAX)
		return NULL;
	names = at = mf_alloc(c, room);
	for (i = 0; i < headers->count; i++) {
		size_t count = times(cover, headers->items[i], oversigned);

		for (; count > 0 && !is_repeated(headers, i); count--) {
			if (at > names)
				*at++ = ':';
			memcpy(at, headers->items[i], strlen(headers->items[i]));
			at += strlen(headers->items[i]);
		}
	}
	return names;
}

/* RFC 5322 section 2.2; ";" would end h=, ":" divides it. */
static bool
is_field_name(const char *name)
{
	const char *at;

	for (at = name; *at; at++)
		if (*at <= ' ' || *at > '~' || *at == ':' || *at == ';')
			return false;
	return at > name;
}

bool
cover_check_names(const struct mf_strings *names, const char **wrong_r)
{
	size_t i;

	for (i = 0; i < names->count; i++) {
		if (is_field_name(names->items[i]))
			continue;
		*wrong_r = names->items[i];
		return false;
	}
	return true;
}

/* ---- the body ---- */

bool
cover_body(struct mf_context *c, const struct dkim_crypto *crypto, enum dkim_canon canon,
    uint8_t hash_r[DKIM_HASH_MAX], uint64_t *size_r)
{
	struct dkim_digest digest;
	struct dkim_body body;
	const void *bytes;
	size_t size;

	if (!dkim_digest_start(crypto, DKIM_RSA_SHA256, &digest))
		return false;
	bytes = mf_body(c, &size);
	dkim_body_start(&body, canon, DKIM_WHOLE_BODY, dkim_digest_write, &digest);
	dkim_body_put(&body, bytes, size);
	dkim_body_finish(&body);
	*size_r = body.size;
	return dkim_digest_finish(&digest, hash_r);
}
