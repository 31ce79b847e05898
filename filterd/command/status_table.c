/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tables of the metrics. What the JSON lacks counts as nothing, so that a daemon of another version
 * can be asked.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "filterd/command/status_table.h"
#include "filterd/message/clean.h"
#include "filterd/service/metrics_snapshot.h"
#include "filterd/util/memory.h"
#include "filterd/util/utf8.h"

#define NAME_COLUMNS 16	/* at least */
#define RULE_INDENT 7	/* columns that "rule " and two more blanks take */

struct status {
	json_t *json;
};

/* A table that is being written. */
struct table {
	struct buffer *to;
	const struct status_view *view;
	double seconds;			/* since the look before; 0: there was none */
};

/* ---- the JSON ---- */

/* Numbers of 64 bits are too large for jansson's integers. */
struct status *
status_read(const char *text)
{
	json_t *json = json_loads(text, JSON_DECODE_INT_AS_REAL, NULL);
	struct status *status;

	if (!json || !json_is_array(json_object_get(json, "listeners"))) {
		json_decref(json);
		return NULL;
	}
	status = memory_alloc(sizeof(*status));
	status->json = json;
	return status;
}

void
status_destroy(struct status **status)
{
	if (!*status)
		return;
	json_decref((*status)->json);
	free(*status);
	*status = NULL;
}

static double
number(const json_t *object, const char *key)
{
	return json_number_value(json_object_get(object, key));
}

/* A family's sum: it is a number, or an object of numbers. */
static double
sum(const json_t *object, const char *key)
{
	json_t *family = json_object_get(object, key), *value;
	const char *label;
	double total = json_number_value(family);

	json_object_foreach(family, label, value)
		total += json_number_value(value);
	return total;
}

/* The member of an array that has the name; NULL: none. */
static const json_t *
find(const json_t *array, const char *name)
{
	json_t *item;
	size_t i;

	json_array_foreach(array, i, item) {
		const char *its = json_string_value(json_object_get(item, "name"));

		if (its && strcmp(its, name) == 0)
			return item;
	}
	return NULL;
}

static const char *
name_of(const json_t *object)
{
	const char *name = json_string_value(json_object_get(object, "name"));

	return name ? name : "";
}

/* What has come since: the histogram now, less what it was. */
static void
read_times(const json_t *times, const json_t *before, struct metrics_histogram *histogram_r)
{
	const json_t *buckets = json_object_get(times, "buckets");
	const json_t *old = json_object_get(before, "buckets");
	size_t i;

	*histogram_r = (struct metrics_histogram){ .count = 0 };
	for (i = 0; i < METRICS_BUCKETS; i++) {
		double calls = json_number_value(json_array_get(buckets, i)) -
		    json_number_value(json_array_get(old, i));

		if (calls < 1 || calls > 1e18)
			continue;
		histogram_r->buckets[i] = (uint64_t)calls;
		histogram_r->count += (uint64_t)calls;
	}
}

/* ---- cells of a table ---- */

static size_t
columns(const char *text, size_t length)
{
	struct str rest = { text, length };
	uint32_t point;
	size_t count = 0, bytes;

	while ((bytes = utf8_next(rest, &point))) {
		rest.data += bytes;
		rest.length -= bytes;
		count++;
	}
	return count;
}

/* The text with at least so many columns, and a blank between it and the next. */
static void
add_name(struct table *table, const char *name, size_t width)
{
	size_t before = table->to->length, wide;

	clean_add(table->to, str_of(name));
	wide = columns(table->to->data + before, table->to->length - before);
	for (; wide < width; wide++)
		buffer_add_char(table->to, ' ');
}

static void
add_duration(struct table *table, double microseconds, bool any)
{
	char text[32] = "-";

	if (any && microseconds < 10)
		snprintf(text, sizeof(text), "%.1f us", microseconds);
	else if (any && microseconds < 1000)
		snprintf(text, sizeof(text), "%.0f us", microseconds);
	else if (any && microseconds < 1000000)
		snprintf(text, sizeof(text), "%.1f ms", microseconds / 1000);
	else if (any)
		snprintf(text, sizeof(text), "%.1f s", microseconds / 1000000);
	buffer_printf(table->to, " %9s", text);
}

/* p50 and p99. */
static void
add_times(struct table *table, const json_t *times, const json_t *before)
{
	struct metrics_histogram histogram;

	read_times(times, table->view->recent ? before : NULL, &histogram);
	add_duration(table, metrics_quantile(&histogram, 0.5), histogram.count > 0);
	add_duration(table, metrics_quantile(&histogram, 0.99), histogram.count > 0);
}

