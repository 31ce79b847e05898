/* SPDX-License-Identifier: BSD-2-Clause */
/* A plugin that has only `message`, in which it does nothing. It edits nothing, but says that it
 * reads the body, so that the MTA sends all of the message, as it does to the bare competitor. */
#include <filterd/plugin.h>

static bool
start(struct mf_context *c)
{
	mf_only_uses(c, MF_USE_BODY);
	return true;
}

static enum mf_verdict
on_message(struct mf_context *c)
{
	(void)c;
	return MF_CONTINUE;
}

MF_PLUGIN(
	.name = "noop-message",
	.version = "1.0",
	.summary = "Only the end of message, at which nothing is done",
	.start = start,
	.message = on_message,
);
