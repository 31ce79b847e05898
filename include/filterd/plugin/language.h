/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What options hold that is written in the config's language: conditions, templates, regexes,
 * lists. A part of <filterd/plugin.h>, which is the one header to include.
 */
#ifndef FILTERD_PLUGIN_LANGUAGE_H
#define FILTERD_PLUGIN_LANGUAGE_H

#ifdef __cplusplus
extern "C" {
#endif

/* ---- conditions, templates, regexes, lists ---- */

/* NULL is true. A condition asked before its stage is false. */
static inline bool
mf_test(struct mf_context *c, const struct mf_condition *condition)
{
	return c->host->test(c, condition);
}

/* The earliest stage at which all fields of a condition are known; NULL: connect. */
static inline enum mf_stage
mf_condition_stage(struct mf_context *c, const struct mf_condition *condition)
{
	return c->host->condition_stage(c, condition);
}

/* The text with its fields filled in; $1 … $9 are the groups of the last regex that matched in this
 * callback. Line ends and NUL from fields become blanks. "" for NULL. */
static inline const char *
mf_expand(struct mf_context *c, const struct mf_template *text)
{
	return c->host->expand(c, text);
}

/* The same for people to read, in a message that others have a hand in: what a field or group gives
 * is UTF-8 in one line of at most 1000 bytes, without control characters and those that change the
 * direction of writing; in HTML without markup, for & < > " ' become references. What the template
 * itself says stays as it is. */
static inline const char *
mf_expand_shown(struct mf_context *c, const struct mf_template *text, enum mf_form form)
{
	return c->host->expand_shown(c, text, form);
}

static inline enum mf_stage
mf_template_stage(struct mf_context *c, const struct mf_template *text)
{
	return c->host->template_stage(c, text);
}

/* Limits are always set; one that is reached counts as no match and, outside start, is logged. */
static inline bool
mf_match(struct mf_context *c, const struct mf_regex *regex, const char *subject, size_t length)
{
	return c->host->match(c, regex, subject, length);
}

/* The subject with every match replaced, $N being its groups; *length_r, which may be NULL, is its
 * length. NULL when nothing matched, and in start. */
static inline char *
mf_replace(struct mf_context *c, const struct mf_regex *regex, const struct mf_template *with,
    const char *subject, size_t length, size_t *length_r)
{
	return c->host->replace(c, regex, with, subject, length, length_r);
}

static inline bool
mf_list_has(struct mf_context *c, const struct mf_list *list, const char *text)
{
	return c->host->list_has(c, list, text);
}

#ifdef __cplusplus
}
#endif

#endif
