/* SPDX-License-Identifier: BSD-2-Clause */
/* A plugin that has every live callback and does nothing in any. */
#include <filterd/plugin.h>

static enum mf_verdict
on_connect(struct mf_context *c, const struct mf_client *client)
{
	(void)c;
	(void)client;
	return MF_CONTINUE;
}

static enum mf_verdict
on_text(struct mf_context *c, const char *text)
{
	(void)c;
	(void)text;
	return MF_CONTINUE;
}

static enum mf_verdict
on_address(struct mf_context *c, const struct mf_address *address)
{
	(void)c;
	(void)address;
	return MF_CONTINUE;
}

static enum mf_verdict
on_stage(struct mf_context *c)
{
	(void)c;
	return MF_CONTINUE;
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

MF_PLUGIN(
	.name = "noop-live",
	.version = "1.0",
	.summary = "Every live callback, each of which does nothing",
	.connect = on_connect,
	.helo = on_text,
	.mail = on_address,
	.rcpt = on_address,
	.data = on_stage,
	.header = on_header,
	.eoh = on_stage,
	.body = on_body,
	.unknown = on_text,
	.message = on_stage,
);
