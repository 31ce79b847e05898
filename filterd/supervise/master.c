/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The master, one thread that waits for signals, for what workers say, and for requests on the
 * control socket. Fatal at start: a mistake in the configuration, a master that runs already, a
 * socket that cannot be opened, a worker that cannot serve. Once it serves nothing is fatal to it
 * but being told to stop.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include <systemd/sd-daemon.h>

#include "config.h"
#include "filterd/service/log.h"
#include "filterd/service/metrics_snapshot.h"
#include "filterd/service/quarantine_gauges.h"
#include "filterd/service/shadow_counts.h"
#include "filterd/supervise/control.h"
#include "filterd/supervise/daemonize.h"
#include "filterd/supervise/generations.h"
#include "filterd/supervise/heartbeat.h"
#include "filterd/supervise/master.h"
#include "filterd/supervise/orders.h"
#include "filterd/supervise/pid_file.h"
#include "filterd/supervise/reload.h"
#include "filterd/supervise/trial.h"
#include "filterd/util/memory.h"

#define HURRY	1000	/* milliseconds after which asking again to stop is meant */
#define ORDERS	10000	/* the same for orders to end once the workers are gone */
/* seconds, at most, that stopping takes once sessions are closed: workers', and orders' */
#define STOPS	55

/* What those who asked on the control socket wait for: reloads, and one order each, from
 * AWAIT_ORDERS on. */
enum awaited { AWAIT_NEXT_RELOAD = 1, AWAIT_THIS_RELOAD, AWAIT_ORDERS };

/* Settings that hold until a restart, as they were at the start. */
struct fixed {
	char *user, *group, *pid_file, *control;
	uint64_t history_memory;	/* bytes */
};

struct master {
	const char *config;
	const char *shadow_config;	/* of the command line; NULL: none */
	struct fixed fixed;
	struct identity identity;
	struct generations generations;
	struct metrics *metrics;	/* NULL: none */
	struct history_link link;
	struct ring_memory *history;	/* NULL: none */
	struct admin_keeper *keeper;
	struct reload *reload;
	struct orders *orders;
	struct control *control;	/* NULL: none */
	int pid_file;			/* -1: none */
	int signals;
	int report;			/* to the process that was called; -1: none waits */
	bool background;
	enum leave leave;		/* 0: it is not to stop */
	int64_t told;			/* when it was told to */
	int64_t end;			/* when it waits for orders no longer; 0: workers serve */
	struct heartbeat heartbeat;
	struct watch watch;
};

/* ---- stopping ---- */

static void
announce_stop(const struct master *master, enum leave how)
{
	const struct settings *settings = generations_settings(&master->generations);
	int64_t limit = STOPS * 1000;

	if (settings && how == LEAVE_DRAIN)
		limit += settings->drain_limit.milliseconds;
	sd_notifyf(0, "STOPPING=1\nEXTEND_TIMEOUT_USEC=%lld", (long long)limit * 1000);
}

static void
stop(struct master *master, enum leave how, const char *why)
{
	log_text(MF_LOG_INFO, how == LEAVE_DRAIN ? "draining, then stopping: %s" :
	    how == LEAVE_SOON ? "stopping: %s" : "stopping at once: %s", why);
	announce_stop(master, how);
	master->leave = how;
	master->told = watch_now();
	reload_cancel(master->reload);
	control_finish(master->control, AWAIT_NEXT_RELOAD, EX_TEMPFAIL, "filterd is stopping\n");
	generations_leave(&master->generations, how);
}

/* Who asks again is in a hurry, and has the workers killed; unless both came at once, as when a
 * signal is sent to a process and to its group. */
static void
stop_soon(struct master *master, const char *why)
{
	if (master->leave < LEAVE_SOON)
		stop(master, LEAVE_SOON, why);
	else if (master->leave == LEAVE_SOON && watch_now() > master->told + HURRY)
		stop(master, LEAVE_KILLED, why);
}

static void
stop_drained(struct master *master, const char *why)
{
	if (!master->leave)
		stop(master, LEAVE_DRAIN, why);
}

/* ---- requests ---- */

static void
answer_ping(void *argument, const struct control_request *request,
    struct control_answer *answer_r)
{
	const struct master *master = argument;

	(void)request;
	buffer_printf(&answer_r->text, "generation %u\n",
	    generations_number(&master->generations));
}

