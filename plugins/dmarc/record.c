/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads DMARC Policy Records: a list of tags, one pass. */
#include <string.h>

#include "plugins/dmarc/record.h"

struct tag {
	const char *name;
	void (*read)(struct dmarc_record *record, struct str value);
};

/* Without the white space of the grammar, WSP, at both ends. */
static struct str
trim(struct str text)
{
	while (text.length && (text.data[0] == ' ' || text.data[0] == '\t')) {
		text.data++;
		text.length--;
	}
	while (text.length &&
	    (text.data[text.length - 1] == ' ' || text.data[text.length - 1] == '\t'))
		text.length--;
	return text;
}

/* Cuts the text at the next `separator`, or takes all of it. */
static struct str
cut(struct str *rest, char separator)
{
	const char *found = rest->length ? memchr(rest->data, separator, rest->length) : NULL;
	size_t length = found ? (size_t)(found - rest->data) : rest->length;
	struct str piece = { rest->data, length };

	length += found != NULL;
	*rest = (struct str){ rest->data + length, rest->length - length };
	return piece;
}

/* ---- values ---- */

static enum dmarc_policy
policy_of(struct str value)
{
	enum dmarc_policy policy;

	for (policy = DMARC_NONE; policy <= DMARC_REJECT; policy++)
		if (str_equal_nocase(value, str_of(dmarc_policy_name(policy))))
			return policy;
	return DMARC_INVALID;
}

static void
read_p(struct dmarc_record *record, struct str value)
{
	record->p = policy_of(value);
}

static void
read_sp(struct dmarc_record *record, struct str value)
{
	record->sp = policy_of(value);
}

static void
read_np(struct dmarc_record *record, struct str value)
{
	record->np = policy_of(value);
}

static void
read_psd(struct dmarc_record *record, struct str value)
{
	if (str_equal_nocase(value, STR("y")))
		record->psd = DMARC_PSD_YES;
	else if (str_equal_nocase(value, STR("n")))
		record->psd = DMARC_PSD_NO;
}

static void
read_adkim(struct dmarc_record *record, struct str value)
{
	record->strict_dkim = str_equal_nocase(value, STR("s"));
}

static void
read_aspf(struct dmarc_record *record, struct str value)
{
	record->strict_spf = str_equal_nocase(value, STR("s"));
}

static void
read_t(struct dmarc_record *record, struct str value)
{
	record->testing = str_equal_nocase(value, STR("y"));
}

static void
read_rua(struct dmarc_record *record, struct str value)
{
	record->rua = value;
}

static void
read_ruf(struct dmarc_record *record, struct str value)
{
	record->ruf = value;
}

/* dmarc-fo: each value once, "0" and "1" not both. Else the default stands. */
static void
read_fo(struct dmarc_record *record, struct str value)
{
	static const char letters[] = "01ds";
	unsigned found = 0;

	while (value.length) {
		struct str piece = trim(cut(&value, ':'));
		const char *letter = piece.length == 1 ? strchr(letters, str_lower(piece.data[0])) :
							 NULL;
		unsigned bit = letter && *letter ? 1u << (letter - letters) : 0;

		if (!bit || found & bit)
			return;
		found |= bit;
	}
	if (found && !(found & DMARC_FO_ALL && found & DMARC_FO_ANY))
		record->fo = found;
}

static const struct tag tags[] = {
	{ "p", read_p }, { "sp", read_sp }, { "np", read_np }, { "psd", read_psd },
	{ "adkim", read_adkim }, { "aspf", read_aspf }, { "t", read_t }, { "rua", read_rua },
	{ "ruf", read_ruf }, { "fo", read_fo }
};

#define TAGS	(sizeof(tags) / sizeof(tags[0]))

/* ---- the record ---- */

/* "v" equals %s"DMARC1": the name without regard to case, its value with. */
static bool
is_version(struct str tag)
{
	struct str name = cut(&tag, '=');

	return name.length && (name.data[0] == 'v' || name.data[0] == 'V') &&
	    trim(name).length == 1 && str_equal(trim(tag), STR("DMARC1"));
}

bool
dmarc_record_parse(struct str text, struct dmarc_record *record_r)
{
	bool seen[TAGS] = { false };

	*record_r = (struct dmarc_record){ .fo = DMARC_FO_ALL };
	if (!is_version(cut(&text, ';')))
		return false;
	while (text.length) {
		struct str value = cut(&text, ';');
		struct str name = trim(cut(&value, '='));
		size_t i;

		for (i = 0; i < TAGS; i++) {
			if (seen[i] || !str_equal_nocase(name, str_of(tags[i].name)))
				continue;
			seen[i] = true;
			tags[i].read(record_r, trim(value));
		}
	}
	return true;
}

/* ---- URIs, RFC 3986 section 3 ---- */

static bool
is_letter(char c)
{
	c = str_lower(c);
	return c >= 'a' && c <= 'z';
}

static bool
is_uri(struct str uri)
{
	size_t i, scheme = 0;

	while (scheme < uri.length && (is_letter(uri.data[scheme]) ||
	    (scheme && uri.data[scheme] && strchr("0123456789+-.", uri.data[scheme]))))
		scheme++;
	if (!scheme || scheme + 1 >= uri.length || uri.data[scheme] != ':')
		return false;
	for (i = scheme + 1; i < uri.length; i++)
		if (uri.data[i] <= ' ' || uri.data[i] > '~' || strchr("\"<>\\^`{|}", uri.data[i]))
			return false;
	return true;
}

bool
dmarc_record_uri(struct str *list, struct str *uri_r)
{
	while (list->length) {
		struct str uri = cut(list, ',');

		*uri_r = trim(cut(&uri, '!'));
		if (is_uri(*uri_r))
			return true;
	}
	return false;
}

bool
dmarc_record_usable(const struct dmarc_record *record, bool *policy_none_r)
{
	struct str rua = record->rua, uri;

	*policy_none_r = false;
	if (record->p >= DMARC_NONE && record->sp != DMARC_INVALID && record->np != DMARC_INVALID)
		return true;
	*policy_none_r = dmarc_record_uri(&rua, &uri);
	return *policy_none_r;
}

const char *
dmarc_policy_name(enum dmarc_policy policy)
{
	static const char *const names[] = {
		[DMARC_ABSENT] = "", [DMARC_INVALID] = "", [DMARC_NONE] = "none",
		[DMARC_QUARANTINE] = "quarantine", [DMARC_REJECT] = "reject"
	};

	return names[policy];
}
