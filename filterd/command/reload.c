/* SPDX-License-Identifier: BSD-2-Clause */
/* filterd reload: has the daemon load its configuration anew, and says what came of it. */
#include <stdio.h>
#include <sysexits.h>

#include "filterd/command/command.h"
#include "filterd/command/control_client.h"
#include "filterd/command/options.h"
#include "filterd/config/settings.h"

static const char usage[] =
    "usage: filterd reload [-c CONF | --control SOCKET]\n"
    "\n"
    "Has the running daemon load its configuration, lists and plugins anew. New workers take over\n"
    "when all of them are ready; the old ones serve their open sessions to the end, within the\n"
    "setting `drain-limit`. When this returns, every new connection is judged by the new\n"
    "configuration; or there is a mistake in it, which is printed as `filterd check` does, and\n"
    "the old one goes on. SIGHUP does the same, and tells the log.\n"
    "\n"
    "  -c, --config CONF      configuration that names the control socket\n"
    "                         (" SYSCONF_DIR "/filterd.conf); the daemon loads the one that it\n"
    "                         was started with\n"
    "  -s, --control SOCKET   the control socket itself\n"
    "\n"
    "Exit status: 0 when the new configuration serves, 69 when no filterd was running, 71 when a\n"
    "socket cannot be opened, 75 when it cannot reload now, 77 for others than root and the\n"
    "daemon's user, 78 for a mistake in the configuration. Unless it is 0, the old one goes on.\n";

static int
reload(const char *control)
{
	struct buffer text = { 0 };
	pid_t daemon;
	int connection = control_connect(control, &daemon, &text);
	int status = -connection;

	if (connection >= 0)
		status = control_ask(connection, "reload", &text);
	if (connection < 0 || !text.length)
		fputs("filterd reload: ", stderr);
	if (!text.length)
		buffer_add_text(&text, "the daemon has gone without an answer\n");
	fputs(buffer_text(&text), status == EX_OK ? stdout : stderr);
	buffer_free(&text);
	return status;
}

/* A configuration with mistakes still says where the daemon is, if only that can be read. */
static int
reload_configured(const char *config)
{
	struct config_errors *errors = config_errors_create();
	struct settings *settings = settings_read(config, SETTINGS_DAEMON, errors);
	int status = EX_CONFIG;

	if (settings) {
		status = reload(settings->control);
	} else {
		config_errors_print(errors, stderr);
		fputs("filterd reload: what serves goes on serving\n", stderr);
	}
	settings_destroy(&settings);
	config_errors_destroy(&errors);
	return status;
}

int
command_reload(int argc, char **argv)
{
	const char *config = SYSCONF_DIR "/filterd.conf", *control = NULL;
	const struct command_option options[] = {
		{ "config", 'c', &config, NULL }, { "control", 's', &control, NULL },
		{ NULL, 0, NULL, NULL }
	};
	int status;

	if (!command_options(argc, argv, options, usage, &status))
		return status;
	return control ? reload(control) : reload_configured(config);
}
