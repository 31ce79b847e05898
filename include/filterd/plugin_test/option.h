/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The options of a plugin under test, read by its own table; <filterd/plugin_test.h> includes it.
 * What does not fit the table, or the option's type, is a mistake of the test, and fatal.
 */
#ifndef FILTERD_PLUGIN_TEST_OPTION_H
#define FILTERD_PLUGIN_TEST_OPTION_H

#include <filterd/plugin_test/host.h>

/* ---- objects that only a host can make, for tests that fill in blocks ---- */

static inline const struct mf_condition *
mf_fake_condition(struct mf_fake *f, bool holds)
{
	struct mf_condition *condition =
	    (struct mf_condition *)mf_fake_take(&f->own, sizeof(*condition));

	condition->holds = holds;
	return condition;
}

static inline const struct mf_template *
mf_fake_template(struct mf_fake *f, const char *text)
{
	struct mf_template *made = (struct mf_template *)mf_fake_take(&f->own, sizeof(*made));

	made->text = mf_fake_text(f, text);
	return made;
}

/* Words, divided by blanks. */
static inline const struct mf_list *
mf_fake_list(struct mf_fake *f, const char *words)
{
	struct mf_list *list = (struct mf_list *)mf_fake_take(&f->own, sizeof(*list));

	list->words = mf_fake_text(f, words);
	return list;
}

static inline void
mf_fake_regex_release(void *compiled)
{
	regfree((regex_t *)compiled);
}

/* "/…/", or "/…/i" to ignore case. */
static inline const struct mf_regex *
mf_fake_regex(struct mf_fake *f, const char *text)
{
	struct mf_regex *regex = (struct mf_regex *)mf_fake_take(&f->own, sizeof(*regex));
	const char *end = strrchr(text, '/');
	const char *pattern;

	if (text[0] != '/' || end == text)
		mf_fake_die("a regex stands between slashes", text);
	pattern = mf_fake_copy(f, text + 1, (size_t)(end - text) - 1);
	if (regcomp(&regex->compiled, pattern,
	    REG_EXTENDED | (strchr(end, 'i') ? REG_ICASE : 0)) != 0)
		mf_fake_die("not a POSIX extended regex", text);
	mf_fake_take(&f->own, 0);
	f->own->release = mf_fake_regex_release;
	f->own->foreign = &regex->compiled;
	return regex;
}

/* ---- values ---- */

static inline bool
mf_fake_bool(const char *text)
{
	if (strcmp(text, "on") == 0 || strcmp(text, "yes") == 0 || strcmp(text, "true") == 0)
		return true;
	if (strcmp(text, "off") && strcmp(text, "no") && strcmp(text, "false"))
		mf_fake_die("neither on nor off", text);
	return false;
}

/* A number with one of some units, "10s", "64k"; the factors are those of the units, in order. */
static inline int64_t
mf_fake_number(const char *text, const char *const *units, const int64_t *factors)
{
	char *unit;
	long long number;
	size_t i;

	errno = 0;
	number = strtoll(text, &unit, 10);
	if (unit == text || errno)
		mf_fake_die("not a number", text);
	for (i = 0; units[i]; i++)
		if (strcmp(units[i], unit) == 0)
			return number * factors[i];
	mf_fake_die("not a number with a unit that fits", text);
	return 0;
}

static inline int64_t
mf_fake_integer(const char *text)
{
	static const char *const units[] = { "", NULL };
	static const int64_t factors[] = { 1 };

	return mf_fake_number(text, units, factors);
}

/* In milliseconds. */
static inline int64_t
mf_fake_duration(const char *text)
{
	static const char *const units[] = { "ms", "s", "m", "h", "d", "w", NULL };
	static const int64_t factors[] = { 1, 1000, 60000, 3600000, 86400000, 604800000 };

	return mf_fake_number(text, units, factors);
}

/* In bytes. */
static inline int64_t
mf_fake_size(const char *text)
{
	static const char *const units[] = { "", "k", "m", "g", NULL };
	static const int64_t factors[] = { 1, 1024, 1048576, 1073741824 };

	return mf_fake_number(text, units, factors);
}

static inline double
mf_fake_real(const char *text)
{
	char *end;
	double number = strtod(text, &end);

	if (end == text || *end)
		mf_fake_die("not a number", text);
	return number;
}

static inline struct mf_strings
mf_fake_words(struct mf_fake *f, const char *text)
{
	struct mf_fake_array words = { 0, NULL };
	char *rest = mf_fake_text(f, text), *word;
	struct mf_strings strings;

	while ((word = mf_fake_word(&rest)))
		mf_fake_append(f, &words, word);
	strings.count = words.count;
	strings.items = (const char *const *)words.items;
	return strings;
}

