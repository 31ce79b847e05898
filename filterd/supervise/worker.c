/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A worker. What keeps it from serving is said through the channel and ends the process; once all
 * is loaded, it does what the master orders.
 *
 * Draining: no more connections; it leaves when the MTA has closed the last one. Stopping: for a
 * while every command is answered 421; then nothing more is read from any MTA, and each session
 * ends when what it is working on is answered. Sessions that are still open after that are
 * abandoned.
 *
 * Hangs: what the watchdog cut off holds a thread, and memory of all kinds, until the process ends.
 * So the worker drains from then on. Sessions that hang are not waited for, and with one of them
 * left the process ends without tidying up.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "filterd/chain/generation.h"
#include "filterd/chain/history.h"
#include "filterd/chain/watchdog.h"
#include "filterd/mta/libmilter.h"
#include "filterd/mta/recorder.h"
#include "filterd/mta/tape.h"
#include "filterd/service/log.h"
#include "filterd/supervise/limits.h"
#include "filterd/supervise/quarantine.h"
#include "filterd/supervise/worker.h"
#include "filterd/util/memory.h"
#include "filterd/util/process.h"
#include "filterd/util/resident.h"

#define TURN_AWAY	3000	/* milliseconds in which commands are answered 421 */
#define LAST_WORD	30000	/* and in which a filter may finish what it is working on */
#define LOOK_AGAIN	20	/* between two looks at the open sessions */
#define DRAIN_LOOK	100	/* the same, while MTAs may take their time */
#define FOLDERS_LOOK	1000	/* the same where folders are kept within their limits too */
#define USAGE_LOOK	5000	/* milliseconds between two looks at what the process uses */

#define ORDER_HANG	'h'	/* an order of its own: a filter has hung, so drain */

/* The pipe through which the watchdog says which filters have hung; -1: there is none yet. */
static int hangs[2] = { -1, -1 };

/* Says what is wrong; several lines may have been said already. */
static _Noreturn void
refuse(const struct worker_duty *duty, int status, const char *text)
{
	dprintf(duty->channel, "%s", text);
	_exit(status);
}

/* The configuration was written for root's eyes; the worker has others. That it is gone does not
 * matter to who takes the place of a dead worker. */
static void
check_readable(const struct worker_duty *duty)
{
	struct buffer text = { 0 };

	if (access(duty->config, R_OK) == 0 || errno != EACCES)
		return;
	buffer_printf(&text, "%s: user id %ld, which workers run as, cannot read it: %s\n",
	    duty->config, (long)geteuid(), strerror(errno));
	refuse(duty, EX_CONFIG, buffer_text(&text));
}

static struct generation *
load(const struct worker_duty *duty)
{
	struct config_errors *errors = config_errors_create();
	struct generation *generation = generation_load(duty->config,
	    duty->listener->name, duty->removals, errors);
	struct buffer text = { 0 };

	if (!generation) {
		config_errors_add(errors, &text);
		refuse(duty, EX_CONFIG, buffer_text(&text));
	}
	config_errors_destroy(&errors);
	return generation;
}

/* From root to the one who serves; the order matters. On its signals libmilter would end all
 * sessions at once, so they are left to the master, which decides when to stop. */
static void
prepare(const struct worker_duty *duty)
{
	struct buffer problem = { 0 };
	const char *what;

	process_leave_signals();
	memory_settle();
	crash_memory_keep(duty->crash);
	metrics_attach(duty->metrics, duty->slot);
	if (duty->link->to >= 0)
		history_attach(duty->link, duty->generation);
	if (duty->shadow) {
		close(duty->shadow->from);
		tape_attach(duty->shadow, &duty->settings->shadow);
	}
	if (!libmilter_adopt(duty->listening, &what)) {
		buffer_printf(&problem, "listener \"%s\": %s: %s\n", duty->listener->name, what,
		    strerror(errno));
		refuse(duty, EX_OSERR, buffer_text(&problem));
	}
	close(duty->listening);
	if (!limits_set_descriptors(duty->listener, &problem))
		refuse(duty, EX_OSERR, buffer_text(&problem));
	limits_set_stacks();
	limits_set_memory(duty->listener);
	if (!identity_assume(duty->identity, &problem))
		refuse(duty, EX_NOPERM, buffer_text(&problem));
	process_follow(duty->master);
	check_readable(duty);
	buffer_free(&problem);
}

