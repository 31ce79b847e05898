/* SPDX-License-Identifier: BSD-2-Clause */
/* A plugin that provides results for others. */
#include <filterd/plugin.h>

static const char *const provided[] = { "demo", NULL };

static enum mf_verdict
provide(struct mf_context *c)
{
	mf_result_add(c, "demo", "pass", NULL);
	return MF_CONTINUE;
}

MF_PLUGIN(.name = "provider", .provides = provided, .message = provide);
