/* SPDX-License-Identifier: BSD-2-Clause */
/* What a plugin can read of what is inside parts: archives and links. */
#include "filterd/chain/host.h"
#include "filterd/chain/host_mime.h"
#include "filterd/chain/inspection.h"
#include "filterd/chain/start.h"

struct inspect_limits
inspection_limits(const struct session *session)
{
	const struct message_settings *settings = &session->chain->settings->message;

	return (struct inspect_limits){
		.links = (size_t)settings->maximum_links,
		.archive = {
			.members = (size_t)settings->maximum_archive_members,
			.depth = (unsigned)settings->maximum_archive_depth,
			.bytes = settings->maximum_archive_size.bytes,
			.nested = settings->maximum_archive_nested.bytes,
			.ratio = (unsigned)settings->maximum_archive_ratio,
			.milliseconds = settings->maximum_archive_time.milliseconds,
		},
	};
}

static const char *const *
defects_of(struct arena *arena, unsigned defects)
{
	const char **names;
	size_t count = 0;
	unsigned i, all;

	for (all = 0; archive_defect_name(all); all++)
		;
	names = arena_array(arena, all + 1, sizeof(*names));
	for (i = 0; i < all; i++) {
		if (defects & 1u << i)
			names[count++] = archive_defect_name(i);
	}
	return names;
}

static const struct mf_member *
members_of(struct arena *arena, const struct archive_view *archive)
{
	struct mf_member *members = arena_array(arena, archive->count + 1, sizeof(*members));
	size_t i;

	for (i = 0; i < archive->count; i++) {
		const struct archive_member *member = &archive->members[i];

		members[i] = (struct mf_member){ .name = member->name.data, .size = member->size,
			.parent = member->parent, .depth = member->depth,
			.encrypted = member->encrypted, .folder = member->folder };
	}
	return members;
}

const struct mf_archive *
host_part_archive(struct mf_context *c, size_t index)
{
	struct mime_view *view = host_mime_view(c);
	struct inspect_limits limits;
	const struct archive_view *archive;
	struct mf_archive *shown;

	if (!view || index >= view->count)
		return NULL;
	limits = inspection_limits(seat_of(c)->session);
	archive = inspect_archive(view, &limits, &view->parts[index]);
	if (!archive->archive)
		return NULL;
	shown = arena_alloc(view->arena, sizeof(*shown));
	*shown = (struct mf_archive){ .member_count = archive->count,
		.members = members_of(view->arena, archive), .depth = archive->depth,
		.encrypted = archive->encrypted,
		.defects = defects_of(view->arena, archive->defects) };
	return shown;
}

const struct mf_link *
host_links(struct mf_context *c, size_t *count_r)
{
	struct mime_view *view = host_mime_view(c);
	const struct inspect_links *links;
	struct inspect_limits limits;
	struct mf_link *shown;
	size_t i;

	*count_r = 0;
	if (!view)
		return NULL;
	limits = inspection_limits(seat_of(c)->session);
	links = inspect_links(view, &limits);
	shown = arena_array(view->arena, links->count + 1, sizeof(*shown));
	for (i = 0; i < links->count; i++)
		shown[i] = (struct mf_link){ links->items[i].target.data,
			links->items[i].host.data, links->items[i].mismatch };
	*count_r = links->count;
	return shown;
}
