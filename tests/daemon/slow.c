/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A filter that takes its time when it is told to: by a header field X-Slow, or by a recipient
 * whose local part is a word of the same kind. Words: `hang`, for ever; `sleep-N`, N milliseconds
 * in which the host is not asked; `wait`, to the deadline, by the host; `end-hang`, in message_end.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <filterd/plugin.h>

struct state {
	bool hang_at_end;
};

static void
hang(void)
{
	for (;;)
		pause();
}

static void
rest(long milliseconds)
{
	struct timespec left = { milliseconds / 1000, milliseconds % 1000 * 1000000 };

	while (nanosleep(&left, &left) < 0)
		;
}

static enum mf_verdict
obey(struct mf_context *c, const char *word)
{
	struct state *state = c->message;

	if (strcmp(word, "hang") == 0)
		hang();
	if (strncmp(word, "sleep-", 6) == 0)
		rest(atol(word + 6));
	if (strcmp(word, "wait") == 0 && mf_wait(c, -1, 0, -1) != MF_WAITED_DEADLINE)
		return mf_error(c, "the wait has ended early");
	state->hang_at_end |= strcmp(word, "end-hang") == 0;
	return MF_CONTINUE;
}

static enum mf_verdict
rcpt(struct mf_context *c, const struct mf_address *recipient)
{
	return obey(c, recipient->local);
}

static enum mf_verdict
message(struct mf_context *c)
{
	struct mf_header field;

	return mf_header_find(c, "X-Slow", 0, &field) ? obey(c, mf_decoded(c, &field)) :
	    MF_CONTINUE;
}

static void
message_end(struct mf_context *c)
{
	const struct state *state = c->message;

	if (state->hang_at_end)
		hang();
}

MF_PLUGIN(.name = "slow", .summary = "Takes its time when told to",
    .message_size = sizeof(struct state), .rcpt = rcpt, .message = message,
    .message_end = message_end);
