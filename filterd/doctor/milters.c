/* SPDX-License-Identifier: BSD-2-Clause */
/* Sockets, lists and times of milters, as MTAs write them. */
#include <string.h>

#include "filterd/doctor/milters.h"
#include "filterd/util/buffer.h"

#define BLANKS		" \t\r\n"
#define LONGEST		(10000ll * 7 * 86400 * 1000)	/* milliseconds of a time */

const char *const milter_setting_names[MILTER_SETTINGS] = {
	"connect_timeout", "command_timeout", "content_timeout", "default_action", "protocol"
};

static bool
has_prefix(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* The path behind "unix:" or "local:"; NULL: it is none. */
static const char *
path_of(const char *text)
{
	return has_prefix(text, "unix:") ? text + 5 : has_prefix(text, "local:") ? text + 6 : NULL;
}

static const char *
without_brackets(const char *text, size_t length, struct arena *arena)
{
	if (length > 2 && text[0] == '[' && text[length - 1] == ']')
		return arena_copy(arena, text + 1, length - 2);
	return arena_copy(arena, text, length);
}

/* ---- Postfix ---- */

static const char *
take_host_port(struct endpoint *endpoint, const char *text, struct arena *arena)
{
	const char *colon = strrchr(text, ':');

	if (strchr(text, '@'))
		return "Postfix wants inet:HOST:PORT; inet:PORT@HOST is how Sendmail writes it, "
		    "and smtpd does not start with it";
	if (!colon || colon == text || !colon[1])
		return "Postfix wants inet:HOST:PORT";
	endpoint->host = without_brackets(text, (size_t)(colon - text), arena);
	endpoint->port = arena_strdup(arena, colon + 1);
	return NULL;
}

void
endpoint_of_postfix(struct endpoint *endpoint_r, const char *text, struct arena *arena)
{
	*endpoint_r = (struct endpoint){ .text = arena_strdup(arena, text) };
	text = endpoint_r->text;
	endpoint_r->path = path_of(text);
	if (endpoint_r->path && !*endpoint_r->path)
		*endpoint_r = (struct endpoint){ text, "there is no path behind the colon", NULL,
			NULL, NULL };
	else if (!endpoint_r->path && has_prefix(text, "inet:"))
		endpoint_r->problem = take_host_port(endpoint_r, text + 5, arena);
	else if (!endpoint_r->path)
		endpoint_r->problem = has_prefix(text, "inet6:") ?
		    "Postfix writes IPv6 as inet:[ADDRESS]:PORT" :
		    "Postfix wants unix:PATH or inet:HOST:PORT";
}

/* ---- Sendmail ---- */

void
endpoint_of_sendmail(struct endpoint *endpoint_r, const char *text, struct arena *arena)
{
	const char *rest, *at;

	*endpoint_r = (struct endpoint){ .text = arena_strdup(arena, text) };
	text = endpoint_r->text;
	endpoint_r->path = strchr(text, ':') ? path_of(text) : text;
	if (endpoint_r->path && *endpoint_r->path)
		return;
	endpoint_r->path = NULL;
	rest = has_prefix(text, "inet:") ? text + 5 : has_prefix(text, "inet6:") ? text + 6 : "";
	at = strchr(rest, '@');
	if (!at || at == rest || !at[1]) {
		endpoint_r->problem = "Sendmail wants unix:PATH, inet:PORT@HOST or "
		    "inet6:PORT@HOST";
		return;
	}
	endpoint_r->port = arena_copy(arena, rest, (size_t)(at - rest));
	endpoint_r->host = without_brackets(at + 1, strlen(at + 1), arena);
}

/* ---- lists ---- */

/* The next word of a list: up to a comma or blank outside of braces, which are taken off if they
 * are its ends. NULL: there is none. */
static const char *
next_word(const char **text, bool *braced_r, struct arena *arena)
{
	const char *begin = *text + strspn(*text, BLANKS ","), *end;
	unsigned depth = 0;
	size_t length;

	for (end = begin; *end && (depth || !strchr(BLANKS ",", *end)); end++) {
		if (*end == '{')
			depth++;
		else if (*end == '}' && depth)
			depth--;
	}
	*text = end;
	length = (size_t)(end - begin);
	*braced_r = length >= 2 && begin[0] == '{' && end[-1] == '}';
	if (*braced_r)
		return arena_copy(arena, begin + 1, length - 2);
	return length ? arena_copy(arena, begin, length) : NULL;
}

static const char *
trimmed(const char *text, size_t length, struct arena *arena)
{
	return arena_str(arena, str_trim((struct str){ text, length })).data;
}

static void
take_attribute(struct milter_entry *entry, const char *text, struct arena *arena)
{
	const char *equals = strchr(text, '='), *name;
	enum milter_setting setting;

	if (!equals)
		return;
	name = trimmed(text, (size_t)(equals - text), arena);
	for (setting = 0; setting < MILTER_SETTINGS; setting++)
		if (strcmp(name, milter_setting_names[setting]) == 0)
			entry->own[setting] = trimmed(equals + 1, strlen(equals + 1), arena);
}

static void
take_entry(struct milter_entry *entry, const char *word, bool braced, struct arena *arena)
{
	const char *service = word, *attribute;
	bool inner;

	entry->source = braced ? arena_printf(arena, "{%s}", word) : word;
	if (braced)
		service = next_word(&word, &inner, arena);
	endpoint_of_postfix(&entry->endpoint, service ? service : "", arena);
	while (braced && (attribute = next_word(&word, &inner, arena)))
		take_attribute(entry, attribute, arena);
}

struct milter_entry *
milter_list_parse(const char *text, size_t *count_r, struct arena *arena)
{
	/* every entry but the last has a byte and a separator, at least */
	struct milter_entry *entries =
	    arena_array(arena, strlen(text) / 2 + 1, sizeof(*entries));
	const char *word;
	bool braced;

	for (*count_r = 0; (word = next_word(&text, &braced, arena)); (*count_r)++)
		take_entry(&entries[*count_r], word, braced, arena);
	return entries;
}

static void
write_entry(struct buffer *to, const struct milter_entry *entry, const char *socket,
    enum milter_setting setting, const char *value)
{
	enum milter_setting i;
	bool plain = true;

	for (i = 0; i < MILTER_SETTINGS; i++)
		plain = plain && i != setting && !entry->own[i];
	buffer_printf(to, plain ? "%s" : "{ %s", socket ? socket : entry->endpoint.text);
	for (i = 0; i < MILTER_SETTINGS; i++)
		if (i == setting || entry->own[i])
			buffer_printf(to, ", %s=%s", milter_setting_names[i],
			    i == setting ? value : entry->own[i]);
	if (!plain)
		buffer_add_text(to, " }");
}

const char *
milter_list_write(const struct milter_entry *entries, size_t count, size_t index,
    const char *socket, enum milter_setting setting, const char *value, struct arena *arena)
{
	struct buffer list = { 0 };
	const char *text;
	size_t i;

	for (i = 0; i < count; i++) {
		if (i)
			buffer_add_text(&list, ", ");
		if (i == index)
			write_entry(&list, &entries[i], socket, setting, value);
		else
			buffer_add_text(&list, entries[i].source);
	}
	text = arena_strdup(arena, buffer_text(&list));
	buffer_free(&list);
	return text;
}

/* ---- times ---- */

/* Milliseconds of a unit; 0: it is none. */
static int64_t
unit_of(char letter)
{
	switch (letter) {
	case 's':
		return 1000;
	case 'm':
		return 60 * 1000;
	case 'h':
		return 3600 * 1000;
	case 'd':
		return 86400 * 1000;
	case 'w':
		return 7 * 86400 * 1000ll;
	default:
		return 0;
	}
}

bool
mta_time_parse(const char *text, int64_t *milliseconds_r)
{
	int64_t total = 0;

	if (!*text)
		return false;
	while (*text) {
		size_t digits = strspn(text, "0123456789"), i;
		int64_t number = 0, unit;

		if (!digits || digits > 9)
			return false;
		for (i = 0; i < digits; i++)
			number = number * 10 + (text[i] - '0');
		text += digits;
		unit = *text ? unit_of(str_lower(*text++)) : 1000;
		if (!unit || number > LONGEST / unit || total > LONGEST - number * unit)
			return false;
		total += number * unit;
	}
	*milliseconds_r = total;
	return true;
}
