/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Generations, each with what it has for as long as it lives: its tenure. A tenure that leaves
 * keeps only the sockets that no other one took over; they are closed when its workers have let
 * go.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "filterd/service/log.h"
#include "filterd/service/metrics.h"
#include "filterd/service/quarantine_gauges.h"
#include "filterd/service/shadow_counts.h"
#include "filterd/supervise/generations.h"
#include "filterd/supervise/shadow.h"
#include "filterd/util/memory.h"

#define STOP_LIMIT 45000	/* milliseconds for workers to stop; they need 33000 */

struct tenure {
	struct tenure *next;		/* among those that leave */
	unsigned number;
	struct settings *settings;
	struct archive *files;
	struct listening *listenings;	/* one for each listener; closed: another tenure has it */
	struct crew_needs needs;
	struct crew *crew;
	struct shadow *shadow;		/* NULL: none */
	enum leave leave;		/* 0: it does not */
	int64_t due;			/* when it is to leave faster; 0: never */
	int64_t birth;			/* when a worker is to be forked; 0: none is missing */
};

/* ---- sockets ---- */

static struct socket_owner
standard_owner(const struct generations *generations)
{
	const struct identity *identity = generations->identity;

	if (identity->change)
		return (struct socket_owner){ identity->user, identity->group };
	return (struct socket_owner){ (uid_t)-1, (gid_t)-1 };
}

/* The socket of a tenure that listens there; NULL: none. */
static struct listening *
find_at(struct tenure *tenure, const char *socket)
{
	size_t i;

	for (i = 0; i < tenure->settings->listener_count; i++)
		if (listening_is_at(&tenure->listenings[i], socket))
			return &tenure->listenings[i];
	return NULL;
}

/* The same of one that serves or leaves. */
static struct listening *
find_open(const struct generations *generations, const char *socket)
{
	struct listening *found = NULL;
	struct tenure *tenure;

	if (generations->serving)
		found = find_at(generations->serving, socket);
	for (tenure = generations->leaving; tenure && !found; tenure = tenure->next)
		found = find_at(tenure, socket);
	return found;
}

static bool
open_sockets(const struct generations *generations, struct tenure *tenure, struct buffer *problem)
{
	const struct settings *settings = tenure->settings;
	bool done = true;
	size_t i;

	for (i = 0; i < settings->listener_count; i++) {
		struct listening *open = find_open(generations, settings->listeners[i].socket);

		if (open)
			tenure->listenings[i] = *open;
		else if (!listening_open(&tenure->listenings[i], &settings->listeners[i],
		    standard_owner(generations), problem))
			done = false;
	}
	return done;
}

/* Gives up the sockets that another tenure has. */
static void
yield_sockets(struct tenure *tenure, const struct tenure *to)
{
	size_t i, j;

	for (i = 0; i < tenure->settings->listener_count; i++)
		for (j = 0; j < to->settings->listener_count; j++)
			if (tenure->listenings[i].fd == to->listenings[j].fd)
				tenure->listenings[i].fd = -1;
}

static void
close_sockets(struct tenure *tenure)
{
	size_t i;

	for (i = 0; i < tenure->settings->listener_count; i++)
		listening_close(&tenure->listenings[i]);
}

/* Owners and modes as these settings say. */
static bool
settle_sockets(const struct generations *generations, const struct tenure *tenure,
    struct buffer *problem)
{
	const struct settings *settings = tenure->settings;
	bool done = true;
	size_t i;

	for (i = 0; i < settings->listener_count; i++)
		if (!listening_settle(&tenure->listenings[i], &settings->listeners[i],
		    standard_owner(generations), problem))
			done = false;
	return done;
}

/* ---- tenures ---- */

static void
tenure_destroy(struct tenure *tenure)
{
	if (tenure->crew)
		crew_destroy(&tenure->crew);
	shadow_destroy(&tenure->shadow);
	free(tenure->listenings);
	settings_destroy(&tenure->settings);
	archive_destroy(&tenure->files);
	free(tenure);
}

