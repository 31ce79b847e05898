/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a rule in shadow would have done, in words: its actions as the config has them, with their
 * texts filled in. The option tables say how each is written, so no action needs words of its own.
 */
#include <string.h>

#include "plugins/rules/rules.h"

/* An option's value behind what stands there already. What was not given is left out, and so is a
 * regex, which the config line shows. */
static const char *
add_value(struct mf_context *c, const char *text, const struct mf_option *option,
    const void *options)
{
	const void *value = (const char *)options + option->offset;
	const struct mf_template *template;
	const char *word;

	switch (option->type) {
	case MF_TYPE_INTEGER:
		return *(const int64_t *)value
			   ? mf_printf(c, "%s %lld", text, (long long)*(const int64_t *)value)
			   : text;
	case MF_TYPE_NUMBER:
		return mf_printf(c, "%s %.10g", text, *(const double *)value);
	case MF_TYPE_STRING:
		word = *(const char *const *)value;
		return word ? mf_printf(c, "%s %s", text, word) : text;
	case MF_TYPE_TEMPLATE:
		template = *(const struct mf_template *const *)value;
		return template ? mf_printf(c, "%s \"%s\"", text, mf_expand(c, template)) : text;
	default:
		return text;
	}
}

/* The options of an action of that keyword. */
static const struct mf_option *
find_table(const char *keyword)
{
	const struct mf_option *option = rule_option_table;

	while (strcmp(option->name, keyword) != 0)
		option++;
	return option->table;
}

const char *
describe_action(struct mf_context *c, const struct action *action)
{
	const struct mf_option *option = find_table(action->kind->keyword);
	const char *text = action->kind->keyword;

	for (; option->type != MF_TYPE_END; option++)
		text = add_value(c, text, option, action->options);
	return text;
}
