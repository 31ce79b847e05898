/* SPDX-License-Identifier: BSD-2-Clause */
/* Which parts are the body, and whether they may be edited. */
#include <string.h>
#include <strings.h>

#include "filterd/message/mime_param.h"
#include "plugins/footer/body.h"

/* What readers disagree about, or what is more than was decoded: an edit would settle it in one
 * way, or lose what is not seen. */
static const char *const unsafe[] = { "boundary-ambiguous", "boundary-repeated",
	"encoding-composite", "encoding-repeated", "encoding-syntax",
	"encoding-unknown", "nul", "text-cut", "type-repeated", "undeclared-parts",
	"uuencode-inline", "uuencode-invalid" };

static const char *
unsafe_defect(struct mf_context *c, size_t index)
{
	const char *const *defect;
	size_t i;

	for (defect = mf_part_defects(c, index); *defect; defect++) {
		for (i = 0; i < sizeof(unsafe) / sizeof(unsafe[0]); i++) {
			if (strcmp(*defect, unsafe[i]) == 0)
				return unsafe[i];
		}
	}
	return NULL;
}

/* ---- parameters ---- */

const char *
body_parameter(struct mf_context *c, size_t index, const char *name)
{
	struct arena *arena = arena_create(0, 0);
	struct mime_value type = { .count = 0 };
	const char *found = "";
	struct mf_header field;
	size_t n = 0, i;

	while (mf_part_header(c, index, n, &field) && strcasecmp(field.name, "Content-Type") != 0)
		n++;
	if (mf_part_header(c, index, n, &field))
		mime_value_parse(arena, str_of(field.value), &type);
	for (i = 0; i < type.count; i++) {
		const struct mime_parameter *parameter = &type.parameters[i];

		if (str_equal_nocase(parameter->name, str_of(name)) && parameter->count) {
			found = mf_printf(c, "%.*s", (int)parameter->readings[0].length,
			    parameter->readings[0].data);
			break;
		}
	}
	arena_destroy(&arena);
	return found;
}

/* ---- PGP ---- */

/* Whether there is armour of PGP (RFC 9580 section 6.2): in a line of its own, in HTML anywhere. */
static bool
has_armour(const char *text, size_t length, bool html)
{
	static const char armour[] = "-----BEGIN PGP ";
	const char *at = text, *end = text + length;

	while ((at = memmem(at, (size_t)(end - at), armour, sizeof(armour) - 1))) {
		if (html || at == text || at[-1] == '\n')
			return true;
		at++;
	}
	return false;
}

/* ---- parts ---- */

static bool
is_encrypted(const char *type)
{
	return strcmp(type, "multipart/encrypted") == 0 ||
	    strcmp(type, "application/pkcs7-mime") == 0 ||
	    strcmp(type, "application/x-pkcs7-mime") == 0;
}

static void
add_text(struct mf_context *c, const struct mf_part *part, struct body *body)
{
	const char *defect = unsafe_defect(c, part->index);
	size_t length;
	const char *text = mf_part_text(c, part->index, &length);

	if (defect)
		body->left = mf_printf(c, "defect %s", defect);
	else if (has_armour(text, length, body_is_html(part)))
		body->left = "PGP";
	if (body->count < BODY_PARTS)
		body->parts[body->count++] = part->index;
	else
		body->left = "too many alternatives";
}

/* The root of a multipart/related: the part that `start` names (RFC 2387 section 3.2), else its
 * first. */
static size_t
root_of(struct mf_context *c, size_t related)
{
	struct str id = str_trim(str_of(body_parameter(c, related, "start")));
	size_t i, root = MF_NO_PART;
	const struct mf_part *part;

	if (id.length >= 2 && id.data[0] == '<' && id.data[id.length - 1] == '>')
		id = (struct str){ id.data + 1, id.length - 2 };
	for (i = related + 1; (part = mf_part(c, i)); i++) {
		if (part->parent != related)
			continue;
		if (root == MF_NO_PART)
			root = i;
		if (id.length && part->content_id && str_equal(id, str_of(part->content_id)))
			return i;
	}
	return root;
}

static void find(struct mf_context *c, size_t index, struct body *body);

/* The parts of a multipart in turn; of a mixed one up to the first that has text. */
static void
find_within(struct mf_context *c, size_t index, bool mixed, struct body *body)
{
	size_t i, before = body->count;
	const struct mf_part *part;

	for (i = index + 1; (part = mf_part(c, i)); i++) {
		if (mixed && body->count > before)
			return;
		if (part->parent == index)
			find(c, i, body);
	}
}

static void
find_in_multipart(struct mf_context *c, const struct mf_part *part, struct body *body)
{
	const char *defect = unsafe_defect(c, part->index);
	size_t root;

	if (defect) {
		body->left = mf_printf(c, "defect %s", defect);
	} else if (strcmp(part->type, "multipart/mixed") == 0) {
		find_within(c, part->index, true, body);
	} else if (strcmp(part->type, "multipart/alternative") == 0) {
		find_within(c, part->index, false, body);
	} else if (strcmp(part->type, "multipart/related") == 0) {
		root = root_of(c, part->index);
		if (root != MF_NO_PART)
			find(c, root, body);
	} else if (strcmp(part->type, "multipart/signed") == 0) {
		body->left = "signed";
	} else if (is_encrypted(part->type)) {
		body->left = "encrypted";
	}
}

/* As deep as the host looks into a message, maximum-part-depth of the config. */
static void
find(struct mf_context *c, size_t index, struct body *body)
{
	const struct mf_part *part = mf_part(c, index);

	if (body->left || !part || (part->flags & (MF_PART_MESSAGE | MF_PART_UUENCODED)))
		return;
	if (part->flags & MF_PART_MULTIPART)
		find_in_multipart(c, part, body);
	else if (is_encrypted(part->type))
		body->left = "encrypted";
	else if (!(part->flags & MF_PART_ATTACHMENT) &&
	    (body_is_html(part) || strcmp(part->type, "text/plain") == 0))
		add_text(c, part, body);
}

void
body_find(struct mf_context *c, struct body *body_r)
{
	*body_r = (struct body){ .left = NULL };
	find(c, 0, body_r);
}
