/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Chains: the filters of a listener in order, the checks that each finds what it needs on the
 * results board, and that nobody changes a body of which another one has told already; and what the
 * MTA is to be asked for: no event that nobody wants, and an answer only where a filter can decide.
 */
#include <string.h>

#include "filterd/chain/chain.h"

#define EDIT_USES (~(unsigned)MF_USE_BODY)

/* The host itself reads these: queue id, authenticated user, and which MTA it is. */
static const char *const host_macros[] = { "i", "{auth_authen}", "v" };

/* The model and the explanation need these from every session. */
static const unsigned host_events = MF_AT(MF_STAGE_CONNECT) | MF_AT(MF_STAGE_HELO) |
    MF_AT(MF_STAGE_MAIL) | MF_AT(MF_STAGE_RCPT) | MF_AT(MF_STAGE_MESSAGE);

/* ---- the order check ---- */

static bool
has_word(const char *const *words, const char *word)
{
	for (; words && *words; words++)
		if (strcmp(*words, word) == 0)
			return true;
	return false;
}

/* The first filter of some that provides results of a method; NULL: none does. What one that is
 * removed provided is not known: who needs it finds no result, as if there were nothing to say. */
static const struct filter *
find_provider(struct filter *const *filters, size_t count, const char *method)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (filters[i] && (filters[i]->removed ||
		    has_word(filters[i]->plugin->provides, method)))
			return filters[i];
	return NULL;
}

static void
note_missing(struct settings *settings, const struct listener_settings *listener,
    const struct filter *needy, const char *method, const struct filter *later,
    const struct filter *elsewhere)
{
	struct config_position at = schema_position(settings->schema, &listener->chain);
	struct config_errors *errors = settings->scope.errors;

	if (later)
		config_error(errors, at,
		    "filter \"%s\" needs results of \"%s\", which filter \"%s\" provides: put "
		    "\"%s\" before \"%s\" in the chain of listener \"%s\"",
		    needy->name, method, later->name, later->name, needy->name, listener->name);
	else if (elsewhere)
		config_error(errors, at,
		    "filter \"%s\" needs results of \"%s\": put a filter that provides them, "
		    "e.g. \"%s\", before it in the chain of listener \"%s\"",
		    needy->name, method, elsewhere->name, listener->name);
	else
		config_error(errors, at,
		    "filter \"%s\" needs results of \"%s\": put a filter whose plugin provides "
		    "them before it in the chain of listener \"%s\"",
		    needy->name, method, listener->name);
}

static bool
check_order(struct settings *settings, const struct listener_settings *listener,
    const struct chain *chain, struct filter *const *all, size_t all_count)
{
	bool good = true;
	size_t i;

	for (i = 0; i < chain->count; i++) {
		const struct filter *filter = chain->filters[i];
		const char *const *need;

		for (need = filter->plugin->needs; need && *need; need++) {
			if (find_provider(chain->filters, i, *need))
				continue;
			note_missing(settings, listener, filter, *need,
			    find_provider(chain->filters + i + 1, chain->count - i - 1, *need),
			    find_provider(all, all_count, *need));
			good = false;
		}
	}
	return good;
}

/* Whether a filter, which has been started, may change the body: as one may that does not say what
 * it does. */
static bool
edits_body(const struct filter *filter)
{
	return filter->start && !filter->shadow && (filter->uses & MF_USE_CHANGE_BODY);
}

/* What a filter has told or signed of the body must be so in the end. */
static void
check_final(const struct chain *chain, size_t first)
{
	const struct settings *settings = chain->settings;
	const char *final = chain->filters[first]->name;
	size_t i;

	for (i = first + 1; i < chain->count; i++) {
		const char *name = chain->filters[i]->name;

		if (edits_body(chain->filters[i]))
			config_error(settings->scope.errors, chain->place,
			    "filter \"%s\" may change the body behind \"%s\", which tells or "
			    "signs what it is: put \"%s\" before \"%s\" in the chain of listener "
			    "\"%s\"",
			    name, final, name, final, chain->listener);
	}
}

static struct filter *
find_filter(struct filter *const *all, size_t count, const char *name)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (all[i] && strcmp(all[i]->name, name) == 0)
			return all[i];
	return NULL;
}

