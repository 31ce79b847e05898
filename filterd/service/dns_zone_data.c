/* SPDX-License-Identifier: BSD-2-Clause */
/* The data of records in a zone file: words to what a server would send. */
#include <arpa/inet.h>
#include <string.h>

#include "filterd/service/dns_zone_parts.h"

#define STRING_BYTES	255	/* of a character string, RFC 1035 section 3.3 */

/* ---- parts of it ---- */

uint16_t
dns_zone_type(struct str word)
{
	/* Those that are passed over too: of their data nothing is read. */
	static const struct { const char *name; uint16_t number; } types[] = {
		{ "A", 1 }, { "NS", 2 }, { "CNAME", 5 }, { "SOA", 6 }, { "PTR", 12 },
		{ "HINFO", 13 }, { "MX", 15 }, { "TXT", 16 }, { "RP", 17 }, { "AAAA", 28 },
		{ "LOC", 29 }, { "SRV", 33 }, { "NAPTR", 35 }, { "DNAME", 39 }, { "DS", 43 },
		{ "SSHFP", 44 }, { "RRSIG", 46 }, { "NSEC", 47 }, { "DNSKEY", 48 },
		{ "NSEC3", 50 }, { "NSEC3PARAM", 51 }, { "TLSA", 52 }, { "CDS", 59 },
		{ "CDNSKEY", 60 }, { "OPENPGPKEY", 61 }, { "SVCB", 64 }, { "HTTPS", 65 },
		{ "SPF", 99 }, { "CAA", 257 },
	};
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (str_equal_nocase(word, str_of(types[i].name)))
			return types[i].number;
	return 0;
}

bool
dns_zone_name(struct str text, const struct dns_name *origin, struct dns_name *name_r)
{
	bool absolute;

	if (text.length == 1 && text.data[0] == '@') {
		*name_r = *origin;
		return true;
	}
	return dns_name_parse_text(text, name_r, &absolute) &&
	    (absolute || dns_name_append(name_r, origin));
}

bool
dns_zone_number(struct str text, uint32_t maximum, uint32_t *number_r)
{
	uint64_t number = 0;
	size_t i;

	for (i = 0; i < text.length; i++) {
		if (text.data[i] < '0' || text.data[i] > '9')
			return false;
		number = number * 10 + (uint64_t)(text.data[i] - '0');
		if (number > maximum)
			return false;
	}
	*number_r = (uint32_t)number;
	return text.length > 0;
}

/* ---- each type ---- */

static const char *
put_address(const struct dns_zone_word *word, int family, uint8_t *bytes, size_t *size_r)
{
	char text[INET6_ADDRSTRLEN];

	if (word->text.length < sizeof(text)) {
		memcpy(text, word->text.data, word->text.length);
		text[word->text.length] = '\0';
		*size_r = family == AF_INET ? 4 : 16;
		if (inet_pton(family, text, bytes) == 1)
			return NULL;
	}
	return family == AF_INET ? "expected an IPv4 address" : "expected an IPv6 address";
}

static const char *
put_name(const struct dns_zone_word *word, const struct dns_name *origin, uint8_t *bytes,
    size_t *size_r)
{
	struct dns_name name;

	if (!dns_zone_name(word->text, origin, &name))
		return "expected a domain name";
	memcpy(bytes + *size_r, name.bytes, name.size);
	*size_r += name.size;
	return NULL;
}

static const char *
put_preference(const struct dns_zone_word *word, uint8_t *bytes, size_t *size_r)
{
	uint32_t number;

	if (!dns_zone_number(word->text, UINT16_MAX, &number))
		return "expected a preference, a number up to 65535";
	bytes[0] = (uint8_t)(number >> 8);
	bytes[1] = (uint8_t)number;
	*size_r = 2;
	return NULL;
}

/* The byte of \X or \DDD, RFC 1035 section 5.1; returns how many of the text it takes, or 0. */
static size_t
unescape(struct str text, size_t at, uint8_t *byte_r)
{
	uint32_t value;

	*byte_r = (uint8_t)text.data[at];
	if (text.data[at] != '\\')
		return 1;
	if (at + 1 == text.length)
		return 0;
	*byte_r = (uint8_t)text.data[at + 1];
	if (text.data[at + 1] < '0' || text.data[at + 1] > '9')
		return 2;
	if (text.length - at < 4 ||
	    !dns_zone_number((struct str){ text.data + at + 1, 3 }, 255, &value))
		return 0;
	*byte_r = (uint8_t)value;
	return 4;
}

static const char *
put_string(const struct dns_zone_word *word, uint8_t *bytes, size_t *size_r)
{
	size_t at = 0, length = 0, used;

	if (*size_r + STRING_BYTES + 1 > DNS_DATA_MAXIMUM)
		return "the record becomes longer than 65535 bytes";
	for (; at < word->text.length; at += used) {
		uint8_t byte;

		used = unescape(word->text, at, &byte);
		if (!used)
			return "expected \\DDD, a number up to 255, or \\ and a character";
		if (length == STRING_BYTES)
			return "a string has at most 255 bytes: divide it into several";
		bytes[*size_r + 1 + length++] = byte;
	}
	bytes[*size_r] = (uint8_t)length;
	*size_r += length + 1;
	return NULL;
}

static const char *
put_word(uint16_t type, size_t i, const struct dns_zone_word *word,
    const struct dns_name *origin, uint8_t *bytes, size_t *size_r)
{
	switch (type) {
	case MF_DNS_A:
		return put_address(word, AF_INET, bytes, size_r);
	case MF_DNS_AAAA:
		return put_address(word, AF_INET6, bytes, size_r);
	case MF_DNS_TXT:
		return put_string(word, bytes, size_r);
	case MF_DNS_MX:
		return i == 0 ? put_preference(word, bytes, size_r) :
		    put_name(word, origin, bytes, size_r);
	default:	/* PTR, CNAME */
		return put_name(word, origin, bytes, size_r);
	}
}

static bool
is_read(uint16_t type)
{
	return type == DNS_TYPE_CNAME || dns_type_known((enum mf_dns_type)type);
}

const char *
dns_zone_data(uint16_t type, const struct dns_zone_word *words, size_t count,
    const struct dns_name *origin, uint8_t *bytes, size_t *size_r, size_t *wrong_r)
{
	size_t wanted = type == MF_DNS_MX ? 2 : 1, i;

	*size_r = 0;
	if (!is_read(type))
		return NULL;
	for (i = 0; i < count && (i < wanted || type == MF_DNS_TXT); i++) {
		const char *what = put_word(type, i, &words[i], origin, bytes, size_r);

		*wrong_r = i;
		if (what)
			return what;
	}
	*wrong_r = i;
	if (i < wanted)
		return "the record ends too early";
	return i < count ? "expected the end of the record" : NULL;
}
