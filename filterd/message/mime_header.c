/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the header fields of a part say of it: type, encoding, disposition, names, boundaries. Of a
 * field that stands there several times the first counts, as most readers have it, but that a
 * multipart is preferred, so that its parts are seen; names and boundaries are taken from all.
 */
#include <string.h>

#include "filterd/message/mime_param.h"
#include "filterd/message/mime_parts.h"

#define BOUNDARY_MAXIMUM	70	/* bytes, RFC 2046 section 5.1.1 */
#define FIELDS_OF_A_KIND	8	/* Content-Type fields that are looked at */
#define BOUNDARIES	8	/* of a part: each line is compared with all */

/* A part while its header is read. */
struct header {
	struct mime_view *view;
	struct mime_part *part;
	struct str *names;		/* room for limits.names; NULL: none yet */
	/* room for BOUNDARIES; NULL: none yet */
	struct str *boundaries;
	/* of the names in the fields so far, each kind in the order of the fields */
	size_t types, dispositions, encodings;
	bool broken;			/* the type that counts is no type at all */
};

static const struct {
	const char *name;
	enum mime_encoding encoding;
} encodings[] = {
	{ "7bit", MIME_IDENTITY },
	{ "8bit", MIME_IDENTITY },
	{ "base64", MIME_BASE64 },
	{ "binary", MIME_IDENTITY },
	{ "quoted-printable", MIME_QUOTED_PRINTABLE },
	{ "uu", MIME_UUENCODE },
	{ "uue", MIME_UUENCODE },
	{ "uuencode", MIME_UUENCODE },
	{ "x-uu", MIME_UUENCODE },
	{ "x-uue", MIME_UUENCODE },
	{ "x-uuencode", MIME_UUENCODE },
};

/* Whether it is a token, RFC 2045 section 5.1. */
static bool
is_token(struct str text)
{
	size_t i;

	for (i = 0; i < text.length; i++) {
		char c = text.data[i];

		if (c <= ' ' || c > '~' || strchr("()<>@,;:\\\"/[]?=", c))
			return false;
	}
	return text.length > 0;
}

static bool
is_type(struct str type)
{
	const char *slash = memchr(type.data, '/', type.length);
	struct str subtype;

	if (!slash)
		return false;
	subtype = (struct str){ slash + 1, type.length - (size_t)(slash + 1 - type.data) };
	return is_token((struct str){ type.data, (size_t)(slash - type.data) }) &&
	    is_token(subtype);
}

static bool
is_multipart(struct str type)
{
	return str_has_prefix_nocase(type, STR("multipart/"));
}

/* ---- names and boundaries ---- */

static bool
has(const struct str *list, size_t count, struct str text)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (str_equal(list[i], text))
			return true;
	}
	return false;
}

static void
add_names(struct header *header, const struct mime_value *value, const char *parameter)
{
	struct str readings[MIME_READINGS];
	struct mime_part *part = header->part;
	size_t i, count = mime_value_readings(header->view->arena, value, parameter, readings,
	    &part->defects);

	if (count && !header->names)
		part->names = header->names = arena_array(header->view->arena,
		    header->view->limits.names, sizeof(struct str));
	for (i = 0; i < count; i++) {
		if (!readings[i].length || has(header->names, part->name_count, readings[i]))
			continue;
		if (part->name_count == header->view->limits.names) {
			mime_note(part, MIME_TOO_MANY_NAMES);
			return;
		}
		header->names[part->name_count++] = readings[i];
	}
}

/* bchars of RFC 2046 section 5.1.1. */
static bool
boundary_valid(struct str boundary)
{
	size_t i;

	for (i = 0; i < boundary.length; i++) {
		char c = boundary.data[i];
		bool alphanumeric = (c >= '0' && c <= '9') ||
		    (str_lower(c) >= 'a' && str_lower(c) <= 'z');

		if (!alphanumeric && (!c || !strchr("'()+_,-./:=? ", c)))
			return false;
	}
	return boundary.length <= BOUNDARY_MAXIMUM;
}

static void
add_boundaries(struct header *header, const struct mime_value *value)
{
	struct str readings[MIME_READINGS];
	struct mime_part *part = header->part;
	size_t i, count = mime_value_readings(header->view->arena, value, "boundary", readings,
	    &part->defects);

	if (count && !header->boundaries)
		part->boundaries = header->boundaries = arena_array(header->view->arena,
		    BOUNDARIES, sizeof(struct str));
	for (i = 0; i < count; i++) {
		struct str boundary = readings[i];

		while (boundary.length && strchr(" \t", boundary.data[boundary.length - 1]))
			boundary.length--;
		if (boundary.length != readings[i].length || !boundary_valid(boundary))
			mime_note(part, MIME_BOUNDARY_SYNTAX);
		if (boundary.length && part->boundary_count < BOUNDARIES &&
		    !has(header->boundaries, part->boundary_count, boundary))
			header->boundaries[part->boundary_count++] = boundary;
	}
}

static struct str
extension(struct str name)
{
	const char *dot = memrchr(name.data, '.', name.length);

	return dot ? (struct str){ dot, name.length - (size_t)(dot - name.data) } : STR("");
}

static void
compare_names(struct mime_part *part)
{
	size_t i;

	for (i = 1; i < part->name_count; i++) {
		if (!str_equal_nocase(extension(part->names[i]), extension(part->names[0])))
			mime_note(part, MIME_NAMES_CONFLICT);
	}
}

/* ---- the fields ---- */

static void
take_charset(struct header *header, const struct mime_value *value)
{
	struct str readings[MIME_READINGS];
	struct mime_part *part = header->part;

	if (mime_value_readings(header->view->arena, value, "charset", readings, &part->defects))
		part->charset = mime_lower(header->view->arena, readings[0]);
}

