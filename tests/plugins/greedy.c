/* SPDX-License-Identifier: BSD-2-Clause */
/* A plugin that asks for more state than any filter may have. */
#include <filterd/plugin.h>

static enum mf_verdict
say_nothing(struct mf_context *c)
{
	(void)c;
	return MF_CONTINUE;
}

MF_PLUGIN(.name = "greedy", .message_size = (size_t)1 << 40, .message = say_nothing);
