/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading what postconf prints. Lines that are not understood are passed over. */
#include <stdlib.h>
#include <string.h>

#include "filterd/doctor/postconf.h"

enum { NAME, TYPE, PRIVATE, UNPRIVILEGED, CHROOT, WAKEUP, PROCESSES, COMMAND, COLUMNS };

/* Cuts the first line off; false: there is none left. */
static bool
next_line(struct str *text, struct str *line_r)
{
	const char *end;

	if (!text->length)
		return false;
	end = memchr(text->data, '\n', text->length);
	line_r->data = text->data;
	line_r->length = end ? (size_t)(end - text->data) : text->length;
	text->data += line_r->length + (end ? 1 : 0);
	text->length -= line_r->length + (end ? 1 : 0);
	return true;
}

static size_t
count_lines(struct str text)
{
	struct str line;
	size_t count = 0;

	while (next_line(&text, &line))
		count++;
	return count;
}

static struct postfix_parameter *
read_parameters(struct str text, size_t *count_r, struct arena *arena)
{
	struct postfix_parameter *all = arena_array(arena, count_lines(text) + 1, sizeof(*all));
	struct str line;

	for (*count_r = 0; next_line(&text, &line);) {
		const char *equals = line.length ? memchr(line.data, '=', line.length) : NULL;
		struct str name, value;

		if (!equals)
			continue;
		name = str_trim((struct str){ line.data, (size_t)(equals - line.data) });
		value = str_trim((struct str){
		    equals + 1, line.length - (size_t)(equals + 1 - line.data) });
		all[*count_r].name = arena_str(arena, name).data;
		all[*count_r].value = arena_str(arena, value).data;
		(*count_r)++;
	}
	return all;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* False: it has too few columns. */
static bool
read_columns(struct str line, const char *columns_r[COLUMNS], struct arena *arena)
{
	size_t at = 0, begin, i;

	for (i = 0; i < COLUMNS; i++) {
		while (at < line.length && is_blank(line.data[at]))
			at++;
		for (begin = at; at < line.length && !is_blank(line.data[at]);)
			at++;
		if (at == begin)
			return false;
		columns_r[i] = arena_copy(arena, line.data + begin, at - begin);
	}
	return true;
}

/* "-" in the chroot column was "y" before compatibility level 1; postconf(5). */
static bool
runs_in_chroot(const char *column, const char *level)
{
	return column[0] == 'y' || (column[0] == '-' && strtoul(level, NULL, 10) < 1);
}

static void
read_services(struct postfix *postfix, struct str text, struct arena *arena)
{
	const char *level = postfix_value(postfix, NULL, "compatibility_level");
	const char *columns[COLUMNS];
	struct str line;

	postfix->services =
	    arena_array(arena, count_lines(text) + 1, sizeof(*postfix->services));
	while (next_line(&text, &line)) {
		struct postfix_service *service = &postfix->services[postfix->service_count];

		if (!read_columns(line, columns, arena))
			continue;
		service->name = columns[NAME];
		service->type = columns[TYPE];
		service->command = columns[COMMAND];
		service->label = arena_printf(arena, "%s/%s", service->name, service->type);
		service->chroot = runs_in_chroot(columns[CHROOT], level);
		postfix->service_count++;
	}
}

void
postfix_read(struct postfix *postfix_r, struct str parameters, struct str services,
    struct str overrides, struct arena *arena)
{
	*postfix_r = (struct postfix){ 0 };
	postfix_r->parameters = read_parameters(parameters, &postfix_r->parameter_count, arena);
	postfix_r->overrides = read_parameters(overrides, &postfix_r->override_count, arena);
	read_services(postfix_r, services, arena);
}

/* Whether it is "LABEL/NAME". */
static bool
is_override(const char *text, const char *label, const char *name)
{
	size_t length = strlen(label);

	return strncmp(text, label, length) == 0 && text[length] == '/' &&
	    strcmp(text + length + 1, name) == 0;
}

static const char *
find_override(const struct postfix *postfix, const struct postfix_service *service,
    const char *name)
{
	size_t i;

	for (i = 0; service && i < postfix->override_count; i++)
		if (is_override(postfix->overrides[i].name, service->label, name))
			return postfix->overrides[i].value;
	return NULL;
}

const char *
postfix_value(const struct postfix *postfix, const struct postfix_service *service,
    const char *name)
{
	const char *value = find_override(postfix, service, name);
	size_t i;

	for (i = 0; !value && i < postfix->parameter_count; i++)
		if (strcmp(postfix->parameters[i].name, name) == 0)
			value = postfix->parameters[i].value;
	return value ? value : "";
}

bool
postfix_overrides(const struct postfix *postfix, const struct postfix_service *service,
    const char *name)
{
	return find_override(postfix, service, name) != NULL;
}
