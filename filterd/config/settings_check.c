/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What no option table can check: names against each other and against the machine's users,
 * sockets, modes, paths. Every mistake is noted at the value that holds it.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>

#include "filterd/config/settings_parts.h"
#include "filterd/config/source.h"

#define NAME_MAXIMUM 64

void
check_mistake(const struct check *check, const void *member, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	config_verror(check->settings->scope.errors,
	    schema_position(check->settings->schema, member), format, arguments);
	va_end(arguments);
}

/* ---- names ---- */

/* The structs of one kind of block; each begins with its name. */
struct named {
	const char *kind;
	const char *structs;
	size_t count, size;
};

static const char *const *
name_of(const struct named *named, size_t i)
{
	return (const void *)(named->structs + i * named->size);
}

static bool
name_valid(const char *name)
{
	static const char letters[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	size_t length = strspn(name, letters);

	return length && length <= NAME_MAXIMUM && !name[length];
}

static void
check_unique(const struct check *check, const struct named *named, size_t i)
{
	const char *const *name = name_of(named, i);
	size_t j;

	for (j = 0; j < i; j++) {
		const char *const *other = name_of(named, j);

		if (!*other || strcmp(*other, *name) != 0)
			continue;
		check_mistake(check, name, "there is a %s \"%s\" already: %s", named->kind, *name,
		    config_where(schema_position(check->settings->schema, other), check->arena));
		return;
	}
}

static void
check_names(const struct check *check, const char *kind, const void *structs, size_t count,
    size_t size)
{
	const struct named named = { kind, structs, count, size };
	size_t i;

	for (i = 0; i < count; i++) {
		const char *const *name = name_of(&named, i);

		if (!*name)
			continue;
		if (name_valid(*name))
			check_unique(check, &named, i);
		else
			check_mistake(check, name,
			    "expected a name of at most %d letters, digits, \".\", \"_\" and \"-\"",
			    NAME_MAXIMUM);
	}
}

/* ---- users, groups, paths ---- */

/* A user or group may be given by its number. */
static bool
is_number(const char *text)
{
	return *text && !text[strspn(text, "0123456789")];
}

void
check_user(const struct check *check, const char *const *user)
{
	if (*user && check->machine && !is_number(*user) && !getpwnam(*user))
		check_mistake(check, user, "there is no user \"%s\" on this machine", *user);
}

void
check_group(const struct check *check, const char *const *group)
{
	if (*group && check->machine && !is_number(*group) && !getgrnam(*group))
		check_mistake(check, group, "there is no group \"%s\" on this machine", *group);
}

void
check_path(const struct check *check, const char *const *path, const char *name)
{
	if (*path && **path != '/')
		check_mistake(check, path, "expected an absolute path for \"%s\", found \"%s\"",
		    name, *path);
}

void
check_mode(const struct check *check, const char *const *mode)
{
	mode_t bits;

	if (!listener_mode_parse(*mode, &bits))
		check_mistake(check, mode, "expected an octal mode such as 0660, found \"%s\"",
		    *mode);
}

/* Better at the start than when the first large message comes. */
static void
check_spool(const struct check *check)
{
	const char *const *folder = &check->settings->message.spool_directory;
	struct config_position at = { .source = check->settings->tree->source };

	check_path(check, folder, "spool-directory");
	if (!check->serves || **folder != '/' ||
	    faccessat(AT_FDCWD, *folder, W_OK | X_OK, AT_EACCESS) == 0)
		return;
	if (schema_given(check->settings->schema, folder))
		at = schema_position(check->settings->schema, folder);
	config_error(check->settings->scope.errors, at,
	    "cannot write to the spool-directory \"%s\": %s", *folder,
	    source_reason(check->arena, errno));
}

static void
check_facility(const struct check *check)
{
	static const char *const known[] = { "auth", "authpriv", "daemon", "mail", "syslog", "user",
		"local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7" };
	const size_t count = sizeof(known) / sizeof(*known);
	const char *const *facility = &check->settings->log.facility;
	size_t i;

	for (i = 0; i < count; i++)
		if (strcmp(*facility, known[i]) == 0)
			return;
	check_mistake(check, facility, "unknown facility \"%s\"%s", *facility,
	    config_hint(check->arena, *facility, known, count));
}

static void
check_quarantine(const struct check *check)
{
	const struct mf_strings *release = &check->settings->quarantine.release;
	struct listener_address address;
	const char *error = "expected smtp and an address, or sendmail and a path";
	const char *const *at = release->items;

	check_path(check, &check->settings->quarantine.store, "store");
	if (release->count == 2 && strcmp(release->items[0], "smtp") == 0) {
		at++;
		if (!listener_address_parse(*at, &address, &error))
			check_mistake(check, at, "%s, found \"%s\"", error, *at);
	} else if (release->count == 2 && strcmp(release->items[0], "sendmail") == 0) {
		check_path(check, at + 1, "sendmail");
	} else {
		check_mistake(check, at, "%s", error);
	}
}

/* ---- listeners ---- */

static const char *
nearest_filter(const struct check *check, const char *name)
{
	const struct settings *settings = check->settings;
	const char **names = arena_array(check->arena, settings->filter_count, sizeof(*names));
	size_t i;

	for (i = 0; i < settings->filter_count; i++)
		names[i] = settings->filters[i].name;
	return config_hint(check->arena, name, names, settings->filter_count);
}

static bool
stands_before(const struct mf_strings *chain, size_t i)
{
	size_t j;

	for (j = 0; j < i; j++)
		if (strcmp(chain->items[j], chain->items[i]) == 0)
			return true;
	return false;
}

static void
check_chain(const struct check *check, const struct listener_settings *listener)
{
	const struct mf_strings *chain = &listener->chain;
	size_t i;

	for (i = 0; i < chain->count; i++) {
		const char *const *name = &chain->items[i];

		if (!settings_filter(check->settings, *name))
			check_mistake(check, name,
			    "unknown filter \"%s\" in the chain of listener %s%s", *name,
			    listener->name, nearest_filter(check, *name));
		else if (stands_before(chain, i))
			check_mistake(check, name,
			    "filter \"%s\" stands twice in the chain of listener %s", *name,
			    listener->name);
	}
}

/* What only a unix socket can have. */
static void
refuse_for_inet(const struct check *check, const void *member, const char *name)
{
	if (schema_given(check->settings->schema, member))
		check_mistake(check, member, "\"%s\" is for unix sockets alone", name);
}

static void
check_socket(const struct check *check, const struct listener_settings *listener)
{
	struct listener_address address;
	const char *error;

	if (!listener->socket)
		return;
	if (!listener_address_parse(listener->socket, &address, &error)) {
		check_mistake(check, &listener->socket, "%s, found \"%s\"", error,
		    listener->socket);
	} else if (address.family != AF_UNIX) {
		refuse_for_inet(check, &listener->owner, "owner");
		refuse_for_inet(check, &listener->group, "group");
		refuse_for_inet(check, &listener->mode, "mode");
	}
}

static bool
same_address(const struct listener_settings *a, const struct listener_settings *b)
{
	struct listener_address left, right;
	const char *error;

	return a->socket && b->socket && listener_address_parse(a->socket, &left, &error) &&
	    listener_address_parse(b->socket, &right, &error) && left.length == right.length &&
	    memcmp(&left.address, &right.address, left.length) == 0;
}

static void
check_other_sockets(const struct check *check, const struct listener_settings *listener)
{
	const struct listener_settings *other;

	for (other = check->settings->listeners; other < listener; other++)
		if (same_address(other, listener)) {
			check_mistake(check, &listener->socket,
			    "listener %s has this socket already: %s",
			    other->name ? other->name : "", other->where);
			return;
		}
}

static void
check_listener(const struct check *check, const struct listener_settings *listener)
{
	check_socket(check, listener);
	check_other_sockets(check, listener);
	check_user(check, &listener->owner);
	check_group(check, &listener->group);
	check_mode(check, &listener->mode);
	if (listener->name)
		check_chain(check, listener);
}

/* ---- filters ---- */

static void
check_filter(const struct check *check, const struct filter_settings *filter)
{
	int64_t hard = filter->hard_timeout.milliseconds, soft = filter->timeout.milliseconds;

	bool seconds = soft % 1000 == 0;

	if (hard && hard < soft)
		check_mistake(check, &filter->hard_timeout,
		    "expected no less than the timeout, %lld%s, for \"hard-timeout\"",
		    (long long)(seconds ? soft / 1000 : soft), seconds ? "s" : "ms");
}

static void
check_any_listener(const struct settings *settings)
{
	struct config_position file = { .source = settings->tree->source };

	if (!settings->listener_count)
		config_error(settings->scope.errors, file,
		    "there is no listener: expected a block \"listener NAME { … }\"");
}

/* ---- everything ---- */

void
settings_check(const struct settings *settings, const struct list_settings *lists,
    size_t list_count, enum settings_depth depth)
{
	const struct check check = { settings, settings->arena, depth != SETTINGS_ALONE,
		depth == SETTINGS_WHOLE };
	size_t i;

	check_user(&check, &settings->user);
	check_group(&check, &settings->group);
	check_path(&check, &settings->pid_file, "pid-file");
	check_path(&check, &settings->control, "control");
	check_path(&check, &settings->plugin_path, "plugin-path");
	check_spool(&check);
	check_path(&check, &settings->record.folder, "folder");
	check_quarantine(&check);
	check_facility(&check);
	check_admin(&check);
	check_dns(&check);
	check_path(&check, &settings->shadow.config, "config");
	check_names(&check, "listener", settings->listeners, settings->listener_count,
	    sizeof(*settings->listeners));
	check_names(&check, "filter", settings->filters, settings->filter_count,
	    sizeof(*settings->filters));
	check_names(&check, "list", lists, list_count, sizeof(*lists));
	if (check.machine)
		check_any_listener(settings);
	for (i = 0; i < settings->listener_count; i++)
		check_listener(&check, &settings->listeners[i]);
	for (i = 0; i < settings->filter_count; i++)
		check_filter(&check, &settings->filters[i]);
}