/* The place of a word among those of MF_CHOICE. */
static inline int
mf_fake_choice(struct mf_fake *f, const char *choices, const char *text)
{
	struct mf_strings words = mf_fake_words(f, choices);
	size_t i;

	for (i = 0; i < words.count; i++)
		if (strcmp(words.items[i], text) == 0)
			return (int)i;
	mf_fake_die("not one of the option's words", text);
	return 0;
}

static inline int64_t
mf_fake_bounded(const struct mf_option *option, int64_t number)
{
	if (option->minimum != option->maximum &&
	    (number < option->minimum || number > option->maximum))
		mf_fake_die("out of the option's bounds", option->name);
	return number;
}

/* ---- options ---- */

/* `values` is the struct that the option's table describes. */
static inline void
mf_fake_option_set(struct mf_fake *f, const struct mf_option *option, char *values,
    const char *text)
{
	void *at = values + option->offset;

	switch (option->type) {
	case MF_TYPE_BOOL: *(bool *)at = mf_fake_bool(text); break;
	case MF_TYPE_INTEGER:
		*(int64_t *)at = mf_fake_bounded(option, mf_fake_integer(text));
		break;
	case MF_TYPE_NUMBER: *(double *)at = mf_fake_real(text); break;
	case MF_TYPE_STRING: *(const char **)at = mf_fake_text(f, text); break;
	case MF_TYPE_STRINGS: *(struct mf_strings *)at = mf_fake_words(f, text); break;
	case MF_TYPE_DURATION:
		((struct mf_duration *)at)->milliseconds =
		    mf_fake_bounded(option, mf_fake_duration(text));
		break;
	case MF_TYPE_SIZE:
		((struct mf_size *)at)->bytes =
		    (uint64_t)mf_fake_bounded(option, mf_fake_size(text));
		break;
	case MF_TYPE_CHOICE: *(int *)at = mf_fake_choice(f, option->choices, text); break;
	case MF_TYPE_LIST: *(const struct mf_list **)at = mf_fake_list(f, text); break;
	case MF_TYPE_REGEX: *(const struct mf_regex **)at = mf_fake_regex(f, text); break;
	case MF_TYPE_CONDITION:
		*(const struct mf_condition **)at = mf_fake_condition(f, strcmp(text, "off") != 0);
		break;
	case MF_TYPE_TEMPLATE:
		*(const struct mf_template **)at = mf_fake_template(f, text);
		break;
	default: mf_fake_die("a block: mf_fake_block() adds one", option->name);
	}
}

/* The struct of a table, with the defaults of its options. */
static inline void *
mf_fake_options(struct mf_fake *f, const struct mf_option *table, size_t size)
{
	char *values = (char *)mf_fake_take(&f->own, size);

	for (; table && table->name; table++)
		if (table->standard && table->type != MF_TYPE_BLOCK)
			mf_fake_option_set(f, table, values, table->standard);
	return values;
}

/* In the table the name is that of the member: with "_", or in the config with "-". */
static inline bool
mf_fake_option_is(const struct mf_option *option, const char *name)
{
	size_t i;

	for (i = 0; option->name[i] && name[i]; i++)
		if (option->name[i] != name[i] && !(option->name[i] == '_' && name[i] == '-'))
			return false;
	return option->name[i] == name[i];
}

static inline const struct mf_option *
mf_fake_option_find(const struct mf_option *table, const char *name)
{
	for (; table && table->name; table++)
		if (mf_fake_option_is(table, name))
			return table;
	mf_fake_die("the plugin has no such option", name);
	return NULL;
}

/* The first option that must be set and is not; NULL: there is none. */
static inline const char *
mf_fake_option_missing(const struct mf_fake *f)
{
	const struct mf_option *option;
	size_t i;

	for (option = f->plugin->options; option && option->name; option++) {
		if (!(option->flags & MF_REQUIRED_FLAG))
			continue;
		for (i = 0; i < f->given.count && f->given.items[i] != option; i++)
			;
		if (i == f->given.count)
			return option->name;
	}
	return NULL;
}

/* Adds a block to the options of a table, and returns the block's own, with their defaults. */
static inline void *
mf_fake_inner_block(struct mf_fake *f, const struct mf_option *table, void *values,
    const char *keyword)
{
	const struct mf_option *option = mf_fake_option_find(table, keyword);
	struct mf_blocks *blocks =
	    (struct mf_blocks *)(void *)((char *)values + option->offset);
	struct mf_block *items = (struct mf_block *)mf_fake_take(
	    &f->own, (blocks->count + 1) * sizeof(*items));
	void *made;

	if (option->type != MF_TYPE_BLOCK)
		mf_fake_die("not a block", keyword);
	made = mf_fake_options(f, option->table, option->table_size);
	if (blocks->count)
		memcpy(items, blocks->items, blocks->count * sizeof(*items));
	items[blocks->count].keyword = option->name;
	items[blocks->count].options = made;
	items[blocks->count].where = "test:1";
	blocks->items = items;
	blocks->count++;
	return made;
}

#endif