static void
take_type(struct header *header, struct str text)
{
	struct mime_part *part = header->part;
	struct mime_value value;
	bool valid;

	if (header->types++)
		mime_note(part, MIME_TYPE_REPEATED);
	if (header->types > FIELDS_OF_A_KIND)
		return;
	mime_value_parse(header->view->arena, text, &value);
	part->defects |= value.defects;
	valid = is_type(value.word);
	if (!valid)
		mime_note(part, MIME_TYPE_SYNTAX);
	if (header->types == 1 || (is_multipart(value.word) && !is_multipart(part->type))) {
		header->broken = !valid;
		if (valid)
			part->type = mime_lower(header->view->arena, value.word);
		take_charset(header, &value);
	}
	add_boundaries(header, &value);
	add_names(header, &value, "name");
	add_names(header, &value, "filename");
}

static void
take_disposition(struct header *header, struct str text)
{
	struct mime_part *part = header->part;
	struct mime_value value;

	if (header->dispositions++)
		mime_note(part, MIME_DISPOSITION_REPEATED);
	if (header->dispositions > FIELDS_OF_A_KIND)
		return;
	mime_value_parse(header->view->arena, text, &value);
	part->defects |= value.defects;
	if (header->dispositions == 1)
		part->disposition = mime_lower(header->view->arena, value.word);
	add_names(header, &value, "filename");
	add_names(header, &value, "name");
}

static void
take_encoding(struct header *header, struct str text)
{
	struct mime_part *part = header->part;
	struct mime_value value;
	size_t i;

	if (header->encodings++)
		mime_note(part, MIME_ENCODING_REPEATED);
	if (header->encodings > 1)
		return;
	mime_value_parse(header->view->arena, text, &value);
	part->defects |= value.defects;
	if (value.count || value.defects || !is_token(value.word) ||
	    memchr(text.data, ';', text.length))
		mime_note(part, MIME_ENCODING_SYNTAX);
	part->encoding_name = mime_lower(header->view->arena, value.word);
	for (i = 0; i < sizeof(encodings) / sizeof(encodings[0]); i++) {
		if (str_equal(part->encoding_name, str_of(encodings[i].name))) {
			part->encoding = encodings[i].encoding;
			return;
		}
	}
	part->encoding = MIME_UNKNOWN_ENCODING;
	mime_note(part, MIME_ENCODING_UNKNOWN);
}

/* RFC 2045 section 7. */
static void
take_id(struct header *header, struct str text)
{
	struct str id = str_trim(text);

	if (id.length >= 2 && id.data[0] == '<' && id.data[id.length - 1] == '>')
		id = (struct str){ id.data + 1, id.length - 2 };
	header->part->content_id = arena_str(header->view->arena, id);
}

static const struct {
	struct str name;
	void (*take)(struct header *header, struct str text);
} takers[] = {
	{ { "Content-Disposition", 19 }, take_disposition },
	{ { "Content-Type", 12 }, take_type },
	{ { "Content-Transfer-Encoding", 25 }, take_encoding },
	{ { "Content-ID", 10 }, take_id },
};

/* All fields of one kind, so that the names of Content-Disposition come first. */
static void
take_fields(struct header *header, size_t kind)
{
	const struct mime_part *part = header->part;
	size_t i;

	for (i = 0; i < part->field_count; i++) {
		const struct mime_field *field = &part->fields[i];

		if (str_equal_nocase(str_trim(field->name), takers[kind].name))
			takers[kind].take(header, field->value);
	}
}

/* Whether any field can be of interest: most messages that are not MIME have none. */
static bool
has_content_fields(const struct mime_part *part)
{
	size_t i;

	for (i = 0; i < part->field_count; i++) {
		if (str_has_prefix_nocase(part->fields[i].name, STR("content-")))
			return true;
	}
	return false;
}

/* Messages that are put together by the reader (RFC 2046 section 5.2). */
static bool
is_opaque(const struct mime_part *part)
{
	return str_equal(part->type, STR("message/partial")) ||
	    str_equal(part->type, STR("message/external-body"));
}

/* Whether the part is followed into its parts. One whose type cannot be read, but that has a
 * boundary, is what some readers take for a multipart. */
static void
settle_kind(struct header *header)
{
	struct mime_part *part = header->part;
	bool encoded = part->encoding != MIME_IDENTITY;

	part->multipart = is_multipart(part->type) || (header->broken && part->boundary_count);
	part->message = str_equal(part->type, STR("message/rfc822")) ||
	    str_equal(part->type, STR("message/global"));
	if (part->multipart && part->boundary_count == 0) {
		mime_note(part, MIME_BOUNDARY_MISSING);
		part->multipart = false;
	}
	if (part->multipart && part->boundary_count > 1)
		mime_note(part, MIME_BOUNDARY_REPEATED);
	if (encoded && (part->multipart || part->message))
		mime_note(part, MIME_ENCODING_COMPOSITE);
	part->message = part->message && !encoded;
	if (part->multipart)
		part->encoding = MIME_IDENTITY;
	if (!part->multipart)
		part->boundary_count = 0;
	if (is_opaque(part))
		mime_note(part, MIME_OPAQUE);
}

void
mime_interpret(struct mime_view *view, struct mime_part *part, struct str standard)
{
	struct header header = { .view = view, .part = part };
	size_t i;

	part->type = standard;
	if (has_content_fields(part)) {
		for (i = 0; i < sizeof(takers) / sizeof(takers[0]); i++)
			take_fields(&header, i);
		compare_names(part);
	}
	settle_kind(&header);
}
