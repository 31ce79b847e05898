/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A reload in its phases: a new generation loads; it has taken over, and the old one lets go; or
 * it has failed, and a trial finds the words for that, as `filterd check` would. Nothing is waited
 * for: each phase looks whether it is over when the loop comes by.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "filterd/service/log.h"
#include "filterd/supervise/complaints.h"
#include "filterd/supervise/reload.h"
#include "filterd/supervise/trial.h"
#include "filterd/util/memory.h"

#define LOAD_LIMIT	120000	/* milliseconds for all workers to load, and for a trial */
#define LET_GO_LIMIT	10000	/* and for the old ones to take no more connections */

enum phase { IDLE, LOADING, LETTING_GO, EXPLAINING, PHASES };

struct reload {
	struct reload_needs needs;
	enum phase phase;
	bool wanted;		/* asked for, and not begun */
	int64_t limit;		/* of the phase */
	struct aside *trial;
	int status;		/* what it comes to, if a trial knows no better */
	struct buffer text;
};

struct reload *
reload_create(const struct reload_needs *needs)
{
	struct reload *reload = memory_alloc(sizeof(*reload));

	reload->needs = *needs;
	return reload;
}

static void
end_trial(struct reload *reload)
{
	if (!reload->trial)
		return;
	aside_kill(reload->trial);
	aside_destroy(&reload->trial);
}

void
reload_destroy(struct reload **reload)
{
	struct reload *doomed = *reload;

	if (!doomed)
		return;
	end_trial(doomed);
	buffer_free(&doomed->text);
	free(doomed);
	*reload = NULL;
}

static void
enter(struct reload *reload, enum phase phase, int milliseconds)
{
	reload->phase = phase;
	reload->limit = watch_now() + milliseconds;
}

/* ---- the end ---- */

/* In the log a line each; who asked gets the text. */
static void
log_failure(const struct buffer *text)
{
	struct str rest = { text->data, text->length };

	while (rest.length) {
		struct log_field field = { "error", str_trim(complaint_next(&rest)), false };

		log_event(MF_LOG_ERROR, "reload failed", &field, 1);
	}
}

static void
finish(struct reload *reload, int status)
{
	struct buffer text = reload->text;

	reload->text = (struct buffer){ 0 };
	reload->phase = IDLE;
	if (status != EX_OK)
		log_failure(&text);
	reload->needs.done(reload->needs.argument, status, buffer_text(&text));
	buffer_free(&text);
}

/* Has a trial find the words; those at hand are for when it finds no mistake. */
static void
explain(struct reload *reload, int status)
{
	const struct reload_needs *needs = &reload->needs;

	reload->status = status;
	reload->trial = trial_begin(needs->generations->config, needs->in_child, needs->argument);
	if (reload->trial)
		enter(reload, EXPLAINING, LOAD_LIMIT);
	else
		finish(reload, status);
}

/* ---- the beginning ---- */

/* NULL: the errors are in the text. */
static struct settings *
read_settings(struct reload *reload, struct archive *files)
{
	struct config_errors *errors = config_errors_create();
	struct settings *settings;

	archive_use(files);
	settings = settings_load(reload->needs.generations->config, SETTINGS_DAEMON, errors);
	archive_use(NULL);
	if (!settings)
		config_errors_add(errors, &reload->text);
	config_errors_destroy(&errors);
	return settings;
}

static void
begin(struct reload *reload)
{
	struct generations *generations = reload->needs.generations;
	struct archive *files;
	struct settings *settings;

	reload->wanted = false;
	reload->needs.begun(reload->needs.argument);
	if (generations_leaving(generations) >= GENERATIONS_LEAVING) {
		buffer_printf(&reload->text, "%d generations are draining; try again when one is"
		    " gone, or after \"drain-limit\"\n", GENERATIONS_LEAVING);
		finish(reload, EX_TEMPFAIL);
		return;
	}
	files = archive_create();
	settings = read_settings(reload, files);
	if (!settings) {
		archive_destroy(&files);
		explain(reload, EX_CONFIG);
		return;
	}
	if (generations_load(generations, settings, files, &reload->text))
		enter(reload, LOADING, LOAD_LIMIT);
	else
		finish(reload, EX_OSERR);
}

void
reload_request(struct reload *reload)
{
	reload->wanted = true;
}

void
reload_cancel(struct reload *reload)
{
	reload->wanted = false;
	if (reload->phase == IDLE)
		return;
	if (reload->phase == LOADING)
		generations_abandon(reload->needs.generations);
	end_trial(reload);
	reload->text.length = 0;
	buffer_add_text(&reload->text, "filterd is stopping\n");
	finish(reload, EX_TEMPFAIL);
}

/* ---- the phases ---- */

static void
fail_to_load(struct reload *reload)
{
	generations_add_complaints(reload->needs.generations, &reload->text);
	generations_abandon(reload->needs.generations);
}

static void
take_over(struct reload *reload)
{
	struct generations *generations = reload->needs.generations;

	if (!generations_switch(generations, &reload->text)) {
		generations_abandon(generations);
		finish(reload, EX_OSERR);
		return;
	}
	enter(reload, LETTING_GO, LET_GO_LIMIT);
}

static void
tend_loading(struct reload *reload)
{
	struct generations *generations = reload->needs.generations;

	switch (generations_loading(generations)) {
	case LOADING_READY:
		take_over(reload);
		break;
	case LOADING_FAILED:
		fail_to_load(reload);
		explain(reload, EX_CONFIG);
		break;
	case LOADING_GOES_ON:
		if (watch_now() < reload->limit)
			break;
		crew_complain_of_slow(generations_loading_crew(generations));
		fail_to_load(reload);
		finish(reload, EX_CONFIG);
	}
}

/* From here on every new connection is the new generation's. */
static void
tend_letting_go(struct reload *reload)
{
	struct generations *generations = reload->needs.generations;
	const struct settings *settings = generations_settings(generations);

	if (!generations_have_let_go(generations) && watch_now() < reload->limit)
		return;
	buffer_printf(&reload->text, "generation %u serves %zu listeners with %zu workers\n",
	    generations_number(generations), settings->listener_count,
	    generations_workers(generations));
	reload->needs.compare(reload->needs.argument, settings, &reload->text);
	finish(reload, EX_OK);
}

static void
tend_explaining(struct reload *reload)
{
	int status = reload->status;

	aside_hear(reload->trial);
	if (!aside_is_over(reload->trial) && watch_now() < reload->limit)
		return;
	if (aside_is_over(reload->trial) && aside_status(reload->trial) != EX_OK) {
		const struct buffer *text = aside_text(reload->trial);

		status = aside_status(reload->trial);
		reload->text.length = 0;
		buffer_add(&reload->text, buffer_text(text), text->length);
	}
	end_trial(reload);
	finish(reload, status);
}

static void (*const phases[PHASES])(struct reload *reload) = {
	[LOADING] = tend_loading, [LETTING_GO] = tend_letting_go, [EXPLAINING] = tend_explaining
};

void
reload_watch(const struct reload *reload, struct watch *watch)
{
	if (reload->phase != IDLE)
		watch_until(watch, reload->limit);
	if (reload->trial)
		aside_watch(reload->trial, watch);
}

void
reload_tend(struct reload *reload)
{
	if (reload->phase != IDLE)
		phases[reload->phase](reload);
	if (reload->phase == IDLE && reload->wanted)
		begin(reload);
}

bool
reload_bury(struct reload *reload, pid_t pid, int status)
{
	return reload->trial && aside_bury(reload->trial, pid, status);
}
