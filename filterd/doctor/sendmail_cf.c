/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading sendmail.cf. Lines that do not matter here, or are not understood, are passed over. */
#include <stdio.h>
#include <string.h>

#include "filterd/doctor/sendmail_cf.h"

#define BLANKS " \t\r\n"

/* ---- lines ---- */

static size_t
line_length(struct str text)
{
	const char *end = text.length ? memchr(text.data, '\n', text.length) : NULL;

	return end ? (size_t)(end - text.data) + 1 : text.length;
}

/* Cuts off the first line with those that continue it. NULL: there is none left. */
static char *
next_line(struct str *text, struct arena *arena)
{
	size_t length = line_length(*text);
	char *line;

	if (!text->length)
		return NULL;
	while (length < text->length && (text->data[length] == ' ' || text->data[length] == '\t'))
		length += line_length((struct str){ text->data + length, text->length - length });
	line = arena_copy(arena, text->data, length);
	text->data += length;
	text->length -= length;
	line[strcspn(line, "\r")] = '\0';
	while (*line && strchr(BLANKS, line[strlen(line) - 1]))
		line[strlen(line) - 1] = '\0';
	return line;
}

static size_t
count_lines(struct str text)
{
	size_t count = 0, i;

	for (i = 0; i < text.length; i++)
		count += text.data[i] == '\n';
	return count + 1;
}

/* ---- equates: "Name=value, Name=value" ---- */

/* Cuts the next one off; the name without blanks. NULL: there is none. */
static const char *
next_equate(const char **text, const char **value_r, struct arena *arena)
{
	const char *begin = *text + strspn(*text, BLANKS ",");
	size_t length = strcspn(begin, ",");
	const char *equals = length ? memchr(begin, '=', length) : NULL;
	size_t name = equals ? (size_t)(equals - begin) : length;

	if (!length)
		return NULL;
	*text = begin + length;
	*value_r = "";
	if (equals)
		*value_r = arena_str(arena,
		    str_trim((struct str){ equals + 1, length - name - 1 })).data;
	return arena_str(arena, str_trim((struct str){ begin, name })).data;
}

/* "C:5m;S:10s;R:10s;E:5m", in any order. */
static void
take_times(struct sendmail_filter *filter, const char *text, struct arena *arena)
{
	while (*(text += strspn(text, BLANKS ";"))) {
		size_t length = strcspn(text, BLANKS ";");
		const char *time = length > 2 && text[1] == ':' ?
		    arena_copy(arena, text + 2, length - 2) : NULL;

		switch (time ? *text : '\0') {
		case 'C':
			filter->connect = time;
			break;
		case 'S':
			filter->send = time;
			break;
		case 'R':
			filter->reply = time;
			break;
		case 'E':
			filter->end = time;
			break;
		}
		text += length;
	}
}

/* "NAME, S=…, F=…, T=…" */
static void
take_filter(struct sendmail *sendmail, const char *text, struct arena *arena)
{
	struct sendmail_filter *filter = &sendmail->filters[sendmail->filter_count];
	const char *name, *value, *socket = "";

	name = next_equate(&text, &value, arena);
	if (!name || !*name)
		return;
	filter->name = name;
	while ((name = next_equate(&text, &value, arena))) {
		if (strcmp(name, "S") == 0)
			socket = value;
		else if (strcmp(name, "F") == 0)
			filter->action = *value;
		else if (strcmp(name, "T") == 0)
			take_times(filter, value, arena);
	}
	endpoint_of_sendmail(&filter->endpoint, socket, arena);
	sendmail->filter_count++;
}

/* ---- options ---- */

/* DaemonPortOptions; a list of its own filters is divided by ";". */
static void
take_daemon(struct sendmail *sendmail, const char *text, struct arena *arena)
{
	struct sendmail_daemon *daemon = &sendmail->daemons[sendmail->daemon_count++];
	const char *name, *value;

	daemon->name = arena_printf(arena, "daemon %zu", sendmail->daemon_count);
	while ((name = next_equate(&text, &value, arena))) {
		if (str_equal_nocase(str_of(name), STR("Name")) ||
		    str_equal_nocase(str_of(name), STR("N")))
			daemon->name = value;
		else if (str_has_prefix_nocase(str_of(name), STR("I")))
			daemon->filters = value;
	}
}

/* "Name=value", behind "O ". */
static void
take_option(struct sendmail *sendmail, const char *text, struct arena *arena)
{
	struct sendmail_option *option = &sendmail->options[sendmail->option_count];
	const char *equals = strchr(text, '=');
	struct str name;

	if (!equals)
		return;
	name = str_trim((struct str){ text, (size_t)(equals - text) });
	option->name = arena_str(arena, name).data;
	option->value = arena_str(arena, str_trim(str_of(equals + 1))).data;
	sendmail->option_count++;
	if (str_equal_nocase(name, STR("DaemonPortOptions")))
		take_daemon(sendmail, option->value, arena);
}

void
sendmail_read(struct sendmail *sendmail_r, struct str text, struct arena *arena)
{
	size_t lines = count_lines(text);
	char *line;

	*sendmail_r = (struct sendmail){ 0 };
	sendmail_r->filters = arena_array(arena, lines, sizeof(*sendmail_r->filters));
	sendmail_r->daemons = arena_array(arena, lines, sizeof(*sendmail_r->daemons));
	sendmail_r->options = arena_array(arena, lines, sizeof(*sendmail_r->options));
	while ((line = next_line(&text, arena))) {
		if (line[0] == 'X')
			take_filter(sendmail_r, line + 1, arena);
		else if (line[0] == 'O' && line[1] == ' ')
			take_option(sendmail_r, line + 2, arena);
		else if (strncmp(line, "DZ", 2) == 0)
			sscanf(line + 2, "%4u.%4u", &sendmail_r->major, &sendmail_r->minor);
	}
}

const char *
sendmail_option(const struct sendmail *sendmail, const char *name)
{
	size_t i;

	for (i = sendmail->option_count; i > 0; i--)
		if (str_equal_nocase(str_of(sendmail->options[i - 1].name), str_of(name)))
			return sendmail->options[i - 1].value;
	return "";
}

bool
sendmail_list_has(const char *list, const char *name, bool nocase)
{
	const struct str wanted = str_of(name);

	while (*(list += strspn(list, BLANKS ",;"))) {
		const struct str word = { list, strcspn(list, BLANKS ",;") };

		if (nocase ? str_equal_nocase(word, wanted) : str_equal(word, wanted))
			return true;
		list += word.length;
	}
	return false;
}
