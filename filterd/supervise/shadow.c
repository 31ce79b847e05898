/* SPDX-License-Identifier: BSD-2-Clause */
/* The processes of a shadow configuration, from fork to burial. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "filterd/service/log.h"
#include "filterd/service/shadow_counts.h"
#include "filterd/supervise/complaints.h"
#include "filterd/supervise/shadow.h"
#include "filterd/supervise/shadow_process.h"
#include "filterd/util/memory.h"

#define GROWN_UP	10000	/* milliseconds after which a death is no failed start */
#define FIRST_PAUSE	100	/* milliseconds before the third attempt in a row */
#define LONGEST_PAUSE	30000
#define MOST_SAID	(256 * 1024)	/* bytes that are kept of what a process says */

struct process {
	pid_t pid;		/* 0: none lives */
	int channel;		/* -1: closed */
	bool ready;
	int64_t born, due;	/* by watch_now(); due: when to fork one, if none lives */
	unsigned failures;	/* deaths of the young, in a row */
	struct buffer said;
	struct crash_memory *crash;
};

struct shadow {
	struct shadow_needs needs;
	struct shadow_link link;
	struct process *processes;
	size_t count;
	bool serving;
	struct buffer complaints;
};

/* ---- forking ---- */

static _Noreturn void
become_process(const struct shadow *shadow, const struct process *process, int channel,
    pid_t master)
{
	const struct shadow_needs *needs = &shadow->needs;
	const struct shadow_duty duty = {
		.config = needs->config, .settings = needs->settings,
		.generation = needs->generation, .channel = channel, .master = master,
		.identity = needs->identity, .crash = process->crash, .link = &shadow->link
	};

	shadow_forget(shadow, false);
	close(shadow->link.to);
	needs->in_child(needs->argument, needs->settings);
	archive_use(needs->files);
	shadow_process_run(&duty);
}

static void
note_failure(struct process *process)
{
	int64_t pause = process->failures++ ? FIRST_PAUSE : 0;
	unsigned i;

	for (i = 2; i < process->failures && pause < LONGEST_PAUSE; i++)
		pause *= 2;
	process->due = watch_now() + (pause < LONGEST_PAUSE ? pause : LONGEST_PAUSE);
}

static void
give_birth(struct shadow *shadow, struct process *process)
{
	pid_t master = getpid();
	int ends[2];

	process->ready = false;
	process->said.length = 0;
	process->born = watch_now();
	crash_memory_clear(process->crash);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) {
		log_text(MF_LOG_ERROR, "cannot make a channel to a shadow process: %s",
		    strerror(errno));
		note_failure(process);
		return;
	}
	fflush(NULL);
	crash_memory_inherit(process->crash, true);
	process->pid = fork();
	if (process->pid == 0) {
		close(ends[0]);
		become_process(shadow, process, ends[1], master);
	}
	crash_memory_inherit(process->crash, false);
	close(ends[1]);
	process->channel = ends[0];
	fcntl(process->channel, F_SETFL, O_NONBLOCK);
	if (process->pid > 0)
		return;
	log_text(MF_LOG_ERROR, "cannot fork a shadow process: %s", strerror(errno));
	close(process->channel);
	process->channel = -1;
	process->pid = 0;
	note_failure(process);
}

/* The files of the shadow configuration, so that all who load it load the same. Its mistakes are
 * found by those who do. */
static void
read_files(const struct shadow_needs *needs)
{
	struct config_errors *errors = config_errors_create();
	struct settings *settings;

	archive_use(needs->files);
	settings = settings_load(needs->config, SETTINGS_DAEMON, errors);
	archive_use(NULL);
	settings_destroy(&settings);
	config_errors_destroy(&errors);
}

struct shadow *
shadow_start(const struct shadow_needs *needs)
{
	struct shadow *shadow = memory_alloc(sizeof(*shadow));
	size_t i;

	shadow->needs = *needs;
	if (!shadow_link_open(&shadow->link)) {
		free(shadow);
		return NULL;
	}
	read_files(needs);
	shadow->count = (size_t)needs->settings->shadow.processes;
	shadow->processes = memory_array(shadow->count, sizeof(*shadow->processes));
	for (i = 0; i < shadow->count; i++) {
		shadow->processes[i].channel = -1;
		shadow->processes[i].crash = crash_memory_create();
		crash_memory_inherit(shadow->processes[i].crash, false);
	}
	for (i = 0; i < shadow->count; i++)
		give_birth(shadow, &shadow->processes[i]);
	return shadow;
}

void
shadow_destroy(struct shadow **shadow)
{
	struct shadow *doomed = *shadow;
	size_t i;

	if (!doomed)
		return;
	shadow_forget(doomed, true);
	for (i = 0; i < doomed->count; i++) {
		struct process *process = &doomed->processes[i];

		if (process->pid && !process->ready)
			kill(process->pid, SIGKILL);
		buffer_free(&process->said);
		crash_memory_destroy(&process->crash);
	}
	buffer_free(&doomed->complaints);
	free(doomed->processes);
	free(doomed);
	*shadow = NULL;
}

