/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Conditions: parsed from the values of a statement, evaluated against a field_source.
 *
 *	condition  = term { "or" term }          term = factor { "and" factor }
 *	factor     = "not" factor | "(" condition ")" | comparison
 *	comparison = [ "any" | "all" ] field [ operator value ] | "exists" field
 *	           | [ any | all ] field "in" @list | [ any | all ] field "not" "in" @list
 *	operator   = == != < <= > >= ~ !~
 *
 * A field alone is true when it has a value that is not empty and not 0. Without any/all: == < <= > >= ~ and `in` are true when any value fits;
 * != !~ and `not in` when no value does (they are the negation). A field without a value compares false, and so is != … true.
 * `all` is true when there is a value and every one fits. Numbers take the suffixes of sizes; client.ip compares with an
 * address or a network. Text compares byte for byte, domains and client.name without case. Depth of brackets is limited.
 * Regexes of one field are kept together in a pattern group, so that one pass over a value can serve them all.
 */
#ifndef FILTERD_CONFIG_CONDITION_H
#define FILTERD_CONFIG_CONDITION_H

#include "filterd/config/parser.h"
#include "filterd/config/scope.h"

struct mf_condition;

/* NULL on a mistake, noted in the scope's errors; `end` is the token behind the last, for "expected … before ;". */
struct mf_condition *condition_parse(struct config_scope *scope, const struct config_token *tokens, size_t count,
    const struct config_token *end);

/* NULL is true; false before the condition's stage. and/or stop early. Sets source->captures when a regex matched. */
bool condition_test(const struct mf_condition *condition, struct field_source *source);

/* The earliest stage at which all its fields are known; NULL: MF_STAGE_CONNECT. */
enum mf_stage condition_stage(const struct mf_condition *condition);

#endif
