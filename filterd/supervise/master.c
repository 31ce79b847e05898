/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The master, one thread that waits for signals and for what workers say. Fatal at start: a mistake
 * in the configuration, a master that runs already, a socket that cannot be opened, a worker that
 * cannot serve. Once it serves nothing is fatal to it but being told to stop.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include <systemd/sd-daemon.h>

#include "filterd/service/log.h"
#include "filterd/supervise/crew.h"
#include "filterd/supervise/daemonize.h"
#include "filterd/supervise/master.h"
#include "filterd/supervise/pid_file.h"
#include "filterd/supervise/trial.h"
#include "filterd/util/memory.h"

#define STOP_LIMIT 45	/* seconds until workers that do not stop are killed; they need 33 */

struct master {
	const char *config;
	struct settings *settings;
	struct identity identity;
	struct listening *listenings;
	struct crew_needs needs;
	struct crew *crew;
	int pid_file;		/* -1: none */
	int signals;
	int report;		/* to the process that was called; -1: none waits */
	bool stopping;
	time_t stop_by;		/* monotonic seconds */
};

/* ---- starting ---- */

/* The master reads a part of the configuration. When there is a mistake in that, a trial shows the
 * mistakes in all of it. */
static bool
read_settings(struct master *master)
{
	struct config_errors *errors = config_errors_create();

	master->settings = settings_load(master->config, SETTINGS_DAEMON, errors);
	if (!master->settings && trial_load(master->config, NULL) == EX_OK)
		config_errors_print(errors, stderr);
	config_errors_destroy(&errors);
	return master->settings != NULL;
}

/* In the background there is no standard error to log to. */
static void
open_log(const struct master *master)
{
	const struct log_settings *log = &master->settings->log;
	int to = master->report >= 0 && log->to == LOG_TO_STDERR ? LOG_TO_SYSLOG : log->to;

	log_open(to, log->format, log->level, log->facility);
}

static bool
open_listeners(struct master *master, struct buffer *problem)
{
	const struct settings *settings = master->settings;
	struct socket_owner owner = { (uid_t)-1, (gid_t)-1 };
	size_t i;

	if (master->identity.change)
		owner = (struct socket_owner){ master->identity.user, master->identity.group };
	master->listenings = memory_array(settings->listener_count, sizeof(struct listening));
	for (i = 0; i < settings->listener_count; i++)
		listening_open(&master->listenings[i], &settings->listeners[i], owner, problem);
	return problem->length == 0;
}

static void
close_listeners(struct master *master)
{
	size_t i;

	for (i = 0; master->listenings && i < master->settings->listener_count; i++)
		listening_close(&master->listenings[i]);
}

static void
open_signals(struct master *master)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	master->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* What a worker must not keep of the master's: locks and ends of channels live as long as any copy
 * of their descriptor. */
static void
forget_master(void *argument)
{
	struct master *master = argument;

	close(master->signals);
	if (master->pid_file >= 0)
		close(master->pid_file);
	if (master->report < 0)
		return;
	close(master->report);
	daemonize_hush();
}

/* Each session takes a descriptor of its worker, and some take another for a large body. */
static void
raise_descriptor_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

static void
start_crew(struct master *master)
{
	raise_descriptor_limit();
	open_signals(master);
	master->needs = (struct crew_needs){
		.config = master->config, .settings = master->settings,
		.listenings = master->listenings, .identity = &master->identity,
		.in_child = forget_master, .argument = master
	};
	master->crew = crew_start(1, &master->needs);
}

/* A status of sysexits(3). */
static int
start(struct master *master, struct buffer *problem)
{
	const struct settings *settings;

	if (!read_settings(master))
		return EX_CONFIG;
	settings = master->settings;
	open_log(master);
	if (!identity_find(&master->identity, settings->user, settings->group, problem))
		return EX_NOPERM;
	if (settings->pid_file) {
		master->pid_file = pid_file_take(settings->pid_file, problem);
		if (master->pid_file < 0)
			return EX_UNAVAILABLE;
	}
	if (!open_listeners(master, problem))
		return EX_OSERR;
	start_crew(master);
	return EX_OK;
}

