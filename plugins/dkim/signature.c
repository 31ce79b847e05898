/* SPDX-License-Identifier: BSD-2-Clause */
#include "plugins/dkim/base64.h"
#include "plugins/dkim/signature.h"

static const char *const algorithm_names[] = {
	[DKIM_RSA_SHA1] = "rsa-sha1", [DKIM_RSA_SHA256] = "rsa-sha256",
	[DKIM_ED25519_SHA256] = "ed25519-sha256"
};
static const char *const canon_names[] = { [DKIM_SIMPLE] = "simple", [DKIM_RELAXED] = "relaxed" };

const char *
dkim_algorithm_name(enum dkim_algorithm algorithm)
{
	return algorithm_names[algorithm];
}

const char *
dkim_canon_name(enum dkim_canon canon)
{
	return canon_names[canon];
}

size_t
dkim_hash_size(enum dkim_algorithm algorithm)
{
	return algorithm == DKIM_RSA_SHA1 ? 20 : 32;
}

/* ---- a reader for each tag ---- */

static enum dkim_fault
read_version(struct dkim_signature *s, struct dkim_text value)
{
	(void)s;
	return value.length == 1 && value.data[0] == '1' ? DKIM_FAULT_NONE : DKIM_FAULT_VERSION;
}

/* RFC 8617 section 4.2.1: 1 to 50. */
static enum dkim_fault
read_instance(struct dkim_signature *s, struct dkim_text value)
{
	uint64_t instance;

	if (!dkim_number(value, 2, &instance) || instance < 1 || instance > 50)
		return DKIM_FAULT_SYNTAX;
	s->instance = (unsigned)instance;
	return DKIM_FAULT_NONE;
}

static enum dkim_fault
read_algorithm(struct dkim_signature *s, struct dkim_text value)
{
	size_t i;

	s->algorithm_name = value;
	for (i = 0; i < sizeof(algorithm_names) / sizeof(algorithm_names[0]); i++) {
		if (!dkim_text_is(value, algorithm_names[i]))
			continue;
		s->algorithm = (enum dkim_algorithm)i;
		return DKIM_FAULT_NONE;
	}
	return DKIM_FAULT_UNKNOWN;
}

static bool
read_canon_name(struct dkim_text value, enum dkim_canon *canon_r)
{
	*canon_r = dkim_text_is(value, "relaxed") ? DKIM_RELAXED : DKIM_SIMPLE;
	return *canon_r == DKIM_RELAXED || dkim_text_is(value, "simple");
}

/* "header/body"; one name is the header's, and the body's is then simple. */
static enum dkim_fault
read_canon(struct dkim_signature *s, struct dkim_text value)
{
	const char *slash = value.length ? memchr(value.data, '/', value.length) : NULL;
	struct dkim_text header = value, body = dkim_text_of("simple");

	if (slash) {
		header.length = (size_t)(slash - value.data);
		body.data = slash + 1;
		body.length = value.length - header.length - 1;
	}
	if (!read_canon_name(header, &s->header_canon) || !read_canon_name(body, &s->body_canon))
		return DKIM_FAULT_UNKNOWN;
	return DKIM_FAULT_NONE;
}

static enum dkim_fault
read_domain(struct dkim_signature *s, struct dkim_text value)
{
	if (dkim_domain(value, s->domain))
		return DKIM_FAULT_NONE;
	s->domain[0] = '\0';
	return DKIM_FAULT_SYNTAX;
}

static enum dkim_fault
read_selector(struct dkim_signature *s, struct dkim_text value)
{
	if (dkim_domain(value, s->selector))
		return DKIM_FAULT_NONE;
	s->selector[0] = '\0';
	return DKIM_FAULT_SYNTAX;
}

static enum dkim_fault
read_identity(struct dkim_signature *s, struct dkim_text value)
{
	char bytes[DKIM_IDENTITY_MAX], *at;
	size_t length;

	if (value.length > sizeof(bytes))
		return DKIM_FAULT_SYNTAX;
	length = dkim_unquote(value, bytes);
	at = memrchr(bytes, '@', length);
	if (!at || !dkim_domain((struct dkim_text){ at + 1, length - (size_t)(at + 1 - bytes) },
	    s->identity_domain))
		return DKIM_FAULT_SYNTAX;
	s->identity = value;
	return DKIM_FAULT_NONE;
}

