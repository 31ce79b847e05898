/* SPDX-License-Identifier: BSD-2-Clause */
/* A plugin whose descriptor says that it is larger than it is. */
#include <filterd/plugin.h>

static enum mf_verdict
say_nothing(struct mf_context *c)
{
	(void)c;
	return MF_CONTINUE;
}

MF_EXPORT extern const struct mf_plugin filterd_plugin;
const struct mf_plugin filterd_plugin = {
	.abi = MF_ABI,
	.size = 1u << 30,
	.name = "too-large",
	.message = say_nothing
};
