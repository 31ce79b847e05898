/* SPDX-License-Identifier: BSD-2-Clause */
/* A filter that misbehaves when it is told to: in its start, or by a message's field X-Unruly. Its
 * file says of which edition it is, once a test has written a number into it: messages get that. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <filterd/plugin.h>

#define LEAK (32u << 20)

struct options {
	const char *crash_if;
	const char *fail_if;
	const char *wait_while;
};

static volatile const char edition[] = "generation-0000";

static const struct mf_option option_table[] = {
	MF_OPTION(struct options, crash_if, NULL, "start crashes while this file is there"),
	MF_OPTION(struct options, fail_if, NULL, "start fails while this file is there"),
	MF_OPTION(struct options, wait_while, NULL, "start waits while this file is there"),
	MF_OPTION_END
};

static void *volatile forgotten;
static struct mf_context *_Atomic kept;	/* of the session that edits late; NULL */

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
overflow(struct mf_context *c)
{
	(void)c;
	return fall(1) ? MF_DONE : MF_CONTINUE;
}

static enum mf_verdict
end_process(struct mf_context *c)
{
	(void)c;
	exit(0);
}

static enum mf_verdict
end_process_at_once(struct mf_context *c)
{
	(void)c;
	_exit(3);
}

static enum mf_verdict
send_abort(struct mf_context *c)
{
	(void)c;
	abort();
}

/* Raised rather than caused, so that no sanitizer has a word in it. */
static enum mf_verdict
send_signal(struct mf_context *c, int number)
{
	(void)c;
	raise(number);
	return MF_CONTINUE;
}

static enum mf_verdict
touch_nothing(struct mf_context *c)
{
	return send_signal(c, SIGSEGV);
}

static enum mf_verdict
divide(struct mf_context *c)
{
	return send_signal(c, SIGFPE);
}

static enum mf_verdict
touch_past_file(struct mf_context *c)
{
	return send_signal(c, SIGBUS);
}

static enum mf_verdict
run_rubbish(struct mf_context *c)
{
	return send_signal(c, SIGILL);
}

/* Not of malloc, so that LeakSanitizer says nothing: this is about memory that grows. */
static enum mf_verdict
leak(struct mf_context *c)
{
	void *lost = mmap(NULL, LEAK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)c;
	if (lost != MAP_FAILED)
		memset(lost, 1, LEAK);
	return MF_CONTINUE;
}

/* As many programs do, it gives up when there is no more. */
static enum mf_verdict
allocate(struct mf_context *c)
{
	while (c) {
		forgotten = malloc(LEAK);
		if (!forgotten)
			abort();
		memset(forgotten, 1, LEAK);
	}
	return MF_CONTINUE;
}

static enum mf_verdict
allocate_of_host(struct mf_context *c)
{
	while (c)
		memset(mf_alloc(c, LEAK), 1, LEAK);
	return MF_CONTINUE;
}

static enum mf_verdict
take_much_of_host(struct mf_context *c)
{
	mf_alloc(c, LEAK);
	return MF_CONTINUE;
}

static enum mf_verdict
answer_too_much(struct mf_context *c)
{
	(void)c;
	return (enum mf_verdict)99;
}

static enum mf_verdict
answer_too_little(struct mf_context *c)
{
	(void)c;
	return (enum mf_verdict)-1;
}

static enum mf_verdict
keep_context(struct mf_context *c)
{
	kept = c;
	return MF_CONTINUE;
}

/* The second filter of the plugin edits with the context of the first. */
static enum mf_verdict
edit_for_other(struct mf_context *c)
{
	if (kept)
		mf_header_add(kept, "X-Other", " 1");
	kept = kept ? NULL : c;
	return MF_CONTINUE;
}

static const struct {
	const char *command;
	enum mf_verdict (*act)(struct mf_context *c);
} acts[] = {
	{ "segv", touch_nothing }, { "bus", touch_past_file }, { "abort", send_abort },
	{ "divide", divide }, { "rubbish-code", run_rubbish }, { "fall", overflow },
	{ "exit", end_process }, { "_exit", end_process_at_once }, { "leak", leak },
	{ "allocate", allocate }, { "allocate-of-host", allocate_of_host },
	{ "take-of-host", take_much_of_host },
	{ "verdict-99", answer_too_much }, { "verdict-minus-1", answer_too_little },
	{ "edit-late", keep_context },
	{ "edit-for-other", edit_for_other },
};

static void
add_edition(struct mf_context *c)
{
	char text[sizeof(edition)];
	size_t i;

	for (i = 0; i < sizeof(edition); i++)
		text[i] = edition[i];
	if (!strstr(text, "0000"))
		mf_header_add(c, "X-At-Plugin", mf_printf(c, " %s", text));
}

static enum mf_verdict
message(struct mf_context *c)
{
	struct mf_header field;
	size_t i;

	add_edition(c);
	if (!mf_header_find(c, "X-Unruly", 0, &field))
		return MF_CONTINUE;
	for (i = 0; i < sizeof(acts) / sizeof(acts[0]); i++)
		if (strcmp(field.value + strspn(field.value, " "), acts[i].command) == 0)
			return acts[i].act(c);
	return MF_CONTINUE;
}

/* After the verdict, in a callback that cannot edit. */
static void
edit_late(struct mf_context *c)
{
	if (kept != c)
		return;
	mf_header_add(c, "X-Late", " end");
	mf_recipient_add(c, "late@example.com", NULL);
	mf_quarantine(c, "late");
}

static void
edit_last(struct mf_context *c)
{
	edit_late(c);
	kept = NULL;
}

MF_PLUGIN(.name = "unruly", .summary = "Misbehaves when told to", .options = option_table,
    .options_size = sizeof(struct options), .start = start, .message = message,
    .message_end = edit_late, .session_end = edit_last);
