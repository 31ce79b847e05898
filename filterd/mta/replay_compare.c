/* SPDX-License-Identifier: BSD-2-Clause */
/* What a scenario expects of an event against what came of it. */
#include "filterd/mta/replay.h"

bool
replay_unchecked(const struct step *step)
{
	const struct verb *verb = step->verb;

	return (verb->side == SIDE_DIRECTIVE && verb->id == DIRECTIVE_LOG) ||
	    (verb->side == SIDE_ANSWER && verb->id == ANSWER_NEGOTIATE && step->count);
}

static bool
answer_fits(const struct replay_scene *scene, const struct milter_answer *answer,
    const struct step *step)
{
	struct arena *arena = arena_create(0, 0);
	struct buffer content = { 0 };
	const char *error;
	bool fits = step->verb->id != ANSWER_REPLACE_BODY ||
	    scenario_content(arena, scene->places, step, 0, &content, &error);

	fits = fits && milter_answer_fits(answer, step,
	    (struct str){ buffer_text(&content), content.length });
	buffer_free(&content);
	arena_destroy(&arena);
	return fits;
}

/* Whether nothing but a verdict by which the mail goes on is left from the answer at *at on, which
 * is taken. */
static bool
settles(const struct replay_event *event, size_t *at)
{
	const struct milter_answers *answers = &event->answers;

	if (event->fate != REPLAY_ANSWERED || *at == answers->count)
		return true;
	if (!milter_answer_goes_on(&answers->items[*at], event->end_of_message))
		return false;
	++*at;
	return true;
}

/* Whether a line holds; answers that it expects are taken from *at on. */
static bool
line_holds(const struct replay_scene *scene, const struct replay_event *event,
    const struct step *step, size_t *at)
{
	switch (step->verb->id) {
	case ANSWER_NEGOTIATE:
	case ANSWER_JUDGED:
		return true;
	case ANSWER_ANY:
		return settles(event, at);
	case ANSWER_NONE:
		return event->fate == REPLAY_SILENT;
	case ANSWER_UNSENT:
		return event->fate == REPLAY_UNSENT;
	case ANSWER_SILENCE:
		return event->fate != REPLAY_ANSWERED;
	default:
		if (event->fate != REPLAY_ANSWERED || *at == event->answers.count ||
		    !answer_fits(scene, &event->answers.items[*at], step))
			return false;
		++*at;
		return true;
	}
}

bool
replay_as_expected(const struct replay_scene *scene, const struct replay_event *event,
    struct replay_difference *difference_r)
{
	const struct milter_answers *answers = &event->answers;
	size_t at = 0;

	*difference_r = (struct replay_difference){ 0 };
	for (size_t i = 0; i < event->expected_count; i++) {
		if (line_holds(scene, event, event->expected[i], &at))
			continue;
		difference_r->expected = event->expected[i];
		if (event->fate == REPLAY_ANSWERED && at < answers->count)
			difference_r->got = &answers->items[at];
		return false;
	}
	if (settles(event, &at) && (event->fate != REPLAY_ANSWERED || at == answers->count))
		return true;
	difference_r->got = &answers->items[at];
	return false;
}
