/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The daemon's settings: their option tables, and loading them in order: tree, settings, lists,
 * and with the lists known, the conditions of filters. Every mistake is noted; the caller decides
 * what is fatal.
 */
#include <string.h>

#include "filterd/config/archive.h"
#include "filterd/config/settings_parts.h"

/* ---- option tables ---- */

static const struct mf_option log_table[] = {
	MF_CHOICE(struct log_settings, to, "stderr syslog journal", "stderr",
	    "where log lines go; in the background, where there is no stderr, to syslog instead"),
	MF_CHOICE(struct log_settings, format, "text json", "text",
	    "how they are written: key=value, or one JSON object a line"),
	MF_CHOICE(struct log_settings, level, "error warning notice info debug", "info",
	    "the least important lines that are written"),
	MF_OPTION(struct log_settings, facility, "mail", "facility of syslog"),
	MF_OPTION_END
};

static const struct mf_option message_table[] = {
	MF_RANGE(struct message_settings, spool_threshold, "1m", 4 << 10, 1 << 30,
	    "bytes of a body that are kept in memory; a longer one goes to a temporary file"),
	MF_OPTION(struct message_settings, spool_directory, "/var/tmp",
	    "folder of the temporary files; the workers' user must be able to write to it"),
	MF_RANGE(struct message_settings, memory_limit, "16m", 64 << 10, 1 << 30,
	    "memory that the filters may use for a message, without its body"),
	MF_RANGE(struct message_settings, session_memory_limit, "4m", 64 << 10, 1 << 30,
	    "memory that the filters may use for a connection of the MTA"),
	MF_RANGE(struct message_settings, maximum_size, "100m", 64 << 10, 4ll << 30,
	    "bytes of the largest body that is taken"),
	MF_RANGE(struct message_settings, maximum_headers, "1000", 10, 100000,
	    "header fields that are taken of a message"),
	MF_RANGE(struct message_settings, maximum_recipients, "10000", 1, 1000000,
	    "recipients that are taken of a message; what is beyond is put off, and where no "
	    "filter answers RCPT, the whole message"),
	MF_RANGE(struct message_settings, progress_interval, "5s", 100, 3600 * 1000,
	    "time between two words to the MTA that filters still work at the end of a message"),
	MF_RANGE(struct message_settings, maximum_parts, "1000", 1, 100000,
	    "MIME parts that are looked at"),
	MF_RANGE(struct message_settings, maximum_part_depth, "32", 1, 200,
	    "levels of parts within parts that are looked at"),
	MF_RANGE(struct message_settings, maximum_part_names, "32", 1, 1000,
	    "file names of a part that are looked at"),
	MF_RANGE(struct message_settings, maximum_part_headers, "200", 4, 10000,
	    "header fields of a part that are looked at"),
	MF_RANGE(struct message_settings, maximum_text, "4m", 4 << 10, 1 << 30,
	    "decoded text of a message that is looked at"),
	MF_RANGE(struct message_settings, maximum_links, "2000", 1, 100000,
	    "links that are looked at"),
	MF_RANGE(struct message_settings, maximum_archive_members, "5000", 1, 1000000,
	    "members of an archive that are looked at, of archives within it too"),
	MF_RANGE(struct message_settings, maximum_archive_depth, "4", 1, 16,
	    "archives within each other that are opened"),
	MF_RANGE(struct message_settings, maximum_archive_size, "512m", 1 << 10, (int64_t)1 << 40,
	    "unpacked size of an archive; of more it is a bomb"),
	MF_RANGE(struct message_settings, maximum_archive_nested, "64m", 1 << 10, 1 << 30,
	    "size of an archive within an archive that is opened"),
	MF_RANGE(struct message_settings, maximum_archive_ratio, "250", 2, 1000000,
	    "unpacked bytes for each packed one; of more it is a bomb"),
	MF_RANGE(struct message_settings, maximum_archive_time, "2s", 10, 60 * 1000,
	    "time for all archives of a message"),
	MF_OPTION_END
};

