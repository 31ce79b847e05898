/* SPDX-License-Identifier: BSD-2-Clause */
/* filterd status: asks the daemon for its metrics, and prints them. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "filterd/command/command.h"
#include "filterd/command/control_client.h"
#include "filterd/command/options.h"
#include "filterd/command/status_table.h"
#include "filterd/config/settings.h"

#define INTERVAL 2	/* seconds between two looks with --watch */

static const char usage[] =
    "usage: filterd status [--json | --watch [--interval SECONDS]] [--rules]\n"
    "                      [-c CONF | --control SOCKET]\n"
    "\n"
    "Prints what the running daemon has counted since it started: a table a listener, with a\n"
    "line a filter. Rates are those of the last second; with --watch those since the last look,\n"
    "and so are p50 and p99, the times below which half of the calls and 99 in 100 stayed.\n"
    "\n"
    "  -j, --json               everything, as one JSON object, at once\n"
    "  -w, --watch              again and again, until it is interrupted\n"
    "  -i, --interval SECONDS   between two looks (2)\n"
    "  -r, --rules              the hits of each rule too\n"
    "  -c, --config CONF        configuration that names the control socket\n"
    "                           (" SYSCONF_DIR "/filterd.conf)\n"
    "  -s, --control SOCKET     the control socket itself\n"
    "\n"
    "Exit status: 0 when it has an answer, 69 when no filterd was running, 77 for\n"
    "others than root and the daemon's user, 78 when the configuration cannot be read.\n";

struct wishes {
	bool json, watch, rules;
	unsigned interval;		/* seconds */
	const char *config, *control;	/* control NULL: that of the configuration */
};

/* What the daemon says. A status of sysexits(3); unless it is EX_OK, why has been printed. */
static int
ask(const char *control, struct buffer *text_r)
{
	pid_t daemon;
	int connection = control_connect(control, &daemon, text_r);
	int status = -connection;

	if (connection >= 0)
		status = control_ask(connection, "status", text_r);
	if (status != EX_OK)
		fprintf(stderr, "filterd status: %s", text_r->length ? text_r->data :
		    "the daemon has gone without an answer\n");
	return status;
}

static int
print_json(const char *control)
{
	struct buffer text = { 0 };
	int status = ask(control, &text);

	if (status == EX_OK)
		fputs(buffer_text(&text), stdout);
	buffer_free(&text);
	return status;
}

/* One look; NULL: *status_r says why. */
static struct status *
look(const char *control, int *status_r)
{
	struct buffer text = { 0 };
	struct status *status = NULL;

	*status_r = ask(control, &text);
	if (*status_r == EX_OK) {
		status = status_read(buffer_text(&text));
		if (!status)
			fputs("filterd status: the daemon's answer cannot be read\n", stderr);
		*status_r = status ? EX_OK : EX_PROTOCOL;
	}
	buffer_free(&text);
	return status;
}

static void
show(const struct status *now, const struct status *before, const struct wishes *wishes)
{
	const struct status_view view = { .rules = wishes->rules, .recent = wishes->watch };
	struct buffer table = { 0 };

	if (wishes->watch && isatty(STDOUT_FILENO))
		buffer_add_text(&table, "\033[H\033[2J");
	status_table(now, before, &view, &table);
	fwrite(table.data, 1, table.length, stdout);
	fflush(stdout);
	buffer_free(&table);
}

/* Rates need two looks. */
static int
print_tables(const char *control, const struct wishes *wishes)
{
	const struct timespec pause = { .tv_sec = wishes->watch ? wishes->interval : 1 };
	struct status *before, *now;
	int status;

	before = look(control, &status);
	if (before && wishes->watch)
		show(before, NULL, wishes);
	while (before) {
		nanosleep(&pause, NULL);
		now = look(control, &status);
		if (now)
			show(now, before, wishes);
		status_destroy(&before);
		if (wishes->watch && !ferror(stdout))
			before = now;
		else
			status_destroy(&now);
	}
	return status;
}

static int
print(const struct wishes *wishes, const char *control)
{
	return wishes->json ? print_json(control) : print_tables(control, wishes);
}

/* A configuration with mistakes still says where the daemon is, if only that can be read. */
static int
print_configured(const struct wishes *wishes)
{
	struct config_errors *errors = config_errors_create();
	struct settings *settings = settings_read(wishes->config, SETTINGS_DAEMON, errors);
	int status = EX_CONFIG;

	if (settings)
		status = print(wishes, settings->control);
	else
		config_errors_print(errors, stderr);
	settings_destroy(&settings);
	config_errors_destroy(&errors);
	return status;
}

/* 1 second to a day; 0: it is none. */
static unsigned
read_interval(const char *text)
{
	char *end;
	unsigned long seconds = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || seconds > 86400)
		return 0;
	return (unsigned)seconds;
}

/* What keeps the wishes from being granted; NULL: nothing. */
static const char *
contradiction(const struct wishes *wishes, const char *interval)
{
	if (wishes->json && wishes->watch)
		return "--json is one look; it does not go with --watch";
	if (interval && !wishes->watch)
		return "--interval goes with --watch";
	if (!wishes->interval)
		return "--interval wants seconds, 1 to 86400";
	return NULL;
}

int
command_status(int argc, char **argv)
{
	struct wishes wishes = { .interval = INTERVAL, .config = SYSCONF_DIR "/filterd.conf" };
	const char *interval = NULL, *mistake;
	const struct command_option options[] = {
		{ "json", 'j', NULL, &wishes.json }, { "watch", 'w', NULL, &wishes.watch },
		{ "interval", 'i', &interval, NULL }, { "rules", 'r', NULL, &wishes.rules },
		{ "config", 'c', &wishes.config, NULL }, { "control", 's', &wishes.control, NULL },
		{ NULL, 0, NULL, NULL }
	};
	int status;

	if (!command_options(argc, argv, options, usage, &status))
		return status;
	if (interval)
		wishes.interval = read_interval(interval);
	mistake = contradiction(&wishes, interval);
	if (mistake) {
		fprintf(stderr, "filterd status: %s\n", mistake);
		return EX_USAGE;
	}
	return wishes.control ? print(&wishes, wishes.control) : print_configured(&wishes);
}
