/* SPDX-License-Identifier: BSD-2-Clause */
/* Scenario files: lines to steps. */
#include <stdlib.h>
#include <string.h>

#include "filterd/util/memory.h"

#include "filterd/scenario/scenario.h"

struct reader {
	struct scenario *scenario;
	const struct places *places;
	struct str rest;	/* lines not yet read */
	unsigned line;		/* the number of the last one read */
	size_t room;		/* for steps */
	const char *error;
};

static bool
next_line(struct reader *reader, struct str *line_r)
{
	const char *end;

	if (!reader->rest.length)
		return false;
	end = memchr(reader->rest.data, '\n', reader->rest.length);
	line_r->data = reader->rest.data;
	line_r->length = end ? (size_t)(end - reader->rest.data) : reader->rest.length;
	reader->rest.data += line_r->length + (end ? 1 : 0);
	reader->rest.length -= line_r->length + (end ? 1 : 0);
	reader->line++;
	return true;
}

static struct step *
add_step(struct reader *reader)
{
	struct scenario *scenario = reader->scenario;

	if (scenario->count == reader->room) {
		reader->room = reader->room ? reader->room * 2 : 64;
		scenario->steps = memory_resize(scenario->steps,
		    reader->room * sizeof(*scenario->steps));
	}
	return memset(&scenario->steps[scenario->count++], 0, sizeof(*scenario->steps));
}

/* Whose the line is: its first word is "LABEL>", "LABEL<", or the verb itself. */
static enum side
read_side(struct step *step, struct str first)
{
	char side = first.length ? first.data[first.length - 1] : '\0';

	if (side != '>' && side != '<')
		return SIDE_DIRECTIVE;
	step->session = (struct str){ first.data, first.length - 1 };
	return side == '>' ? SIDE_EVENT : SIDE_ANSWER;
}

static bool
find_verb(struct reader *reader, struct step *step, const struct verb *table, struct str name)
{
	const char *names[64];
	const char *nearest;
	size_t count = 0;

	for (const struct verb *verb = table; verb->name; verb++) {
		names[count++] = verb->name;
		if (str_equal(name, str_of(verb->name)))
			step->verb = verb;
	}
	if (step->verb)
		return true;
	nearest = str_nearest(name.data, names, count);
	reader->error = arena_printf(reader->scenario->arena, "there is no \"%s\" here%s%s%s",
	    name.data, nearest ? "; is it \"" : "", nearest ? nearest : "", nearest ? "\"?" : "");
	return false;
}

/* The lines up to one that is the mark and nothing else. */
static bool
read_block(struct reader *reader, struct step *step, struct str mark)
{
	struct arena *arena = reader->scenario->arena;
	const char *start = reader->rest.data;
	struct str line;

	while (next_line(reader, &line)) {
		if (!str_equal(line, mark))
			continue;
		step->block = (struct str){ start, (size_t)(line.data - start) };
		if (step->verb->block == BLOCK_TEXT)
			step->block = places_fill(reader->places, arena, step->block);
		else
			step->block = arena_str(arena, step->block);
		return true;
	}
	reader->line = step->line;
	reader->error = arena_printf(arena, "no line \"%s\" ends this text", mark.data);
	return false;
}

static bool
take_block(struct reader *reader, struct step *step)
{
	const struct word *last;

	if (step->verb->block == BLOCK_NONE || !step->count)
		return true;
	last = &step->words[step->count - 1];
	if (last->quoted || strncmp(last->text.data, "<<", 2) != 0)
		return true;
	step->count--;
	return read_block(reader, step, (struct str){ last->text.data + 2, last->text.length - 2 });
}

static bool
check_count(struct reader *reader, const struct step *step)
{
	const struct verb *verb = step->verb;

	if (step->count >= verb->least && step->count <= verb->most)
		return true;
	if (verb->least == verb->most)
		reader->error = arena_printf(reader->scenario->arena,
		    "\"%s\" takes %u words, not %zu", verb->name, verb->most, step->count);
	else
		reader->error = arena_printf(reader->scenario->arena,
		    "\"%s\" takes %u to %u words, not %zu", verb->name, verb->least, verb->most,
		    step->count);
	return false;
}

static const struct word *
keep_words(struct arena *arena, const struct word *words, size_t count)
{
	struct word *kept = arena_array(arena, count, sizeof(*kept));

	if (count)
		memcpy(kept, words, count * sizeof(*kept));
	return kept;
}

static bool
read_step(struct reader *reader, struct str line)
{
	struct arena *arena = reader->scenario->arena;
	struct word words[WORDS_MOST];
	struct step *step = add_step(reader);
	size_t count, first;
	enum side side;

	step->line = reader->line;
	step->text = arena_str(arena, str_trim(line));
	if (!words_split(reader->places, arena, line, words, &count, &reader->error))
		return false;
	side = read_side(step, words[0].text);
	first = side != SIDE_DIRECTIVE;
	if (first == count) {
		reader->error = "nothing behind the session";
		return false;
	}
	step->count = count - first - 1;
	step->words = keep_words(arena, words + first + 1, step->count);
	return find_verb(reader, step, verb_tables[side], words[first].text) &&
	    take_block(reader, step) && check_count(reader, step);
}

/* Every scenario begins by saying what it proves, behind its licence line. */
static bool
check_purpose(struct reader *reader)
{
	static const struct str licence = STR("# SPDX-License-Identifier:");
	struct str line = STR("");

	while (next_line(reader, &line) && str_has_prefix_nocase(line, licence))
		continue;
	if (line.length && line.data[0] == '#')
		return true;
	reader->error = "the first line must be a comment that says what the scenario proves";
	return false;
}

static bool
read_lines(struct reader *reader)
{
	struct str line;

	while (next_line(reader, &line)) {
		struct str trimmed = str_trim(line);

		if (!trimmed.length || trimmed.data[0] == '#')
			continue;
		if (reader->scenario->count == SCENARIO_STEPS) {
			reader->error = "too many lines";
			return false;
		}
		if (!read_step(reader, line))
			return false;
	}
	return true;
}

bool
scenario_read(struct scenario *scenario_r, const struct places *places, struct str text,
    unsigned *line_r, const char **error_r)
{
	struct reader reader = { .scenario = scenario_r, .places = places, .rest = text };
	bool good;

	*scenario_r = (struct scenario){ .arena = arena_create(0, 0) };
	good = check_purpose(&reader) && read_lines(&reader);
	*line_r = reader.line;
	*error_r = reader.error;
	return good;
}

void
scenario_free(struct scenario *scenario)
{
	free(scenario->steps);
	arena_destroy(&scenario->arena);
	scenario->count = 0;
}
