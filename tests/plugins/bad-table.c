/* SPDX-License-Identifier: BSD-2-Clause */
/* A plugin whose option lies outside of its options. */
#include <filterd/plugin.h>

static enum mf_verdict
say_nothing(struct mf_context *c)
{
	(void)c;
	return MF_CONTINUE;
}

struct options {
	bool a, b;
};

static const struct mf_option option_table[] = {
	MF_OPTION(struct options, b, "off", "beyond the end"),
	MF_OPTION_END
};

MF_PLUGIN(
	.name = "bad-table",
	.options = option_table,
	.options_size = sizeof(bool),
	.message = say_nothing,
);