static void
in_worker(void *argument, const struct settings *settings, int listening)
{
	const struct generations *generations = argument;

	generations_forget(generations, listening, settings);
	generations->in_child(generations->argument, settings);
}

static void
in_shadow(void *argument, const struct settings *settings)
{
	const struct generations *generations = argument;

	in_worker(argument, settings, -1);
	close(generations->link->to);
	metrics_attach(generations->metrics, -1);
}

/* False: a line was added to problem. */
static bool
start_shadow(struct generations *generations, struct tenure *tenure, struct buffer *problem)
{
	const char *config = generations->shadow_config;
	const struct shadow_needs needs = {
		.config = config ? config : tenure->settings->shadow.config,
		.settings = tenure->settings, .files = tenure->files,
		.generation = tenure->number, .identity = generations->identity,
		.in_child = in_shadow, .argument = generations
	};

	if (!needs.config)
		return true;
	tenure->shadow = shadow_start(&needs);
	if (!tenure->shadow) {
		buffer_printf(problem, "there is no way to shadow processes: %s\n",
		    strerror(errno));
		return false;
	}
	tenure->needs.shadow = shadow_link_of(tenure->shadow);
	return true;
}

static struct tenure *
tenure_create(struct generations *generations, struct settings *settings, struct archive *files)
{
	struct tenure *tenure = memory_alloc(sizeof(*tenure));
	size_t i;

	tenure->settings = settings;
	tenure->files = files;
	tenure->listenings = memory_array(settings->listener_count, sizeof(struct listening));
	for (i = 0; i < settings->listener_count; i++)
		tenure->listenings[i].fd = -1;
	tenure->needs = (struct crew_needs){
		.config = generations->config, .settings = settings, .files = files,
		.listenings = tenure->listenings, .identity = generations->identity,
		.metrics = generations->metrics, .link = generations->link,
		.in_child = in_worker, .argument = generations
	};
	return tenure;
}

/* Has it leave at least that fast. A faster way may come by itself later. */
static void
tenure_leave(struct tenure *tenure, enum leave how, int64_t drain_limit)
{
	if (tenure->leave >= how)
		return;
	tenure->leave = how;
	switch (how) {
	case LEAVE_DRAIN:
		tenure->due = watch_now() + drain_limit;
		crew_drain(tenure->crew);
		break;
	case LEAVE_SOON:
		tenure->due = watch_now() + STOP_LIMIT;
		crew_stop(tenure->crew, false);
		break;
	case LEAVE_KILLED:
		tenure->due = 0;
		crew_stop(tenure->crew, true);
	}
}

static void
hurry(struct tenure *tenure)
{
	if (!tenure->due || watch_now() < tenure->due)
		return;
	if (tenure->leave == LEAVE_DRAIN)
		log_text(MF_LOG_WARNING, "generation %u has not drained in time: its sessions are"
		    " closed", tenure->number);
	tenure_leave(tenure, tenure->leave + 1, 0);
}

/* ---- loading and switching ---- */

static void
set_leaving(struct generations *generations, struct tenure *tenure)
{
	tenure->next = generations->leaving;
	generations->leaving = tenure;
}

/* Closes what it alone has. */
static void
yield_all(const struct generations *generations, struct tenure *tenure)
{
	const struct tenure *other;

	if (generations->serving && generations->serving != tenure)
		yield_sockets(tenure, generations->serving);
	for (other = generations->leaving; other; other = other->next)
		if (other != tenure)
			yield_sockets(tenure, other);
}

bool
generations_load(struct generations *generations, struct settings *settings,
    struct archive *files, struct buffer *problem)
{
	struct tenure *tenure = tenure_create(generations, settings, files);