static void
answer_status(void *argument, const struct control_request *request,
    struct control_answer *answer_r)
{
	const struct master *master = argument;
	struct metrics_snapshot *snapshot = metrics_snapshot(master->metrics);

	(void)request;
	metrics_json(snapshot, PACKAGE_VERSION, &answer_r->text);
	metrics_snapshot_destroy(&snapshot);
}

/* Whether there is no time for it any more. */
static bool
refuses(const struct master *master, struct control_answer *answer_r)
{
	if (!master->leave)
		return false;
	answer_r->status = EX_TEMPFAIL;
	buffer_add_text(&answer_r->text, "filterd is stopping\n");
	return true;
}

static void
answer_reload(void *argument, const struct control_request *request,
    struct control_answer *answer_r)
{
	struct master *master = argument;

	(void)request;
	if (refuses(master, answer_r))
		return;
	reload_request(master->reload);
	answer_r->awaits = AWAIT_NEXT_RELOAD;
}

static void
answer_stop(void *argument, const struct control_request *request,
    struct control_answer *answer_r)
{
	(void)request;
	(void)answer_r;
	stop_drained(argument, "it was asked to");
}

static void
answer_stop_now(void *argument, const struct control_request *request,
    struct control_answer *answer_r)
{
	(void)request;
	(void)answer_r;
	stop_soon(argument, "it was asked to");
}

static void
answer_quarantine(void *argument, const struct control_request *request,
    struct control_answer *answer_r)
{
	struct master *master = argument;

	if (refuses(master, answer_r))
		return;
	orders_begin(master->orders, generations_settings(&master->generations), request,
	    AWAIT_ORDERS, answer_r);
}

static void
order_done(void *argument, unsigned awaited, int status, const char *text)
{
	const struct master *master = argument;

	control_finish(master->control, awaited, status, text);
}

static const struct control_verb verbs[] = {
	{ "ping", false, answer_ping },
	{ "quarantine", true, answer_quarantine },
	{ "reload", false, answer_reload },
	{ "status", false, answer_status },
	{ "stop", false, answer_stop },
	{ "stop now", false, answer_stop_now },
	{ NULL, false, NULL }
};

/* ---- children ---- */

/* What a child must not keep of the master's: locks and ends of channels live as long as any copy
 * of their descriptor. */
static void
forget_master(const struct master *master)
{
	close(master->signals);
	control_forget(master->control);
	if (master->pid_file >= 0)
		close(master->pid_file);
	if (master->report < 0)
		return;
	close(master->report);
	daemonize_hush();
}

/* In the background there is no standard error to log to. */
static void
open_log(const struct master *master, const struct settings *settings)
{
	const struct log_settings *log = &settings->log;
	int to = master->background && log->to == LOG_TO_STDERR ? LOG_TO_SYSLOG : log->to;

	log_open(to, log->format, log->level, log->facility);
}

static void
in_worker(void *argument, const struct settings *settings)
{
	struct master *master = argument;

	forget_master(master);
	ring_memory_destroy(&master->history);
	close(master->link.from);
	admin_keeper_forget(master->keeper);
	open_log(master, settings);
}

static void
in_admin(void *argument, const struct settings *settings)
{
	const struct master *master = argument;

	generations_forget(&master->generations, -1, NULL);
	forget_master(master);
	close(master->link.to);
	open_log(master, settings);
}

/* A trial, which runs plugin code whatever mistakes the configuration has, and an order: both are
 * what workers are. */
static void
in_aside(void *argument)
{
	struct master *master = argument;
	struct buffer problem = { 0 };

	generations_forget(&master->generations, -1, NULL);
	forget_master(master);
	admin_keeper_forget(master->keeper);
	ring_memory_destroy(&master->history);
	history_link_close(&master->link);
	metrics_attach(master->metrics, -1);
	if (identity_assume(&master->identity, &problem))
		return;
	log_text(MF_LOG_ERROR, "%s", buffer_text(&problem));
	_exit(EX_NOPERM);
}

/* ---- reloading ---- */

static void
reload_begun(void *argument)
{
	struct master *master = argument;

	control_turn(master->control, AWAIT_NEXT_RELOAD, AWAIT_THIS_RELOAD);
	admin_keeper_reloading(master->keeper);
	sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%lld", (long long)watch_now() * 1000);
	log_text(MF_LOG_INFO, "reloading %s", master->config);
}

