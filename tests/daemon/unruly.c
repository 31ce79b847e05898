/* SPDX-License-Identifier: BSD-2-Clause */
/* A filter that crashes when it is told to: in its start, or on a message. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <filterd/plugin.h>

struct options {
	const char *crash_if;
};

static const struct mf_option option_table[] = {
	MF_OPTION(struct options, crash_if, NULL, "start crashes while this file is there"),
	MF_OPTION_END
};

static bool
start(struct mf_context *c)
{
	const struct options *options = c->options;

	if (options->crash_if && access(options->crash_if, F_OK) == 0)
		abort();
	return true;
}

/* Deeper than any stack. */
static int
fall(volatile int depth)
{
	volatile char room[4096];

	room[0] = (char)depth;
	return depth < 0 ? 0 : fall(depth + 1) + room[0];
}

static enum mf_verdict
message(struct mf_context *c)
{
	struct mf_header field;

	if (!mf_header_find(c, "X-Unruly", 0, &field))
		return MF_CONTINUE;
	if (strstr(field.value, "abort"))
		abort();
	if (strstr(field.value, "fall") && fall(1))
		return MF_DONE;
	return MF_CONTINUE;
}

MF_PLUGIN(.name = "unruly", .summary = "Crashes when told to", .options = option_table,
    .options_size = sizeof(struct options), .start = start, .message = message);
