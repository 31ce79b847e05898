/* SPDX-License-Identifier: BSD-2-Clause */
/* The command line of `filterd test`: options to a scene for the offline front end. */
#include <arpa/inet.h>
#include <getopt.h>
#include <string.h>
#include <sysexits.h>

#include "filterd/command/options.h"
#include "filterd/command/test_options.h"

static const char usage[] =
    "usage: filterd test [option]... MESSAGE...\n"
    "       filterd test --scenario [-c CONF] [--set NAME=VALUE]... SCENARIO...\n"
    "Runs messages through the chain of a listener with no MTA and explains what happens. MESSAGE\n"
    "is a file, a folder of files, a mailbox (\"From \" lines), or - for standard input.\n"
    "  -c, --config FILE    the config (" SYSCONF_DIR "/filterd.conf)\n"
    "  --listener NAME      whose chain (the first listener's)\n"
    "  --client IP[,NAME]   the SMTP client (127.0.0.1,localhost)\n"
    "  --helo NAME          what it says in EHLO (its name, else its address literal)\n"
    "  --from ADDRESS       envelope sender (that of Return-Path, else of From)\n"
    "  --rcpt ADDRESS       envelope recipient, may be repeated (those of Delivered-To, else of "
    "To\n"
    "                       and Cc)\n"
    "  --auth USER          the client has authenticated as USER\n"
    "  --macro NAME=VALUE   an MTA macro, may be repeated\n"
    "  --dns ZONEFILE       a master file that answers every query of the DNS\n"
    "  --now SECONDS        the clock stands still, so long after the epoch\n"
    "  --json               one JSON object a message\n"
    "  --output FILE        write the message as it would be delivered; with -, to standard\n"
    "                       output, and the explanation to standard error\n"
    "\n"
    "With --scenario the files are sessions of an MTA with the answers expected (scenarios.md).\n"
    "They are played with no MTA, each in the chain of its own config directive unless CONF is\n"
    "given, and a line says whether it came out as expected; the status is 0 if all did, else 1.\n"
    "  --set NAME=VALUE     what ${NAME} stands for in the scenarios, may be repeated\n"
    "  --listener, --dns and --now as above\n";

static bool
bad_value(const char *option, const char *value, const char *expected)
{
	fprintf(stderr, "filterd test: %s %s: expected %s\n", option, value, expected);
	return false;
}

/* IP[,NAME] */
static bool
set_client(struct test_options *options, char *value)
{
	struct offline_scene *scene = &options->scene;
	char *comma = strchr(value, ',');
	struct in_addr four;

	if (comma)
		*comma = '\0';
	scene->client_address = value;
	scene->client_name = comma ? comma + 1 : "unknown";
	memset(scene->client_ip, 0, sizeof(scene->client_ip));
	if (inet_pton(AF_INET, value, &four) == 1) {
		memset(scene->client_ip + 10, 0xff, 2);
		memcpy(scene->client_ip + 12, &four, sizeof(four));
		scene->client_version = 4;
		return true;
	}
	scene->client_version = 6;
	return inet_pton(AF_INET6, value, scene->client_ip) == 1 ||
	    bad_value("--client", value, "an IP address, and perhaps a name behind a comma");
}

static bool
set_helo(struct test_options *options, char *value)
{
	options->scene.helo = value;
	return true;
}

/* Brackets around an address are dropped. */
static const char *
bare_address(char *value)
{
	size_t length = strlen(value);

	if (length < 2 || value[0] != '<' || value[length - 1] != '>')
		return value;
	value[length - 1] = '\0';
	return value + 1;
}

static bool
set_sender(struct test_options *options, char *value)
{
	options->scene.sender = bare_address(value);
	return true;
}

static bool
add_recipient(struct test_options *options, char *value)
{
	struct offline_scene *scene = &options->scene;

	if (scene->recipient_count == TEST_RECIPIENTS)
		return bad_value("--rcpt", value, "at most 1000 recipients");
	options->recipients[scene->recipient_count++] = bare_address(value);
	return true;
}

/* A name of more than one letter may be given without its braces. */
static bool
put_macro(struct test_options *options, const char *name, const char *value)
{
	struct offline_macro *macro = &options->macros[options->scene.macro_count];
	bool bare = strlen(name) > 1 && name[0] != '{';

	if (options->scene.macro_count == TEST_MACROS)
		return bad_value("--macro", name, "at most 200 macros");
	macro->name = bare ? arena_printf(options->arena, "{%s}", name) : name;
	macro->value = value;
	options->scene.macro_count++;
	return true;
}

