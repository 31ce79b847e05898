/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the tests of conditions and templates share: a scope to parse in, with three lists, and a
 * source that gives the values that the test put into it.
 */
#ifndef TESTS_UNIT_LANGUAGE_H
#define TESTS_UNIT_LANGUAGE_H

#include "filterd/config/condition.h"
#include "filterd/config/list_network.h"
#include "filterd/config/template.h"

#define LANGUAGE_VALUES	16
#define LANGUAGE_USED	64

struct language_value {
	struct field field;
	struct field_value value;
	uint8_t ip[16];
};

struct language {
	struct arena *arena;
	struct config_errors *errors;
	struct config_scope scope;
	struct mf_list *lists[3];	/* @partners, @nets, @empty */
	struct field_source source;
	struct language_value values[LANGUAGE_VALUES];
	size_t value_count;
	unsigned visits;		/* calls of each */
	unsigned shown;			/* values that a visitor saw */
	struct field used[LANGUAGE_USED];	/* as told to scope.field_used */
	size_t used_count;
	unsigned limits;		/* calls of limit_reached, and what the last one said */
	const char *limit_rule, *limit_where, *limit_pattern;
};

/* Pattern groups are on; the stage is end of message. */
struct language *language_create(void);
void language_destroy(struct language *language);

/* Values of the fake source; what they point to must outlive it. */
void language_text(struct language *language, const char *field, struct str text);
void language_number(struct language *language, const char *field, double number);
void language_ip(struct language *language, const char *field, const char *address);
void language_clear(struct language *language);

/* The statement `word TEXT;` of a file "t.conf". */
const struct config_statement *language_statement(struct language *language, const char *word,
    const char *text);

/* NULL on a mistake. */
struct mf_condition *language_condition(struct language *language, const char *text);
struct mf_template *language_template(struct language *language, const char *text);

/* All mistakes so far as they are printed, in the arena. */
const char *language_mistakes(struct language *language);

#endif
