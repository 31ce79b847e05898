/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * load: plays an MTA with many sessions against a milter and prints one line of what it measured,
 * NAME=VALUE with blanks between. Ends with 0; with 1 when the milter cannot be reached or any
 * verdict was an error; with 64 for wrong arguments.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "filterd/util/memory.h"

#include "tests/bench/client.h"
#include "tests/bench/usage.h"

#define LAST_MESSAGES	30000	/* milliseconds for what is under way when the time is over */

struct settings {
	struct load_options load;
	struct mail mail;		/* and what all mails have in common */
	unsigned seconds;
	unsigned warm_up;
	pid_t pid;
	const char *label;
};

static const char usage_text[] =
    "usage: load [OPTION]… ADDRESS\n"
    "  --label TEXT     what the line begins with (label=TEXT)\n"
    "  --sessions N     concurrent sessions (10)\n"
    "  --messages N     messages a session (5)\n"
    "  --think MS       wait before each SMTP command (0)\n"
    "  --headers N      fields of a message (12)\n"
    "  --body BYTES     of a message (2048)\n"
    "  --message FILE   the message, lines ended by CRLF, instead of one that is made up\n"
    "  --corpus LIST    a file of names of such files, a line each; their messages in turn\n"
    "  --seconds N      how long to measure (5)\n"
    "  --warm-up N      seconds before that (1)\n"
    "  --mta NAME       postfix or sendmail: whose macros to send, and when (postfix)\n"
    "  --trace FILE     gets a line a message: when it ended and how long it waited, in us\n"
    "  --pid PID        the milter, whose CPU time and memory are told, with its children's\n";

static const struct option options[] = {
	{ "label", required_argument, NULL, 'l' },
	{ "sessions", required_argument, NULL, 's' },
	{ "messages", required_argument, NULL, 'm' },
	{ "think", required_argument, NULL, 't' },
	{ "headers", required_argument, NULL, 'h' },
	{ "body", required_argument, NULL, 'b' },
	{ "message", required_argument, NULL, 'f' },
	{ "corpus", required_argument, NULL, 'c' },
	{ "seconds", required_argument, NULL, 'S' },
	{ "warm-up", required_argument, NULL, 'w' },
	{ "mta", required_argument, NULL, 'M' },
	{ "trace", required_argument, NULL, 'T' },
	{ "pid", required_argument, NULL, 'p' },
	{ NULL, 0, NULL, 0 }
};

/* Where the number of an option goes; NULL for options of text. */
static unsigned *
number_of(struct settings *settings, int option)
{
	switch (option) {
	case 's':
		return &settings->load.sessions;
	case 'm':
		return &settings->load.messages;
	case 't':
		return &settings->load.think;
	case 'S':
		return &settings->seconds;
	case 'w':
		return &settings->warm_up;
	default:
		return NULL;
	}
}

static bool
read_number(struct settings *settings, int option, const char *text)
{
	unsigned *number = number_of(settings, option);
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (number)
		*number = (unsigned)value;
	else if (option == 'h')
		settings->mail.headers = value;
	else if (option == 'b')
		settings->mail.body = value;
	else
		settings->pid = (pid_t)value;
	return *text >= '0' && *text <= '9' && !*end && value <= 1u << 30;
}

/* Kept until the program ends. */
static bool
read_message(struct str *message_r, const char *path)
{
	struct buffer message = { 0 };
	char bytes[65536];
	FILE *file = fopen(path, "re");
	size_t got;

	if (!file)
		return false;
	while ((got = fread(bytes, 1, sizeof(bytes), file)) > 0)
		buffer_add(&message, bytes, got);
	fclose(file);
	*message_r = (struct str){ message.data, message.length };
	return message.length > 0;
}

