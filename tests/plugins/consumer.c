/* SPDX-License-Identifier: BSD-2-Clause */
/* A plugin that needs the results of another. */
#include <filterd/plugin.h>

static const char *const needed[] = { "demo", NULL };
static const char *const read[] = { "{demo}", "j", NULL };

static enum mf_verdict
consume(struct mf_context *c)
{
	const char *value = mf_result_value(c, "demo", 0);

	mf_log(c, MF_LOG_NOTICE, "demo is %s", value ? value : "absent");
	return MF_CONTINUE;
}

MF_PLUGIN(.name = "consumer", .needs = needed, .macros = read, .message = consume);