/* To all who have asked. */
static void
answer_reloaded(const struct master *master, int status, const char *text)
{
	control_finish(master->control, AWAIT_THIS_RELOAD, status, text);
	admin_keeper_reloaded(master->keeper, status, text);
}

static void
reload_done(void *argument, int status, const char *text)
{
	struct master *master = argument;
	unsigned number = generations_number(&master->generations);
	struct buffer said = { 0 };

	if (master->leave) {
		answer_reloaded(master, status, text);
		return;
	}
	buffer_add_text(&said, text);
	metrics_reloaded(master->metrics, status == EX_OK);
	if (status == EX_OK) {
		open_log(master, generations_settings(&master->generations));
		log_text(MF_LOG_INFO, "reloaded: %.*s", (int)strcspn(text, "\n"), text);
	} else {
		log_text(MF_LOG_ERROR, "generation %u goes on serving", number);
		buffer_printf(&said, "generation %u goes on serving\n", number);
	}
	sd_notifyf(0, "READY=1\nSTATUS=generation %u serves%s", number,
	    status == EX_OK ? "" : "; the last reload has failed");
	answer_reloaded(master, status, buffer_text(&said));
	buffer_free(&said);
}

static void
compare(const char *name, const char *then, const char *now, struct buffer *notes)
{
	if (strcmp(then ? then : "", now ? now : "") == 0)
		return;
	buffer_printf(notes, "\"%s\" has changed; that takes effect at a restart\n", name);
	log_text(MF_LOG_WARNING, "\"%s\" has changed; that takes effect at a restart", name);
}

static void
compare_fixed(void *argument, const struct settings *settings, struct buffer *notes)
{
	const struct fixed *fixed = &((struct master *)argument)->fixed;

	compare("user", fixed->user, settings->user, notes);
	compare("group", fixed->group, settings->group, notes);
	compare("pid-file", fixed->pid_file, settings->pid_file, notes);
	compare("control", fixed->control, settings->control, notes);
	if (fixed->history_memory != settings->history.memory.bytes)
		compare("history memory", "", "other", notes);
}

/* ---- starting ---- */

/* The master reads a part of the configuration. When there is a mistake in that, a trial shows the
 * mistakes in all of it. */
static struct settings *
read_settings(const char *config, struct archive *files)
{
	struct config_errors *errors = config_errors_create();
	struct settings *settings;

	archive_use(files);
	settings = settings_load(config, SETTINGS_DAEMON, errors);
	archive_use(NULL);
	if (!settings && trial_load(config, NULL) == EX_OK)
		config_errors_print(errors, stderr);
	config_errors_destroy(&errors);
	return settings;
}

static char *
copy(const char *text)
{
	return text ? memory_strdup(text) : NULL;
}

static void
keep_fixed(struct fixed *fixed, const struct settings *settings)
{
	fixed->user = copy(settings->user);
	fixed->group = copy(settings->group);
	fixed->pid_file = copy(settings->pid_file);
	fixed->control = copy(settings->control);
	fixed->history_memory = settings->history.memory.bytes;
}

static void
free_fixed(struct fixed *fixed)
{
	free(fixed->user);
	free(fixed->group);
	free(fixed->pid_file);
	free(fixed->control);
}

/* A control socket that was asked for must be there; without the one that nobody asked for filterd
 * can serve too, as when another one has it. */
static bool
open_control(struct master *master, const struct settings *settings, struct buffer *problem)
{
	bool given = schema_given(settings->schema, &settings->control);
	struct buffer why = { 0 };
	const char *where = master->config;

	if (given)
		where = config_where(schema_position(settings->schema, &settings->control),
		    settings->arena);
	else
		mkdir(RUNSTATE_DIR, 0755);
	master->control = control_open(settings->control, where, verbs, master, &why);
	if (!master->control && given)
		buffer_add(problem, why.data, why.length);
	else if (!master->control)
		log_text(MF_LOG_NOTICE, "no control socket: %.*s",
		    (int)strcspn(buffer_text(&why), "\n"), buffer_text(&why));
	buffer_free(&why);
	return master->control || !given;
}

