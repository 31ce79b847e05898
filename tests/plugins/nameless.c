/* SPDX-License-Identifier: BSD-2-Clause */
/* A plugin without a name. */
#include <filterd/plugin.h>

static enum mf_verdict
say_nothing(struct mf_context *c)
{
	(void)c;
	return MF_CONTINUE;
}

MF_PLUGIN(.summary = "nobody", .message = say_nothing);
