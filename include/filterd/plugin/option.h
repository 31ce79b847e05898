/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Options of plugins: the types that their members have, and the tables that describe them. A part
 * of <filterd/plugin.h>, which is the one header to include.
 */
#ifndef FILTERD_PLUGIN_OPTION_H
#define FILTERD_PLUGIN_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- options ---- */

/* Objects of the host that options are. */
struct mf_condition;	/* a parsed condition */
struct mf_template;	/* text with ${field} and $1 */
struct mf_regex;	/* a compiled PCRE2 pattern; safe to use from any thread */
struct mf_list;		/* addresses, networks, domains, strings */

/* Member types that C has no type of its own for. */
struct mf_duration { int64_t milliseconds; };
struct mf_size { uint64_t bytes; };
struct mf_strings { size_t count; const char *const *items; };

/* The statements of a block option, in written order. Several options of a table may share one
 * member: then its blocks stand together in written order, and `keyword` tells them apart. */
struct mf_block {
	const char *keyword;		/* the option's name */
	const void *options;		/* options_size bytes, as the sub-table says */
	const char *where;		/* "file:line" */
	/* fixed: plugins step through arrays of it */
};
struct mf_blocks { size_t count; const struct mf_block *items; };

enum mf_option_type {
	MF_TYPE_END,
	MF_TYPE_BOOL,		/* bool: on off yes no true false */
	MF_TYPE_INTEGER,	/* int64_t */
	MF_TYPE_NUMBER,		/* double */
	MF_TYPE_STRING,		/* const char *, NULL when absent and without default */
	MF_TYPE_STRINGS,	/* struct mf_strings: one or more words */
	MF_TYPE_DURATION,	/* struct mf_duration */
	MF_TYPE_SIZE,		/* struct mf_size */
	MF_TYPE_CHOICE,		/* int: index into `choices` */
	MF_TYPE_LIST,		/* const struct mf_list *: @name */
	MF_TYPE_REGEX,		/* const struct mf_regex * */
	MF_TYPE_CONDITION,	/* const struct mf_condition *, NULL when absent: always true */
	MF_TYPE_TEMPLATE,	/* const struct mf_template *, NULL when absent */
	MF_TYPE_BLOCK		/* struct mf_blocks */
};

enum mf_option_flag {
	/* set by position after the block's keyword, not by a statement */
	MF_ARGUMENT_FLAG	= 1 << 0,
	MF_REQUIRED_FLAG	= 1 << 1,	/* must be given */
	/* MF_TYPE_TEMPLATE: what is given is the path of a file that holds the text (since 1.8) */
	MF_FILE_FLAG		= 1 << 2
};

/* One option. In the config its name is that of the member with "-" for "_". What every filter has
 * (when on-error timeout mode) may be an option of the plugin too, to be read: of the same type. */
struct mf_option {
	const char *name;
	const char *standard;			/* default, written as in the config; NULL: zero */
	const char *help;			/* one line */
	enum mf_option_type type;
	unsigned flags;				/* enum mf_option_flag */
	size_t offset;
	const char *choices;			/* MF_TYPE_CHOICE: words divided by blanks */
	const struct mf_option *table;		/* MF_TYPE_BLOCK: its sub-table */
	size_t table_size;			/* MF_TYPE_BLOCK: size of the sub-table's struct */
	/* MF_TYPE_INTEGER, DURATION (ms), SIZE: bounds when they differ */
	int64_t minimum, maximum;
	/* append only: mf_plugin.option_size tells its size */
};