	if (!open_sockets(generations, tenure, problem) ||
	    !admin_keeper_prepare(generations->keeper, settings, problem)) {
		yield_all(generations, tenure);
		close_sockets(tenure);
		tenure_destroy(tenure);
		return false;
	}
	tenure->number = ++generations->last;
	generations->loading = tenure;
	if (!start_shadow(generations, tenure, problem)) {
		generations->loading = NULL;
		admin_keeper_abandon(generations->keeper);
		yield_all(generations, tenure);
		close_sockets(tenure);
		tenure_destroy(tenure);
		return false;
	}
	tenure->crew = crew_start(tenure->number, &tenure->needs);
	return true;
}

enum loading
generations_loading(const struct generations *generations)
{
	const struct crew *crew = generations->loading->crew;
	const struct shadow *shadow = generations->loading->shadow;

	if (crew_is_ready(crew) && (!shadow || shadow_is_ready(shadow)))
		return LOADING_READY;
	return crew_is_decided(crew) && (!shadow || shadow_is_decided(shadow)) ? LOADING_FAILED
									       : LOADING_GOES_ON;
}

void
generations_add_complaints(const struct generations *generations, struct buffer *to)
{
	const struct tenure *tenure = generations->loading;
	const struct buffer *said = crew_complaints(tenure->crew);

	buffer_add(to, buffer_text(said), said->length);
	if (!tenure->shadow)
		return;
	said = shadow_complaints(tenure->shadow);
	buffer_add(to, buffer_text(said), said->length);
}

struct crew *
generations_loading_crew(const struct generations *generations)
{
	return generations->loading->crew;
}

bool
generations_switch(struct generations *generations, struct buffer *problem)
{
	struct tenure *next = generations->loading, *last = generations->serving, *tenure;

	if (last && !settle_sockets(generations, next, problem)) {
		struct buffer unheard = { 0 };

		settle_sockets(generations, last, &unheard);
		buffer_free(&unheard);
		return false;
	}
	generations->loading = NULL;
	generations->serving = next;
	metrics_generation(generations->metrics, next->number);
	admin_keeper_switch(generations->keeper, next->settings, next->number);
	crew_serve(next->crew);
	if (next->shadow)
		shadow_serve(next->shadow);
	shadow_counts_use(next->shadow != NULL);
	quarantine_gauges_use(next->settings->quarantine.store != NULL);
	if (last) {
		set_leaving(generations, last);
		tenure_leave(last, LEAVE_DRAIN, next->settings->drain_limit.milliseconds);
	}
	for (tenure = generations->leaving; tenure; tenure = tenure->next)
		yield_sockets(tenure, next);
	return true;
}

void
generations_abandon(struct generations *generations)
{
	struct tenure *tenure = generations->loading;

	generations->loading = NULL;
	admin_keeper_abandon(generations->keeper);
	set_leaving(generations, tenure);
	yield_all(generations, tenure);
	tenure_leave(tenure, LEAVE_KILLED, 0);
	close_sockets(tenure);
}

bool
generations_have_let_go(const struct generations *generations)
{
	const struct tenure *tenure;

	for (tenure = generations->leaving; tenure; tenure = tenure->next)
		if (!crew_has_let_go(tenure->crew))
			return false;
	return true;
}

/* ---- leaving ---- */

void
generations_leave(struct generations *generations, enum leave how)
{
	struct tenure *tenure;
	int64_t limit = 0;

	if (generations->loading)
		generations_abandon(generations);
	admin_keeper_rest(generations->keeper);
	if (generations->serving) {
		limit = generations->serving->settings->drain_limit.milliseconds;
		set_leaving(generations, generations->serving);
		generations->serving = NULL;
	}
	for (tenure = generations->leaving; tenure; tenure = tenure->next)
		tenure_leave(tenure, how, limit);
}

bool
generations_are_gone(const struct generations *generations)
{
	return !generations->serving && !generations->loading && !generations->leaving;
}

static void
tend(struct tenure *tenure)
{
	int pause;

	crew_hear(tenure->crew);
	pause = crew_tend(tenure->crew);
	tenure->birth = pause < 0 ? 0 : watch_now() + pause;
	if (tenure->shadow)
		shadow_tend(tenure->shadow);
}

