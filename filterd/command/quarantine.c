/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * filterd quarantine: lists, shows, releases and deletes what the quarantine store holds. A running
 * daemon releases and deletes, by its control socket. All else works on the folder itself, whether
 * the daemon runs or not; root does so as the folder's owner, so that what it writes is the
 * daemon's.
 */
#include <errno.h>
#include <grp.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "filterd/command/command.h"
#include "filterd/command/options.h"
#include "filterd/command/quarantine_ask.h"
#include "filterd/command/quarantine_print.h"
#include "filterd/config/settings.h"

static const char usage[] =
    "usage: filterd quarantine list [SELECTION] [--limit NUMBER] [--json]\n"
    "       filterd quarantine show [--message | --json] ID\n"
    "       filterd quarantine release [--to ADDRESS,…] [--again] ID… | SELECTION\n"
    "       filterd quarantine delete ID… | SELECTION\n"
    "\n"
    "Messages that filters have put into the quarantine store. An ID may be cut to its\n"
    "beginning, as long as that is one message's.\n"
    "\n"
    "SELECTION, all of which must fit:\n"
    "  -s, --sender TEXT        a part of the envelope sender\n"
    "  -r, --recipient TEXT     a part of an envelope recipient\n"
    "  -u, --subject TEXT       a part of the subject\n"
    "  -f, --filter NAME        the filter that has quarantined it\n"
    "  -R, --rule NAME          a rule of that filter that matched\n"
    "  -S, --state STATE        held, releasing or released\n"
    "  -o, --older AGE          such as 90s 5m 12h 7d\n"
    "  -n, --newer AGE\n"
    "\n"
    "  -l, --limit NUMBER       list no more than that, the newest (1000)\n"
    "  -j, --json               list: an object a line; show: the whole entry\n"
    "  -m, --message            show the message's bytes instead\n"
    "  -t, --to ADDRESS,…       release to these instead of its recipients\n"
    "  -a, --again              release also what is released, or of which it is unsure\n"
    "  -c, --config CONF        configuration that names the store, and the control socket of\n"
    "                           the daemon, which releases and deletes if it runs and we may ask\n"
    "                           it (" SYSCONF_DIR "/filterd.conf)\n"
    "  -C, --control SOCKET     release, delete: let that daemon do it, whatever its store\n"
    "\n"
    "Exit status: 0 when all was done, 66 when there is no such message, 69 when it was\n"
    "released before or is unsure, 75 when the MTA did not take it, 78 for the configuration.\n";

struct wishes {
	struct order order;
	const char *older, *newer, *limit, *config;
	const char *control;		/* NULL: that of the configuration */
	bool json, message;
};

/* What a subcommand works with. */
struct work {
	const struct wishes *wishes;
	const struct settings *settings;
	struct store *store;
};

static int
complain(int status, const char *text)
{
	fprintf(stderr, "filterd quarantine: %s\n", text);
	return status;
}

/* What was done goes to standard output, and what was not, to standard error. */
static void
tell(void *argument, int status, const char *line)
{
	(void)argument;
	fprintf(status == EX_OK ? stdout : stderr, "%s%s\n",
	    status == EX_OK ? "" : "filterd quarantine: ", line);
	fflush(stdout);
}

static const struct order_told told = { tell, NULL };

/* ---- the subcommands ---- */

static bool
list_row(void *argument, const struct store_row *row)
{
	const struct work *work = argument;

	quarantine_print_row(row, work->wishes->json, stdout);
	return !ferror(stdout);
}

static int
run_list(struct work *work)
{
	struct buffer problem = { 0 };
	int status = EX_OK;

	if (*work->wishes->order.ids)
		return complain(EX_USAGE, "list takes no ID");
	if (!work->wishes->json)
		quarantine_print_heading(stdout);
	if (!store_list(work->store, &work->wishes->order.query, list_row, work, &problem))
		status = complain(EX_IOERR, buffer_text(&problem));
	buffer_free(&problem);
	return status;
}