struct chain *
chain_make(struct settings *settings, const struct listener_settings *listener,
    struct filter *const *all, size_t all_count)
{
	struct chain *chain = arena_alloc(settings->arena, sizeof(*chain));
	struct filter **filters = arena_array(
	    settings->arena, listener->chain.count, sizeof(*filters));
	size_t i;

	chain->settings = settings;
	chain->listener = listener->name;
	chain->place = schema_position(settings->schema, &listener->chain);
	chain->filters = filters;
	for (i = 0; i < listener->chain.count; i++) {
		filters[chain->count] = find_filter(all, all_count, listener->chain.items[i]);
		if (!filters[chain->count])
			return NULL;	/* its own mistakes have been noted */
		chain->count++;
	}
	return check_order(settings, listener, chain, all, all_count) ? chain : NULL;
}

/* ---- stages and wants ---- */

static void
settle_stage(struct chain *chain, enum mf_stage stage, struct arena *arena)
{
	size_t *places = arena_array(arena, chain->count, sizeof(*places));
	size_t i;

	chain->at[stage].places = places;
	for (i = 0; i < chain->count; i++)
		if (chain->filters[i]->stages & MF_AT(stage))
			places[chain->at[stage].count++] = i;
}

static void
want_filter(struct chain_wants *wants, const struct filter *filter)
{
	unsigned edits = filter->uses & EDIT_USES;

	wants->events |= filter->stages;
	if ((filter->stages & MF_AT(MF_STAGE_MESSAGE)) || filter->reads_headers ||
	    (edits & (MF_USE_ADD_HEADER | MF_USE_CHANGE_HEADER)))
		wants->events |= MF_AT(MF_STAGE_HEADER);
	if ((filter->uses & (MF_USE_BODY | MF_USE_CHANGE_BODY)) || filter->reads_size)
		wants->events |= MF_AT(MF_STAGE_BODY);
	if (filter->shadow)
		return;
	wants->replies |= filter->verdicts;
	wants->uses |= edits;
}

static void
add_macro(const char **macros, const char *macro)
{
	for (; *macros; macros++)
		if (strcmp(*macros, macro) == 0)
			return;
	*macros = macro;
}

static const char *const *
settle_macros(const struct chain *chain, struct arena *arena)
{
	size_t count = sizeof(host_macros) / sizeof(host_macros[0]);
	const char **macros;
	size_t i, j;

	for (i = 0; i < chain->count; i++)
		count += chain->filters[i]->macro_count;
	macros = arena_array(arena, count + 1, sizeof(*macros));
	for (i = 0; i < sizeof(host_macros) / sizeof(host_macros[0]); i++)
		add_macro(macros, host_macros[i]);
	for (i = 0; i < chain->count; i++)
		for (j = 0; j < chain->filters[i]->macro_count; j++)
			add_macro(macros, chain->filters[i]->macros[j]);
	return macros;
}

/* The whole message is stored, and may come back with a mark, which is then removed. The MTA holds
 * nothing. */
static void
want_store(struct chain *chain)
{
	chain->keeps_body = true;
	chain->wants.events |= MF_AT(MF_STAGE_HEADER) | MF_AT(MF_STAGE_BODY);
	chain->wants.uses = (chain->wants.uses & ~(unsigned)MF_USE_QUARANTINE) |
	    MF_USE_CHANGE_HEADER;
}

void
chain_settle(struct chain *chain, struct arena *arena)
{
	enum mf_stage stage;
	size_t i;

	for (stage = MF_STAGE_CONNECT; stage < MF_STAGE_COUNT; stage++)
		settle_stage(chain, stage, arena);
	chain->wants.events = host_events;
	chain->wants.replies = MF_AT(MF_STAGE_MESSAGE);
	for (i = 0; i < chain->count; i++) {
		const struct filter *filter = chain->filters[i];

		want_filter(&chain->wants, filter);
		chain->keeps_body |= (filter->uses & (MF_USE_BODY | MF_USE_CHANGE_BODY)) != 0;
		chain->stores |= chain->settings->quarantine.store && !filter->shadow &&
		    (filter->uses & MF_USE_QUARANTINE);
		if (filter->plugin->final_body && !filter->shadow)
			check_final(chain, i);
	}
	if (chain->stores)
		want_store(chain);
	chain->wants.macros = settle_macros(chain, arena);
}

const struct chain_wants *
chain_wants(const struct chain *chain)
{
	return &chain->wants;
}
