/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A worker. What keeps it from serving is said through the channel and ends the process; once it
 * serves, it stops when the channel closes, be it that the master says so or is gone.
 *
 * Stopping: no more connections; for a while every command is answered 421; then nothing more is
 * read from any MTA, and each session ends when what it is working on is answered. Sessions that
 * are still open after that are abandoned.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "filterd/chain/generation.h"
#include "filterd/mta/libmilter.h"
#include "filterd/service/log.h"
#include "filterd/supervise/worker.h"

#define TURN_AWAY	3000	/* milliseconds in which commands are answered 421 */
#define LAST_WORD	30000	/* and in which a filter may finish what it is working on */
#define LOOK_AGAIN	20	/* between two looks at the open sessions */

/* Says what is wrong; several lines may have been said already. */
static _Noreturn void
refuse(const struct worker_duty *duty, int status, const char *text)
{
	dprintf(duty->channel, "%s", text);
	_exit(status);
}

/* libmilter would end all sessions at once on these; the main thread, which gets what is sent to
 * the process, throws them away, and the master decides when to stop. */
static void
settle_signals(void)
{
	static const int ignored[] = { SIGHUP, SIGINT, SIGTERM, SIGPIPE };
	sigset_t none;
	size_t i;

	for (i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		signal(ignored[i], SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Dies with the master. Changing the user forgets this, so it comes after that; and the master may
 * have died before. */
static void
follow_master(const struct worker_duty *duty)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != duty->master)
		_exit(EX_UNAVAILABLE);
}

/* The configuration was written for root's eyes; the worker has others. */
static void
check_readable(const struct worker_duty *duty)
{
	struct buffer text = { 0 };

	if (access(duty->config, R_OK) == 0)
		return;
	buffer_printf(&text, "%s: user id %ld, which workers run as, cannot read it: %s\n",
	    duty->config, (long)geteuid(), strerror(errno));
	refuse(duty, EX_CONFIG, buffer_text(&text));
}

static struct generation *
load(const struct worker_duty *duty)
{
	struct config_errors *errors = config_errors_create();
	struct generation *generation = generation_load(duty->config, duty->listener, errors);
	FILE *channel;

	if (!generation) {
		channel = fdopen(duty->channel, "w");
		if (channel) {
			config_errors_print(errors, channel);
			fflush(channel);
		}
		_exit(EX_CONFIG);
	}
	config_errors_destroy(&errors);
	return generation;
}

/* From root to the one who serves; the order matters. */
static void
prepare(const struct worker_duty *duty)
{
	struct buffer problem = { 0 };
	const char *what;

	settle_signals();
	crash_notes_keep(duty->notes);
	if (!libmilter_adopt(duty->listening, &what)) {
		buffer_printf(&problem, "listener \"%s\": %s: %s\n", duty->listener, what,
		    strerror(errno));
		refuse(duty, EX_OSERR, buffer_text(&problem));
	}
	if (!identity_assume(duty->identity, &problem))
		refuse(duty, EX_NOPERM, buffer_text(&problem));
	follow_master(duty);
	check_readable(duty);
	buffer_free(&problem);
}

/* Returns when the channel closes. */
static void
wait_for_end(const struct worker_duty *duty)
{
	struct pollfd channel = { .fd = duty->channel, .events = POLLIN };
	char byte;

	for (;;) {
		if (poll(&channel, 1, -1) < 0)
			continue;
		if (read(duty->channel, &byte, 1) <= 0)
			return;
	}
}

/* Whether all sessions have ended within so many milliseconds. */
static bool
sessions_end_within(int milliseconds)
{
	static const struct timespec pause = { .tv_nsec = LOOK_AGAIN * 1000000 };

	for (; libmilter_sessions() && milliseconds > 0; milliseconds -= LOOK_AGAIN)
		nanosleep(&pause, NULL);
	return libmilter_sessions() == 0;
}

static _Noreturn void
stop(const struct worker_duty *duty, struct generation *generation)
{
	libmilter_stop();
	log_text(MF_LOG_DEBUG, "worker of listener %s takes no more connections", duty->listener);
	if (!sessions_end_within(TURN_AWAY)) {
		libmilter_hang_up(duty->listening);
		if (!sessions_end_within(LAST_WORD)) {
			log_text(MF_LOG_WARNING, "worker of listener %s leaves %u sessions behind",
			    duty->listener, libmilter_sessions());
			_exit(EX_OK);
		}
	}
	generation_destroy(&generation);
	exit(EX_OK);
}

void
worker_run(const struct worker_duty *duty)
{
	static const char ready = WORKER_READY;
	struct generation *generation;
	const char *what;

	prepare(duty);
	generation = load(duty);
	if (!libmilter_start(generation_chain(generation, duty->listener), &what))
		refuse(duty, EX_OSERR, what);
	if (write(duty->channel, &ready, 1) != 1)
		_exit(EX_UNAVAILABLE);
	log_text(MF_LOG_DEBUG, "worker of listener %s, generation %u, is ready", duty->listener,
	    duty->generation);
	wait_for_end(duty);
	stop(duty, generation);
}
