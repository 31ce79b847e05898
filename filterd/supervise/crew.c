/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The workers of one generation. While it serves, one that dies is replaced at once; one that dies
 * young again and again is replaced after ever longer pauses, and each time is a line in the log.
 * Not being able to fork is such a death. One that is retired stays until its sessions have ended,
 * beside its successor.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "filterd/service/log.h"
#include "filterd/supervise/crew_parts.h"
#include "filterd/supervise/slots.h"
#include "filterd/supervise/worker.h"
#include "filterd/util/memory.h"

#define GROWN_UP	10000	/* milliseconds of service after which a death is no failed start */
#define FIRST_PAUSE	100	/* milliseconds before the third attempt in a row */
#define LONGEST_PAUSE	30000
#define SERVED_PAUSE	500	/* at most, after one that has served */
#define MOST_SAID	(256 * 1024)	/* bytes that are kept of what a worker says */
#define SPARE_RETIRED	4	/* workers that may drain beside successors, and two a place */
#define STOP_LIMIT	45000	/* milliseconds for a worker to stop; it needs 33000 */

/* ---- forking ---- */

void
crew_forget(const struct crew *crew)
{
	const struct worker *worker;

	for (worker = crew->workers; worker; worker = worker->next)
		if (worker->channel >= 0)
			close(worker->channel);
}

static _Noreturn void
become_worker(const struct crew *crew, const struct worker *worker, int channel, pid_t master)
{
	const struct crew_needs *needs = crew->needs;
	const struct worker_duty duty = {
		.config = needs->config, .listener = crew_listener_of(crew, worker),
		.generation = crew->generation,
		.listening = needs->listenings[worker->listener].fd, .channel = channel,
		.master = master, .identity = needs->identity, .crash = worker->crash,
		.removals = &crew->removals,
		.metrics = needs->metrics, .slot = worker->slot, .link = needs->link,
		.shadow = needs->shadow, .settings = needs->settings
	};

	crew_forget(crew);
	needs->in_child(needs->argument, needs->settings, duty.listening);
	archive_use(needs->files);
	worker_run(&duty);
}

/* A pause before the next attempt, when the last ones have failed. */
static int64_t
pause_after(unsigned failures)
{
	int64_t pause = FIRST_PAUSE;
	unsigned i;

	if (failures < 2)
		return 0;
	for (i = 2; i < failures && pause < LONGEST_PAUSE; i++)
		pause *= 2;
	return pause < LONGEST_PAUSE ? pause : LONGEST_PAUSE;
}

static void
note_failure(const struct crew *crew, struct worker *worker)
{
	int64_t pause = pause_after(++worker->failures);

	if (worker->ready && pause > SERVED_PAUSE)
		pause = SERVED_PAUSE;
	worker->due = watch_now() + pause;
	if (pause)
		log_text(MF_LOG_WARNING, "workers of listener %s have died %u times in a row;"
		    " the next one comes in %lld ms",
		    crew_listener_of(crew, worker)->name, worker->failures, (long long)pause);
}

static void
give_birth(struct crew *crew, struct worker *worker)
{
	pid_t master = getpid();
	int ends[2];

	worker->ready = worker->let_go = false;
	worker->said.length = 0;
	worker->born = watch_now();
	worker->removed = crew->removed;
	crash_memory_clear(worker->crash);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) {
		log_text(MF_LOG_ERROR, "cannot make a channel to a worker: %s", strerror(errno));
		note_failure(crew, worker);
		return;
	}
	fflush(NULL);
	crash_memory_inherit(worker->crash, true);
	worker->pid = fork();
	if (worker->pid == 0) {
		close(ends[0]);
		become_worker(crew, worker, ends[1], master);
	}
	crash_memory_inherit(worker->crash, false);
	close(ends[1]);
	worker->channel = ends[0];
	fcntl(worker->channel, F_SETFL, O_NONBLOCK);
	if (worker->pid > 0)
		return;
	log_text(MF_LOG_ERROR, "cannot fork a worker: %s", strerror(errno));
	close(worker->channel);
	worker->channel = -1;
	worker->pid = 0;
	note_failure(crew, worker);
}