static void
open_signals(struct master *master)
{
	static const int taken[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGCHLD };
	sigset_t set;
	size_t i;

	sigemptyset(&set);
	for (i = 0; i < sizeof(taken) / sizeof(taken[0]); i++)
		sigaddset(&set, taken[i]);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	master->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
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
request_reload(void *argument)
{
	const struct master *master = argument;

	if (!master->leave)
		reload_request(master->reload);
}

static void
open_history(struct master *master)
{
	if (history_link_open(&master->link))
		master->history = ring_memory_create(master->fixed.history_memory);
	if (!master->history)
		log_text(MF_LOG_WARNING, "there is no history of messages: %s", strerror(errno));
}

static void
prepare(struct master *master)
{
	const struct reload_needs needs = {
		.generations = &master->generations, .in_child = in_aside, .begun = reload_begun,
		.done = reload_done, .compare = compare_fixed, .argument = master
	};

	master->metrics = metrics_create();
	if (!master->metrics)
		log_text(MF_LOG_WARNING, "nothing is counted, as there is no shared memory: %s",
		    strerror(errno));
	if (!shadow_counts_create())
		log_text(MF_LOG_WARNING, "nothing is counted of a shadow: %s", strerror(errno));
	if (!quarantine_gauges_create())
		log_text(MF_LOG_WARNING, "nothing is told of the quarantine: %s", strerror(errno));
	open_history(master);
	master->keeper = admin_keeper_create(&(struct admin_keeper_needs){
		.identity = &master->identity, .metrics = master->metrics, .link = &master->link,
		.history = master->history, .in_child = in_admin,
		.reload = request_reload, .argument = master });
	master->generations = (struct generations){
		.config = master->config, .shadow_config = master->shadow_config,
		.identity = &master->identity,
		.metrics = master->metrics, .link = &master->link, .keeper = master->keeper,
		.in_child = in_worker,
		.argument = master
	};
	master->reload = reload_create(&needs);
	master->orders = orders_create(in_aside, order_done, master);
	raise_descriptor_limit();
	open_signals(master);
	heartbeat_begin(&master->heartbeat);
}

/* What the settings ask for before there can be workers. A status of sysexits(3). */
static int
settle(struct master *master, const struct settings *settings, struct buffer *problem)
{
	open_log(master, settings);
	keep_fixed(&master->fixed, settings);
	if (!identity_find(&master->identity, settings->user, settings->group, problem))
		return EX_NOPERM;
	if (settings->pid_file) {
		master->pid_file = pid_file_take(settings->pid_file, problem);
		if (master->pid_file < 0)
			return EX_UNAVAILABLE;
	}
	return open_control(master, settings, problem) ? EX_OK : EX_OSERR;
}

static int
start(struct master *master, struct buffer *problem)
{
	struct archive *files = archive_create();
	struct settings *settings = read_settings(master->config, files);
	int status = settings ? settle(master, settings, problem) : EX_CONFIG;

	if (status != EX_OK) {
		settings_destroy(&settings);
		archive_destroy(&files);
		return status;
	}
	prepare(master);
	return generations_load(&master->generations, settings, files, problem) ? EX_OK : EX_OSERR;
}

static void
announce_ready(struct master *master)
{
	const struct settings *settings = generations_settings(&master->generations);

	sd_notifyf(0, "READY=1\nSTATUS=generation %u serves",
	    generations_number(&master->generations));
	if (master->report >= 0)
		daemonize_report(master->report, EX_OK);
	master->report = -1;
	if (geteuid() == 0 && !master->identity.change)
		log_text(MF_LOG_WARNING, "workers run as root; `user` in the configuration says"
		    " who they should be");
	log_text(MF_LOG_INFO, "serving %zu listeners with %zu workers", settings->listener_count,
	    generations_workers(&master->generations));
}

/* ---- running ---- */

static void
bury_children(struct master *master)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (!generations_bury(&master->generations, pid, status) &&
		    !admin_keeper_bury(master->keeper, pid, status) &&
		    !orders_bury(master->orders, pid, status))
			reload_bury(master->reload, pid, status);
}

static void
take_signal(struct master *master, int number)
{
	switch (number) {
	case SIGCHLD:
		bury_children(master);
		break;
	case SIGHUP:
		if (!master->leave)
			reload_request(master->reload);
		break;
	case SIGQUIT:
		stop_drained(master, strsignal(number));
		break;
	default:
		stop_soon(master, strsignal(number));
	}
}

