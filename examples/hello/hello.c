/* SPDX-License-Identifier: BSD-2-Clause */
/* hello: greets matching mail with a header field. The smallest useful plugin: begin yours with a
 * copy of it. */
#include <filterd/plugin.h>

struct options {
	const struct mf_condition *when;
	const struct mf_template *greeting;
};

static const struct mf_option option_table[] = {
	MF_OPTION(struct options, when, NULL, "messages to greet; all when left out"),
	MF_OPTION(struct options, greeting, "Hello ${client.name}", "value of the field X-Hello"),
	MF_OPTION_END
};

static enum mf_verdict
say_hello(struct mf_context *c)
{
	const struct options *o = c->options;

	if (mf_test(c, o->when))
		mf_header_add(c, "X-Hello", mf_encoded(c, mf_expand(c, o->greeting)));
	return MF_CONTINUE;
}

MF_PLUGIN(
	.name = "hello",
	.version = "1.0",
	.summary = "Greet matching mail with a header field",
	.options = option_table,
	.options_size = sizeof(struct options),
	.message = say_hello,
);