/* Who cannot be told has closed the channel, which is an order too. */
static void
say(const struct worker_duty *duty, char word)
{
	send(duty->channel, &word, 1, MSG_NOSIGNAL);
}

/* Passes on which filters have hung, if any: lines, as the watchdog has written them. */
static bool
report_hangs(const struct worker_duty *duty)
{
	char lines[PIPE_BUF], *name = lines, *end;
	ssize_t got = read(hangs[0], lines, sizeof(lines));

	if (got <= 0)
		return false;
	for (; (end = memchr(name, '\n', (size_t)(lines + got - name))); name = end + 1) {
		struct buffer word = { 0 };

		buffer_printf(&word, "%c%.*s", WORKER_HUNG, (int)(end + 1 - name), name);
		send(duty->channel, word.data, word.length, MSG_NOSIGNAL);
		buffer_free(&word);
	}
	return true;
}

static char
read_order(const struct worker_duty *duty)
{
	char order;
	ssize_t got = read(duty->channel, &order, 1);

	if (got > 0)
		return order;
	return got < 0 && errno == EINTR ? 0 : WORKER_STOP;
}

/* The next order, or ORDER_HANG, within so many milliseconds; 0: there is none, -1: no matter
 * when. */
static char
next_order(const struct worker_duty *duty, int milliseconds)
{
	struct pollfd sources[] = {
		{ .fd = duty->channel, .events = POLLIN }, { .fd = hangs[0], .events = POLLIN }
	};
	char order = 0;

	while (!order && poll(sources, 2, milliseconds) != 0) {
		if (sources[0].revents)
			order = read_order(duty);
		else if (sources[1].revents && report_hangs(duty))
			order = ORDER_HANG;
	}
	return order;
}

/* Whether all sessions are over but those that hang. */
static bool
is_idle(void)
{
	unsigned stuck = watchdog_stuck();	/* first: who comes back is a session still */

	return libmilter_sessions() <= stuck;
}

static bool
is_drained(void)
{
	int stuck = (int)watchdog_stuck(), connections = libmilter_connections();

	return is_idle() && connections >= 0 && connections <= stuck;
}

/* Returns when the master wants it, or when no connection is left. */
static void
drain(const struct worker_duty *duty)
{
	libmilter_drain();
	say(duty, WORKER_LET_GO);
	log_text(MF_LOG_DEBUG, "worker of listener %s drains", duty->listener->name);
	while (!is_drained())
		if (next_order(duty, DRAIN_LOOK) == WORKER_STOP)
			return;
}

/* Whether all sessions have ended within so many milliseconds. */
static bool
sessions_end_within(int milliseconds)
{
	static const struct timespec pause = { .tv_nsec = LOOK_AGAIN * 1000000 };

	for (; !is_idle() && milliseconds > 0; milliseconds -= LOOK_AGAIN)
		nanosleep(&pause, NULL);
	return is_idle();
}

static _Noreturn void
stop(const struct worker_duty *duty, struct generation *generation)
{
	libmilter_stop();
	say(duty, WORKER_LET_GO);
	log_text(MF_LOG_DEBUG, "worker of listener %s takes no more connections",
	    duty->listener->name);
	if (!sessions_end_within(TURN_AWAY)) {
		libmilter_hang_up();
		if (!sessions_end_within(LAST_WORD)) {
			log_text(MF_LOG_WARNING, "worker of listener %s leaves %u sessions behind",
			    duty->listener->name, libmilter_sessions());
			_exit(EX_OK);
		}
	}
	/* One that hung may come back at any time, and needs what it has. */
	if (libmilter_sessions())
		_exit(EX_OK);
	generation_destroy(&generation);
	exit(EX_OK);
}

/* Looks for hangs from now on. */
static void
start_watchdog(const struct worker_duty *duty, const struct chain *chain)
{
	if (pipe2(hangs, O_CLOEXEC | O_NONBLOCK) == 0 && watchdog_start(chain, hangs[1]))
		return;
	log_text(MF_LOG_ERROR, "worker of listener %s has no watchdog: %s", duty->listener->name,
	    strerror(errno));
	_exit(EX_OSERR);
}

