/* SPDX-License-Identifier: BSD-2-Clause */
/* A plugin with an option that every filter has, but of other values. `when` is as every filter's
 * is, so that is none of its faults. */
#include <filterd/plugin.h>

static enum mf_verdict
say_nothing(struct mf_context *c)
{
	(void)c;
	return MF_CONTINUE;
}

struct options {
	const struct mf_condition *when;
	int mode;
};

static const struct mf_option option_table[] = {
	MF_OPTION(struct options, when, NULL, "messages that it sees"),
	MF_CHOICE(struct options, mode, "fast slow", "fast", "how it works"),
	MF_OPTION_END
};

MF_PLUGIN(
	.name = "taken-name",
	.options = option_table,
	.options_size = sizeof(struct options),
	.message = say_nothing,
);
