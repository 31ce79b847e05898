/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The chains as JSON. The admin process has no plugin to ask and reads no list, so a filter's block
 * is not bound: what every filter has is taken from its statements as written, which the workers
 * have found to be good, and else from its option's default.
 */
#include <string.h>

#include "filterd/admin/api.h"
#include "filterd/service/json.h"

static const struct config_statement *
find_statement(const struct filter_settings *filter, const char *name)
{
	const struct config_statement *statement = filter->statement->block;

	while (statement && !str_equal(statement->name.text, str_of(name)))
		statement = statement->next;
	return statement && statement->value_count ? statement : NULL;
}

/* The value of an option, as text; NULL: it has none. */
static const char *
value_of(const struct filter_settings *filter, const char *name, struct arena *arena)
{
	const struct config_statement *statement = find_statement(filter, name);

	if (statement)
		return config_plain(&statement->values[0], arena).data;
	return schema_option(filter_option_table, str_of(name))->standard;
}

/* A condition as it is spelled, with one blank between its words; NULL: there is none. */
static void
put_condition(struct buffer *to, const struct filter_settings *filter)
{
	const struct config_statement *statement = find_statement(filter, "when");
	struct buffer text = { 0 };
	size_t i;

	for (i = 0; statement && i < statement->value_count; i++) {
		buffer_add_text(&text, i ? " " : "");
		buffer_add_str(&text, statement->values[i].raw);
	}
	json_add_member(to, "when", text.data);
	buffer_free(&text);
}

static void
put_filter(struct buffer *to, const struct filter_settings *filter, struct arena *arena)
{
	int64_t timeout = 0;

	buffer_add_char(to, '{');
	json_add_member(to, "name", filter->name);
	json_add_member(to, "plugin", value_of(filter, "plugin", arena));
	json_add_member(to, "mode", value_of(filter, "mode", arena));
	json_add_member(to, "on_error", value_of(filter, "on-error", arena));
	schema_duration(str_of(value_of(filter, "timeout", arena)), &timeout);
	json_add_integer(to, "timeout_ms", timeout);
	put_condition(to, filter);
	json_add_member(to, "where", filter->where);
	buffer_add_char(to, '}');
}

static void
put_listener(struct buffer *to, const struct settings *settings,
    const struct listener_settings *listener, struct arena *arena)
{
	size_t i;

	buffer_add_char(to, '{');
	json_add_member(to, "name", listener->name);
	json_add_member(to, "socket", listener->socket);
	json_add_key(to, "workers");
	if (listener->workers)
		buffer_printf(to, "%lld", (long long)listener->workers);
	else
		json_add_string(to, "auto");
	json_add_key(to, "chain");
	buffer_add_char(to, '[');
	for (i = 0; i < listener->chain.count; i++) {
		json_add_item(to);
		put_filter(to, settings_filter(settings, listener->chain.items[i]), arena);
	}
	buffer_add_text(to, "]}");
}

void
chains_json(const struct settings *settings, struct buffer *to)
{
	struct arena *arena = arena_create(0, 0);
	size_t i;

	buffer_add_char(to, '[');
	for (i = 0; i < settings->listener_count; i++) {
		json_add_item(to);
		put_listener(to, settings, &settings->listeners[i], arena);
	}
	buffer_add_char(to, ']');
	arena_destroy(&arena);
}