static void
take_signals(struct master *master)
{
	struct signalfd_siginfo signal;

	while (read(master->signals, &signal, sizeof(signal)) == sizeof(signal))
		take_signal(master, (int)signal.ssi_signo);
}

/* Waits until something is to be done, and does it. */
static void
turn(struct master *master)
{
	struct watch *watch = &master->watch;

	watch_clear(watch);
	watch_add(watch, master->signals, POLLIN);
	generations_watch(&master->generations, watch);
	admin_keeper_watch(master->keeper, watch);
	control_watch(master->control, watch);
	reload_watch(master->reload, watch);
	orders_watch(master->orders, watch);
	heartbeat_watch(&master->heartbeat, watch);
	watch_until(watch, master->end);
	watch_wait(watch);
	heartbeat_tend(&master->heartbeat);
	take_signals(master);
	generations_tend(&master->generations);
	admin_keeper_tend(master->keeper);
	orders_tend(master->orders);
	control_tend(master->control);
	if (generations_number(&master->generations))
		reload_tend(master->reload);
}

/* Until the first workers serve. A status of sysexits(3). */
static int
await_service(struct master *master, struct buffer *problem)
{
	struct generations *generations = &master->generations;

	while (!master->leave && generations_loading(generations) == LOADING_GOES_ON)
		turn(master);
	if (master->leave)
		return EX_OK;
	if (generations_loading(generations) == LOADING_READY) {
		generations_switch(generations, problem);
		announce_ready(master);
		reload_tend(master->reload);	/* it may have been asked for meanwhile */
		return EX_OK;
	}
	generations_add_complaints(generations, problem);
	generations_leave(generations, LEAVE_KILLED);
	return EX_CONFIG;
}

static int
run(struct master *master, struct buffer *problem)
{
	int status = await_service(master, problem);

	while (!generations_are_gone(&master->generations))
		turn(master);
	master->end = watch_now() + ORDERS;
	while (orders_busy(master->orders) && watch_now() < master->end)
		turn(master);
	if (status == EX_OK)
		log_text(MF_LOG_INFO, "stopped");
	return status;
}

static void
clean_up(struct master *master)
{
	if (master->reload)
		reload_destroy(&master->reload);
	orders_destroy(&master->orders);
	if (master->pid_file >= 0)
		pid_file_drop(master->fixed.pid_file, master->pid_file);
	admin_keeper_destroy(&master->keeper);
	control_close(&master->control);
	ring_memory_destroy(&master->history);
	history_link_close(&master->link);
	metrics_destroy(&master->metrics);
	shadow_counts_destroy();
	quarantine_gauges_destroy();
	free_fixed(&master->fixed);
	watch_free(&master->watch);
}

/* The daemon itself, in whichever process. */
static int
serve(const char *config, const char *shadow_config, int report)
{
	struct master master = {
		.config = config, .shadow_config = shadow_config,
		.link = { .to = -1, .from = -1 }, .pid_file = -1,
		.report = report, .background = report >= 0
	};
	struct buffer problem = { 0 };
	int status = start(&master, &problem);

	if (status == EX_OK)
		status = run(&master, &problem);
	fputs(buffer_text(&problem), stderr);
	buffer_free(&problem);
	clean_up(&master);
	if (master.report >= 0)
		daemonize_report(master.report, status);
	return status;
}

/* For when the folder has changed. A symbolic link stays one: it may lead elsewhere by the next
 * reload. */
static char *
absolute(const char *path)
{
	char *folder = path[0] == '/' ? NULL : getcwd(NULL, 0);
	struct buffer text = { 0 };

	buffer_printf(&text, "%s%s%s", folder ? folder : "", folder ? "/" : "", path);
	free(folder);
	return text.data;
}

int
master_run(const char *config, const char *shadow_config, bool foreground)
{
	char *path, *shadow_path;
	int report, status;

	if (foreground)
		return serve(config, shadow_config, -1);
	path = absolute(config);
	shadow_path = shadow_config ? absolute(shadow_config) : NULL;
	report = daemonize_begin(&status);
	if (report >= 0)
		status = serve(path, shadow_path, report);
	free(path);
	free(shadow_path);
	return status;
}
