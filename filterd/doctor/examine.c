/* SPDX-License-Identifier: BSD-2-Clause */
/* What both MTAs have in common: the listeners that they name, and their patience. */
#include <inttypes.h>
#include <string.h>

#include "filterd/doctor/examine.h"
#include "filterd/util/buffer.h"

#define SPARE		5000	/* milliseconds that an MTA should wait beyond a filter's time */

void
examine_find(const struct examination *examination, const struct finding *finding)
{
	finding_add(examination->findings, finding);
}

/* ---- patience ---- */

/* Too long a time of filters, in words. */
static const char *
describe_time(const struct examination *examination, const struct site_listener *listener,
    const struct patience *patience, bool alone)
{
	if (alone)
		return arena_printf(examination->arena,
		    "%s is %s, and filter %s of listener %s may take %" PRId64 " ms",
		    patience->name,
		    patience->value, listener->slowest, listener->settings->name,
		    listener->longest);
	return arena_printf(examination->arena,
	    "%s is %s, and the filters of listener %s may take %" PRId64 " ms together",
	    patience->name, patience->value, listener->settings->name, listener->total);
}

/* The mark in a text of ours becomes seconds that do. */
static const char *
fill_in(const struct examination *examination, const char *put, int64_t milliseconds)
{
	const char *hole = strstr(put, PATIENCE_SECONDS);

	return arena_printf(examination->arena, "%.*s%" PRId64 "%s", (int)(hole - put), put,
	    (milliseconds + SPARE + 999) / 1000, hole + strlen(PATIENCE_SECONDS));
}

void
examine_patience(const struct examination *examination, const struct site_listener *listener,
    const struct patience *patience)
{
	int64_t needed = patience->commands ? listener->total : listener->longest, patient;
	bool alone;

	if (patience->commands && !listener->live)
		return;
	if (!mta_time_parse(patience->value, &patient)) {
		examine_find(examination, &(struct finding){ .severity = SEVERITY_ERROR,
			.name = "time",
			.what = arena_printf(examination->arena, "%s is \"%s\", which is no time",
			    patience->name, patience->value),
			.why = "The MTA does not take it.",
			.file = patience->file,
			.put = fill_in(examination, patience->put, needed) });
		return;
	}
	alone = listener->longest >= patient;
	if (needed < patient)
		return;
	examine_find(examination, &(struct finding){
		.severity = alone ? SEVERITY_WARNING : SEVERITY_NOTE,
		.name = patience->commands ? "command-timeout" : "content-timeout",
		.what = describe_time(examination, listener, patience, alone),
		.why = "When filters are slow, the MTA gives up before filterd can answer by the "
		    "filter's on-error policy, and does what its default action says.",
		.file = patience->file, .put = fill_in(examination, patience->put, needed) });
}

/* ---- company ---- */

void
examine_company(const struct examination *examination, const char *place, const char *const *names,
    const struct site_listener *const *listeners, size_t count)
{
	struct buffer others = { 0 };
	bool ours = false;
	size_t i, j;

	for (i = 0; i < count; i++) {
		for (j = 0; listeners[i] && j < i; j++)
			if (listeners[j] == listeners[i])
				examine_find(examination, &(struct finding){
					.severity = SEVERITY_WARNING, .name = "twice",
					.what = arena_printf(examination->arena,
					    "%s names listener %s twice", place,
					    listeners[i]->settings->name),
					.why = "Every message goes through its chain twice." });
		if (!listeners[i])
			buffer_printf(&others, "%s%s, %s filterd", others.length ? "; " : "",
			    names[i], ours ? "after" : "before");
		ours |= listeners[i] != NULL;
	}
	if (ours && others.length)
		examine_find(examination, &(struct finding){ .severity = SEVERITY_NOTE,
			.name = "other-milters",
			.what = arena_printf(examination->arena, "%s names other milters: %s",
			    place,
			    buffer_text(&others)),
			.why = "Each milter sees the message as those before it have left it. One "
			    "that signs belongs behind one that edits, one that verifies before "
			    "it." });
	buffer_free(&others);
}

void
examine_unused(const struct examination *examination)
{
	const struct site *site = examination->site;
	size_t i, attached = 0;

	for (i = 0; i < site->count; i++)
		attached += site->listeners[i].attached;
	for (i = 0; attached && i < site->count; i++)
		if (!site->listeners[i].attached)
			examine_find(examination, &(struct finding){ .severity = SEVERITY_NOTE,
				.name = "unused-listener",
				.what = arena_printf(examination->arena,
				    "listener %s (%s) is named nowhere in this %s's configuration",
				    site->listeners[i].settings->name,
				    site->listeners[i].settings->socket, examination->mta),
				.why = "Its chain judges no mail, unless another MTA uses it." });
}