static const struct mf_option regex_table[] = {
	MF_RANGE(struct regex_settings, match_limit, "100000", 1000, 1000000000,
	    "steps of one match before it counts as none"),
	MF_RANGE(struct regex_settings, depth_limit, "10000", 100, 1000000000,
	    "nesting of one match before it counts as none"),
	MF_RANGE(struct regex_settings, heap_limit, "20m", 64 << 10, 1 << 30,
	    "memory of one match before it counts as none"),
	MF_OPTION_END
};

static const struct mf_option admin_table[] = {
	MF_OPTION(struct admin_settings, listen, NULL,
	    "where the admin page, its API and the metrics are served: unix:/PATH, "
	    "inet:PORT@ADDRESS, inet6:PORT@ADDRESS; or none. When left out, the unix socket admin "
	    "beside the control socket"),
	MF_OPTION(struct admin_settings, owner, NULL,
	    "owner of the unix sockets; the daemon's user when left out"),
	MF_OPTION(struct admin_settings, group, NULL,
	    "group of the unix sockets, who may look; the daemon's when left out"),
	MF_OPTION(struct admin_settings, mode, "0660", "permissions of the unix sockets, octal"),
	MF_OPTION(struct admin_settings, public, "no",
	    "whether addresses that other machines can reach may be listened on: there is no "
	    "password, and all that is kept of mail can be read"),
	MF_OPTION(struct admin_settings, host, NULL,
	    "names of this machine, beside localhost and IP addresses, that a browser may use"),
	MF_OPTION(struct admin_settings, token_file, NULL,
	    "file with the token, at least 16 characters, of those who may reload over HTTP; when "
	    "left out nobody may"),
	MF_OPTION_END
};

static const struct mf_option history_table[] = {
	MF_RANGE(struct history_settings, keep, "10000", 0, 1000000,
	    "messages that are kept for the admin page; 0: none is"),
	{ "for", "7d", "time after which they are forgotten", MF_TYPE_DURATION, 0,
	  offsetof(struct history_settings, duration), NULL, NULL, 0, 1000,
	  366ll * 24 * 3600 * 1000 },
	MF_CHOICE(struct history_settings, addresses, "plain hashed none", "plain",
	    "mail addresses, clients' addresses and names, users: as they are; hashed with a key "
	    "that is new at each start, so that equal ones are equal; or left out"),
	MF_OPTION(struct history_settings, subject, "yes", "whether the subject is kept"),
	MF_OPTION(struct history_settings, edits, "yes",
	    "whether it is kept what header fields and envelope were and became, where filters "
	    "changed them; of the body only sizes ever are"),
	MF_RANGE(struct history_settings, memory, "64m", 1 << 20, 4ll << 30,
	    "memory for all of it: the oldest make room; a change takes effect at a restart"),
	MF_OPTION_END
};

static const struct mf_option shadow_table[] = {
	MF_OPTION(struct shadow_settings, config, NULL,
	    "a second configuration that judges the same mail, with no effect on it: what it would "
	    "do otherwise is logged and counted; none when left out"),
	MF_RANGE(struct shadow_settings, processes, "1", 1, 64, "processes that judge by it"),
	MF_RANGE(struct shadow_settings, time_limit, "1m", 100, 3600 * 1000,
	    "time for a message, after which the process is ended and another one takes its place"),
	MF_RANGE(struct shadow_settings, maximum_size, "10m", 4 << 10, 1 << 30,
	    "bytes of the largest message that is judged"),
	MF_RANGE(struct shadow_settings, memory_maximum, "1g", 0, 1ll << 50,
	    "memory that a process can allocate after it has loaded all; without any more it ends, "
	    "and another one takes its place; 0: any"),
	MF_RANGE(struct shadow_settings, queue, "64m", 4 << 10, 4ll << 30,
	    "bytes of messages that may wait, and that a worker may have in hand; what does not "
	    "fit is not judged, and counted"),
	MF_OPTION_END
};