static size_t
wanted_workers(const struct listener_settings *settings)
{
	cpu_set_t cores;

	if (settings->workers > 0)
		return (size_t)settings->workers;
	if (sched_getaffinity(0, sizeof(cores), &cores) < 0)
		return 1;
	return (size_t)CPU_COUNT(&cores);
}

/* A place for a worker, which none has yet. It may take the place of another one in the list. */
static struct worker *
hire(struct crew *crew, size_t listener, struct worker *next)
{
	struct worker *worker = memory_alloc(sizeof(*worker));

	worker->next = next;
	worker->listener = listener;
	worker->channel = -1;
	worker->crash = crash_memory_create();
	crash_memory_inherit(worker->crash, false);
	worker->slot = slot_open(crew->needs->metrics, crew->needs->settings,
	    crew_listener_of(crew, worker), crew->generation);
	crew_mark_removed(crew, worker);
	return worker;
}

static void
dismiss(const struct crew *crew, struct worker *worker)
{
	if (worker->channel >= 0)
		close(worker->channel);
	buffer_free(&worker->said);
	crash_memory_destroy(&worker->crash);
	metrics_slot_close(crew->needs->metrics, worker->slot);
	free(worker);
}

struct crew *
crew_start(unsigned generation, const struct crew_needs *needs)
{
	const struct settings *settings = needs->settings;
	struct crew *crew = memory_alloc(sizeof(*crew));
	struct worker **end = &crew->workers, *worker;
	size_t i, wanted;

	crew->generation = generation;
	crew->needs = needs;
	crew_blame_begin(crew);
	for (i = 0; i < settings->listener_count; i++)
		for (wanted = wanted_workers(&settings->listeners[i]); wanted > 0; wanted--) {
			*end = hire(crew, i, NULL);
			end = &(*end)->next;
			crew->size++;
		}
	for (worker = crew->workers; worker; worker = worker->next)
		give_birth(crew, worker);
	return crew;
}

void
crew_destroy(struct crew **crew)
{
	struct crew *doomed = *crew;
	struct worker *worker;

	while ((worker = doomed->workers)) {
		doomed->workers = worker->next;
		dismiss(doomed, worker);
	}
	crew_blame_end(doomed);
	buffer_free(&doomed->complaints);
	free(doomed);
	*crew = NULL;
}

/* ---- replacing ---- */

