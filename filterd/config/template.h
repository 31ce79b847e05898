/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Templates: text with ${field} and $0 … $9, "$$" or "\$" for a dollar. A field with several values gives them divided by ", "; a field
 * without value gives nothing. CR, LF and NUL in values become blanks, so that what a stranger wrote cannot begin a header field or a reply line.
 */
#ifndef FILTERD_CONFIG_TEMPLATE_H
#define FILTERD_CONFIG_TEMPLATE_H

#include "filterd/config/parser.h"
#include "filterd/config/scope.h"

struct mf_template;

/* NULL on a mistake, noted with its place inside the string. */
struct mf_template *template_parse(struct config_scope *scope, const struct config_token *token);

/* In source->arena; NULL gives "". Bounded: expanded text is cut at 64 KiB. */
struct str template_expand(const struct mf_template *text, struct field_source *source);

enum mf_stage template_stage(const struct mf_template *text);

/* The highest $N it uses, -1 when none: a schema can check it against a regex. */
int template_highest_group(const struct mf_template *text);

/* The first match of the regex in the subject (every one with the flag g) replaced by the expanded template, $N being
 * that match's groups. False when nothing matched or a limit was reached. Result in source->arena. */
bool template_replace(const struct mf_regex *regex, const struct mf_template *with, struct str subject,
    struct field_source *source, struct str *result_r);

#endif
