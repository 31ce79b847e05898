/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Filters: binding a block of the configuration to its plugin's options, start and stop. Every
 * mistake is noted at its place in the configuration. A crash in start cannot be survived here: it
 * is noted for who supervises the process.
 */
#include <string.h>

#include "filterd/chain/filter.h"
#include "filterd/chain/host.h"
#include "filterd/chain/start.h"
#include "filterd/config/condition.h"
#include "filterd/config/pattern_group.h"

#define ALL_STAGES	((1u << MF_STAGE_COUNT) - 1)
#define MACROS_FIRST	8

/* ---- what its conditions and templates read ---- */

static void
want_macro(struct filter *filter, struct arena *arena, const char *macro)
{
	size_t i;

	for (i = 0; i < filter->macro_count; i++)
		if (strcmp(filter->macros[i], macro) == 0)
			return;
	if (filter->macro_count == filter->macro_room) {
		size_t room = filter->macro_room ? filter->macro_room * 2 : MACROS_FIRST;
		const char **macros = arena_array(arena, room, sizeof(*macros));

		if (filter->macro_count)
			memcpy(macros, filter->macros, filter->macro_count * sizeof(*macros));
		filter->macros = macros;
		filter->macro_room = room;
	}
	filter->macros[filter->macro_count++] = macro;
}

/* A filter that is bound, as the scope's callback knows it. */
struct binding {
	struct filter *filter;
	struct arena *arena;
};

static void
note_field(void *argument, const struct field *field)
{
	struct binding *binding = argument;
	struct filter *filter = binding->filter;
	size_t i;

	filter->reads_headers |= field->id == FIELD_HEADER || field->id == FIELD_HEADERS ||
	    field->id == FIELD_SUBJECT || field->id == FIELD_SIZE;
	filter->reads_headers |= field_reads_mime(field);
	filter->reads_body |= field->id == FIELD_BODY_RAW || field_reads_mime(field);
	filter->reads_size |= field->id == FIELD_SIZE;
	if (field->id == FIELD_MACRO)
		want_macro(filter, binding->arena, field->name);
	for (i = 0; i < sizeof(field->macros) / sizeof(field->macros[0]) && field->macros[i]; i++)
		want_macro(filter, binding->arena, field->macros[i]);
}

/* ---- binding ---- */

static void
name_filter(struct filter *filter, const char *name)
{
	filter->name = name;
	memcpy(filter->note_name, name, strnlen(name, sizeof(filter->note_name) - 1));
}

static void
settle_hard_timeout(struct filter_settings *settings)
{
	if (!settings->hard_timeout.milliseconds)
		settings->hard_timeout.milliseconds = 3 * settings->timeout.milliseconds;
}

/* Binds the block to some tables; the filter's own settings are among them. With `pass_unknown`
 * there may be statements that none of them knows. */
static bool
bind_block(struct filter *filter, struct settings *settings, const struct filter_settings *block,
    const struct schema_target *targets, size_t target_count, bool pass_unknown)
{
	struct config_scope *scope = &settings->scope;
	struct binding binding = { filter, settings->arena };
	bool good;

	scope->field_used = note_field;
	scope->argument = &binding;
	scope->patterns = pattern_groups_create(settings->arena);
	good = schema_bind(settings->schema, block->statement, NULL, targets, target_count,
	    arena_printf(settings->arena, "filter %s", block->name), pass_unknown);
	scope->field_used = NULL;
	scope->argument = NULL;
	scope->patterns = NULL;
	if (!good)
		return false;
	filter->settings.where = block->where;
	filter->settings.statement = block->statement;
	settle_hard_timeout(&filter->settings);
	name_filter(filter, block->name);
	filter->shadow = filter->settings.mode == MODE_SHADOW;
	filter->when_stage = condition_stage(filter->settings.when);
	return true;
}

struct filter *
filter_bind(
    struct settings *settings, const struct filter_settings *block, const struct module *module)
{
	struct filter *filter = arena_alloc(settings->arena, sizeof(*filter));
	struct schema_target targets[2] = { { filter_option_table, &filter->settings } };
	size_t i;

	filter->plugin = &module->plugin;
	filter->options = arena_alloc(settings->arena, filter->plugin->options_size);
	targets[1] = (struct schema_target){ filter->plugin->options, filter->options };
	if (!bind_block(filter, settings, block, targets, 2, false))
		return NULL;
	for (i = 0; filter->plugin->macros && filter->plugin->macros[i]; i++)
		want_macro(filter, settings->arena, filter->plugin->macros[i]);
	return filter;
}

