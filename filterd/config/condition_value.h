/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Operands of comparisons: a token to a value of the type that its field compares with. Internal to
 * conditions. Each returns false, or NULL, when it noted a mistake in the scope's errors.
 */
#ifndef FILTERD_CONFIG_CONDITION_VALUE_H
#define FILTERD_CONFIG_CONDITION_VALUE_H

#include "filterd/config/list_network.h"
#include "filterd/config/parser.h"
#include "filterd/config/scope.h"

/* Whether a word belongs to the language of conditions. */
bool condition_reserved(struct str word);

/* "10", "-3.5", "64k", "10m", "1g". */
bool condition_number(struct config_scope *scope, const struct config_token *token,
    double *number_r);
bool condition_network(struct config_scope *scope, const struct config_token *token,
    struct network *network_r);

/* A string, or a word that is neither of the language nor a field. Lives in the arena. */
bool condition_text(struct config_scope *scope, const struct config_token *token,
    struct str *text_r);

/* "@name" of a list of the scope. */
bool condition_list(struct config_scope *scope, const struct config_token *token,
    const struct mf_list **list_r);

/* The token is such a text, or such a list: whether the field can ever have it, and all names of
 * the list. */
bool condition_value(struct config_scope *scope, const struct config_token *token,
    const struct field *field, const char *text);
bool condition_values(struct config_scope *scope, const struct config_token *token,
    const struct field *field, const struct mf_list *list);

/* A mistake is noted at its place in the pattern. */
struct mf_regex *condition_regex(struct config_scope *scope, const struct config_token *token,
    bool decoded_text);

#endif
