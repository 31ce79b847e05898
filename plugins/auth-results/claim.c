/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads the authserv-id of a field in several ways, and believes each: as RFC 8601 has it, with
 * comments, folds, quotes and dots set apart by blanks; and as one reads it who cuts the field at
 * its first ";" and drops quotes.
 */
#include <stdint.h>
#include <string.h>

#include "filterd/util/domain.h"
#include "filterd/util/utf8.h"
#include "plugins/auth-results/authres.h"
#include "plugins/auth-results/claim.h"

struct id {
	char text[CLAIM_MAXIMUM];
	size_t length;
	bool too_long;
};

struct reader {
	const char *at, *end;
	struct id id;
	bool gap;	/* blanks or comments since the last byte of the id */
	bool over;	/* the id is complete */
	bool ours;	/* it was one of ours before a gap */
	bool unclear;
	const char *const *ids;
	size_t id_count;
};

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void
add(struct id *id, char c)
{
	if (id->length == CLAIM_MAXIMUM)
		id->too_long = true;
	else
		id->text[id->length++] = c;
}

void
claim_canonical(const char *id, size_t length, char canonical_r[CLAIM_MAXIMUM + 1])
{
	char buffer[DOMAIN_TEXT];
	struct str ascii = domain_ascii((struct str){ id, length }, buffer);
	size_t i;

	if (ascii.length > CLAIM_MAXIMUM)
		ascii.length = CLAIM_MAXIMUM;
	while (ascii.length && ascii.data[ascii.length - 1] == '.')
		ascii.length--;
	for (i = 0; i < ascii.length; i++)
		canonical_r[i] = str_lower(ascii.data[i]);
	canonical_r[ascii.length] = '\0';
}

static bool
is_ours(const struct id *id, const char *const *ours, size_t count)
{
	char canonical[CLAIM_MAXIMUM + 1];
	size_t i;

	claim_canonical(id->text, id->length, canonical);
	for (i = 0; i < count; i++)
		if (strcmp(canonical, ours[i]) == 0)
			return true;
	return false;
}

/* ---- as the RFC has it ---- */

static void
skip_comment(struct reader *r)
{
	size_t depth = 0;

	for (; r->at < r->end; r->at++) {
		if (*r->at == '\\' && r->at + 1 < r->end)
			r->at++;
		else if (*r->at == '(' && ++depth > AUTHRES_COMMENT_DEPTH)
			break;
		else if (*r->at == ')' && --depth == 0) {
			r->at++;
			r->gap = true;
			return;
		}
	}
	r->unclear = true;
}

/* Whether a byte of the id begins another word: one behind blanks or a comment, with no dot on
 * either side. */
static bool
begins_word(const struct reader *r, char c)
{
	return r->gap && r->id.length && c != '.' && r->id.text[r->id.length - 1] != '.';
}

static void
take_quoted(struct reader *r)
{
	for (r->at++; r->at < r->end && *r->at != '"'; r->at++) {
		if (*r->at == '\\' && r->at + 1 < r->end)
			r->at++;
		if (*r->at != '\r' && *r->at != '\n')
			add(&r->id, *r->at);
	}
	if (r->at == r->end)
		r->unclear = true;
	else
		r->at++;
}

static void
take_next(struct reader *r)
{
	char c = *r->at;

	if (r->gap && is_ours(&r->id, r->ids, r->id_count))
		r->ours = true;
	if (is_blank(c)) {
		r->gap = true;
		r->at++;
	} else if (c == '(') {
		skip_comment(r);
	} else if (c == ';' || c == '/' || begins_word(r, c)) {
		r->over = true;
	} else if (c == '=') {
		/* Without an id, a method stands first; or it is an encoded word. */
		r->unclear = true;
	} else if (c == '"') {
		r->gap = false;
		take_quoted(r);
	} else {
		r->gap = false;
		add(&r->id, c);
		r->at++;
	}
}

/* ---- as one does who knows no quotes ---- */

static struct id
read_roughly(const char *value, size_t length)
{
	struct id id = { .length = 0 };
	size_t i;

	for (i = 0; i < length && value[i] != ';'; i++)
		if (!is_blank(value[i]) && value[i] != '"' && value[i] != '\\')
			add(&id, value[i]);
	return id;
}

/* ---- both ---- */

/* Control characters, and what is no UTF-8. */
static bool
is_odd(const struct id *id)
{
	struct str rest = { id->text, id->length };

	while (rest.length) {
		uint32_t point;
		size_t size = utf8_next(rest, &point);

		if (!size || point < ' ' || point == 0x7f)
			return true;
		rest = (struct str){ rest.data + size, rest.length - size };
	}
	return false;
}

enum claim
claim_of(const char *value, size_t length, const char *const *ours, size_t count)
{
	struct reader r = { .at = value, .end = value + length, .ids = ours, .id_count = count };
	struct id rough = read_roughly(value, length);

	if (is_ours(&rough, ours, count))
		return CLAIM_OURS;
	while (r.at < r.end && !r.over && !r.ours && !r.unclear && !r.id.too_long)
		take_next(&r);
	if (r.ours)
		return CLAIM_OURS;
	if (r.unclear || r.id.too_long || !r.id.length || is_odd(&r.id))
		return CLAIM_UNCLEAR;
	return is_ours(&r.id, ours, count) ? CLAIM_OURS : CLAIM_OTHER;
}

bool
claim_is_field(const char *name, size_t length)
{
	while (length && is_blank(name[length - 1]))
		length--;
	return str_equal_nocase((struct str){ name, length }, STR("Authentication-Results"));
}