/* Takes all that it names for mails. */
static bool
read_corpus(struct settings *settings, const char *path)
{
	FILE *file = fopen(path, "re");
	struct mail *mails = NULL;
	char name[4096];
	size_t count = 0;
	bool good = file != NULL;

	while (good && fgets(name, sizeof(name), file)) {
		name[strcspn(name, "\n")] = '\0';
		mails = memory_resize(mails, (count + 1) * sizeof(*mails));
		mails[count] = settings->mail;
		good = read_message(&mails[count++].message, name);
	}
	if (file)
		fclose(file);
	settings->load.mails = mails;
	settings->load.mail_count = count;
	return good && count;
}

static bool
read_option(struct settings *settings, int option, const char *text)
{
	switch (option) {
	case 'l':
		settings->label = text;
		return true;
	case 'M':
		settings->mail.mta = offer_mta(str_of(text));
		return settings->mail.mta != NULL;
	case 'c':
		return read_corpus(settings, text);
	case 'f':
		return read_message(&settings->mail.message, text);
	case 'T':
		settings->load.trace = fopen(text, "we");
		return settings->load.trace != NULL;
	default:
		return read_number(settings, option, text);
	}
}

static bool
read_options(int argc, char **argv, struct settings *settings)
{
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		if (option == '?' || !read_option(settings, option, optarg))
			return false;
	if (optind + 1 != argc)
		return false;
	settings->load.address = argv[optind];
	if (!settings->load.mails) {
		settings->load.mails = &settings->mail;
		settings->load.mail_count = 1;
	}
	return settings->load.sessions && settings->load.messages && settings->seconds;
}

static int
compare(const void *a, const void *b)
{
	const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static unsigned
percentile(const struct load_result *result, unsigned percent)
{
	if (!result->latency_count)
		return 0;
	return result->latencies[(result->latency_count - 1) * percent / 100];
}

static void
print_result(const struct settings *settings, const struct load_result *result, uint64_t cpu,
    const struct usage *usage)
{
	const double seconds = (double)result->nanoseconds / 1e9;
	const double messages = result->messages ? (double)result->messages : 1;

	qsort(result->latencies, result->latency_count, sizeof(*result->latencies), compare);
	printf("label=%s sessions=%u think_ms=%u headers=%zu body=%zu seconds=%.3f messages=%llu "
	    "errors=%llu rate=%.1f p50_us=%u p99_us=%u cpu_us=%.1f rss_kb=%llu pss_kb=%llu "
	    "processes=%u\n", settings->label, settings->load.sessions, settings->load.think,
	    settings->mail.headers, settings->mail.body, seconds,
	    (unsigned long long)result->messages, (unsigned long long)result->errors,
	    (double)result->messages / seconds, percentile(result, 50), percentile(result, 99),
	    (double)cpu / messages, (unsigned long long)usage->resident,
	    (unsigned long long)usage->share, usage->processes);
}

static bool
measure(const struct settings *settings)
{
	struct load *load = load_create(&settings->load);
	struct usage before, after;
	struct load_result result;
	bool good;

	if (!load)
		return false;
	good = load_run(load, settings->warm_up * 1000);
	load_measure(load);
	before = usage_of(settings->pid);
	good = good && load_run(load, settings->seconds * 1000);
	load_result(load, &result);
	after = usage_of(settings->pid);
	if (good)
		print_result(settings, &result, after.cpu - before.cpu, &after);
	else
		fprintf(stderr, "load: %s: %s\n", settings->load.address, strerror(errno));
	good = load_finish(load, LAST_MESSAGES) && good && !result.errors;
	load_destroy(load);
	return good;
}

int
main(int argc, char **argv)
{
	struct settings settings = {
		.load = { .sessions = 10, .messages = 5 },
		.mail = { .mta = offer_mta(STR("postfix")), .headers = 12, .body = 2048 },
		.seconds = 5, .warm_up = 1, .pid = -1, .label = "milter"
	};
	bool good;

	if (!read_options(argc, argv, &settings)) {
		fputs(usage_text, stderr);
		return EX_USAGE;
	}
	good = measure(&settings);
	if (settings.load.trace && fclose(settings.load.trace) != 0)
		good = false;
	return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
