/* SPDX-License-Identifier: BSD-2-Clause */
/* Fields that look inside parts: links of texts, members of archives. What is found is kept with
 * the MIME view. */
#include "filterd/chain/fields.h"
#include "filterd/chain/inspection.h"
#include "filterd/message/inspect.h"

bool
fields_url(const struct visit *visit)
{
	struct mime_view *view = fields_view(visit);
	struct inspect_limits limits = inspection_limits(visit->session);
	const struct inspect_links *links = view ? inspect_links(view, &limits) : NULL;
	size_t i;

	for (i = 0; links && i < links->count; i++) {
		const struct inspect_link *link = &links->items[i];
		bool domain = visit->field->part == FIELD_DOMAIN;

		if ((domain && !link->host.length) ||
		    (visit->field->part == FIELD_MISMATCH && !link->mismatch))
			continue;
		if (give_text(visit, domain ? link->host : link->target))
			return true;
	}
	return false;
}

static bool
give_member(const struct visit *visit, const struct archive_member *member)
{
	switch (visit->field->part) {
	case FIELD_BYTES:
		return give_number(visit, (double)member->size);
	case FIELD_ENCRYPTED:
		return give(visit, member->encrypted ? "yes" : "no");
	default:
		return give_text(visit, member->name);
	}
}

static bool
give_defects(const struct visit *visit, const struct archive_view *archive)
{
	unsigned i;

	for (i = 0; archive_defect_name(i); i++) {
		if ((archive->defects & 1u << i) && give(visit, archive_defect_name(i)))
			return true;
	}
	return false;
}

/* Of an archive whose names are encrypted there is no member to tell that of. */
static bool
give_archive(const struct visit *visit, const struct archive_view *archive)
{
	size_t i;

	if (visit->field->part == FIELD_DEFECT)
		return give_defects(visit, archive);
	if (visit->field->part == FIELD_ENCRYPTED && (archive->defects & ARCHIVE_SECRET_NAMES))
		return give(visit, "yes");
	for (i = 0; i < archive->count; i++) {
		if (give_member(visit, &archive->members[i]))
			return true;
	}
	return false;
}

bool
fields_archive(const struct visit *visit)
{
	struct mime_view *view = fields_view(visit);
	struct inspect_limits limits = inspection_limits(visit->session);
	unsigned depth = 0;
	size_t i;

	for (i = 0; view && i < view->count; i++) {
		const struct archive_view *archive =
		    inspect_archive(view, &limits, &view->parts[i]);

		if (archive->depth > depth)
			depth = archive->depth;
		if (visit->field->part != FIELD_DEPTH && give_archive(visit, archive))
			return true;
	}
	return view && visit->field->part == FIELD_DEPTH && give_number(visit, depth);
}
