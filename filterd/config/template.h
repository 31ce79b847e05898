/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Templates: text with ${field} and $0 to $9, "$$" or "\$" for a dollar. A field with several
 * values gives them divided by ", "; a field without value gives nothing. CR, LF and NUL in values
 * become blanks, so that what a stranger wrote cannot begin a header field or a reply line. Any
 * other use of "$" is a mistake.
 */
#ifndef FILTERD_CONFIG_TEMPLATE_H
#define FILTERD_CONFIG_TEMPLATE_H

#include "filterd/config/parser.h"
#include "filterd/config/scope.h"

#define TEMPLATE_TEXT_MAXIMUM	65536		/* bytes of an expanded text; it is cut there */
#define TEMPLATE_SHOWN_MAXIMUM	1000		/* bytes that people are shown of a value */
#define TEMPLATE_GROWTH_MAXIMUM	(16u << 20)	/* bytes that a replacement may add */

struct mf_template;

/* The token may be the whole text of a file, as a word. NULL on a mistake, noted with its place
 * inside the string. */
struct mf_template *template_parse(struct config_scope *scope, const struct config_token *token);

/* In source->arena, ends in NUL; NULL gives "". Numbers show at most three decimals. A cut never
 * splits a UTF-8 sequence. */
struct str template_expand(const struct mf_template *text, struct field_source *source);

/* The same as mf_expand_shown() of plugin.h has it. */
struct str template_expand_shown(const struct mf_template *text, struct field_source *source,
    enum mf_form form);

/* The earliest stage at which all its fields are known. */
enum mf_stage template_stage(const struct mf_template *text);

/* The highest $N it uses, -1 when none: a schema can check it against a regex. */
int template_highest_group(const struct mf_template *text);

/* Every match of the regex in the subject replaced by the expanded
 * template; `with` NULL removes it. $N are that match's groups with all their bytes, line ends
 * included, for they come from the subject and go back into it. False when nothing matched, or when
 * a limit was reached (also that on growth), which is reported to the source. Result in
 * source->arena, ends in NUL. */
bool template_replace(const struct mf_regex *regex, const struct mf_template *with,
    struct str subject, struct field_source *source, struct str *result_r);

#endif
