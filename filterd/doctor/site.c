/* SPDX-License-Identifier: BSD-2-Clause */
/* What filterd itself is like: configuration, chains, daemon. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "filterd/chain/generation.h"
#include "filterd/doctor/site.h"
#include "filterd/supervise/trial.h"

#define CHAINS_MOST	(1u << 20)	/* bytes that are read of what the child says */

/* Stages whose answers an MTA waits for as for those to commands; the rest is content. */
#define COMMAND_STAGES	(MF_AT(MF_STAGE_CONNECT) | MF_AT(MF_STAGE_HELO) | \
	MF_AT(MF_STAGE_MAIL) | MF_AT(MF_STAGE_RCPT) | MF_AT(MF_STAGE_DATA) | \
	MF_AT(MF_STAGE_UNKNOWN))

/* ---- chains: said by a child ---- */

static void
show_chain(const struct generation *generation, const struct listener_settings *listener, FILE *to)
{
	const struct chain_wants *wants =
	    chain_wants(generation_chain(generation, listener->name));
	const char *const *macro, *slowest = "-";
	int64_t longest = 0, total = 0;
	size_t i;

	for (i = 0; i < listener->chain.count; i++) {
		const struct filter_settings *filter = settings_filter(
		    generation_settings(generation), listener->chain.items[i]);
		int64_t time = filter->timeout.milliseconds;

		total += time;
		if (time > longest) {
			longest = time;
			slowest = filter->name;
		}
	}
	fprintf(to, "%s %d %" PRId64 " %" PRId64 " %s", listener->name,
	    (wants->replies & COMMAND_STAGES) != 0, longest, total, slowest);
	for (macro = wants->macros; *macro; macro++)
		if (!strpbrk(*macro, " \t\r\n"))
			fprintf(to, " %s", *macro);
	fputc('\n', to);
}

void
site_show_chains(const struct generation *generation, const char *config, FILE *to)
{
	const struct settings *settings = generation_settings(generation);
	size_t i;

	(void)config;
	for (i = 0; i < settings->listener_count; i++)
		show_chain(generation, &settings->listeners[i], to);
}

static struct site_listener *
find_listener(struct site *site, const char *name)
{
	size_t i;

	for (i = 0; i < site->count; i++)
		if (strcmp(site->listeners[i].settings->name, name) == 0)
			return &site->listeners[i];
	return NULL;
}

/* The words of a line, which is cut up; ends with NULL. */
static const char **
split(char *line, size_t *count_r, struct arena *arena)
{
	const char **words = arena_array(arena, strlen(line) / 2 + 2, sizeof(*words));
	char *word, *rest;

	for (*count_r = 0, word = strtok_r(line, " ", &rest); word;
	    word = strtok_r(NULL, " ", &rest))
		words[(*count_r)++] = word;
	return words;
}

static void
read_chain(struct site *site, char *line, struct arena *arena)
{
	size_t count;
	const char **words = split(line, &count, arena);
	struct site_listener *listener = count >= 5 ? find_listener(site, words[0]) : NULL;

	if (!listener)
		return;
	listener->live = strcmp(words[1], "1") == 0;
	listener->longest = strtoll(words[2], NULL, 10);
	listener->total = strtoll(words[3], NULL, 10);
	listener->slowest = strcmp(words[4], "-") == 0 ? "" : words[4];
	listener->macros = words + 5;
}

void
site_read_chains(struct site *site, struct str text, struct arena *arena)
{
	char *rest = arena_copy(arena, text.data, text.length), *line;

	while ((line = strsep(&rest, "\n")))
		read_chain(site, line, arena);
}

/* ---- looking ---- */

static void
load_chains(struct site *site, struct findings *findings)
{
	FILE *file = tmpfile();
	char *text = arena_alloc(findings->arena, CHAINS_MOST);
	size_t length = 0;
	int status = file ? trial_show(site->config, site_show_chains, file) : EX_OSERR;

	if (status == EX_OK) {
		rewind(file);
		length = fread(text, 1, CHAINS_MOST, file);
		site_read_chains(site, (struct str){ text, length }, findings->arena);
	} else
		finding_add(findings, &(struct finding){ .severity = SEVERITY_ERROR,
			.name = "configuration",
			.what = "filterd's own configuration cannot be loaded whole",
			.why = "filterd neither starts nor reloads with it. `filterd check` shows "
			    "every mistake. What its chains want of the MTA is not known here.",
			.file = "a shell",
			.put = arena_printf(findings->arena, "filterd check -c %s", site->config)
			    });
	if (file)
		fclose(file);
}

static void
take_listeners(struct site *site, struct arena *arena)
{
	static const char *const none[] = { NULL };
	const char *error;
	size_t i;

	site->count = site->settings->listener_count;
	site->listeners = arena_array(arena, site->count, sizeof(*site->listeners));
	for (i = 0; i < site->count; i++) {
		site->listeners[i].settings = &site->settings->listeners[i];
		site->listeners[i].slowest = "";
		site->listeners[i].macros = none;
		listener_address_parse(site->settings->listeners[i].socket,
		    &site->listeners[i].address, &error);
	}
}

bool
site_look(struct site *site_r, const char *config, struct findings *findings)
{
	struct config_errors *errors = config_errors_create();

	*site_r = (struct site){ .config = config };
	site_r->settings = settings_load(config, SETTINGS_DAEMON, errors);
	if (!site_r->settings)
		config_errors_print(errors, stderr);
	config_errors_destroy(&errors);
	if (!site_r->settings)
		return false;
	take_listeners(site_r, findings->arena);
	load_chains(site_r, findings);
	return true;
}

void
site_release(struct site *site)
{
	settings_destroy(&site->settings);
}
