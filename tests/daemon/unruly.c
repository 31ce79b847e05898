/* SPDX-License-Identifier: BSD-2-Clause */
/* A filter that crashes, fails or waits when it is told to: in its start, or on a message. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <filterd/plugin.h>

struct options {
	const char *crash_if;
	const char *fail_if;
	const char *wait_while;
};

static const struct mf_option option_table[] = {
	MF_OPTION(struct options, crash_if, NULL, "start crashes while this file is there"),
	MF_OPTION(struct options, fail_if, NULL, "start fails while this file is there"),
	MF_OPTION(struct options, wait_while, NULL, "start waits while this file is there"),
	MF_OPTION_END
};

static bool
is_there(const char *path)
{
	return path && access(path, F_OK) == 0;
}

static bool
start(struct mf_context *c)
{
	const struct options *options = c->options;

	while (is_there(options->wait_while))
		usleep(10000);
	if (is_there(options->crash_if))
		abort();
	return !is_there(options->fail_if);
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
