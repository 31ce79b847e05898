/* SPDX-License-Identifier: BSD-2-Clause */
/* A plugin that cannot start, and says why, says it of an option, or says nothing. */
#include <filterd/plugin.h>

struct options {
	const char *how;
};

static const struct mf_option option_table[] = {
	MF_OPTION(struct options, how, "error", "error, config or silent"),
	MF_OPTION_END
};

static enum mf_verdict
say_nothing(struct mf_context *c)
{
	(void)c;
	return MF_CONTINUE;
}

static bool
start(struct mf_context *c)
{
	const struct options *o = c->options;

	if (o->how[0] == 'e')
		mf_error(c, "no room for %d", 17);
	if (o->how[0] == 'c')
		mf_config_error(c, &o->how, "expected something better than %s", o->how);
	return false;
}

MF_PLUGIN(
	.name = "fail-start",
	.options = option_table,
	.options_size = sizeof(struct options),
	.start = start,
	.message = say_nothing,
);