/* An order is a byte; a worker that cannot be told is dead or about to be. */
static void
tell(const struct worker *worker, char order)
{
	if (worker->channel >= 0)
		send(worker->channel, &order, 1, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* Who has drained longest, or was stopped for it, makes room for another one. */
static void
kill_oldest(struct crew *crew)
{
	struct worker *worker, *oldest = NULL;

	for (worker = crew->workers; worker; worker = worker->next)
		if (worker->retired && !worker->killed && (!oldest || worker->due < oldest->due))
			oldest = worker;
	log_text(MF_LOG_WARNING, "too many workers of generation %u drain: %ld is killed",
	    crew->generation, (long)oldest->pid);
	oldest->killed = true;
	crew->retired--;
	kill(oldest->pid, SIGKILL);
}

void
crew_retire(struct crew *crew, struct worker *worker)
{
	struct worker *successor;

	if (worker->retired || !worker->ready || crew->leaving)
		return;
	if (crew->retired >= 2 * crew->size + SPARE_RETIRED)
		kill_oldest(crew);
	metrics_slot_drains(crew->needs->metrics, worker->slot);
	successor = hire(crew, worker->listener, worker->next);
	worker->next = successor;
	worker->retired = true;
	worker->due = watch_now() + crew->needs->settings->drain_limit.milliseconds;
	crew->retired++;
	tell(worker, WORKER_DRAIN);
	give_birth(crew, successor);
}

/* ---- hearing ---- */

size_t
crew_size(const struct crew *crew)
{
	return crew->size;
}

void
crew_watch(const struct crew *crew, struct watch *watch)
{
	const struct worker *worker;

	for (worker = crew->workers; worker; worker = worker->next)
		watch_add(watch, worker->channel, POLLIN);
}

bool
crew_is_ready(const struct crew *crew)
{
	const struct worker *worker;

	for (worker = crew->workers; worker; worker = worker->next)
		if (!worker->ready && !worker->retired)
			return false;
	return true;
}

static void
put_to_work(const struct crew *crew, const struct worker *worker)
{
	tell(worker, WORKER_SERVE);
	metrics_slot_serves(crew->needs->metrics, worker->slot, true);
}

/* The first word of what it says. Returns its bytes; 0: it is not complete. */
static size_t
understand_word(struct crew *crew, struct worker *worker, struct str said)
{
	const char *end = said.length ? memchr(said.data, '\n', said.length) : NULL;

	if (!said.length || (said.data[0] == WORKER_HUNG && !end))
		return 0;
	switch (said.data[0]) {
	case WORKER_READY:
		if (!worker->ready && crew->serving)
			put_to_work(crew, worker);
		worker->ready = true;
		return 1;
	case WORKER_LET_GO:
		worker->let_go = true;
		return 1;
	case WORKER_WORN:
		crew_retire(crew, worker);
		return 1;
	case WORKER_HUNG:
		crew_hear_hang(crew, worker,
		    (struct str){ said.data + 1, (size_t)(end - said.data - 1) });
		return (size_t)(end - said.data + 1);
	}
	return 1;
}

/* What it has said is complaints, which are kept; or it is ready, and then it says words. */
static void
understand(struct crew *crew, struct worker *worker)
{
	struct buffer *said = &worker->said;
	size_t used = 0, word;

	if (!worker->ready && (!said->length || said->data[0] != WORKER_READY))
		return;
	while ((word = understand_word(
	    crew, worker, (struct str){ said->data + used, said->length - used })))
		used += word;
	if (used)
		memmove(said->data, said->data + used, said->length - used);
	said->length -= used;
	if (worker->removed < crew->removed)
		crew_retire(crew, worker);
}

/* What has arrived, at most more than a channel holds: one that never stops talking must not keep
 * the master from everything else. At its end the channel is closed. */
static void
hear(struct crew *crew, struct worker *worker)
{
	char bytes[4096];
	size_t heard = 0;
	ssize_t got = 0;

	while (heard < MOST_SAID && (got = read(worker->channel, bytes, sizeof(bytes))) > 0) {
		heard += (size_t)got;
		if (worker->said.length < MOST_SAID)
			buffer_add(&worker->said, bytes, (size_t)got);
	}
	understand(crew, worker);
	if (got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR)))
		return;
	close(worker->channel);
	worker->channel = -1;
}

void
crew_hear(struct crew *crew)
{
	struct worker *worker;

	for (worker = crew->workers; worker; worker = worker->next)
		if (worker->channel >= 0)
			hear(crew, worker);
	crew->settled |= crew_is_ready(crew);
}

/* ---- deaths ---- */

bool
crew_is_decided(const struct crew *crew)
{
	const struct worker *worker;

	for (worker = crew->workers; worker; worker = worker->next)
		if (worker->pid && !worker->ready)
			return false;
	return true;
}

static struct worker *
find_worker(struct crew *crew, pid_t pid)
{
	struct worker *worker;

	for (worker = crew->workers; worker; worker = worker->next)
		if (worker->pid == pid)
			return worker;
	return NULL;
}

/* One that was retired leaves nothing but its numbers. */
static void
forget_retired(struct crew *crew, struct worker *worker)
{
	struct worker **place = &crew->workers;

	while (*place != worker)
		place = &(*place)->next;
	*place = worker->next;
	crew->retired -= !worker->killed;
	dismiss(crew, worker);
}