static void
add_rate(struct table *table, double now, double before)
{
	if (table->seconds > 0)
		buffer_printf(table->to, " %9.1f",
		    (now > before ? now - before : 0) / table->seconds);
	else
		buffer_printf(table->to, " %9s", "-");
}

/* The cells of a family that are not 0: "accept 12, reject 3". */
static void
add_family(struct table *table, const json_t *object, const char *key, const char *prefix,
    const char **before)
{
	json_t *value;
	const char *label;

	json_object_foreach(json_object_get(object, key), label, value) {
		if (json_number_value(value) == 0)
			continue;
		buffer_printf(table->to, "%s%s", *before, prefix);
		clean_add(table->to, str_of(label));
		buffer_printf(table->to, " %.0f", json_number_value(value));
		*before = ", ";
	}
}

static void
add_count(struct table *table, const json_t *object, const char *key, const char *what,
    const char **before)
{
	if (number(object, key) == 0)
		return;
	buffer_printf(table->to, "%s%s %.0f", *before, what, number(object, key));
	*before = ", ";
}

/* ---- lines ---- */

static size_t
wider(size_t width, const char *name, size_t indent)
{
	size_t wide = columns(name, strlen(name)) + indent;

	return wide > width ? wide : width;
}

/* Of the first column, in which names of rules are further to the right. */
static size_t
name_width(const struct table *table, const json_t *filters)
{
	size_t width = NAME_COLUMNS, i;
	const char *rule;
	json_t *filter, *hits;

	json_array_foreach(filters, i, filter) {
		width = wider(width, name_of(filter), 0);
		if (!table->view->rules)
			continue;
		json_object_foreach(json_object_get(filter, "rules"), rule, hits)
			width = wider(width, rule, RULE_INDENT);
	}
	return width;
}

static void
add_heading(struct table *table, const char *name, const char *what, size_t width)
{
	buffer_add_text(table->to, "  ");
	add_name(table, name, width);
	buffer_printf(table->to, " %10s %9s %9s %9s  %s\n", what, "a second", "p50", "p99",
	    "verdicts");
}

static void
add_rules(struct table *table, const json_t *filter, size_t width)
{
	json_t *hits;
	const char *rule;

	json_object_foreach(json_object_get(filter, "rules"), rule, hits) {
		buffer_add_text(table->to, "    rule ");
		add_name(table, rule, width - RULE_INDENT);
		buffer_printf(table->to, " %10.0f\n", json_number_value(hits));
	}
}

static void
add_filter(struct table *table, const json_t *filter, const json_t *before, size_t width)
{
	const json_t *times = json_object_get(filter, "call_time");
	const json_t *old = json_object_get(before, "call_time");
	const char *separator = "  ";

	buffer_add_text(table->to, "  ");
	add_name(table, name_of(filter), width);
	buffer_printf(table->to, " %10.0f", number(times, "count"));
	add_rate(table, number(times, "count"), number(old, "count"));
	add_times(table, times, old);
	if (number(filter, "removed") > 0) {
		buffer_printf(table->to, "%sREMOVED, its on-error policy stands in", separator);
		separator = ", ";
	}
	add_family(table, filter, "verdicts", "", &separator);
	add_family(table, filter, "shadow_verdicts", "shadow ", &separator);
	add_count(table, filter, "timeouts", "timeouts", &separator);
	add_count(table, filter, "crashes", "crashes", &separator);
	add_count(table, filter, "hangs", "hangs", &separator);
	add_count(table, filter, "regex_limits", "regex limits", &separator);
	if (sum(filter, "edits") > 0)
		buffer_printf(table->to, "%sedits %.0f", separator, sum(filter, "edits"));
	buffer_add_char(table->to, '\n');
	if (table->view->rules)
		add_rules(table, filter, width);
}

static void
add_filters(struct table *table, const json_t *listener, const json_t *before, size_t width)
{
	const json_t *filters = json_object_get(listener, "filters");
	const json_t *old = json_object_get(before, "filters");
	json_t *filter;
	size_t i;

	add_heading(table, "filter", "calls", width);
	json_array_foreach(filters, i, filter)
		add_filter(table, filter, find(old, name_of(filter)), width);
}