static const struct mf_option record_table[] = {
	MF_OPTION(struct record_settings, folder, NULL,
	    "folder for the recordings, a file for each connection of the MTA; the workers' user "
	    "must be able to write to it, and nobody else should read it. Nothing is recorded when "
	    "left out"),
	MF_OPTION(struct record_settings, body, "yes", "whether bodies are recorded"),
	MF_RANGE(struct record_settings, sessions, "1000", 1, 1000000,
	    "files that are kept: the oldest make room"),
	MF_RANGE(struct record_settings, size, "100m", 1 << 20, 1ll << 50,
	    "bytes of all of them, and of one that is written"),
	{ "for", "7d", "time after which they are removed", MF_TYPE_DURATION, 0,
	  offsetof(struct record_settings, duration), NULL, NULL, 0, 1000,
	  366ll * 24 * 3600 * 1000 },
	MF_OPTION_END
};

static const struct mf_option dns_table[] = {
	MF_OPTION(struct dns_settings, resolver, "system",
	    "who is asked: system, the resolvers of /etc/resolv.conf; forward and their addresses, "
	    "ADDRESS or ADDRESS@PORT; or recursive, the servers of the root and so on"),
	MF_RANGE(struct dns_settings, timeout, "5s", 10, 600 * 1000,
	    "time after which a query has failed, though what still comes is kept in the cache"),
	MF_OPTION(struct dns_settings, dnssec, "off",
	    "whether answers are validated; one that is not valid counts as a failure"),
	MF_OPTION(struct dns_settings, trust_anchor, NULL,
	    "file with the keys of the root, for dnssec"),
	MF_OPTION(struct dns_settings, root_hints, NULL,
	    "file with the servers of the root, where recursive is not to ask the Internet's"),
	MF_RANGE(struct dns_settings, cache_size, "16m", 64 << 10, 1 << 30,
	    "memory of the cache, which each worker has for itself"),
	MF_RANGE(struct dns_settings, queries_per_message, "100", 1, 10000,
	    "queries that are made for a message, and before MAIL for a connection; the same one "
	    "twice counts once"),
	MF_RANGE(struct dns_settings, queries_per_filter, "100", 1, 10000,
	    "those of them that one filter may make"),
	MF_OPTION(struct dns_settings, zone_file, NULL,
	    "master file that answers every query, so that no network is asked: for tests"),
	MF_OPTION_END
};

static const struct mf_option quarantine_table[] = {
	MF_OPTION(struct quarantine_settings, store, NULL,
	    "folder for messages that filters quarantine; the workers' user makes it when its "
	    "parent lets it. The MTA holds them when left out"),
	MF_RANGE(struct quarantine_settings, maximum_size, "1g", 1 << 20, 1ll << 50,
	    "bytes of all messages in it: the oldest make room, released ones first"),
	{ "maximum-age", "30d", "time after which they are removed", MF_TYPE_DURATION, 0,
	  offsetof(struct quarantine_settings, maximum_age), NULL, NULL, 0, 1000,
	  3660ll * 24 * 3600 * 1000 },
	MF_OPTION(struct quarantine_settings, release, "smtp inet:25@127.0.0.1",
	    "how `filterd quarantine release` gives messages to the MTA: smtp and an address, as "
	    "a listener's socket is written, or sendmail and the path of that command"),
	MF_OPTION_END
};

/* A block that comes once, its struct being the member itself. */
#define SINGLE(member, table, help) \
	{ #member, NULL, help, MF_TYPE_BLOCK, SCHEMA_SINGLE_FLAG, \
	  offsetof(struct settings, member), NULL, table, \
	  sizeof(((struct settings *)0)->member), 0, 0 }