/* RFC 5322 section 2.2: what the name of a field is made of. */
static bool
is_field_name(struct dkim_text name)
{
	size_t i;

	for (i = 0; i < name.length; i++) {
		if (name.data[i] < '!' || name.data[i] > '~')
			return false;
	}
	return name.length > 0;
}

static enum dkim_fault
read_names(struct dkim_signature *s, struct dkim_text value)
{
	struct dkim_text rest = value, name;

	while (dkim_next_item(&rest, &name)) {
		/* ARC's test suite has empty names, which stand for no field. */
		bool none = name.length == 0 && s->kind == DKIM_KIND_ARC_MESSAGE;

		if ((!none && !is_field_name(name)) || ++s->name_count > DKIM_NAMES_MAX)
			return DKIM_FAULT_SYNTAX;
	}
	s->names = value;
	return DKIM_FAULT_NONE;
}

static enum dkim_fault
read_query(struct dkim_signature *s, struct dkim_text value)
{
	(void)s;
	return dkim_list_has(value, "dns/txt") ? DKIM_FAULT_NONE : DKIM_FAULT_UNKNOWN;
}

static enum dkim_fault
read_signature(struct dkim_signature *s, struct dkim_text value)
{
	s->signature = value;
	return value.length ? DKIM_FAULT_NONE : DKIM_FAULT_SYNTAX;
}

static enum dkim_fault
read_body_hash(struct dkim_signature *s, struct dkim_text value)
{
	if (dkim_base64_decode(value, s->body_hash, sizeof(s->body_hash), &s->body_hash_size) &&
	    s->body_hash_size == dkim_hash_size(s->algorithm))
		return DKIM_FAULT_NONE;
	s->body_hash_size = 0;
	return DKIM_FAULT_SYNTAX;
}

static enum dkim_fault
read_length(struct dkim_signature *s, struct dkim_text value)
{
	s->has_length = dkim_number(value, 76, &s->length);
	return s->has_length ? DKIM_FAULT_NONE : DKIM_FAULT_SYNTAX;
}

/* The ABNF allows 12 digits; numbers up to 10^12 are to be understood, so 13 are taken. */
static enum dkim_fault
read_time(struct dkim_signature *s, struct dkim_text value)
{
	s->has_time = dkim_number(value, 13, &s->time);
	return s->has_time ? DKIM_FAULT_NONE : DKIM_FAULT_SYNTAX;
}

static enum dkim_fault
read_expiry(struct dkim_signature *s, struct dkim_text value)
{
	s->has_expiry = dkim_number(value, 13, &s->expiry);
	if (!s->has_expiry || (s->has_time && s->expiry <= s->time))
		return DKIM_FAULT_SYNTAX;
	return DKIM_FAULT_NONE;
}

static enum dkim_fault
read_nothing(struct dkim_signature *s, struct dkim_text value)
{
	(void)s;
	(void)value;
	return DKIM_FAULT_NONE;
}

/* ---- all of them ---- */

enum {
	SIGNATURE	= 1 << DKIM_KIND_SIGNATURE,
	MESSAGE		= 1 << DKIM_KIND_ARC_MESSAGE,
	SEAL		= 1 << DKIM_KIND_ARC_SEAL
};

/* In the order in which they are looked at: domain and selector first, as reports name them; bh=
 * behind a=, which says how long it is, and x= behind t=. */