static bool
add_macro(struct test_options *options, char *value)
{
	char *equal = strchr(value, '=');

	if (!equal || equal == value)
		return bad_value("--macro", value, "NAME=VALUE");
	*equal = '\0';
	return put_macro(options, value, equal + 1);
}

static bool
set_auth(struct test_options *options, char *value)
{
	return put_macro(options, "auth_authen", value) && put_macro(options, "auth_type", "PLAIN");
}

static bool
set_now(struct test_options *options, char *value)
{
	return command_seconds(value, &options->scene.now) ||
	    bad_value("--now", value, "seconds since the epoch");
}

static bool
set_dns(struct test_options *options, char *value)
{
	(void)options;
	settings_answer_dns_from(value);
	return true;
}

static bool
set_json(struct test_options *options, char *value)
{
	(void)value;
	options->json = true;
	return true;
}

static bool
set_output(struct test_options *options, char *value)
{
	options->output = value;
	return true;
}

static bool
set_listener(struct test_options *options, char *value)
{
	options->listener = value;
	return true;
}

static bool
set_config(struct test_options *options, char *value)
{
	options->config = value;
	return true;
}

static bool
set_scenario(struct test_options *options, char *value)
{
	(void)value;
	options->scenario = true;
	return true;
}

static bool
set_place(struct test_options *options, char *value)
{
	char *equal = strchr(value, '=');

	if (!equal || equal == value)
		return bad_value("--set", value, "NAME=VALUE");
	*equal = '\0';
	return places_set(&options->places, value, equal + 1) ||
	    bad_value("--set", value, "fewer of these");
}

/* The options with a handler each, in the order of `setters`. */
static const struct option option_names[] = {
	{ "config", required_argument, NULL, 0 },
	{ "listener", required_argument, NULL, 0 },
	{ "client", required_argument, NULL, 0 },
	{ "helo", required_argument, NULL, 0 },
	{ "from", required_argument, NULL, 0 },
	{ "rcpt", required_argument, NULL, 0 },
	{ "auth", required_argument, NULL, 0 },
	{ "macro", required_argument, NULL, 0 },
	{ "dns", required_argument, NULL, 0 },
	{ "now", required_argument, NULL, 0 },
	{ "json", no_argument, NULL, 0 },
	{ "output", required_argument, NULL, 0 },
	{ "scenario", no_argument, NULL, 0 },
	{ "set", required_argument, NULL, 0 },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 }
};

static bool (*const setters[])(struct test_options *options, char *value) = {
	set_config, set_listener, set_client, set_helo, set_sender, add_recipient, set_auth,
	add_macro, set_dns, set_now, set_json, set_output, set_scenario, set_place
};

static int
say_usage(FILE *to, int status)
{
	fputs(usage, to);
	return status;
}

static void
set_defaults(struct test_options *options)
{
	static char client[] = "127.0.0.1,localhost";

	options->scene.now = -1;
	options->scene.recipients = options->recipients;
	options->scene.macros = options->macros;
	set_client(options, client);
}

/* The client's name, else its address literal (RFC 5321 section 4.1.3). */
static const char *
default_helo(const struct test_options *options)
{
	const struct offline_scene *scene = &options->scene;

	if (strcmp(scene->client_name, "unknown") != 0)
		return scene->client_name;
	return arena_printf(options->arena, scene->client_version == 6 ? "[IPv6:%s]" : "[%s]",
	    scene->client_address);
}

int
test_options_parse(struct test_options *options, int argc, char **argv)
{
	int letter, index = 0;

	set_defaults(options);
	while ((letter = getopt_long(argc, argv, "c:h", option_names, &index)) != -1) {
		if (letter == 'h')
			return say_usage(stdout, EX_OK);
		if (letter == '?')
			return say_usage(stderr, EX_USAGE);
		if (!(letter == 'c' ? set_config : setters[index])(options, optarg))
			return EX_USAGE;
	}
	if (optind == argc)
		return say_usage(stderr, EX_USAGE);
	if (!options->config && !options->scenario)
		options->config = SYSCONF_DIR "/filterd.conf";
	if (!options->scene.helo)
		options->scene.helo = default_helo(options);
	options->paths = argv + optind;
	return -1;
}
