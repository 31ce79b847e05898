/* SPDX-License-Identifier: BSD-2-Clause */
/* Macros in scenarios that are played: what a session has been sent, and what it sees of them. */
#include <string.h>

#include "filterd/mta/replay_parts.h"

/* The stage whose macros go before each event; MACRO_STAGES: none do. */
static enum macro_stage
stage_of(struct str event)
{
	static const struct {
		const char *event;
		enum macro_stage stage;
	} stages[] = {
		{ "connect", MACRO_CONNECT }, { "helo", MACRO_HELO }, { "mail", MACRO_MAIL },
		{ "rcpt", MACRO_RCPT }, { "data", MACRO_DATA }, { "header", MACRO_EOH },
		{ "eoh", MACRO_EOH }, { "body", MACRO_MESSAGE }, { "eom", MACRO_MESSAGE },
		{ "unknown", MACRO_STAGES }
	};

	for (size_t i = 0; i < sizeof(stages) / sizeof(stages[0]); i++)
		if (str_equal(event, str_of(stages[i].event)))
			return stages[i].stage;
	return MACRO_STAGES;
}

/* As libmilter does it: those of later stages are gone with it. */
bool
play_macros_set(struct play_macros *macros, const struct step *step, struct arena *arena,
    const char **error_r)
{
	enum macro_stage stage = stage_of(step->words[0].text), later;
	struct str words[2 * WORDS_MOST];
	size_t count = 2 * (step->count - 1), wrong;

	*error_r = "an event that has macros expected";
	if (stage == MACRO_STAGES)
		return false;
	*error_r = "NAME=VALUE expected";
	if (!scenario_assignments(step, 1, words, &wrong))
		return false;
	for (later = stage; later < MACRO_STAGES; later++)
		macros->sets[later].count = 0;
	macros->explicit = true;
	macros->sets[stage].words = arena_array(arena, count, sizeof(struct str));
	macros->sets[stage].count = count;
	if (count)
		memcpy(macros->sets[stage].words, words, count * sizeof(struct str));
	return true;
}

/* Where a macro stands among names and values in turn; count: nowhere. */
static size_t
place_of(const struct str *words, size_t count, struct str name)
{
	size_t at = 0;

	while (at < count && !str_equal(words[at], name))
		at += 2;
	return at;
}

bool
play_macros_define(struct play_macros *macros, const struct step *step, const char **error_r)
{
	struct str words[2 * WORDS_MOST];
	size_t wrong, i, at;

	*error_r = "NAME=VALUE expected";
	if (!scenario_assignments(step, 0, words, &wrong))
		return false;
	*error_r = "too many macros";
	for (i = 0; i < 2 * step->count; i += 2) {
		at = place_of(macros->defined, macros->defined_count, words[i]);
		if (at == 2 * PLAY_DEFINED)
			return false;
		macros->defined[at] = words[i];
		macros->defined[at + 1] = words[i + 1];
		if (at == macros->defined_count)
			macros->defined_count += 2;
	}
	return true;
}

/* Values end in NUL: in the scenario they stand at the end of their word. */
static const char *
find_in(const struct str *words, size_t count, struct str name)
{
	size_t at = place_of(words, count, name);

	return at < count ? words[at + 1].data : NULL;
}

const char *
play_macros_find(const struct play_macros *macros, const char *name)
{
	struct str wanted = str_of(name);
	const char *value = NULL;
	size_t stage, standard = 0;

	for (stage = MACRO_STAGES; !value && stage > 0; stage--)
		value = find_in(macros->sets[stage - 1].words, macros->sets[stage - 1].count,
		    wanted);
	if (!value)
		value = find_in(macros->defined, macros->defined_count, wanted);
	if (value || macros->explicit)
		return value;
	if (macros->queued && macros->queue_id[0] && str_equal(wanted, STR("i")))
		return macros->queue_id;
	while (standard < 2 * MTA_MACROS && macros->kind->macros[standard].data)
		standard += 2;
	return find_in(macros->kind->macros, standard, wanted);
}
