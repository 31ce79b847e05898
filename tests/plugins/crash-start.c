/* SPDX-License-Identifier: BSD-2-Clause */
/* A plugin that crashes in start. */
#include <filterd/plugin.h>

static enum mf_verdict
say_nothing(struct mf_context *c)
{
	(void)c;
	return MF_CONTINUE;
}

static bool
start(struct mf_context *c)
{
	volatile int *volatile nowhere = NULL;

	(void)c;
	*nowhere = 1;
	return true;
}

MF_PLUGIN(.name = "crash-start", .start = start, .message = say_nothing);