static int
show_id(const struct work *work, const char *id)
{
	struct arena *arena = arena_create(0, 0);
	struct entry entry;
	enum store_found found = store_read(work->store, id, arena, &entry);
	int status = EX_OK;

	if (found != STORE_FOUND)
		status = complain(EX_IOERR, "its entry cannot be read");
	else if (work->wishes->message)
		status = quarantine_print_message(work->store, id, stdout) ? EX_OK :
		    complain(EX_IOERR, strerror(errno));
	else if (work->wishes->json)
		print_entry_json(&entry, stdout);
	else
		quarantine_print_entry(work->store, &entry, stdout);
	arena_destroy(&arena);
	return status;
}

static int
run_show(struct work *work)
{
	struct order_ids ids = { 0 };
	int status;

	if (!work->wishes->order.ids[0] || work->wishes->order.ids[1])
		return complain(EX_USAGE, "show takes one ID");
	status = order_find(work->store, &work->wishes->order, &told, &ids);
	if (status == EX_OK)
		status = show_id(work, ids.items[0]);
	order_free_ids(&ids);
	return status;
}

static int
run_order(struct work *work)
{
	return order_run(work->store, &work->wishes->order, &work->settings->quarantine.release,
	    &told);
}

static const struct {
	const char *name, *title;
	int (*run)(struct work *work);
	enum store_access access;
} subcommands[] = {
	{ "list", "quarantine list", run_list, STORE_READ },
	{ "show", "quarantine show", run_show, STORE_READ },
	{ "release", "quarantine release", run_order, STORE_WRITE },
	{ "delete", "quarantine delete", run_order, STORE_WRITE },
};

#define SUBCOMMANDS (sizeof(subcommands) / sizeof(subcommands[0]))

/* ---- the daemon ---- */

/* Whether the daemon has carried out the order. A command that `release` names needs privileges
 * that a daemon has given up: sendmail's is setgid. */
static bool
ask_daemon(const struct settings *settings, const struct wishes *wishes, int *status_r)
{
	const struct mf_strings *release = &settings->quarantine.release;
	struct order order = wishes->order;

	order.store = settings->quarantine.store;
	return (order.deletes || strcmp(release->items[0], "sendmail") != 0) &&
	    quarantine_ask(settings->control, &order, false, &told, status_r);
}

/* ---- the store ---- */

/* Files that root makes would be closed to the daemon. False: errno. */
static bool
become_owner(const char *folder)
{
	struct stat status;

	if (geteuid() != 0 || stat(folder, &status) != 0)
		return true;
	return setgroups(0, NULL) == 0 && setegid(status.st_gid) == 0 &&
	    seteuid(status.st_uid) == 0;
}

static int
run_with_settings(size_t which, struct work *work)
{
	const char *folder = work->settings->quarantine.store;
	struct buffer problem = { 0 };
	int status;

	if (!folder)
		return complain(EX_CONFIG, "the configuration names no store, so the MTA holds"
		    " messages: see its own commands");
	if (subcommands[which].run == run_order &&
	    ask_daemon(work->settings, work->wishes, &status))
		return status;
	if (!become_owner(folder))
		return complain(EX_NOPERM, strerror(errno));
	work->store = store_open(folder, subcommands[which].access, &problem);
	if (work->store)
		status = subcommands[which].run(work);
	else
		status = complain(EX_NOPERM, buffer_text(&problem));
	buffer_free(&problem);
	store_close(&work->store);
	if (fflush(stdout) != 0)
		status = EX_IOERR;
	return status;
}

