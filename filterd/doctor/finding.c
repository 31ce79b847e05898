/* SPDX-License-Identifier: BSD-2-Clause */
/* Findings, kept and printed. */
#include <string.h>

#include "filterd/doctor/finding.h"
#include "filterd/service/json.h"

static const char *const severity_names[SEVERITY_COUNT] = { "error", "warning", "note" };

static bool
same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

void
finding_add(struct findings *findings, const struct finding *finding)
{
	struct finding *copy;

	for (copy = findings->first; copy; copy = copy->next)
		if (same_text(copy->name, finding->name) && same_text(copy->what, finding->what) &&
		    same_text(copy->file, finding->file) && same_text(copy->put, finding->put))
			return;
	copy = arena_alloc(findings->arena, sizeof(*copy));
	*copy = *finding;
	copy->next = NULL;
	if (findings->last)
		findings->last->next = copy;
	else
		findings->first = copy;
	findings->last = copy;
	findings->count[copy->severity]++;
}

/* The next of that severity. */
static const struct finding *
seek(const struct finding *finding, enum severity severity)
{
	while (finding && finding->severity != severity)
		finding = finding->next;
	return finding;
}

/* ---- text ---- */

/* Texts of configuration files go to a terminal: what would command it is not printed. */
static void
add_plain(struct buffer *to, const char *text, const char *indent)
{
	buffer_add_text(to, indent);
	for (; *text; text++) {
		bool control = ((unsigned char)*text < ' ' && *text != '\t') || *text == 0x7f;

		if (*text == '\n')
			buffer_printf(to, "\n%s", indent);
		else
			buffer_add_char(to, control ? '?' : *text);
	}
	buffer_add_char(to, '\n');
}

static void
add_finding(struct buffer *to, const struct finding *finding)
{
	buffer_printf(to, "%s %s: ", severity_names[finding->severity], finding->name);
	add_plain(to, finding->what, "");
	if (finding->why)
		add_plain(to, finding->why, "  ");
	if (!finding->put)
		return;
	buffer_add_text(to, "  in ");
	add_plain(to, finding->file, "");
	add_plain(to, finding->put, "      ");
}

void
findings_text(const struct findings *findings, struct buffer *to)
{
	const struct finding *finding;
	enum severity severity;

	for (severity = 0; severity < SEVERITY_COUNT; severity++)
		for (finding = seek(findings->first, severity); finding;
		    finding = seek(finding->next, severity)) {
			add_finding(to, finding);
			buffer_add_char(to, '\n');
		}
	buffer_printf(to, "errors: %zu, warnings: %zu, notes: %zu\n",
	    findings->count[SEVERITY_ERROR], findings->count[SEVERITY_WARNING],
	    findings->count[SEVERITY_NOTE]);
}

/* ---- JSON ---- */

static void
add_member(struct buffer *to, const char *name, const char *text)
{
	buffer_printf(to, ",\"%s\":", name);
	if (text)
		json_text(to, str_of(text));
	else
		buffer_add_text(to, "null");
}

void
findings_json(const struct findings *findings, struct buffer *to)
{
	const struct finding *finding;
	enum severity severity;
	bool first = true;

	buffer_add_char(to, '[');
	for (severity = 0; severity < SEVERITY_COUNT; severity++)
		for (finding = seek(findings->first, severity); finding;
		    finding = seek(finding->next, severity)) {
			buffer_printf(to, "%s{\"severity\":\"%s\"", first ? "" : ",",
			    severity_names[severity]);
			add_member(to, "name", finding->name);
			add_member(to, "what", finding->what);
			add_member(to, "why", finding->why);
			add_member(to, "file", finding->file);
			add_member(to, "put", finding->put);
			buffer_add_char(to, '}');
			first = false;
		}
	buffer_add_char(to, ']');
}