/* Says how far the worker is beyond the limit of its memory. */
static void
log_memory(const struct worker_duty *duty, enum mf_log_level level, const char *event,
    uint64_t resident)
{
	char now[24], limit[24];

	snprintf(now, sizeof(now), "%llu", (unsigned long long)resident);
	snprintf(limit, sizeof(limit), "%llu",
	    (unsigned long long)duty->listener->memory_limit.bytes);
	log_event(level, event, (struct log_field[]){
		{ "listener", str_of(duty->listener->name), false },
		{ "resident", str_of(now), true },
		{ "memory_limit", str_of(limit), true },
	}, 3);
}

/* Whether the worker is to be replaced when it passes memory-limit: one that is beyond it before it
 * has done anything would be followed by others like it. */
static bool
can_wear_out(const struct worker_duty *duty)
{
	uint64_t resident = resident_bytes();

	if (!duty->listener->memory_limit.bytes)
		return false;
	if (resident <= (uint64_t)duty->listener->memory_limit.bytes)
		return true;
	log_memory(duty, MF_LOG_WARNING, "memory-limit is less than a worker needs at rest",
	    resident);
	return false;
}

/* Asks to be replaced once its memory is beyond the limit. */
static void
look_at_memory(const struct worker_duty *duty, bool *asked)
{
	uint64_t resident = resident_bytes();

	if (*asked || resident <= (uint64_t)duty->listener->memory_limit.bytes)
		return;
	*asked = true;
	log_memory(duty, MF_LOG_WARNING, "worker is replaced: it passes memory-limit", resident);
	metrics_add(METRICS_MEMORY_RESTARTS, 1);
	say(duty, WORKER_WORN);
}

/* Until it is told to stop, or has drained. */
static void
serve(const struct worker_duty *duty, const struct generation *generation)
{
	const struct chain *chain = generation_chain(generation, duty->listener->name);
	bool asked = !can_wear_out(duty);
	const char *what;
	char order;

	start_watchdog(duty, chain);
	if (!libmilter_start(chain, duty->listener, &what)) {
		log_text(MF_LOG_ERROR, "worker of listener %s: %s", duty->listener->name, what);
		_exit(EX_OSERR);
	}
	log_text(MF_LOG_DEBUG, "worker of listener %s serves", duty->listener->name);
	do {
		recorder_keep();
		quarantine_keep();
		metrics_usage();
		look_at_memory(duty, &asked);
		order = next_order(duty,
		    recorder_events() || quarantine_in_use() ? FOLDERS_LOOK : USAGE_LOOK);
	} while (order != WORKER_STOP && order != WORKER_DRAIN && order != ORDER_HANG);
	if (order != WORKER_STOP)
		drain(duty);
}

static void
open_recorder(const struct worker_duty *duty, const struct generation *generation)
{
	const struct settings *settings = generation_settings(generation);
	const struct chain *chain = generation_chain(generation, duty->listener->name);
	struct buffer problem = { 0 };

	if (!recorder_open(settings, duty->listener, chain_wants(chain)->macros, duty->config,
	    &problem))
		refuse(duty, EX_CONFIG, buffer_text(&problem));
}

static void
open_quarantine(const struct worker_duty *duty, const struct generation *generation)
{
	struct buffer problem = { 0 };

	if (!quarantine_open(generation_settings(generation), duty->config, &problem))
		refuse(duty, EX_CONFIG, buffer_text(&problem));
}

void
worker_run(const struct worker_duty *duty)
{
	struct generation *generation;

	log_generation(duty->generation);
	prepare(duty);
	generation = load(duty);
	open_recorder(duty, generation);
	open_quarantine(duty, generation);
	limits_set_memory(duty->listener);
	say(duty, WORKER_READY);
	if (next_order(duty, -1) == WORKER_SERVE) {
		serve(duty, generation);
		stop(duty, generation);
	}
	generation_destroy(&generation);
	exit(EX_OK);
}