void
shadow_forget(const struct shadow *shadow, bool link)
{
	struct shadow_link copy = shadow->link;
	size_t i;

	for (i = 0; i < shadow->count; i++)
		if (shadow->processes[i].channel >= 0)
			close(shadow->processes[i].channel);
	if (link)
		shadow_link_close(&copy);
}

/* ---- looking ---- */

const struct shadow_link *
shadow_link_of(const struct shadow *shadow)
{
	return &shadow->link;
}

bool
shadow_is_ready(const struct shadow *shadow)
{
	size_t i;

	for (i = 0; i < shadow->count; i++)
		if (!shadow->processes[i].ready)
			return false;
	return true;
}

bool
shadow_is_decided(const struct shadow *shadow)
{
	size_t i;

	for (i = 0; i < shadow->count; i++)
		if (shadow->processes[i].pid && !shadow->processes[i].ready)
			return false;
	return true;
}

const struct buffer *
shadow_complaints(const struct shadow *shadow)
{
	return &shadow->complaints;
}

void
shadow_serve(struct shadow *shadow)
{
	shadow->serving = true;
}

/* ---- the loop ---- */

/* What has arrived, at most more than a channel holds: as for a worker. */
static void
hear(struct process *process)
{
	char bytes[4096];
	size_t heard = 0;
	ssize_t got = -1;

	while (process->channel >= 0 && heard < MOST_SAID &&
	    (got = read(process->channel, bytes, sizeof(bytes))) > 0) {
		heard += (size_t)got;
		if (process->said.length < MOST_SAID)
			buffer_add(&process->said, bytes, (size_t)got);
	}
	process->ready |= process->said.length && process->said.data[0] == SHADOW_READY;
	if (process->channel < 0 || got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR)))
		return;
	close(process->channel);
	process->channel = -1;
}

void
shadow_watch(const struct shadow *shadow, struct watch *watch)
{
	size_t i;

	for (i = 0; i < shadow->count; i++) {
		watch_add(watch, shadow->processes[i].channel, POLLIN);
		if (shadow->serving && !shadow->processes[i].pid)
			watch_until(watch, shadow->processes[i].due);
	}
}

void
shadow_tend(struct shadow *shadow)
{
	size_t i;

	for (i = 0; i < shadow->count; i++) {
		struct process *process = &shadow->processes[i];

		hear(process);
		if (shadow->serving && !process->pid && process->due <= watch_now())
			give_birth(shadow, process);
	}
}

/* ---- deaths ---- */

/* How it ended, and in what. */
static void
describe(const struct process *process, int status, struct buffer *to)
{
	struct crash_note note;
	char doing[256];

	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
		buffer_add_text(to, "was ended: a message took longer than time-limit");
	else
		crash_describe_status(to, status);
	if (!crash_suspect(process->crash, 0, &note))
		return;
	crash_note_describe(&note, doing, sizeof(doing));
	buffer_printf(to, " while it ran %s", doing);
}

/* One that could not load has said why, or the way it died says it. */
static void
complain(struct shadow *shadow, const struct process *process, const char *how)
{
	struct buffer line = { 0 };

	if (!process->ready && process->said.length)
		buffer_add(&line, process->said.data, process->said.length);
	else
		buffer_printf(&line, "%s: the shadow process %s\n", shadow->needs.config, how);
	complaints_add(&shadow->complaints, (struct str){ line.data, line.length });
	buffer_free(&line);
}

static struct process *
find(struct shadow *shadow, pid_t pid)
{
	size_t i;

	for (i = 0; i < shadow->count; i++)
		if (shadow->processes[i].pid == pid)
			return &shadow->processes[i];
	return NULL;
}

static void
report(struct shadow *shadow, struct process *process, const char *how)
{
	struct crash_note note;

	if (!shadow->serving) {
		complain(shadow, process, how);
		return;
	}
	log_text(MF_LOG_ERROR, "a shadow process %s; mail is not touched", how);
	shadow_count(SHADOW_DEATHS);
	if (process->ready && crash_suspect(process->crash, 0, &note))
		shadow_count(SHADOW_DROPPED_LOST);
}

bool
shadow_bury(struct shadow *shadow, pid_t pid, int status)
{
	struct process *process = pid ? find(shadow, pid) : NULL;
	struct buffer how = { 0 };

	if (!process)
		return false;
	hear(process);
	if (process->channel >= 0)
		close(process->channel);
	process->channel = -1;
	process->pid = 0;
	describe(process, status, &how);
	report(shadow, process, buffer_text(&how));
	buffer_free(&how);
	if (process->ready && watch_now() - process->born >= GROWN_UP)
		process->failures = 0;
	process->ready = false;
	note_failure(process);
	return true;
}
