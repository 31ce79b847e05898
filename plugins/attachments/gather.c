/* SPDX-License-Identifier: BSD-2-Clause */
/* What a part is to the policy. */
#include "plugins/attachments/gather.h"

static size_t
count_names(const char *const *names)
{
	size_t count = 0;

	while (names && names[count])
		count++;
	return count;
}

/* Defects of the part and of the archive that it is. */
static void
set_defects(struct mf_context *c, struct subject *subject, const char *const *of_part,
    const char *const *of_archive)
{
	size_t first = count_names(of_part), second = count_names(of_archive), i;
	const char **all = mf_alloc(c, (first + second + 1) * sizeof(*all));

	for (i = 0; i < first; i++)
		all[i] = of_part[i];
	for (i = 0; i < second; i++)
		all[first + i] = of_archive[i];
	subject->defects = all;
	subject->defect_count = first + second;
}

/* What holds parts has no size of its own, for theirs is looked at. */
static struct subject
part_subject(struct mf_context *c, const struct mf_part *part, const struct mf_archive *archive)
{
	const char *detected = mf_part_detected(c, part->index);
	bool holder = part->flags & (MF_PART_MULTIPART | MF_PART_MESSAGE);
	struct subject subject = { .part = part->index, .names = part->names,
		.name_count = part->name_count, .type = part->type,
		.detected = detected ? detected : "",
		.size = holder ? 0 : mf_part_size(c, part->index),
		.encrypted = archive && archive->encrypted };

	set_defects(c, &subject, mf_part_defects(c, part->index),
	    archive ? archive->defects : NULL);
	return subject;
}

struct subjects
gather(struct mf_context *c, const struct mf_part *part)
{
	const struct mf_archive *archive = mf_part_archive(c, part->index);
	size_t members = archive ? archive->member_count : 0, i;
	struct subject *items = mf_alloc(c, (members + 1) * sizeof(*items));
	const char **names = mf_alloc(c, (members + 1) * sizeof(*names));
	struct subjects subjects = { items, 1 };

	items[0] = part_subject(c, part, archive);
	for (i = 0; i < members; i++) {
		if (archive->members[i].folder)
			continue;
		names[i] = archive->members[i].name;
		items[subjects.count++] = (struct subject){ .part = part->index, .member = true,
			.names = &names[i], .name_count = 1, .type = "", .detected = "",
			.size = archive->members[i].size,
			.encrypted = archive->members[i].encrypted };
	}
	return subjects;
}
