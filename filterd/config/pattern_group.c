/* SPDX-License-Identifier: BSD-2-Clause */
/* Pattern groups: regexes of one field, matched one by one with PCRE2. */
#include <string.h>

#include "filterd/config/pattern_group.h"

#define CAPTURE_MAXIMUM 65536	/* bytes kept of a group: no template shows more */

struct pattern_groups *
pattern_groups_create(struct arena *arena)
{
	struct pattern_groups *groups = arena_alloc(arena, sizeof(*groups));

	groups->arena = arena;
	groups->highest_group = -1;
	return groups;
}

static struct pattern_group *
group_create(const struct field *field, struct arena *arena)
{
	struct pattern_group *group = arena_alloc(arena, sizeof(*group));

	group->field = *field;
	return group;
}

struct pattern_group *
pattern_group_for(struct pattern_groups *groups, const struct field *field, struct arena *arena)
{
	struct pattern_group *group;

	if (!groups)
		return group_create(field, arena);
	for (group = groups->first; group; group = group->next)
		if (field_equal(&group->field, field))
			return group;
	group = group_create(field, arena);
	group->owner = groups;
	group->next = groups->first;
	groups->first = group;
	return group;
}

size_t
pattern_group_add(struct pattern_group *group, struct pattern pattern, struct arena *arena)
{
	if (group->count == group->room) {
		size_t room = group->room ? group->room * 2 : 4;
		struct pattern *patterns = arena_array(arena, room, sizeof(*patterns));

		if (group->count)
			memcpy(patterns, group->patterns, group->count * sizeof(*patterns));
		group->patterns = patterns;
		group->room = room;
	}
	group->patterns[group->count] = pattern;
	return group->count++;
}

/* ---- matching ---- */

struct question {
	const struct pattern *pattern;
	struct field_source *source;
	int highest_group;
};

/* Copies a match's groups, for the value it points into is borrowed for the evaluation only. */
static void
keep_captures(const struct question *question, const struct captures *captures)
{
	struct field_source *source = question->source;
	int i;

	source->captures = (struct captures){ 0 };
	for (i = 0; i <= question->highest_group; i++) {
		struct str group = captures->group[i];

		if (!group.data)
			continue;
		if (group.length > CAPTURE_MAXIMUM)
			group.length = CAPTURE_MAXIMUM;
		source->captures.group[i] = arena_str(source->arena, group);
	}
}

static bool
value_matches(void *argument, const struct field_value *value)
{
	const struct question *question = argument;
	const struct pattern *pattern = question->pattern;
	struct captures captures;

	switch (regex_match(pattern->regex, value->text, &captures)) {
	case REGEX_MATCH:
		keep_captures(question, &captures);
		return true;
	case REGEX_LIMIT:
		question->source->limit_reached(question->source->subject, pattern->label,
		    pattern->where, regex_text(pattern->regex));
		return false;
	case REGEX_NO_MATCH:
		break;
	}
	return false;
}

bool
pattern_group_test(const struct pattern_group *group, size_t index,
    enum field_quantifier quantifier, struct field_source *source)
{
	struct question question = {
		.pattern = &group->patterns[index],
		.source = source,
		.highest_group = group->owner ? group->owner->highest_group : REGEX_GROUPS - 1,
	};

	return field_quantify(source, &group->field, quantifier, value_matches, &question);
}