bool
crew_bury(struct crew *crew, pid_t pid, int status)
{
	struct worker *worker = find_worker(crew, pid);
	struct crash_note note;
	bool asked;

	if (!worker)
		return false;
	/* Its last words may be that a filter hangs, for which it has left. */
	if (worker->channel >= 0)
		hear(crew, worker);
	asked = (crew->leaving || worker->retired) && WIFEXITED(status) &&
	    WEXITSTATUS(status) == 0;
	if (worker->ready && crew->serving && !asked)
		crew_report_death(crew, worker, status);
	if (!(worker->ready && crew->serving) && !crew->leaving)
		crew_collect_complaints(crew, worker, status);
	if (crew->settled)
		crew_log_complaints(crew);
	crew->failed |= !crew->settled;
	if (crew->settled && !asked && crash_culprit(worker->crash, status, &note)) {
		metrics_slot_crashed(crew->needs->metrics, worker->slot, note.filter);
		crew_blame(crew, worker, note.filter);
	}
	if (worker->channel >= 0)
		close(worker->channel);
	worker->channel = -1;
	worker->pid = 0;
	metrics_slot_serves(crew->needs->metrics, worker->slot, false);
	if (worker->retired) {
		forget_retired(crew, worker);
		return true;
	}
	if (worker->ready && watch_now() - worker->born >= GROWN_UP)
		worker->failures = 0;
	if (crew->settled && !crew->leaving)
		note_failure(crew, worker);
	worker->ready = false;
	return true;
}

/* ---- time passes ---- */

static void
sooner(int64_t *next, int64_t milliseconds)
{
	if (milliseconds >= 0 && (*next < 0 || milliseconds < *next))
		*next = milliseconds;
}

/* One that does not leave by itself is stopped, then killed. Milliseconds until there is something
 * to do about it. */
static int64_t
hurry(struct worker *worker, int64_t time)
{
	if (time < worker->due)
		return worker->due - time;
	worker->due = time + STOP_LIMIT;
	if (worker->stopping)
		kill(worker->pid, SIGKILL);
	else
		tell(worker, WORKER_STOP);
	worker->stopping = true;
	return STOP_LIMIT;
}

int
crew_tend(struct crew *crew)
{
	int64_t time = watch_now(), next = -1;
	struct worker *worker;

	for (worker = crew->workers; worker && !crew->leaving && !crew->failed;
	    worker = worker->next) {
		if (worker->retired)
			sooner(&next, hurry(worker, time));
		else if (!worker->pid && worker->due <= time)
			give_birth(crew, worker);
		else if (!worker->pid)
			sooner(&next, worker->due - time);
	}
	return (int)next;
}

/* ---- orders ---- */

void
crew_serve(struct crew *crew)
{
	const struct worker *worker;

	crew->serving = true;
	for (worker = crew->workers; worker; worker = worker->next)
		if (worker->ready)
			put_to_work(crew, worker);
}

/* One that still loads finds the order when it is done, and serves nobody. */
void
crew_drain(struct crew *crew)
{
	const struct worker *worker;

	crew->leaving = true;
	for (worker = crew->workers; worker; worker = worker->next)
		tell(worker, WORKER_DRAIN);
}

bool
crew_has_let_go(const struct crew *crew)
{
	const struct worker *worker;

	for (worker = crew->workers; worker; worker = worker->next)
		if (worker->pid && worker->ready && !worker->let_go)
			return false;
	return true;
}

void
crew_stop(struct crew *crew, bool at_once)
{
	const struct worker *worker;

	crew->leaving = true;
	for (worker = crew->workers; worker; worker = worker->next) {
		if (!worker->pid)
			continue;
		if (at_once || !worker->ready)
			kill(worker->pid, SIGKILL);
		else
			tell(worker, WORKER_STOP);
	}
}

size_t
crew_alive(const struct crew *crew)
{
	const struct worker *worker;
	size_t alive = 0;

	for (worker = crew->workers; worker; worker = worker->next)
		alive += worker->pid > 0;
	return alive;
}