static void
add_state(struct table *table, const json_t *listener)
{
	const json_t *workers = json_object_get(listener, "workers");

	buffer_add_text(table->to, "\nlistener ");
	clean_add(table->to, str_of(name_of(listener)));
	buffer_printf(table->to, ": workers %.0f", number(workers, "serving"));
	if (number(workers, "draining") > 0)
		buffer_printf(table->to, " and draining %.0f", number(workers, "draining"));
	buffer_printf(table->to, ", restarts %.0f, descriptors %.0f of %.0f, memory %.1f MB\n",
	    number(listener, "worker_restarts"), number(listener, "descriptors"),
	    number(listener, "descriptors_limit"), number(listener, "resident_memory_bytes") / 1e6);
}

static void
add_mail(struct table *table, const json_t *listener, const json_t *before, size_t width)
{
	static const struct {
		const char *key, *prefix;
	} families[] = {
		{ "connections_decided", "connections " }, { "recipients_refused", "recipients " },
		{ "limits_reached", "limit " }, { "overload", "overload " },
		{ "dns_queries", "dns " },
	};
	const char *separator = "  ";
	size_t i;

	buffer_printf(table->to, "  sessions %.0f, open %.0f\n", number(listener, "sessions"),
	    number(listener, "sessions_open"));
	add_heading(table, "end of message", "messages", width);
	buffer_add_text(table->to, "  ");
	add_name(table, "all", width);
	buffer_printf(table->to, " %10.0f", sum(listener, "messages"));
	add_rate(table, sum(listener, "messages"), sum(before, "messages"));
	add_times(table, json_object_get(listener, "end_of_message_time"),
	    json_object_get(before, "end_of_message_time"));
	add_family(table, listener, "messages", "", &separator);
	for (i = 0; i < sizeof(families) / sizeof(families[0]); i++)
		add_family(table, listener, families[i].key, families[i].prefix, &separator);
	add_count(table, listener, "plan_failures", "plan failures", &separator);
	buffer_add_char(table->to, '\n');
}

/* ---- all of it ---- */

/* Whether both are of the same run of the daemon. */
static bool
is_same_run(const struct status *now, const struct status *before)
{
	return before && number(now->json, "started") == number(before->json, "started");
}

static void
add_daemon(struct buffer *to, const json_t *json)
{
	const json_t *reloads = json_object_get(json, "reloads");
	const char *version = json_string_value(json_object_get(json, "version"));
	long seconds = (long)(number(json, "time_ms") / 1000 - number(json, "started"));

	buffer_add_text(to, "filterd ");
	clean_add(to, str_of(version));
	buffer_printf(to, ", up %ldd %02ld:%02ld:%02ld, generation %.0f", seconds / 86400,
	    seconds / 3600 % 24, seconds / 60 % 60, seconds % 60, number(json, "generation"));
	if (number(reloads, "failure") > 0)
		buffer_printf(to, ", %.0f failed reloads", number(reloads, "failure"));
	buffer_add_char(to, '\n');
}

/* The configuration that is tried beside the one that serves. */
static void
add_shadow(struct buffer *to, const json_t *shadow)
{
	struct table table = { .to = to };
	const char *separator = "  ";

	if (!json_is_object(shadow))
		return;
	buffer_printf(to, "\nshadow: judged %.0f, differing %.0f, dropped %.0f, deaths %.0f\n",
	    number(shadow, "messages"), number(shadow, "differing"), sum(shadow, "dropped"),
	    number(shadow, "deaths"));
	add_family(&table, shadow, "differences", "other ", &separator);
	add_family(&table, shadow, "dropped", "dropped: ", &separator);
	if (number(shadow, "differing") > 0 || sum(shadow, "dropped") > 0)
		buffer_add_char(to, '\n');
}

void
status_table(const struct status *now, const struct status *before,
    const struct status_view *view, struct buffer *to)
{
	struct table table = { .to = to, .view = view };
	const json_t *listeners = json_object_get(now->json, "listeners");
	const json_t *old = NULL;
	json_t *listener;
	size_t i;

	if (is_same_run(now, before)) {
		old = json_object_get(before->json, "listeners");
		table.seconds = (number(now->json, "time_ms") - number(before->json, "time_ms")) /
		    1000;
	}
	add_daemon(to, now->json);
	if (!json_array_size(listeners))
		buffer_add_text(to, "nothing is counted\n");
	json_array_foreach(listeners, i, listener) {
		const json_t *same = find(old, name_of(listener));
		size_t width = name_width(&table, json_object_get(listener, "filters"));

		add_state(&table, listener);
		add_mail(&table, listener, same, width);
		add_filters(&table, listener, same, width);
	}
	add_shadow(to, json_object_get(now->json, "shadow"));
}
