/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Conditions: parsed from the values of a statement, evaluated against a field_source.
 *
 *	condition  = term { "or" term }          term = factor { "and" factor }
 *	factor     = "not" factor | "(" condition ")" | comparison
 *	comparison = "exists" field
 *	           | [ "any" | "all" ] field [ operator value ]
 *	           | [ "any" | "all" ] field [ "not" ] "in" @list
 *	operator   = == != < <= > >= ~ !~
 *
 * A field alone is true when it has a value that is not empty and not 0. Without any/all: == < <= >
 * >= ~ and `in` are true when any value fits; != !~ and `not in` when no value does (they are the
 * negation). A field without a value compares false, and so is != … true. `any` is true when one
 * value fits (for != and its like: one that differs); `all` when there is a value and every one
 * fits. Numbers take the suffixes of sizes; client.ip compares with an address or a network. Text
 * compares byte for byte, names of hosts without case (field.nocase). A value of text may stand
 * without quotes unless it is a word of the language or the name of a field.
 *
 * A regex that reaches a limit counts as no match and is reported to the source. Regexes of one
 * field are kept together in a pattern group (pattern_group.h), so that one pass over a value can
 * serve them all.
 */
#ifndef FILTERD_CONFIG_CONDITION_H
#define FILTERD_CONFIG_CONDITION_H

#include "filterd/config/parser.h"
#include "filterd/config/scope.h"

#define CONDITION_DEPTH_MAXIMUM	64	/* of brackets and "not" */
#define CONDITION_TESTS_MAXIMUM	2000	/* comparisons */

struct mf_condition;

/* NULL on a mistake, noted in the scope's errors; `end` is the token behind the last, for
 * "expected … before ;". */
struct mf_condition *condition_parse(struct config_scope *scope, const struct config_token *tokens,
    size_t count, const struct config_token *end);

/* NULL is true; false before the condition's stage. and/or stop early. Sets source->captures
 * when a regex matched; allocates nothing unless one did. */
bool condition_test(const struct mf_condition *condition, struct field_source *source);

/* The earliest stage at which all its fields are known; NULL: MF_STAGE_CONNECT. */
enum mf_stage condition_stage(const struct mf_condition *condition);

#endif