/* One that is loading may have their sockets; it takes them over or gives them back first. */
static void
bury_leaving(struct generations *generations)
{
	struct tenure **place = &generations->leaving;

	while (*place) {
		struct tenure *tenure = *place;

		if (crew_has_let_go(tenure->crew))
			close_sockets(tenure);
		if (crew_alive(tenure->crew)) {
			place = &tenure->next;
			continue;
		}
		*place = tenure->next;
		log_text(MF_LOG_DEBUG, "generation %u is gone", tenure->number);
		tenure_destroy(tenure);
	}
}

/* ---- the loop ---- */

static void
watch_tenure(const struct tenure *tenure, struct watch *watch)
{
	crew_watch(tenure->crew, watch);
	if (tenure->shadow)
		shadow_watch(tenure->shadow, watch);
	watch_until(watch, tenure->due);
	watch_until(watch, tenure->birth);
}

void
generations_watch(const struct generations *generations, struct watch *watch)
{
	const struct tenure *tenure;

	if (generations->serving)
		watch_tenure(generations->serving, watch);
	if (generations->loading)
		watch_tenure(generations->loading, watch);
	for (tenure = generations->leaving; tenure; tenure = tenure->next) {
		watch_tenure(tenure, watch);
		if (!generations->loading && crew_alive(tenure->crew) == 0)
			watch_until(watch, watch_now());
	}
}

void
generations_tend(struct generations *generations)
{
	struct tenure *tenure;

	if (generations->serving)
		tend(generations->serving);
	if (generations->loading)
		tend(generations->loading);
	for (tenure = generations->leaving; tenure; tenure = tenure->next) {
		tend(tenure);
		hurry(tenure);
	}
	if (!generations->loading)
		bury_leaving(generations);
}

static bool
bury(struct tenure *tenure, pid_t pid, int status)
{
	return crew_bury(tenure->crew, pid, status) ||
	    (tenure->shadow && shadow_bury(tenure->shadow, pid, status));
}

bool
generations_bury(struct generations *generations, pid_t pid, int status)
{
	struct tenure *tenure;

	if (generations->serving && bury(generations->serving, pid, status))
		return true;
	if (generations->loading && bury(generations->loading, pid, status))
		return true;
	for (tenure = generations->leaving; tenure; tenure = tenure->next)
		if (bury(tenure, pid, status))
			return true;
	return false;
}

/* ---- in a child ---- */

static void
forget_tenure(const struct tenure *tenure, int listening, const struct settings *settings)
{
	size_t i;

	if (tenure->shadow)
		shadow_forget(tenure->shadow, tenure->settings != settings);

	if (tenure->crew)
		crew_forget(tenure->crew);
	for (i = 0; i < tenure->settings->listener_count; i++)
		if (tenure->listenings[i].fd >= 0 && tenure->listenings[i].fd != listening)
			close(tenure->listenings[i].fd);
}

void
generations_forget(const struct generations *generations, int listening,
    const struct settings *settings)
{
	const struct tenure *tenure;

	if (generations->serving)
		forget_tenure(generations->serving, listening, settings);
	if (generations->loading)
		forget_tenure(generations->loading, listening, settings);
	for (tenure = generations->leaving; tenure; tenure = tenure->next)
		forget_tenure(tenure, listening, settings);
}

/* ---- looking ---- */

const struct settings *
generations_settings(const struct generations *generations)
{
	return generations->serving ? generations->serving->settings : NULL;
}

unsigned
generations_number(const struct generations *generations)
{
	return generations->serving ? generations->serving->number : 0;
}

size_t
generations_workers(const struct generations *generations)
{
	return generations->serving ? crew_size(generations->serving->crew) : 0;
}

size_t
generations_leaving(const struct generations *generations)
{
	const struct tenure *tenure;
	size_t count = 0;

	for (tenure = generations->leaving; tenure; tenure = tenure->next)
		count++;
	return count;
}
