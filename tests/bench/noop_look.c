/* SPDX-License-Identifier: BSD-2-Clause */
/* A plugin that is shown the header and the body as they stream by, as dkim is, and does nothing
 * with them. What it costs is the host alone. */
#include <filterd/plugin.h>

static bool
start(struct mf_context *c)
{
	mf_only_verdicts(c, 0);
	mf_only_uses(c, 0);
	return true;
}

static enum mf_verdict
on_header(struct mf_context *c, const struct mf_header *field)
{
	(void)c;
	(void)field;
	return MF_CONTINUE;
}

static enum mf_verdict
on_body(struct mf_context *c, const void *bytes, size_t size)
{
	(void)c;
	(void)bytes;
	(void)size;
	return MF_CONTINUE;
}

static enum mf_verdict
on_message(struct mf_context *c)
{
	(void)c;
	return MF_CONTINUE;
}

MF_PLUGIN(
	.name = "noop-look",
	.version = "1.0",
	.summary = "Looks at header and body as they come, and does nothing",
	.start = start,
	.header = on_header,
	.body = on_body,
	.message = on_message,
);
