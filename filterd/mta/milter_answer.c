/* SPDX-License-Identifier: BSD-2-Clause */
/* Decisions as answers of the milter protocol: made, compared and printed. */
#include <string.h>

#include "filterd/mta/milter_answer.h"

/* ---- replies ---- */

static bool
continues_character(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

void
milter_reply_line(char to[REPLY_LINE_BYTES + 1], const char *from)
{
	size_t length = 0, last = 0;	/* bytes; where the last character begins */

	while (*from && length + (*from == '%') < REPLY_LINE_BYTES) {
		if (!continues_character(*from))
			last = length;
		if (*from == '%')
			to[length++] = '%';
		to[length++] = *from++;
	}
	to[continues_character(*from) ? last : length] = '\0';
}

/* CODE ENHANCED "LINE"… */
static void
make_reply(struct arena *arena, const struct reply *reply, struct milter_answer *answer_r)
{
	struct str *words = arena_array(arena, reply->line_count + 2, sizeof(*words));
	char line[REPLY_LINE_BYTES + 1];
	size_t i;

	words[0] = str_of(arena_printf(arena, "%d", reply->code));
	words[1] = str_of(reply->enhanced ? reply->enhanced : "-");
	for (i = 0; i < reply->line_count; i++) {
		milter_reply_line(line, reply->lines[i]);
		words[i + 2] = str_of(arena_strdup(arena, line));
	}
	*answer_r = (struct milter_answer){ ANSWER_REPLY, words, reply->line_count + 2 };
}

/* ---- edits ---- */

static const enum answer_verb edit_verbs[] = {
	[ACTION_CHANGE_SENDER] = ANSWER_CHANGE_SENDER,
	[ACTION_DELETE_RECIPIENT] = ANSWER_DELETE_RECIPIENT,
	[ACTION_ADD_RECIPIENT] = ANSWER_ADD_RECIPIENT,
	[ACTION_CHANGE_HEADER] = ANSWER_CHANGE_HEADER,
	[ACTION_INSERT_HEADER] = ANSWER_INSERT_HEADER,
	[ACTION_ADD_HEADER] = ANSWER_ADD_HEADER,
	[ACTION_REPLACE_BODY] = ANSWER_REPLACE_BODY,
	[ACTION_QUARANTINE] = ANSWER_QUARANTINE
};

/* <ADDRESS> [ARGUMENTS] */
static size_t
envelope_words(struct arena *arena, const struct action *action, struct str *words_r)
{
	words_r[0] = str_of(arena_printf(arena, "<%s>", action->name));
	words_r[1] = str_of(action->arguments);
	return 1 + (action->arguments != NULL);
}

/* [INDEX] NAME [VALUE] */
static size_t
header_words(struct arena *arena, const struct action *action, struct str *words_r)
{
	size_t count = 0;

	if (action->kind != ACTION_ADD_HEADER)
		words_r[count++] = str_of(arena_printf(arena, "%u", action->index));
	words_r[count++] = str_of(action->name);
	if (action->value.length || action->kind != ACTION_CHANGE_HEADER)
		words_r[count++] = action->value;
	return count;
}

static bool
make_edit(struct arena *arena, const struct plan *plan, const struct action *action,
    struct milter_answer *answer_r)
{
	struct str *words = arena_array(arena, 3, sizeof(*words));

	*answer_r = (struct milter_answer){ edit_verbs[action->kind], words, 1 };
	switch (action->kind) {
	case ACTION_CHANGE_SENDER:
	case ACTION_DELETE_RECIPIENT:
	case ACTION_ADD_RECIPIENT:
		answer_r->count = envelope_words(arena, action, words);
		break;
	case ACTION_CHANGE_HEADER:
	case ACTION_INSERT_HEADER:
	case ACTION_ADD_HEADER:
		answer_r->count = header_words(arena, action, words);
		if (action->kind == ACTION_CHANGE_HEADER && !action->value.length)
			answer_r->verb = ANSWER_DELETE_HEADER;
		break;
	case ACTION_REPLACE_BODY:
		return body_bytes(plan->body, words);
	case ACTION_QUARANTINE:
		words[0] = action->value;
		break;
	}
	return true;
}

/* ---- the whole ---- */

static const enum answer_verb outcome_verbs[] = {
	[OUTCOME_CONTINUE] = ANSWER_CONTINUE, [OUTCOME_ACCEPT] = ANSWER_ACCEPT,
	[OUTCOME_REJECT] = ANSWER_REJECT, [OUTCOME_TEMPFAIL] = ANSWER_TEMPFAIL,
	[OUTCOME_DISCARD] = ANSWER_DISCARD, [OUTCOME_SKIP] = ANSWER_SKIP
};

bool
milter_answers_make(struct arena *arena, const struct decision *decision,
    struct milter_answers *answers_r)
{
	const struct plan *plan = decision->plan;
	const struct reply *reply = decision->reply;
	size_t edits = 0, i;

	if (decision->outcome == OUTCOME_CONTINUE || decision->outcome == OUTCOME_ACCEPT)
		edits = plan ? plan->count : 0;
	answers_r->items = arena_array(arena, edits + 1, sizeof(*answers_r->items));
	answers_r->count = edits + 1;
	for (i = 0; i < edits; i++)
		if (!make_edit(arena, plan, &plan->actions[i], &answers_r->items[i]))
			return false;
	if (reply && reply->line_count)
		make_reply(arena, reply, &answers_r->items[edits]);
	else
		answers_r->items[edits].verb = outcome_verbs[decision->outcome];
	return true;
}

bool
milter_answer_goes_on(const struct milter_answer *answer, bool end_of_message)
{
	return answer->verb == ANSWER_CONTINUE || answer->verb == ANSWER_SKIP ||
	    (end_of_message && answer->verb == ANSWER_ACCEPT);
}

/* ---- comparing ---- */

static bool
same_word(struct str word, const struct step *step, size_t at)
{
	return str_equal(word, step->words[at].text);
}

static bool
reply_fits(const struct milter_answer *answer, const struct step *step)
{
	size_t i;

	if (!same_word(answer->words[0], step, 0))
		return false;
	if (step->count > 1 && !same_word(answer->words[1], step, 1) &&
	    (step->count > 2 || !str_equal(step->words[1].text, STR("-"))))
		return false;
	for (i = 2; i < step->count && i < answer->count; i++)
		if (!same_word(answer->words[i], step, i))
			return false;
	return step->count <= 2 || step->count == answer->count;
}

static bool
reply_text_fits(const struct milter_answer *answer, const struct step *step)
{
	struct str enhanced = answer->words[1];
	struct buffer text = { 0 };
	bool fits;

	if (str_equal(enhanced, STR("-")))
		enhanced.length = 0;
	scenario_reply_text(&text, answer->words[0], enhanced, answer->words + 2,
	    answer->count - 2);
	fits = same_word((struct str){ buffer_text(&text), text.length }, step, 0);
	buffer_free(&text);
	return fits;
}

bool
milter_answer_fits(const struct milter_answer *answer, const struct step *step, struct str content)
{
	enum answer_verb wanted = (enum answer_verb)step->verb->id;
	size_t i;

	if (answer->verb == ANSWER_REPLY && wanted == ANSWER_REPLY_TEXT)
		return reply_text_fits(answer, step);
	if (answer->verb != wanted)
		return false;
	if (wanted == ANSWER_REPLY)
		return reply_fits(answer, step);
	if (wanted == ANSWER_REPLACE_BODY)
		return str_equal(answer->words[0], content);
	if (answer->count != step->count)
		return false;
	for (i = 0; i < step->count; i++)
		if (!same_word(answer->words[i], step, i))
			return false;
	return true;
}

/* ---- printing ---- */

/* Codes, indexes and names of fields need no quotes. */
static bool
is_bare(const struct milter_answer *answer, size_t at)
{
	switch (answer->verb) {
	case ANSWER_REPLY:
		return at < 2;
	case ANSWER_INSERT_HEADER:
	case ANSWER_CHANGE_HEADER:
	case ANSWER_DELETE_HEADER:
		return at == 0;
	default:
		return false;
	}
}

void
milter_answer_print(const struct milter_answer *answer, struct buffer *to, size_t most)
{
	size_t i;

	buffer_add_text(to, verb_tables[SIDE_ANSWER][answer->verb].name);
	if (answer->verb == ANSWER_REPLACE_BODY && !most) {
		scenario_add_content(to, answer->words[0]);
		return;
	}
	for (i = 0; i < answer->count; i++) {
		buffer_add_char(to, ' ');
		if (is_bare(answer, i))
			buffer_add_str(to, answer->words[i]);
		else
			words_quote(to, answer->words[i], most);
	}
}