struct filter *
filter_remove(struct settings *settings, const struct filter_settings *block, unsigned stages)
{
	static const struct mf_plugin nothing = { .abi = MF_ABI, .size = sizeof(nothing) };
	struct filter *filter = arena_alloc(settings->arena, sizeof(*filter));
	const struct schema_target target = { filter_option_table, &filter->settings };

	filter->plugin = &nothing;
	filter->removed = true;
	if (!bind_block(filter, settings, block, &target, 1, true))
		return NULL;
	filter->stages = stages & ALL_STAGES & ~(MF_AT(filter->when_stage) - 1) &
	    ~(unsigned)MF_AT(MF_STAGE_START);
	filter->verdicts = filter->stages;
	filter->uses = filter->reads_body ? MF_USE_BODY : 0;
	return filter;
}

/* ---- start ---- */

static unsigned
callbacks_of(const struct mf_plugin *plugin)
{
	return (plugin->connect ? MF_AT(MF_STAGE_CONNECT) : 0) |
	    (plugin->helo ? MF_AT(MF_STAGE_HELO) : 0) | (plugin->mail ? MF_AT(MF_STAGE_MAIL) : 0) |
	    (plugin->rcpt ? MF_AT(MF_STAGE_RCPT) : 0) | (plugin->data ? MF_AT(MF_STAGE_DATA) : 0) |
	    (plugin->header ? MF_AT(MF_STAGE_HEADER) : 0) |
	    (plugin->eoh ? MF_AT(MF_STAGE_EOH) : 0) | (plugin->body ? MF_AT(MF_STAGE_BODY) : 0) |
	    (plugin->message ? MF_AT(MF_STAGE_MESSAGE) : 0) |
	    (plugin->unknown ? MF_AT(MF_STAGE_UNKNOWN) : 0);
}

static void
complain(struct start *start, const char *what)
{
	struct filter *filter = start->filter;

	config_error(start->settings->scope.errors, filter->settings.statement->name.at,
	    "filter \"%s\" does not start: %s", filter->name, what);
	start->complained = true;
}

/* Where it is called, and with what it takes part. */
static void
settle(struct filter *filter, struct start *start)
{
	unsigned stages = callbacks_of(filter->plugin) & start->only_stages;

	/* Below the stage at which `when` is known it is not called. */
	filter->stages = stages & ~(MF_AT(filter->when_stage) - 1);
	filter->verdicts = filter->stages & start->only_verdicts;
	if (stages && !filter->stages)
		config_error(start->settings->scope.errors,
		    schema_position(start->settings->schema, &filter->settings.when),
		    "filter \"%s\" would never be called: what this condition reads is known only "
		    "at %s, and the plugin \"%s\" works before it",
		    filter->name, stage_name(filter->when_stage), filter->plugin->name);
	if (!(filter->stages & (MF_AT(MF_STAGE_BODY) | MF_AT(MF_STAGE_MESSAGE))) &&
	    !filter->reads_body)
		filter->uses &= ~(unsigned)MF_USE_BODY;
	if (!filter->stages)
		filter->uses = 0;
	if (filter->reads_body)
		filter->uses |= MF_USE_BODY;
}

static bool
run_start(struct start *start)
{
	struct filter *filter = start->filter;
	struct crash_note *note = crash_note_mine();
	static const char none[CRASH_NOTE_QUEUE_ID];
	bool good;

	if (!filter->plugin->start)
		return true;
	crash_note_begin(note, filter->note_name, none, none, MF_STAGE_START);
	good = filter->plugin->start(&start->seat.context);
	crash_note_end(note);
	filter->instance = start->seat.context.instance;
	if (start->cause)
		complain(start, start->cause);
	else if (!good && !start->complained)
		complain(start, "its plugin does not say why");
	return good && !start->complained;
}

void
filter_start(struct filter *filter, struct settings *settings)
{
	struct start *start;

	if (filter->removed)
		return;
	start = arena_alloc(settings->arena, sizeof(*start));
	start->filter = filter;
	start->settings = settings;
	start->only_stages = ALL_STAGES;
	start->only_verdicts = ALL_STAGES;
	start->seat.filter = filter;
	start->seat.context.host = &host_table;
	start->seat.context.options = filter->options;
	start->seat.context.stage = MF_STAGE_START;
	filter->uses = FILTER_USES_ALL;
	filter->start = start;
	if (run_start(start))
		settle(filter, start);
	else
		filter->start = NULL;
}

void
filter_stop(struct filter *filter)
{
	static const char none[CRASH_NOTE_QUEUE_ID];
	struct crash_note *note = crash_note_mine();

	if (!filter->start || !filter->plugin->stop)
		return;
	filter->start->stopping = true;
	crash_note_begin(note, filter->note_name, none, none, MF_STAGE_START);
	filter->plugin->stop(&filter->start->seat.context);
	crash_note_end(note);
}
