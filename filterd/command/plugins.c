/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * filterd plugins: lists the plugins of the plugin folder, those that cannot be loaded with the
 * reason, or prints the option reference of one as Markdown.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "filterd/chain/module.h"
#include "filterd/command/command.h"
#include "filterd/config/settings.h"

#define DEFAULT_CONFIG SYSCONF_DIR "/filterd.conf"

static const char usage[] =
    "usage: filterd plugins [-c CONF] [NAME | --settings]\n"
    "\n"
    "Lists the plugins of the folder that the configuration names (plugin-path). With NAME, or\n"
    "the path of a plugin's file, prints what it is and its options, as Markdown.\n"
    "\n"
    "  -c, --config CONF   configuration (" DEFAULT_CONFIG ", if it is there)\n"
    "      --settings      print the settings of the daemon instead\n"
    "  -h, --help          this text\n";

static const struct option options[] = {
	{ "config", required_argument, NULL, 'c' },
	{ "settings", no_argument, NULL, 's' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 }
};

/* ---- the folder ---- */

/* The configuration's plugin folder; NULL: it cannot be read, which has been said. One that was not
 * asked for may be missing or mistaken: it is not what this command is about. */
static const char *
find_folder(const char *config, struct arena *arena)
{
	const char *path = config ? config : DEFAULT_CONFIG;
	struct config_errors *errors;
	struct settings *settings;
	const char *folder = NULL;

	if (!config && access(path, R_OK) < 0)
		return PLUGIN_DIR;
	errors = config_errors_create();
	settings = settings_read(path, SETTINGS_DAEMON, errors);
	if (settings && settings->plugin_path)
		folder = arena_strdup(arena, settings->plugin_path);
	if (config && !folder)
		config_errors_print(errors, stderr);
	settings_destroy(&settings);
	config_errors_destroy(&errors);
	return folder || config ? folder : PLUGIN_DIR;
}

/* ---- the list ---- */

static void
list_one(const char *name, const char *folder, struct arena *arena)
{
	const char *why;
	struct module *module = module_open(module_path(arena, name, folder), arena, &why);
	const struct mf_plugin *plugin;

	if (!module) {
		printf("%-20s cannot be used: %s\n", name, why);
		return;
	}
	plugin = &module->plugin;
	printf("%-20s %-8s interface %u.%u  %s\n", name, plugin->version ? plugin->version : "-",
	    plugin->abi >> 16, plugin->abi & 0xffff, plugin->summary ? plugin->summary : "");
	module_close(&module);
}

static int
list_all(const char *folder, struct arena *arena)
{
	size_t i, count;
	const char *const *names = module_names(arena, folder, &count);

	if (!names) {
		fprintf(stderr, "filterd plugins: cannot read %s: %s\n", folder, strerror(errno));
		return EX_NOINPUT;
	}
	for (i = 0; i < count; i++)
		list_one(names[i], folder, arena);
	if (!count)
		fprintf(stderr, "filterd plugins: there are none in %s\n", folder);
	return EX_OK;
}

/* ---- the reference of one ---- */

static void
print_words(const char *label, const char *const *words)
{
	size_t i;

	if (!words || !words[0])
		return;
	printf("\n%s: ", label);
	for (i = 0; words[i]; i++)
		printf("%s`%s`", i ? ", " : "", words[i]);
	putchar('\n');
}

static void
print_reference(const struct mf_plugin *plugin)
{
	printf("# %s%s%s\n", plugin->name, plugin->version ? " " : "",
	    plugin->version ? plugin->version : "");
	if (plugin->summary)
		printf("\n%s\n", plugin->summary);
	print_words("Provides results of", plugin->provides);
	print_words("Needs results of", plugin->needs);
	print_words("Reads the MTA macros", plugin->macros);
	printf("\n## Options\n\n");
	if (plugin->options)
		schema_print(plugin->options, stdout);
	else
		printf("It has none of its own.\n");
	printf("\n## Options of every filter\n\n");
	schema_print(filter_option_table, stdout);
}

static int
show(const char *name, const char *folder, struct arena *arena)
{
	const char *why;
	struct module *module = module_open(module_path(arena, name, folder), arena, &why);

	if (module) {
		print_reference(&module->plugin);
		module_close(&module);
		return EX_OK;
	}
	fprintf(stderr, "filterd plugins: %s%s\n", why, module_hint(arena, name, folder));
	return EX_NOINPUT;
}

static int
run(const char *config, const char *name)
{
	struct arena *arena = arena_create(0, 0);
	const char *folder = find_folder(config, arena);
	int status = EX_CONFIG;

	if (folder)
		status = name ? show(name, folder, arena) : list_all(folder, arena);
	arena_destroy(&arena);
	return status;
}

int
command_plugins(int argc, char **argv)
{
	const char *config = NULL;
	int letter;

	while ((letter = getopt_long(argc, argv, "c:h", options, NULL)) != -1) {
		switch (letter) {
		case 'c':
			config = optarg;
			break;
		case 's':
			settings_print_reference(stdout);
			return EX_OK;
		case 'h':
			fputs(usage, stdout);
			return EX_OK;
		default:
			return EX_USAGE;
		}
	}
	if (argc - optind > 1) {
		fprintf(stderr, "filterd plugins: unexpected argument \"%s\"\n", argv[optind + 1]);
		return EX_USAGE;
	}
	return run(config, argv[optind]);
}
