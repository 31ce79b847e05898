/* SPDX-License-Identifier: BSD-2-Clause */
/* Fields that read the MIME view: text, parts, attachments, defects. The view keeps what is made of
 * it until the message changes, however many conditions ask. */
#include <errno.h>
#include <string.h>

#include "filterd/chain/fields.h"
#include "filterd/message/mime_model.h"

struct mime_view *
fields_view(const struct visit *visit)
{
	struct session *session = visit->session;
	struct mime_view *view;

	if (!in_message(session))
		return NULL;
	view = model_mime(&session->message.model);
	if (!view && !session->call.refused)
		session->call.refused = arena_printf(
		    session->message.arena, "cannot read the body: %s", strerror(errno));
	return view;
}

bool
fields_body(const struct visit *visit)
{
	struct mime_view *view = fields_view(visit);
	size_t i;

	for (i = 0; view && i < view->count; i++) {
		struct mime_part *part = &view->parts[i];

		if (mime_is_text(part) && give_text(visit, mime_part_shown(view, part)))
			return true;
	}
	return false;
}

/* What stands behind the last dot, in lower case; none when there is no dot. */
static bool
give_extension(const struct visit *visit, struct str name)
{
	const char *dot = memrchr(name.data, '.', name.length);
	struct str extension;
	char *lower;
	size_t i;

	if (!dot)
		return false;
	extension = (struct str){ dot + 1, name.length - (size_t)(dot + 1 - name.data) };
	lower = arena_copy(visit->session->message.arena, extension.data, extension.length);
	for (i = 0; i < extension.length; i++)
		lower[i] = str_lower(lower[i]);
	return give_text(visit, (struct str){ lower, extension.length });
}

static bool
give_names(const struct visit *visit, const struct mime_part *part)
{
	bool extension = visit->field->part == FIELD_EXTENSION;
	size_t i;

	for (i = 0; i < part->name_count; i++) {
		if ((extension ? give_extension : give_text)(visit, part->names[i]))
			return true;
	}
	return false;
}

/* What is not declared has no value. */
static bool
give_word(const struct visit *visit, struct str word)
{
	return word.length && give_text(visit, word);
}

static bool
give_part(const struct visit *visit, struct mime_view *view, struct mime_part *part)
{
	switch (visit->field->part) {
	case FIELD_MEDIA_TYPE:
		return give_word(visit, part->type);
	case FIELD_DETECTED:
		return give_word(visit, mime_part_detected(view, part));
	case FIELD_CHARSET:
		return give_word(visit, part->charset);
	case FIELD_ENCODING:
		return give_word(visit, part->encoding_name);
	case FIELD_DISPOSITION:
		return give_word(visit, part->disposition);
	case FIELD_BYTES:
		return give_number(visit, (double)mime_part_size(view, part));
	default:
		return give_names(visit, part);
	}
}

bool
fields_part(const struct visit *visit)
{
	struct mime_view *view = fields_view(visit);
	bool count = visit->field->part == FIELD_COUNT;
	size_t i, seen = 0;

	for (i = 0; view && i < view->count; i++) {
		struct mime_part *part = &view->parts[i];

		if (visit->field->id == FIELD_ATTACHMENT && !mime_is_attachment(view, part))
			continue;
		seen++;
		if (!count && give_part(visit, view, part))
			return true;
	}
	return view && count && give_number(visit, (double)seen);
}

bool
fields_mime_defect(const struct visit *visit)
{
	struct mime_view *view = fields_view(visit);
	uint64_t defects = view ? mime_defects(view) : 0;
	unsigned i;

	for (i = 0; i < MIME_DEFECT_COUNT; i++) {
		if ((defects & MIME_DEFECT_BIT(i)) && give(visit, mime_defect_name(i)))
			return true;
	}
	return false;
}
