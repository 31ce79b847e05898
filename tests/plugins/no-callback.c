/* SPDX-License-Identifier: BSD-2-Clause */
/* A plugin that works at no stage. */
#include <filterd/plugin.h>

static bool
start(struct mf_context *c)
{
	(void)c;
	return true;
}

MF_PLUGIN(.name = "no-callback", .start = start);
