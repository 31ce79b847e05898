/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Generations: a configuration loaded whole. Owns the settings, the modules, each opened once
 * however many filters use it, the filters and the chains. A mistake anywhere is noted and the rest
 * is looked at all the same, so that one run shows them all; then nothing of it is kept.
 */
#include <stdlib.h>
#include <string.h>

#include "filterd/chain/chain.h"
#include "filterd/chain/generation.h"
#include "filterd/chain/module.h"
#include "filterd/util/memory.h"

struct generation {
	struct settings *settings;
	struct module **modules;	/* not in the arena: its clean-ups may be code of theirs */
	size_t module_count;
	struct filter **filters;	/* in the order of the file; NULL: left out or mistaken */
	size_t filter_count;
	struct chain **chains;		/* by listener; NULL: not loaded */
	const struct removals *removals;	/* NULL: none */
};

/* ---- modules ---- */

static struct module *
open_module(struct generation *generation, const struct filter_settings *block)
{
	struct settings *settings = generation->settings;
	struct config_position at = schema_position(settings->schema, &block->plugin);
	const char *path = module_path(settings->arena, block->plugin, settings->plugin_path);
	const char *why;
	struct module *module;
	size_t i;

	for (i = 0; i < generation->module_count; i++)
		if (strcmp(generation->modules[i]->path, path) == 0)
			return generation->modules[i];
	module = module_open(path, settings->arena, &why);
	if (!module) {
		config_error(settings->scope.errors, at, "cannot load plugin \"%s\": %s%s",
		    block->plugin, why,
		    module_hint(settings->arena, block->plugin, settings->plugin_path));
		return NULL;
	}
	generation->modules[generation->module_count++] = module;
	return module;
}

/* ---- filters and chains ---- */

static bool
in_chain(const struct listener_settings *listener, const char *filter)
{
	size_t i;

	for (i = 0; i < listener->chain.count; i++)
		if (strcmp(listener->chain.items[i], filter) == 0)
			return true;
	return false;
}

static bool
is_removed(const struct removals *removals, size_t i)
{
	return removals && i < removals->count && removals->removed[i];
}

/* `only`: the filters of this listener; NULL: all. */
static void
load_filters(struct generation *generation, const struct listener_settings *only)
{
	struct settings *settings = generation->settings;
	size_t i;

	for (i = 0; i < settings->filter_count; i++) {
		const struct filter_settings *block = &settings->filters[i];
		struct module *module;

		if (!block->name || !block->plugin || (only && !in_chain(only, block->name)))
			continue;
		if (is_removed(generation->removals, i)) {
			generation->filters[i] = filter_remove(
			    settings, block, atomic_load(&generation->removals->stages[i]));
			continue;
		}
		module = open_module(generation, block);
		if (module)
			generation->filters[i] = filter_bind(settings, block, module);
	}
}

/* Where each filter takes part, for those who will have to do without it. */
static void
note_stages(const struct generation *generation)
{
	const struct removals *removals = generation->removals;
	size_t i;

	for (i = 0; removals && i < generation->filter_count && i < removals->count; i++)
		if (generation->filters[i] && !removals->removed[i])
			atomic_store(&removals->stages[i], generation->filters[i]->stages);
}

static void
make_chains(struct generation *generation, const struct listener_settings *only)
{
	struct settings *settings = generation->settings;
	size_t i;

	for (i = 0; i < settings->listener_count; i++) {
		const struct listener_settings *listener = &settings->listeners[i];

		if (!listener->name || (only && listener != only))
			continue;
		generation->chains[i] = chain_make(settings, listener, generation->filters,
		    generation->filter_count);
	}
}

static void
load(struct generation *generation, const struct listener_settings *only)
{
	struct settings *settings = generation->settings;
	size_t i;

	load_filters(generation, only);
	make_chains(generation, only);
	for (i = 0; i < generation->filter_count; i++)
		if (generation->filters[i])
			filter_start(generation->filters[i], settings);
	note_stages(generation);
	for (i = 0; i < settings->listener_count; i++)
		if (generation->chains[i])
			chain_settle(generation->chains[i], settings->arena);
}

static struct generation *
create(struct settings *settings)
{
	struct generation *generation = memory_alloc(sizeof(*generation));

	generation->settings = settings;
	generation->filter_count = settings->filter_count;
	generation->modules = memory_array(settings->filter_count, sizeof(struct module *));
	generation->filters = arena_array(
	    settings->arena, settings->filter_count, sizeof(struct filter *));
	generation->chains = arena_array(
	    settings->arena, settings->listener_count, sizeof(struct chain *));
	return generation;
}

struct generation *
generation_load(const char *path, const char *listener, const struct removals *removals,
    struct config_errors *errors)
{
	static const struct config_position nowhere;
	size_t before = config_errors_count(errors);
	struct settings *settings = settings_read(path, SETTINGS_WHOLE, errors);
	const struct listener_settings *only = NULL;
	struct generation *generation;

	if (!settings)
		return NULL;
	if (listener && !(only = settings_listener(settings, listener))) {
		config_error(errors, nowhere, "there is no listener \"%s\" in %s", listener, path);
		settings_destroy(&settings);
		return NULL;
	}
	generation = create(settings);
	generation->removals = removals;
	load(generation, only);
	if (config_errors_count(errors) > before)
		generation_destroy(&generation);
	return generation;
}

void
generation_destroy(struct generation **generation)
{
	struct generation *doomed = *generation;
	size_t i;

	if (!doomed)
		return;
	for (i = doomed->filter_count; i > 0; i--)
		if (doomed->filters[i - 1])
			filter_stop(doomed->filters[i - 1]);
	settings_destroy(&doomed->settings);
	for (i = 0; i < doomed->module_count; i++)
		module_close(&doomed->modules[i]);
	free(doomed->modules);
	free(doomed);
	*generation = NULL;
}

const struct settings *
generation_settings(const struct generation *generation)
{
	return generation->settings;
}

const struct chain *
generation_chain(const struct generation *generation, const char *listener)
{
	size_t i;

	for (i = 0; i < generation->settings->listener_count; i++)
		if (strcmp(generation->settings->listeners[i].name, listener) == 0)
			return generation->chains[i];
	return NULL;
}
