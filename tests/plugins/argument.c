/* SPDX-License-Identifier: BSD-2-Clause */
/* A plugin that wants a value behind the word `filter`, where only the filter's name stands. */
#include <filterd/plugin.h>

static enum mf_verdict
say_nothing(struct mf_context *c)
{
	(void)c;
	return MF_CONTINUE;
}

struct options {
	int64_t number;
};

static const struct mf_option option_table[] = {
	MF_ARGUMENT(struct options, number, "a number"),
	MF_OPTION_END
};

MF_PLUGIN(
	.name = "argument",
	.options = option_table,
	.options_size = sizeof(struct options),
	.message = say_nothing,
);
