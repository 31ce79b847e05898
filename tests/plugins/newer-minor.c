/* SPDX-License-Identifier: BSD-2-Clause */
/* A plugin built for a newer minor version of the interface, which must be refused. */
#include <filterd/plugin.h>

static enum mf_verdict
say_nothing(struct mf_context *c)
{
	(void)c;
	return MF_CONTINUE;
}

MF_EXPORT extern const struct mf_plugin filterd_plugin;
const struct mf_plugin filterd_plugin = {
	.abi = MF_ABI + 1,
	.size = sizeof(struct mf_plugin),
	.name = "newer-minor",
	.message = say_nothing
};
