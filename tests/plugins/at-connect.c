/* SPDX-License-Identifier: BSD-2-Clause */
/* A plugin that works at connect only, and edits nothing. */
#include <filterd/plugin.h>

static bool
start(struct mf_context *c)
{
	mf_only_uses(c, 0);
	return true;
}

static enum mf_verdict
at_connect(struct mf_context *c, const struct mf_client *client)
{
	(void)c;
	(void)client;
	return MF_CONTINUE;
}

MF_PLUGIN(.name = "at-connect", .start = start, .connect = at_connect);