static const struct mf_option settings_table[] = {
	MF_OPTION(struct settings, user, NULL,
	    "user that the daemon becomes when its sockets are open; without it, it stays as it "
	    "is"),
	MF_OPTION(
	    struct settings, group, NULL, "group that it becomes; without it, that of the user"),
	MF_OPTION(struct settings, pid_file, NULL,
	    "file that holds the process id of the master; none when left out"),
	MF_OPTION(struct settings, control, RUNSTATE_DIR "/control",
	    "unix socket that `filterd reload`, `stop` and the like speak to"),
	MF_RANGE(struct settings, drain_limit, "5m", 0, 24 * 3600 * 1000,
	    "time that open sessions have after a reload or `filterd stop` until they are closed"),
	MF_RANGE(struct settings, crash_limit, "3", 0, 1000,
	    "crashes within crash-window after which a filter leaves its chains, until the next "
	    "reload: its on-error policy stands in for it; 0: never"),
	MF_RANGE(struct settings, crash_window, "10m", 1000, 7 * 24 * 3600 * 1000,
	    "time in which crashes of a filter count together"),
	MF_OPTION(struct settings, plugin_path, PLUGIN_DIR, "folder of the plugins"),
	MF_OPTION(struct settings, metrics, "on",
	    "whether it is counted what listeners, filters and rules do"),
	SINGLE(log, log_table, "the log"),
	SINGLE(message, message_table, "what is kept of a message, and where"),
	SINGLE(regex, regex_table, "limits of every regular expression"),
	SINGLE(admin, admin_table, "the admin process"),
	SINGLE(dns, dns_table, "how filters ask the DNS"),
	SINGLE(record, record_table, "recordings of what the MTA says and is answered"),
	SINGLE(quarantine, quarantine_table, "the quarantine"),
	SINGLE(history, history_table, "what is kept of messages, in memory, for the admin page"),
	SINGLE(shadow, shadow_table, "a configuration that is tried beside this one"),
	MF_OPTION_END
};

static const struct mf_option listener_table[] = {
	MF_ARGUMENT(struct listener_settings, name, "name of the listener"),
	MF_REQUIRED(struct listener_settings, socket,
	    "where the MTA connects: unix:/PATH, inet:PORT@ADDRESS or inet6:PORT@ADDRESS"),
	MF_OPTION(struct listener_settings, owner, NULL,
	    "owner of a unix socket; the daemon's user when left out"),
	MF_OPTION(struct listener_settings, group, NULL,
	    "group of a unix socket; the daemon's when left out"),
	MF_OPTION(struct listener_settings, mode, "0660", "permissions of a unix socket, octal"),
	{ "workers", "auto", "worker processes; auto: one a core", MF_TYPE_INTEGER, 0,
	  offsetof(struct listener_settings, workers), "auto", NULL, 0, 1, 256 },
	MF_RANGE(struct listener_settings, maximum_sessions, "1000", 1, 100000,
	    "connections of the MTA that a worker serves at a time; for each it may open 4 "
	    "descriptors"),
	MF_CHOICE(struct listener_settings, overload, "tempfail accept", "tempfail",
	    "what becomes of connections beyond them: the client is told to try again later, or "
	    "they pass without any filter"),
	MF_RANGE(struct listener_settings, memory_limit, "1g", 0, 1ll << 50,
	    "resident memory at which a worker is replaced, once its sessions have ended; 0: none"),
	MF_RANGE(struct listener_settings, memory_maximum, "4g", 0, 1ll << 50,
	    "memory that a worker can allocate after it has loaded all, without the stacks of its "
	    "threads; without any more it ends, and another one takes its place; 0: any"),
	MF_REQUIRED(struct listener_settings, chain,
	    "names of the filters that judge its mail, in order"),
	MF_OPTION_END
};

static const struct mf_option list_table[] = {
	MF_ARGUMENT(struct list_settings, name, "name of the list; conditions write it @NAME"),
	MF_OPTION(struct list_settings, file, NULL,
	    "files with one entry a line; may hold * and ?"),
	MF_OPTION(struct list_settings, entries, NULL,
	    "entries: addresses, networks, domains (.example.org: all below it), strings"),
	MF_OPTION_END
};

