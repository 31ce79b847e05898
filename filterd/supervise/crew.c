/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The workers of one generation. While it serves, one that dies is replaced at once; one that dies
 * young again and again is replaced after ever longer pauses, and each time is a line in the log.
 * Not being able to fork is such a death.
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

#include "filterd/chain/explanation.h"
#include "filterd/service/log.h"
#include "filterd/supervise/complaints.h"
#include "filterd/supervise/crew.h"
#include "filterd/supervise/slots.h"
#include "filterd/supervise/worker.h"
#include "filterd/util/memory.h"

#define GROWN_UP	10000	/* milliseconds of service after which a death is no failed start */
#define FIRST_PAUSE	100	/* milliseconds before the third attempt in a row */
#define LONGEST_PAUSE	30000
#define MOST_SAID	(256 * 1024)	/* bytes that are kept of what a worker says */

struct worker {
	size_t listener;		/* its place in the settings */
	pid_t pid;			/* 0: none lives */
	int channel;			/* -1: closed */
	bool ready;
	bool let_go;			/* takes no more connections */
	int64_t born;			/* as all times here, by watch_now() */
	int64_t due;			/* when none lives: when to fork one */
	unsigned failures;		/* deaths of the young, in a row */
	struct buffer said;
	struct crash_note *notes;
	int slot;			/* of the metrics; -1: none */
};

struct crew {
	unsigned generation;
	const struct crew_needs *needs;
	struct worker *workers;
	size_t size;
	bool settled;			/* all have served at the same time once */
	bool failed;
	bool serving;			/* workers are to take connections */
	bool leaving;			/* none is forked any more */
	struct buffer complaints;
};

static const struct listener_settings *
listener_of(const struct crew *crew, const struct worker *worker)
{
	return &crew->needs->settings->listeners[worker->listener];
}

/* ---- forking ---- */

void
crew_forget(const struct crew *crew)
{
	size_t i;

	for (i = 0; i < crew->size; i++)
		if (crew->workers[i].channel >= 0)
			close(crew->workers[i].channel);
}