/* A configuration with mistakes still says where the store is, if only that can be read. */
static int
run(size_t which, const struct wishes *wishes)
{
	struct config_errors *errors = config_errors_create();
	struct settings *settings = settings_read(wishes->config, SETTINGS_DAEMON, errors);
	struct work work = { wishes, settings, NULL };
	int status = EX_CONFIG;

	if (settings)
		status = run_with_settings(which, &work);
	else
		config_errors_print(errors, stderr);
	settings_destroy(&settings);
	config_errors_destroy(&errors);
	return status;
}

/* ---- the command line ---- */

/* The moment that lies so long back; text NULL: 0. False: it is no age. */
static bool
read_age(const char *text, int64_t *moment_r)
{
	static const struct { char unit; int64_t seconds; } units[] = {
		{ 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 }
	};
	char *end;
	long long count;
	size_t i;

	*moment_r = 0;
	if (!text)
		return true;
	count = strtoll(text, &end, 10);
	for (i = 0; i < 4; i++)
		if (*end == units[i].unit && !end[1] && end != text && count >= 0 &&
		    count < 100000) {
			*moment_r = (int64_t)time(NULL) - count * units[i].seconds;
			return true;
		}
	return false;
}

static const char *
settle(struct wishes *wishes)
{
	char *end = NULL;

	if (!read_age(wishes->older, &wishes->order.query.until) ||
	    !read_age(wishes->newer, &wishes->order.query.since))
		return "expected an age such as 90s, 5m, 12h or 7d";
	if (wishes->limit) {
		wishes->order.query.limit = strtoul(wishes->limit, &end, 10);
		if (*wishes->limit < '1' || *wishes->limit > '9' || *end)
			return "expected a number for --limit";
	}
	return NULL;
}

static int
parse(size_t which, int argc, char **argv)
{
	struct wishes wishes = { .config = SYSCONF_DIR "/filterd.conf" };
	const struct command_option options[] = {
		{ "sender", 's', &wishes.order.query.sender, NULL },
		{ "recipient", 'r', &wishes.order.query.recipient, NULL },
		{ "subject", 'u', &wishes.order.query.subject, NULL },
		{ "filter", 'f', &wishes.order.query.filter, NULL },
		{ "rule", 'R', &wishes.order.query.rule, NULL },
		{ "state", 'S', &wishes.order.query.state, NULL },
		{ "older", 'o', &wishes.older, NULL }, { "newer", 'n', &wishes.newer, NULL },
		{ "limit", 'l', &wishes.limit, NULL }, { "json", 'j', NULL, &wishes.json },
		{ "message", 'm', NULL, &wishes.message }, { "to", 't', &wishes.order.to, NULL },
		{ "again", 'a', NULL, &wishes.order.again },
		{ "config", 'c', &wishes.config, NULL },
		{ "control", 'C', &wishes.control, NULL }, { NULL, 0, NULL, NULL }
	};
	const char *mistake;
	int status;

	if (!command_any_arguments(argc, argv, options, usage, &wishes.order.ids, &status))
		return status;
	if (subcommands[which].run == run_list)
		wishes.order.query.limit = 1000;
	wishes.order.deletes = strcmp(subcommands[which].name, "delete") == 0;
	mistake = settle(&wishes);
	if (!mistake && wishes.control && subcommands[which].run != run_order)
		mistake = "only release and delete take --control";
	if (mistake)
		return complain(EX_USAGE, mistake);
	if (subcommands[which].run == run_order)
		signal(SIGPIPE, SIG_IGN);
	if (!wishes.control)
		return run(which, &wishes);
	quarantine_ask(wishes.control, &wishes.order, true, &told, &status);
	return status;
}

int
command_quarantine(int argc, char **argv)
{
	size_t i;

	if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
		fputs(usage, stdout);
		return EX_OK;
	}
	for (i = 0; argc > 1 && i < SUBCOMMANDS; i++)
		if (strcmp(argv[1], subcommands[i].name) == 0) {
			argv[1] = (char *)subcommands[i].title;
			return parse(i, argc - 1, argv + 1);
		}
	fputs(usage, stderr);
	return EX_USAGE;
}
