/* SPDX-License-Identifier: BSD-2-Clause */
/* A plugin that has another name than its file. */
#include <filterd/plugin.h>

static enum mf_verdict
say_nothing(struct mf_context *c)
{
	(void)c;
	return MF_CONTINUE;
}

MF_PLUGIN(.name = "somebody-else", .message = say_nothing);
