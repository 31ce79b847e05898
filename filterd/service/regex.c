/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Regular expressions on PCRE2. A mistake in a pattern is reported, never fatal; a pattern that the
 * JIT compiler cannot take (or a system that forbids it) is matched by the interpreter with the
 * same limits. Out of memory is fatal, as everywhere.
 *
 * What a thread needs to match, its match data and its JIT stack, is made at its first match and
 * freed by a key's destructor when the thread ends. What a match has filled to a limit is given
 * back at once, so that one hostile message does not leave every thread with a full stack.
 */
#define PCRE2_CODE_UNIT_WIDTH 8

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <pcre2.h>

#include "filterd/service/regex.h"
#include "filterd/util/memory.h"

#define STACK_MINIMUM	32	/* KiB */
#define UTF_OPTIONS	(PCRE2_UTF | PCRE2_UCP | PCRE2_MATCH_INVALID_UTF)

struct mf_regex {
	pcre2_code *code;
	pcre2_match_context *context;
	const char *text;		/* "/pattern/flags" */
	size_t stack;			/* largest JIT stack, bytes */
	uint32_t groups;
	bool utf;
};

static const struct {
	char letter;
	uint32_t options;
} flag_table[] = {
	{ 'i', PCRE2_CASELESS },
	{ 'm', PCRE2_MULTILINE },
	{ 's', PCRE2_DOTALL },
	{ 'x', PCRE2_EXTENDED },
	{ 'u', UTF_OPTIONS },
};

#define FLAG_COUNT (sizeof(flag_table) / sizeof(flag_table[0]))

/* ---- what a thread owns ---- */

struct worktop {
	pcre2_match_data *data;
	pcre2_jit_stack *stack;
	size_t stack_size;
};

static pthread_once_t setup_once = PTHREAD_ONCE_INIT;
static pthread_key_t worktop_key;
static pcre2_general_context *memory;
static pcre2_compile_context *compile_context;
static _Thread_local struct worktop *worktop;

static void *
take(size_t size, void *unused)
{
	(void)unused;
	return memory_resize(NULL, size);
}

static void
give_back(void *block, void *unused)
{
	(void)unused;
	free(block);
}

static void
worktop_clear(struct worktop *top)
{
	pcre2_match_data_free(top->data);
	pcre2_jit_stack_free(top->stack);
	*top = (struct worktop){ 0 };
}

static void
worktop_destroy(void *argument)
{
	worktop_clear(argument);
	free(argument);
	worktop = NULL;
}

static void
setup(void)
{
	int error = pthread_key_create(&worktop_key, worktop_destroy);

	assert(error == 0);
	(void)error;
	memory = pcre2_general_context_create(take, give_back, NULL);
	compile_context = pcre2_compile_context_create(memory);
}

static struct worktop *
worktop_get(void)
{
	if (!worktop) {
		worktop = memory_alloc(sizeof(*worktop));
		pthread_setspecific(worktop_key, worktop);
	}
	if (!worktop->data)
		worktop->data = pcre2_match_data_create(REGEX_GROUPS, memory);
	return worktop;
}

/* Called by PCRE2 before JIT code runs. NULL, when no stack can be had, means 32 KiB of the
 * machine's stack. */
static pcre2_jit_stack *
thread_stack(void *argument)
{
	const struct mf_regex *regex = argument;
	struct worktop *top = worktop_get();

	if (top->stack_size < regex->stack) {
		pcre2_jit_stack_free(top->stack);
		top->stack = pcre2_jit_stack_create(STACK_MINIMUM * 1024, regex->stack, memory);
		top->stack_size = top->stack ? regex->stack : 0;
	}
	return top->stack;
}

/* ---- compiling ---- */

/* The PCRE2 options of the flags; false: an unknown one, at *offset_r. */
static bool
parse_flags(struct str flags, uint32_t *options_r, size_t *offset_r)
{
	size_t i, j;

	*options_r = 0;
	for (i = 0; i < flags.length; i++) {
		for (j = 0; j < FLAG_COUNT && flag_table[j].letter != flags.data[i]; j++)
			;
		if (j == FLAG_COUNT) {
			*offset_r = i;
			return false;
		}
		*options_r |= flag_table[j].options;
	}
	return true;
}

/* Whether the two bytes behind a backslash ask for UTF mode. */
static bool
escape_wants_utf(const char *escape, size_t left)
{
	if (left == 0)
		return false;
	if (strchr("pPX", escape[0]))
		return true;
	return left > 1 && escape[1] == '{' && (escape[0] == 'x' || escape[0] == 'N');
}

static bool
pattern_wants_utf(struct str pattern)
{
	size_t i;

	for (i = 0; i < pattern.length; i++) {
		if ((unsigned char)pattern.data[i] > 127)
			return true;
		if (pattern.data[i] != '\\')
			continue;
		i++;
		if (escape_wants_utf(pattern.data + i, pattern.length - i))
			return true;
	}
	return false;
}

static const char *
compile_error(struct arena *arena, int code)
{
	PCRE2_UCHAR text[256];

	if (pcre2_get_error_message(code, text, sizeof(text)) < 0)
		return arena_printf(arena, "error %d", code);
	return arena_strdup(arena, (const char *)text);
}