const struct mf_option filter_option_table[] = {
	MF_ARGUMENT(struct filter_settings, name, "name of the filter"),
	MF_REQUIRED(struct filter_settings, plugin,
	    "its plugin; the plugin's own options stand in the same block"),
	MF_OPTION(struct filter_settings, when, NULL,
	    "messages that the filter sees; all when left out"),
	MF_CHOICE(struct filter_settings, on_error, "tempfail reject accept skip", "tempfail",
	    "what becomes of a message when the filter fails; skip: the next filter takes over"),
	MF_RANGE(struct filter_settings, timeout, "10s", 10, 3600 * 1000,
	    "time that one call of the filter may take"),
	MF_RANGE(struct filter_settings, hard_timeout, NULL, 10, 24 * 3600 * 1000,
	    "time after which a call that does not come back is cut off, and with it the "
	    "connection of the MTA; three times the timeout when left out"),
	MF_CHOICE(struct filter_settings, mode, "enforce shadow", "enforce",
	    "shadow: what the filter would do is logged and counted, nothing is done"),
	MF_OPTION_END
};

struct blocks {
	struct mf_blocks listener, list, filter;
};

/* A filter's statements are bound when the lists are known. */
static const struct mf_option block_table[] = {
	MF_BLOCK(struct blocks, listener, "listener", listener_table, struct listener_settings,
	    "a socket and the chain of filters behind it"),
	MF_BLOCK(struct blocks, list, "list", list_table, struct list_settings,
	    "a list that conditions look things up in"),
	{ "filter", NULL, "a plugin with its options", MF_TYPE_BLOCK, SCHEMA_LATER_FLAG,
	  offsetof(struct blocks, filter), NULL, filter_option_table,
	  sizeof(struct filter_settings), 0, 0 },
	MF_OPTION_END
};

/* ---- loading ---- */

/* The structs of one option's blocks, which stand in one array; at most as many as the limit
 * allows. */
static void *
block_array(struct settings *settings, const struct mf_blocks *blocks, size_t *count_r)
{
	*count_r = blocks->count;
	if (!blocks->count)
		return NULL;
	if (blocks->count > SETTINGS_BLOCKS_MAXIMUM) {
		const void *extra = blocks->items[SETTINGS_BLOCKS_MAXIMUM].options;

		config_error(settings->scope.errors,
		    schema_statement(settings->schema, extra)->name.at,
		    "there are more than %u blocks \"%s\"", SETTINGS_BLOCKS_MAXIMUM,
		    blocks->items->keyword);
		*count_r = SETTINGS_BLOCKS_MAXIMUM;
	}
	return (void *)blocks->items->options;
}

static void
take_blocks(struct settings *settings, const struct blocks *blocks)
{
	size_t i;

	settings->listeners = block_array(settings, &blocks->listener, &settings->listener_count);
	for (i = 0; i < settings->listener_count; i++) {
		struct listener_settings *listener = &settings->listeners[i];

		listener->where = blocks->listener.items[i].where;
		listener->statement = schema_statement(settings->schema, listener);
	}
	settings->filters = block_array(settings, &blocks->filter, &settings->filter_count);
	for (i = 0; i < settings->filter_count; i++) {
		struct filter_settings *filter = &settings->filters[i];

		filter->where = blocks->filter.items[i].where;
		filter->statement = schema_statement(settings->schema, filter);
	}
}

/* Binds what every filter block has; the plugin's own statements are passed over. */
static void
bind_filters(struct settings *settings)
{
	size_t i;

	for (i = 0; i < settings->filter_count; i++) {
		struct filter_settings *filter = &settings->filters[i];
		struct schema_target target = { filter_option_table, filter };

		schema_bind(settings->schema, filter->statement, NULL, &target, 1,
		    arena_printf(settings->arena, "filter %s", filter->name ? filter->name : ""),
		    true);
	}
}

static struct regex_limits
regex_limits(const struct regex_settings *regex)
{
	return (struct regex_limits){
		.match = (uint32_t)regex->match_limit,
		.depth = (uint32_t)regex->depth_limit,
		.heap = (uint32_t)(regex->heap_limit.bytes >> 10),
	};
}

