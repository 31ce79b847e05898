/* SPDX-License-Identifier: BSD-2-Clause */
/* Loading the configuration in a child that only looks. */
#include <fcntl.h>
#include <signal.h>
#include <sysexits.h>
#include <unistd.h>

#include "filterd/chain/generation.h"
#include "filterd/mta/recorder.h"
#include "filterd/service/log.h"
#include "filterd/supervise/apart.h"
#include "filterd/supervise/privileges.h"
#include "filterd/supervise/quarantine.h"
#include "filterd/supervise/trial.h"
#include "filterd/util/process.h"

/* Becomes the user that workers are, whatever mistakes there are: plugins are not to be root's
 * because of one. Only root can; others look as they are. A configuration whose blocks cannot be
 * told apart does not say who that is, but loads no plugin either. */
static int
look_as_worker(const char *config)
{
	struct config_errors *errors = config_errors_create();
	struct settings *settings = settings_read(config, SETTINGS_DAEMON, errors);
	struct buffer problem = { 0 };
	struct identity identity;
	int status = EX_OK;

	if (settings && geteuid() == 0 &&
	    !(identity_find(&identity, settings->user, settings->group, &problem) &&
	    identity_assume(&identity, &problem))) {
		status = config_errors_count(errors) ? EX_CONFIG : EX_NOPERM;
		config_errors_print(errors, stderr);
		if (status == EX_NOPERM)
			fputs(buffer_text(&problem), stderr);
	}
	settings_destroy(&settings);
	config_errors_destroy(&errors);
	buffer_free(&problem);
	return status;
}

/* What is printed of a configuration without mistakes, and where. */
struct display {
	void (*show)(const struct generation *generation, const char *config, FILE *to);
	FILE *to;
};

static void
show_counts(const struct generation *generation, const char *config, FILE *to)
{
	const struct settings *settings = generation_settings(generation);

	fprintf(to, "OK: %s (listeners: %zu, filters: %zu, lists: %zu)\n", config,
	    settings->listener_count, settings->filter_count, settings->list_count);
}

/* The configuration that is to be tried beside this one. */
static bool
load_shadow(const struct settings *settings, struct config_errors *errors)
{
	const char *config = settings->shadow.config;
	struct generation *shadow = config ? generation_load(config, NULL, NULL, errors) : NULL;
	bool loaded = shadow != NULL;

	generation_destroy(&shadow);
	return loaded || !config;
}

static bool
can_record(const struct settings *settings, const char *config)
{
	struct buffer problem = { 0 };
	bool can = recorder_check(settings, config, &problem);

	fputs(buffer_text(&problem), stderr);
	buffer_free(&problem);
	return can;
}

static bool
can_quarantine(const struct settings *settings, const char *config)
{
	struct buffer problem = { 0 };
	bool can = quarantine_check(settings, config, &problem);

	fputs(buffer_text(&problem), stderr);
	buffer_free(&problem);
	return can;
}

static int
load(const char *config, const struct display *display)
{
	struct config_errors *errors = config_errors_create();
	struct generation *generation = generation_load(config, NULL, NULL, errors);
	int status = generation ? EX_OK : EX_CONFIG;

	if (generation && !load_shadow(generation_settings(generation), errors))
		status = EX_CONFIG;
	if (generation && !can_record(generation_settings(generation), config))
		status = EX_CONFIG;
	if (generation && !can_quarantine(generation_settings(generation), config))
		status = EX_CONFIG;
	if (status == EX_OK && display->to)
		display->show(generation, config, display->to);
	generation_destroy(&generation);
	config_errors_print(errors, stderr);
	config_errors_destroy(&errors);
	return status;
}

struct look {
	const char *config;
	struct display display;
};

static int
look(void *argument)
{
	const struct look *what = argument;
	int status = look_as_worker(what->config);

	return status == EX_OK ? load(what->config, &what->display) : status;
}

int
trial_show(const char *config,
    void (*show)(const struct generation *generation, const char *config, FILE *to), FILE *to)
{
	struct look what = { config, { show, to } };
	struct apart apart = { .work = look, .argument = &what, .crashed = EX_CONFIG };
	struct buffer name = { 0 };
	int status;

	buffer_printf(&name, "%s: loading it", config);
	apart.name = buffer_text(&name);
	status = apart_run(&apart);
	buffer_free(&name);
	return status;
}

int
trial_load(const char *config, FILE *good)
{
	return trial_show(config, show_counts, good);
}

/* ---- beside other work ---- */

struct look_aside {
	const char *config;
	void (*in_child)(void *argument);
	void *argument;
	pid_t parent;
};

/* What the parent has set up for itself is undone; it dies with the parent. */
static void
look_aside(void *argument, int output)
{
	const struct look_aside *what = argument;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	sigset_t none;

	what->in_child(what->argument);
	process_follow(what->parent);
	log_open(LOG_TO_STDERR, LOG_FORMAT_TEXT, MF_LOG_INFO, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	dup2(output, STDERR_FILENO);
	_exit(trial_load(what->config, NULL));
}

struct aside *
trial_begin(const char *config, void (*in_child)(void *argument), void *argument)
{
	struct look_aside what = { config, in_child, argument, getpid() };

	return aside_begin(look_aside, &what);
}