static const struct reader {
	const char *tag;
	unsigned read_in, required_in;	/* kinds */
	enum dkim_fault (*read)(struct dkim_signature *s, struct dkim_text value);
	const char *missing, *wrong;
} readers[] = {
	{ "d", SIGNATURE | MESSAGE | SEAL, SIGNATURE | MESSAGE | SEAL, read_domain,
	    "no d=", "d= is no domain" },
	{ "s", SIGNATURE | MESSAGE | SEAL, SIGNATURE | MESSAGE | SEAL, read_selector,
	    "no s=", "s= is no selector" },
	{ "b", SIGNATURE | MESSAGE | SEAL, SIGNATURE | MESSAGE | SEAL, read_signature,
	    "no b=", "b= is empty" },
	{ "v", SIGNATURE, SIGNATURE, read_version, "no v=", "v= is not 1" },
	{ "a", SIGNATURE | MESSAGE | SEAL, SIGNATURE | MESSAGE | SEAL, read_algorithm,
	    "no a=", "the algorithm of a= is not known" },
	{ "i", SIGNATURE, 0, read_identity, NULL, "i= is no identity" },
	{ "i", MESSAGE | SEAL, MESSAGE | SEAL, read_instance, "no i=", "i= is no instance" },
	{ "h", SIGNATURE | MESSAGE, SIGNATURE | MESSAGE, read_names,
	    "no h=", "h= is no list of up to 256 field names" },
	{ "bh", SIGNATURE | MESSAGE, SIGNATURE | MESSAGE, read_body_hash,
	    "no bh=", "bh= is no hash of the algorithm" },
	{ "c", SIGNATURE | MESSAGE, 0, read_canon,
	    NULL, "the canonicalisation of c= is not known" },
	{ "l", SIGNATURE | MESSAGE, 0, read_length, NULL, "l= is no length" },
	{ "q", SIGNATURE | MESSAGE, 0, read_query, NULL, "q= has no dns/txt" },
	{ "t", SIGNATURE | MESSAGE | SEAL, 0, read_time, NULL, "t= is no time" },
	{ "x", SIGNATURE | MESSAGE, 0, read_expiry, NULL, "x= is no time after t=" },
	{ "cv", SEAL, SEAL, read_nothing, "no cv=", NULL },
};

/* Reads one tag. */
static enum dkim_fault
run_reader(const struct reader *reader, const struct dkim_tags *tags, struct dkim_signature *s,
    const char **error_r)
{
	const struct dkim_tag *tag = dkim_tags_find(tags, reader->tag);
	enum dkim_fault fault;

	if (!tag) {
		*error_r = reader->missing;
		return reader->required_in & 1u << s->kind ? DKIM_FAULT_MISSING : DKIM_FAULT_NONE;
	}
	if (reader->read == read_signature)
		s->raw_signature = tag->raw;
	fault = reader->read(s, tag->value);
	*error_r = reader->wrong;
	return fault;
}

/* i= is d= or below it; without i= it is "@d". */
static enum dkim_fault
settle_identity(struct dkim_signature *s, const char **error_r)
{
	if (!s->identity.length) {
		strcpy(s->identity_domain, s->domain);
		return DKIM_FAULT_NONE;
	}
	*error_r = "i= is not within d=";
	return dkim_domain_within(s->identity_domain, s->domain) ? DKIM_FAULT_NONE
	    : DKIM_FAULT_DOMAIN;
}

enum dkim_fault
dkim_signature_parse(enum dkim_kind kind, struct dkim_text value,
    struct dkim_signature *signature_r, const char **error_r)
{
	enum dkim_fault fault = DKIM_FAULT_NONE, found;
	struct dkim_tags tags;
	const char *error;
	size_t i;

	*signature_r = (struct dkim_signature){ .kind = kind };
	/* Seals are always relaxed, RFC 8617 section 4.1.3. Message signatures without c= are by
	 * that RFC what those of DKIM are, simple; but all that are there, and its test suite, were
	 * made as relaxed. */
	if (kind != DKIM_KIND_SIGNATURE)
		signature_r->header_canon = signature_r->body_canon = DKIM_RELAXED;
	*error_r = dkim_tags_parse(value, &tags);
	if (*error_r)
		return DKIM_FAULT_SYNTAX;
	for (i = 0; i < sizeof(readers) / sizeof(readers[0]); i++) {
		if (!(readers[i].read_in & 1u << kind))
			continue;
		found = run_reader(&readers[i], &tags, signature_r, &error);
		if (found && !fault) {
			fault = found;
			*error_r = error;
		}
	}
	return fault ? fault : settle_identity(signature_r, error_r);
}

/* ---- dkim-quoted-printable ---- */

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

size_t
dkim_unquote(struct dkim_text text, char *bytes_r)
{
	size_t i, size = 0;

	for (i = 0; i < text.length; i++) {
		if (dkim_is_space(text.data[i]))
			continue;
		if (text.data[i] == '=' && text.length - i > 2 &&
		    hex_digit(text.data[i + 1]) >= 0 && hex_digit(text.data[i + 2]) >= 0) {
			bytes_r[size++] = (char)(hex_digit(text.data[i + 1]) << 4 |
			    hex_digit(text.data[i + 2]));
			i += 2;
		} else {
			bytes_r[size++] = text.data[i];
		}
	}
	return size;
}