static void
bind_all(struct settings *settings, enum settings_depth depth)
{
	struct blocks blocks = { 0 };
	const struct schema_target targets[] = { { settings_table, settings },
		{ block_table, &blocks } };
	const struct list_settings *lists;
	size_t list_count;

	settings->schema = schema_create(&settings->scope);
	schema_bind(settings->schema, NULL, settings->tree->first, targets, 2, NULL, false);
	take_blocks(settings, &blocks);
	lists = block_array(settings, &blocks.list, &list_count);
	settings->scope.limits = regex_limits(&settings->regex);
	if (depth != SETTINGS_DAEMON) {
		settings_load_lists(settings, lists, list_count, depth != SETTINGS_ALONE);
		settings_load_dns(settings, depth != SETTINGS_ALONE);
		bind_filters(settings);
	} else if (archive_in_use()) {
		settings_archive_lists(settings, lists, list_count);
		settings_archive_dns(settings);
	}
	settings_check(settings, lists, list_count, depth);
}

static struct settings *
settings_create(struct config_errors *errors)
{
	struct arena *arena = arena_create(0, 0);
	struct settings *settings = arena_alloc(arena, sizeof(*settings));

	settings->arena = arena;
	settings->scope = (struct config_scope){ .arena = arena, .errors = errors, .label = "" };
	return settings;
}

/* From the command line; NULL: what the files say. */
static const char *record_folder;

void
settings_record_into(const char *folder)
{
	record_folder = folder;
}

/* Binds the tree, if there is one and it has a meaning; else NULL. */
static struct settings *
finish(struct settings *settings, enum settings_depth depth)
{
	if (settings->tree->source && !settings->tree->broken)
		bind_all(settings, depth);
	else
		settings_destroy(&settings);
	if (settings && record_folder)
		settings->record.folder = record_folder;
	return settings;
}

struct settings *
settings_read(const char *path, enum settings_depth depth, struct config_errors *errors)
{
	struct settings *settings = settings_create(errors);

	settings->tree = config_parse_file(path, settings->arena, errors);
	return finish(settings, depth);
}

struct settings *
settings_read_text(const char *name, struct str text, enum settings_depth depth,
    struct config_errors *errors)
{
	struct settings *settings = settings_create(errors);

	settings->tree = (depth == SETTINGS_ALONE ? config_parse_alone : config_parse_text)(name,
	    text, settings->arena, errors);
	return finish(settings, depth);
}

struct settings *
settings_load(const char *path, enum settings_depth depth, struct config_errors *errors)
{
	struct settings *settings = settings_read(path, depth, errors);

	if (config_errors_count(errors))
		settings_destroy(&settings);
	return settings;
}

void
settings_destroy(struct settings **settings)
{
	struct arena *arena;

	if (!*settings)
		return;
	arena = (*settings)->arena;
	*settings = NULL;
	arena_destroy(&arena);
}

/* ---- look-ups ---- */

const struct filter_settings *
settings_filter(const struct settings *settings, const char *name)
{
	size_t i;

	for (i = 0; i < settings->filter_count; i++)
		if (settings->filters[i].name && strcmp(settings->filters[i].name, name) == 0)
			return &settings->filters[i];
	return NULL;
}

const struct listener_settings *
settings_listener(const struct settings *settings, const char *name)
{
	size_t i;

	for (i = 0; i < settings->listener_count; i++)
		if (settings->listeners[i].name && strcmp(settings->listeners[i].name, name) == 0)
			return &settings->listeners[i];
	return NULL;
}

bool
settings_want_admin(const struct settings *settings)
{
	const struct mf_strings *listen = &settings->admin.listen;

	return listen->count != 1 || strcmp(listen->items[0], "none") != 0;
}

bool
settings_want_history(const struct settings *settings)
{
	return settings->history.keep && settings_want_admin(settings);
}

void
settings_print_reference(FILE *to)
{
	schema_print(settings_table, to);
	schema_print(block_table, to);
}
