/* SPDX-License-Identifier: BSD-2-Clause */
/* A shadow process. What keeps it from judging is said through the channel and ends it. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sysexits.h>
#include <unistd.h>

#include "filterd/mta/shadow_play.h"
#include "filterd/service/log.h"
#include "filterd/supervise/limits.h"
#include "filterd/supervise/shadow_process.h"
#include "filterd/util/memory.h"
#include "filterd/util/process.h"

#define NICE 10		/* setpriority(2) */

static _Noreturn void
refuse(const struct shadow_duty *duty, int status, const char *text)
{
	dprintf(duty->channel, "%s", text);
	_exit(status);
}

/* Mail goes first, so this one takes what is left of the processor. Changing the user forgets that
 * it dies with the master, so that comes after it. */
static void
prepare(const struct shadow_duty *duty)
{
	struct buffer problem = { 0 };

	prctl(PR_SET_NAME, "filterd-shadow");
	setpriority(PRIO_PROCESS, 0, NICE);
	process_leave_signals();
	memory_settle();
	crash_memory_keep(duty->crash);
	if (!identity_assume(duty->identity, &problem)) {
		refuse(duty, EX_NOPERM, buffer_text(&problem));
	}
	process_follow(duty->master);
}

static struct generation *
load(const struct shadow_duty *duty)
{
	struct config_errors *errors = config_errors_create();
	struct generation *generation = generation_load(duty->config, NULL, NULL, errors);
	struct buffer text = { 0 };

	if (!generation) {
		config_errors_add(errors, &text);
		refuse(duty, EX_CONFIG, buffer_text(&text));
	}
	config_errors_destroy(&errors);
	return generation;
}

/* A plugin may have changed what becomes of the signal. */
static void
set_alarm(struct mf_duration limit)
{
	const struct itimerval timer = { .it_value = {
		.tv_sec = limit.milliseconds / 1000,
		.tv_usec = limit.milliseconds % 1000 * 1000 } };
	sigset_t set;

	if (limit.milliseconds) {
		signal(SIGALRM, SIG_DFL);
		sigemptyset(&set);
		sigaddset(&set, SIGALRM);
		sigprocmask(SIG_UNBLOCK, &set, NULL);
	}
	setitimer(ITIMER_REAL, &timer, NULL);
}

static void
judge_waiting(const struct shadow_duty *duty, const struct generation *generation,
    struct buffer *message)
{
	while (shadow_link_take(duty->link, message)) {
		set_alarm(duty->settings->shadow.time_limit);
		shadow_play(generation, (struct str){ buffer_text(message), message->length });
		set_alarm((struct mf_duration){ 0 });
	}
}

/* Until the channel closes. */
static void
judge_all(const struct shadow_duty *duty, const struct generation *generation)
{
	struct pollfd sources[] = {
		{ .fd = duty->link->from, .events = POLLIN },
		{ .fd = duty->channel, .events = POLLIN }
	};
	struct buffer message = { 0 };

	while (!sources[1].revents) {
		if (poll(sources, 2, -1) < 0 && errno != EINTR)
			break;
		judge_waiting(duty, generation, &message);
	}
	buffer_free(&message);
}

void
shadow_process_run(const struct shadow_duty *duty)
{
	static const char ready = SHADOW_READY;
	const struct listener_settings limits = {
		.memory_maximum = duty->settings->shadow.memory_maximum
	};
	struct generation *generation;

	log_generation(duty->generation);
	prepare(duty);
	limits_set_memory(&limits);
	generation = load(duty);
	log_shadow();
	limits_set_memory(&limits);
	send(duty->channel, &ready, 1, MSG_NOSIGNAL);
	judge_all(duty, generation);
	generation_destroy(&generation);
	exit(EX_OK);
}