/* The option type of a member, from its C type. A member of another type does not compile. */
#ifdef __cplusplus
} /* extern "C" */
namespace mf {
constexpr mf_option_type option_type(const bool *) { return MF_TYPE_BOOL; }
constexpr mf_option_type option_type(const int64_t *) { return MF_TYPE_INTEGER; }
constexpr mf_option_type option_type(const double *) { return MF_TYPE_NUMBER; }
constexpr mf_option_type option_type(const char *const *) { return MF_TYPE_STRING; }
constexpr mf_option_type option_type(const mf_strings *) { return MF_TYPE_STRINGS; }
constexpr mf_option_type option_type(const mf_duration *) { return MF_TYPE_DURATION; }
constexpr mf_option_type option_type(const mf_size *) { return MF_TYPE_SIZE; }
constexpr mf_option_type option_type(const mf_list *const *) { return MF_TYPE_LIST; }
constexpr mf_option_type option_type(const mf_regex *const *) { return MF_TYPE_REGEX; }
constexpr mf_option_type option_type(const mf_condition *const *) { return MF_TYPE_CONDITION; }
constexpr mf_option_type option_type(const mf_template *const *) { return MF_TYPE_TEMPLATE; }
constexpr mf_option_type block_type(const mf_blocks *) { return MF_TYPE_BLOCK; }
template <typename T> constexpr mf_option_type choice_type(const T *)
{
	static_assert(sizeof(T) == sizeof(int), "the member of MF_CHOICE is an int or an enum");
	return MF_TYPE_CHOICE;
}
}
extern "C" {
#define MF_MEMBER_TYPE(type, member) mf::option_type(&static_cast<type *>(nullptr)->member)
#define MF_CHOICE_TYPE(type, member) mf::choice_type(&static_cast<type *>(nullptr)->member)
#define MF_BLOCK_TYPE(type, member) mf::block_type(&static_cast<type *>(nullptr)->member)
#else
#define MF_MEMBER_TYPE(type, member) _Generic(((type *)0)->member, \
	bool: MF_TYPE_BOOL, \
	int64_t: MF_TYPE_INTEGER, \
	double: MF_TYPE_NUMBER, \
	const char *: MF_TYPE_STRING, \
	struct mf_strings: MF_TYPE_STRINGS, \
	struct mf_duration: MF_TYPE_DURATION, \
	struct mf_size: MF_TYPE_SIZE, \
	const struct mf_list *: MF_TYPE_LIST, \
	const struct mf_regex *: MF_TYPE_REGEX, \
	const struct mf_condition *: MF_TYPE_CONDITION, \
	const struct mf_template *: MF_TYPE_TEMPLATE)
/* An enum is one of the two. */
#define MF_CHOICE_TYPE(type, member) _Generic(((type *)0)->member, \
	int: MF_TYPE_CHOICE, \
	unsigned: MF_TYPE_CHOICE)
#define MF_BLOCK_TYPE(type, member) _Generic(((type *)0)->member, struct mf_blocks: MF_TYPE_BLOCK)
#endif

/* An option set by a statement `name value;`. */
#define MF_OPTION(type, member, standard, help) \
	{ #member, standard, help, MF_MEMBER_TYPE(type, member), 0, offsetof(type, member), NULL, \
	    NULL, 0, 0, 0 }
/* One that must be given. */
#define MF_REQUIRED(type, member, help) \
	{ #member, NULL, help, MF_MEMBER_TYPE(type, member), MF_REQUIRED_FLAG, \
	    offsetof(type, member), NULL, NULL, 0, 0, 0 }
/* A template that stands in a file, of at most 64 KiB; a relative path begins at the folder of the
 * config file. */
#define MF_TEMPLATE_FILE(type, member, help) \
	{ #member, NULL, help, MF_MEMBER_TYPE(type, member), MF_FILE_FLAG, offsetof(type, member), \
	    NULL, NULL, 0, 0, 0 }
/* An integer, duration (bounds in milliseconds) or size (in bytes) with bounds. */
#define MF_RANGE(type, member, standard, minimum, maximum, help) \
	{ #member, standard, help, MF_MEMBER_TYPE(type, member), 0, offsetof(type, member), NULL, \
	    NULL, 0, minimum, maximum }
/* One of some words, divided by blanks; the member is an int or an enum that gets the word's
 * index. */
#define MF_CHOICE(type, member, choices, standard, help) \
	{ #member, standard, help, MF_CHOICE_TYPE(type, member), 0, offsetof(type, member), \
	    choices, NULL, 0, 0, 0 }
/* A value that stands behind the keyword of its block, by position: `rule NAME { … }`. MF_ARGUMENT
 * must be given, MF_OPTIONAL_ARGUMENT may be left out; an optional argument is passed over when the
 * word does not fit its type. */
#define MF_ARGUMENT(type, member, help) \
	{ #member, NULL, help, MF_MEMBER_TYPE(type, member), MF_ARGUMENT_FLAG | MF_REQUIRED_FLAG, \
	  offsetof(type, member), NULL, NULL, 0, 0, 0 }
#define MF_OPTIONAL_ARGUMENT(type, member, standard, help) \
	{ #member, standard, help, MF_MEMBER_TYPE(type, member), MF_ARGUMENT_FLAG, \
	    offsetof(type, member), NULL, NULL, 0, 0, 0 }
/* A repeatable statement with its own table; braces when the table has more than arguments. */
#define MF_BLOCK(type, member, keyword, sub_table, sub_type, help) \
	{ keyword, NULL, help, MF_BLOCK_TYPE(type, member), 0, offsetof(type, member), NULL, \
	    sub_table, sizeof(sub_type), 0, 0 }
#define MF_OPTION_END { NULL, NULL, NULL, MF_TYPE_END, 0, 0, NULL, NULL, 0, 0, 0 }

#ifdef __cplusplus
}
#endif

#endif