static size_t
stack_size(uint32_t heap_limit)
{
	size_t size = heap_limit;

	if (size < STACK_MINIMUM)
		size = STACK_MINIMUM;
	if (size > REGEX_STACK_MAXIMUM)
		size = REGEX_STACK_MAXIMUM;
	return size * 1024;
}

static void
regex_release(void *foreign)
{
	struct mf_regex *regex = foreign;

	pcre2_code_free(regex->code);
	pcre2_match_context_free(regex->context);
}

/* What remains when the code is there: JIT, limits, facts. */
static void
prepare(struct mf_regex *regex, struct regex_limits limits)
{
	uint32_t all_options = 0;

	pcre2_jit_compile(regex->code, PCRE2_JIT_COMPLETE);
	regex->context = pcre2_match_context_create(memory);
	pcre2_set_match_limit(regex->context, limits.match);
	pcre2_set_depth_limit(regex->context, limits.depth);
	pcre2_set_heap_limit(regex->context, limits.heap);
	regex->stack = stack_size(limits.heap);
	pcre2_jit_stack_assign(regex->context, thread_stack, regex);
	pcre2_pattern_info(regex->code, PCRE2_INFO_CAPTURECOUNT, &regex->groups);
	pcre2_pattern_info(regex->code, PCRE2_INFO_ALLOPTIONS, &all_options);
	regex->utf = (all_options & PCRE2_UTF) != 0;
}

struct mf_regex *
regex_compile(struct str pattern, struct str flags, bool decoded_text, struct regex_limits limits,
    struct arena *arena, const char **error_r, size_t *offset_r)
{
	struct mf_regex *regex = arena_alloc(arena, sizeof(*regex));
	uint32_t options;
	PCRE2_SIZE offset = 0;
	int code = 0;

	pthread_once(&setup_once, setup);
	if (!parse_flags(flags, &options, offset_r)) {
		*error_r = arena_printf(arena, "unknown flag \"%c\"; there are i m s x u",
		    flags.data[*offset_r]);
		*offset_r += pattern.length + 1;
		return NULL;
	}
	if (pattern.length > REGEX_PATTERN_MAXIMUM) {
		*error_r = arena_printf(arena, "pattern is longer than %d bytes",
		    REGEX_PATTERN_MAXIMUM);
		*offset_r = REGEX_PATTERN_MAXIMUM;
		return NULL;
	}
	if (decoded_text || pattern_wants_utf(pattern))
		options |= UTF_OPTIONS;
	if (!(options & PCRE2_UTF))
		options |= PCRE2_NEVER_UTF;
	regex->code = pcre2_compile((PCRE2_SPTR)pattern.data, pattern.length,
	    options | PCRE2_NEVER_BACKSLASH_C, &code, &offset, compile_context);
	if (!regex->code) {
		*error_r = compile_error(arena, code);
		*offset_r = offset < pattern.length ? offset : pattern.length;
		return NULL;
	}
	regex->text = arena_printf(arena, "/%.*s/%.*s", (int)pattern.length, pattern.data,
	    (int)flags.length, flags.data);
	arena_cleanup(arena, regex_release, regex);
	prepare(regex, limits);
	return regex;
}

/* ---- matching ---- */

static void
store_captures(pcre2_match_data *data, uint32_t count, struct str subject,
    struct captures *captures)
{
	const PCRE2_SIZE *offsets = pcre2_get_ovector_pointer(data);
	uint32_t i;

	*captures = (struct captures){ 0 };
	for (i = 0; i < count; i++) {
		PCRE2_SIZE start = offsets[2 * i], end = offsets[2 * i + 1];

		if (start == PCRE2_UNSET || end == PCRE2_UNSET)
			continue;
		/* \K in a group called from an assertion can set the start behind the end. */
		captures->group[i].data = subject.data + (start < end ? start : end);
		captures->group[i].length = start < end ? end - start : 0;
	}
}

enum regex_outcome
regex_match_from(const struct mf_regex *regex, struct str subject, size_t start,
    struct captures *captures_r, size_t *end_r)
{
	struct worktop *top = worktop_get();
	int count;

	if (!subject.data)
		subject = STR("");
	count = pcre2_match(regex->code, (PCRE2_SPTR)subject.data, subject.length, start, 0,
	    top->data, regex->context);
	if (count == PCRE2_ERROR_NOMATCH)
		return REGEX_NO_MATCH;
	if (count < 0) {
		worktop_clear(top);
		return REGEX_LIMIT;
	}
	if (captures_r)
		store_captures(top->data, count ? (uint32_t)count : REGEX_GROUPS, subject,
		    captures_r);
	*end_r = pcre2_get_ovector_pointer(top->data)[1];
	return REGEX_MATCH;
}

enum regex_outcome
regex_match(const struct mf_regex *regex, struct str subject, struct captures *captures_r)
{
	size_t end;

	return regex_match_from(regex, subject, 0, captures_r, &end);
}

/* ---- facts ---- */

bool
regex_is_utf(const struct mf_regex *regex)
{
	return regex->utf;
}

unsigned
regex_group_count(const struct mf_regex *regex)
{
	return regex->groups;
}

const char *
regex_text(const struct mf_regex *regex)
{
	return regex->text;
}