static _Noreturn void
become_worker(const struct crew *crew, const struct worker *worker, int channel, pid_t master)
{
	const struct crew_needs *needs = crew->needs;
	const struct worker_duty duty = {
		.config = needs->config, .listener = listener_of(crew, worker)->name,
		.generation = crew->generation,
		.listening = needs->listenings[worker->listener].fd, .channel = channel,
		.master = master, .identity = needs->identity, .notes = worker->notes,
		.metrics = needs->metrics, .slot = worker->slot
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
note_failure(struct worker *worker)
{
	int64_t pause = pause_after(++worker->failures);

	worker->due = watch_now() + pause;
	if (pause)
		log_text(MF_LOG_WARNING, "workers of one listener have died %u times in a row;"
		    " the next one comes in %lld ms", worker->failures, (long long)pause);
}

static void
give_birth(struct crew *crew, struct worker *worker)
{
	pid_t master = getpid();
	int ends[2];

	worker->ready = worker->let_go = false;
	worker->said.length = 0;
	worker->born = watch_now();
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) {
		log_text(MF_LOG_ERROR, "cannot make a channel to a worker: %s", strerror(errno));
		note_failure(worker);
		return;
	}
	fflush(NULL);
	worker->pid = fork();
	if (worker->pid == 0) {
		close(ends[0]);
		become_worker(crew, worker, ends[1], master);
	}
	close(ends[1]);
	worker->channel = ends[0];
	fcntl(worker->channel, F_SETFL, O_NONBLOCK);
	if (worker->pid > 0)
		return;
	log_text(MF_LOG_ERROR, "cannot fork a worker: %s", strerror(errno));
	close(worker->channel);
	worker->channel = -1;
	worker->pid = 0;
	note_failure(worker);
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

static void
hire(struct crew *crew, size_t listener, size_t count)
{
	while (count--) {
		struct worker *worker = &crew->workers[crew->size++];

		worker->listener = listener;
		worker->channel = -1;
		worker->notes = crash_notes_create();
		worker->slot = slot_open(crew->needs->metrics, crew->needs->settings,
		    listener_of(crew, worker), crew->generation);
	}
}

struct crew *
crew_start(unsigned generation, const struct crew_needs *needs)
{
	const struct settings *settings = needs->settings;
	struct crew *crew = memory_alloc(sizeof(*crew));
	size_t total = 0, i;

	crew->generation = generation;
	crew->needs = needs;
	for (i = 0; i < settings->listener_count; i++)
		total += wanted_workers(&settings->listeners[i]);
	crew->workers = memory_array(total, sizeof(*crew->workers));
	for (i = 0; i < settings->listener_count; i++)
		hire(crew, i, wanted_workers(&settings->listeners[i]));
	for (i = 0; i < crew->size; i++)
		give_birth(crew, &crew->workers[i]);
	return crew;
}

void
crew_destroy(struct crew **crew)
{
	struct crew *doomed = *crew;
	size_t i;

	crew_forget(doomed);
	for (i = 0; i < doomed->size; i++) {
		buffer_free(&doomed->workers[i].said);
		crash_notes_destroy(&doomed->workers[i].notes);
		metrics_slot_close(doomed->needs->metrics, doomed->workers[i].slot);
	}
	free(doomed->workers);
	buffer_free(&doomed->complaints);
	free(doomed);
	*crew = NULL;
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
	size_t i;

	for (i = 0; i < crew->size; i++)
		watch_add(watch, crew->workers[i].channel, POLLIN);
}

bool
crew_is_ready(const struct crew *crew)
{
	size_t i;

	for (i = 0; i < crew->size; i++)
		if (!crew->workers[i].ready)
			return false;
	return true;
}

/* An order is a byte; a worker that cannot be told is dead or about to be. */
static void
tell(const struct worker *worker, char order)
{
	if (worker->channel >= 0)
		send(worker->channel, &order, 1, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void
put_to_work(const struct crew *crew, const struct worker *worker)
{
	tell(worker, WORKER_SERVE);
	metrics_slot_serves(crew->needs->metrics, worker->slot, true);
}

/* What its words mean: complaints, or that it is ready, and then more. */
static void
understand(const struct crew *crew, struct worker *worker)
{
	const struct buffer *said = &worker->said;

	if (!said->length || said->data[0] != WORKER_READY)
		return;
	if (!worker->ready && crew->serving)
		put_to_work(crew, worker);
	worker->ready = true;
	worker->let_go = memchr(said->data, WORKER_LET_GO, said->length) != NULL;
}

/* Everything that has arrived; at its end the channel is closed. */
static void
hear(const struct crew *crew, struct worker *worker)
{
	char bytes[4096];
	ssize_t got;

	while ((got = read(worker->channel, bytes, sizeof(bytes))) > 0)
		if (worker->said.length < MOST_SAID)
			buffer_add(&worker->said, bytes, (size_t)got);
	understand(crew, worker);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	close(worker->channel);
	worker->channel = -1;
}

void
crew_hear(struct crew *crew)
{
	size_t i;

	for (i = 0; i < crew->size; i++)
		if (crew->workers[i].channel >= 0)
			hear(crew, &crew->workers[i]);
	crew->settled |= crew_is_ready(crew);
}

/* ---- deaths ---- */

bool
crew_is_decided(const struct crew *crew)
{
	size_t i;

	for (i = 0; i < crew->size; i++)
		if (crew->workers[i].pid && !crew->workers[i].ready)
			return false;
	return true;
}

const struct buffer *
crew_complaints(const struct crew *crew)
{
	return &crew->complaints;
}

static struct worker *
find_worker(struct crew *crew, pid_t pid)
{
	size_t i;

	for (i = 0; i < crew->size; i++)
		if (crew->workers[i].pid == pid)
			return &crew->workers[i];
	return NULL;
}

/* Of several suspects the first one is counted; being killed is nobody's crash. */
static void
count_death(const struct crew *crew, const struct worker *worker, int status)
{
	const struct crash_note *note = crash_suspect(worker->notes, 0);

	if (note && WIFSIGNALED(status) && WTERMSIG(status) != SIGKILL)
		metrics_slot_crashed(crew->needs->metrics, worker->slot, note->filter);
	if (!crew->leaving)
		metrics_slot_restarted(crew->needs->metrics, worker->slot);
}

/* A line for the death, and one for each thread that was in plugin code. */
static void
report_death(const struct crew *crew, const struct worker *worker, int status)
{
	const struct crash_note *note;
	struct buffer how = { 0 };
	char pid[24], generation[24];
	size_t i;

	snprintf(pid, sizeof(pid), "%ld", (long)worker->pid);
	snprintf(generation, sizeof(generation), "%u", crew->generation);
	crash_describe_status(&how, status);
	count_death(crew, worker, status);
	for (i = 0; (note = crash_suspect(worker->notes, i)) || i == 0; i++) {
		struct log_field fields[] = {
			{ "listener", str_of(listener_of(crew, worker)->name), false },
			{ "generation", str_of(generation), true },
			{ "worker", str_of(pid), true },
			{ "how", str_of(buffer_text(&how)), false },
			{ "filter", note ? str_of(note->filter) : (struct str){ 0 }, false },
			{ "stage", note ? str_of(stage_name((enum mf_stage)atomic_load(
			    &note->stage))) : (struct str){ 0 }, false },
			{ "session", note && note->session[0] ? str_of(note->session) :
			    (struct str){ 0 }, false },
			{ "queue-id", note && note->queue_id[0] ? str_of(note->queue_id) :
			    (struct str){ 0 }, false },
		};

		log_event(MF_LOG_ERROR, "worker died", fields, sizeof(fields) / sizeof(fields[0]));
	}
	buffer_free(&how);
}

/* A complaint of the master's own: what became of the worker, and while it did what. */
static void
complain_of(struct crew *crew, const struct worker *worker, const char *what)
{
	const struct crash_note *note = crash_suspect(worker->notes, 0);
	struct buffer line = { 0 };
	char doing[256];

	buffer_printf(&line, "%s: the worker of listener \"%s\" %s",
	    listener_of(crew, worker)->where, listener_of(crew, worker)->name, what);
	if (note) {
		crash_note_describe(note, doing, sizeof(doing));
		buffer_printf(&line, " while it ran %s", doing);
	}
	buffer_add_char(&line, '\n');
	complaints_add(&crew->complaints, (struct str){ line.data, line.length });
	buffer_free(&line);
}

/* What kept a worker from serving: its own words, or how it died. */
static void
collect_complaints(struct crew *crew, const struct worker *worker, int status)
{
	struct buffer how = { 0 };

	if (worker->said.length && !worker->ready) {
		complaints_add(&crew->complaints,
		    (struct str){ worker->said.data, worker->said.length });
		return;
	}
	crash_describe_status(&how, status);
	complain_of(crew, worker, buffer_text(&how));
	buffer_free(&how);
}

void
crew_complain_of_slow(struct crew *crew)
{
	size_t i;

	for (i = 0; i < crew->size; i++)
		if (crew->workers[i].pid && !crew->workers[i].ready)
			complain_of(crew, &crew->workers[i], "is not ready in time");
}

/* In the log, a line each: those of a first start go to standard error, by the caller. */
static void
log_complaints(struct crew *crew)
{
	struct str text = { crew->complaints.data, crew->complaints.length };

	while (text.length) {
		struct log_field field = { "error", str_trim(complaint_next(&text)), false };

		log_event(MF_LOG_ERROR, "worker cannot start", &field, 1);
	}
	crew->complaints.length = 0;
}

bool
crew_bury(struct crew *crew, pid_t pid, int status)
{
	struct worker *worker = find_worker(crew, pid);
	bool asked = crew->leaving && WIFEXITED(status) && WEXITSTATUS(status) == 0;

	if (!worker)
		return false;
	if (worker->channel >= 0)
		hear(crew, worker);
	if (worker->ready && crew->serving && !asked)
		report_death(crew, worker, status);
	if (!(worker->ready && crew->serving) && !crew->leaving)
		collect_complaints(crew, worker, status);
	if (crew->settled)
		log_complaints(crew);
	crew->failed |= !crew->settled;
	if (worker->channel >= 0)
		close(worker->channel);
	worker->channel = -1;
	worker->pid = 0;
	metrics_slot_serves(crew->needs->metrics, worker->slot, false);
	if (worker->ready && watch_now() - worker->born >= GROWN_UP)
		worker->failures = 0;
	worker->ready = false;
	if (crew->settled && !crew->leaving)
		note_failure(worker);
	return true;
}

int
crew_tend(struct crew *crew)
{
	int64_t time = watch_now(), next = -1;
	size_t i;

	for (i = 0; i < crew->size && !crew->leaving && !crew->failed; i++) {
		struct worker *worker = &crew->workers[i];

		if (worker->pid)
			continue;
		if (worker->due <= time) {
			give_birth(crew, worker);
			continue;
		}
		if (next < 0 || worker->due - time < next)
			next = worker->due - time;
	}
	return (int)next;
}

/* ---- orders ---- */

void
crew_serve(struct crew *crew)
{
	size_t i;

	crew->serving = true;
	for (i = 0; i < crew->size; i++)
		if (crew->workers[i].ready)
			put_to_work(crew, &crew->workers[i]);
}

/* One that still loads finds the order when it is done, and serves nobody. */
void
crew_drain(struct crew *crew)
{
	size_t i;

	crew->leaving = true;
	for (i = 0; i < crew->size; i++)
		tell(&crew->workers[i], WORKER_DRAIN);
}

bool
crew_has_let_go(const struct crew *crew)
{
	size_t i;

	for (i = 0; i < crew->size; i++)
		if (crew->workers[i].pid && crew->workers[i].ready && !crew->workers[i].let_go)
			return false;
	return true;
}

void
crew_stop(struct crew *crew, bool at_once)
{
	size_t i;

	crew->leaving = true;
	for (i = 0; i < crew->size; i++) {
		struct worker *worker = &crew->workers[i];

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
	size_t alive = 0, i;

	for (i = 0; i < crew->size; i++)
		alive += crew->workers[i].pid > 0;
	return alive;
}
