/* SPDX-License-Identifier: BSD-2-Clause */
/* A plugin built for the next major version of the interface, which must be refused. */
#include <filterd/plugin.h>

static enum mf_verdict
say_nothing(struct mf_context *c)
{
	(void)c;
	return MF_CONTINUE;
}

MF_EXPORT extern const struct mf_plugin filterd_plugin;
const struct mf_plugin filterd_plugin = {
	.abi = (MF_ABI_MAJOR + 1) << 16,
	.size = sizeof(struct mf_plugin),
	.name = "other-major",
	.message = say_nothing
};