static void
announce_ready(struct master *master)
{
	sd_notify(0, "READY=1");
	if (master->report >= 0)
		daemonize_report(master->report, EX_OK);
	master->report = -1;
	if (geteuid() == 0 && !master->identity.change)
		log_text(MF_LOG_WARNING, "workers run as root; `user` in the configuration says"
		    " who they should be");
	log_text(MF_LOG_INFO, "serving %zu listeners with %zu workers",
	    master->settings->listener_count, crew_size(master->crew));
}

/* ---- running ---- */

static time_t
seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

/* Who asks again is in a hurry, and has the workers killed; unless both came at once, as when a
 * signal is sent to a process and to its group. */
static void
stop(struct master *master, const char *why)
{
	if (master->stopping) {
		if (seconds() > master->stop_by - STOP_LIMIT + 1)
			crew_stop(master->crew, true);
		return;
	}
	log_text(MF_LOG_INFO, "stopping: %s", why);
	master->stopping = true;
	master->stop_by = seconds() + STOP_LIMIT;
	sd_notify(0, "STOPPING=1");
	close_listeners(master);
	crew_stop(master->crew, false);
}

static void
bury_children(struct master *master)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		crew_bury(master->crew, pid, status);
}

static void
take_signals(struct master *master)
{
	struct signalfd_siginfo signal;

	while (read(master->signals, &signal, sizeof(signal)) == sizeof(signal)) {
		if (signal.ssi_signo == SIGCHLD)
			bury_children(master);
		else if (signal.ssi_signo == SIGHUP)
			log_text(MF_LOG_NOTICE, "SIGHUP: a changed configuration is read at a"
			    " restart only");
		else
			stop(master, strsignal((int)signal.ssi_signo));
	}
}

/* Waits until something is to be done, and does it. */
static void
turn(struct master *master)
{
	size_t count = crew_size(master->crew);
	struct pollfd *watched = memory_array(count + 1, sizeof(*watched));
	int timeout = crew_tend(master->crew);

	crew_watch(master->crew, watched);
	watched[count] = (struct pollfd){ .fd = master->signals, .events = POLLIN };
	if (master->stopping)
		timeout = 1000;
	if (poll(watched, count + 1, timeout) > 0) {
		crew_hear(master->crew, watched);
		take_signals(master);
	}
	free(watched);
}

/* Until all workers serve. False: one of them cannot, or it was told to stop. */
static bool
await_crew(struct master *master)
{
	while (!crew_is_decided(master->crew) && !master->stopping)
		turn(master);
	return crew_is_ready(master->crew);
}

static void
await_end(struct master *master)
{
	while (crew_alive(master->crew)) {
		turn(master);
		if (master->stopping && seconds() >= master->stop_by)
			crew_stop(master->crew, true);
	}
}

static int
run(struct master *master)
{
	if (!await_crew(master) && !master->stopping) {
		crew_stop(master->crew, true);
		await_end(master);
		fputs(buffer_text(crew_complaints(master->crew)), stderr);
		return EX_CONFIG;
	}
	if (!master->stopping)
		announce_ready(master);
	while (!master->stopping)
		turn(master);
	await_end(master);
	log_text(MF_LOG_INFO, "stopped");
	return EX_OK;
}

static void
clean_up(struct master *master)
{
	if (master->crew)
		crew_destroy(&master->crew);
	close_listeners(master);
	free(master->listenings);
	if (master->pid_file >= 0)
		pid_file_drop(master->settings->pid_file, master->pid_file);
	if (master->settings)
		settings_destroy(&master->settings);
}

/* The daemon itself, in whichever process. */
static int
serve(const char *config, int report)
{
	struct master master = { .config = config, .pid_file = -1, .report = report };
	struct buffer problem = { 0 };
	int status = start(&master, &problem);

	if (status == EX_OK)
		status = run(&master);
	fputs(buffer_text(&problem), stderr);
	buffer_free(&problem);
	clean_up(&master);
	if (master.report >= 0)
		daemonize_report(master.report, status);
	return status;
}

int
master_run(const char *config, bool foreground)
{
	char *path;
	int report, status;

	if (foreground)
		return serve(config, -1);
	path = realpath(config, NULL);
	report = daemonize_begin(&status);
	if (report >= 0)
		status = serve(path ? path : config, report);
	free(path);
	return status;
}
