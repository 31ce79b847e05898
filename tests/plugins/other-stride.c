/* SPDX-License-Identifier: BSD-2-Clause */
/* A plugin whose option tables have entries of another size than the host reads. */
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
	.size = sizeof(struct mf_plugin),
	.option_size = sizeof(struct mf_option) - sizeof(int64_t),
	.name = "other-stride",
	.message = say_nothing
};
