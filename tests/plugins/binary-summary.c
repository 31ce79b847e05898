/* SPDX-License-Identifier: BSD-2-Clause */
/* A plugin whose summary is no text. */
#include <filterd/plugin.h>

static enum mf_verdict
say_nothing(struct mf_context *c)
{
	(void)c;
	return MF_CONTINUE;
}

MF_PLUGIN(.name = "binary-summary", .summary = "a\x01\xff", .message = say_nothing);
