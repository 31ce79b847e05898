/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A snapshot as OpenMetrics 1.0 text. Families come one after the other, whole, as the form wants
 * it. A counter that has counted nothing is there all the same, with 0.
 */
#include <inttypes.h>
#include <stdio.h>

#include "filterd/service/metrics_snapshot.h"
#include "filterd/service/quarantine_gauges.h"
#include "filterd/service/shadow_counts.h"

/* The labels of the samples at hand; NULL: not among them. */
struct labels {
	const char *listener, *filter;
	const char *name, *value;		/* one more */
};

static void
begin_family(struct buffer *to, const char *name, const char *type, const char *unit,
    const char *help)
{
	buffer_printf(to, "# TYPE %s %s\n", name, type);
	if (unit)
		buffer_printf(to, "# UNIT %s %s\n", name, unit);
	buffer_printf(to, "# HELP %s %s\n", name, help);
}

static void
add_label(struct buffer *to, char *before, const char *name, const char *value)
{
	if (!name || !value)
		return;
	buffer_printf(to, "%c%s=\"", *before, name);
	for (; *value; value++) {
		if (*value == '\n')
			buffer_add_text(to, "\\n");
		else if (*value == '"' || *value == '\\')
			buffer_printf(to, "\\%c", *value);
		else
			buffer_add_char(to, *value);
	}
	buffer_add_char(to, '"');
	*before = ',';
}

static void
add_labels(struct buffer *to, const struct labels *labels)
{
	char before = '{';

	add_label(to, &before, "listener", labels->listener);
	add_label(to, &before, "filter", labels->filter);
	add_label(to, &before, labels->name, labels->value);
	if (before == ',')
		buffer_add_char(to, '}');
}

static void
add_sample(struct buffer *to, const char *name, const char *suffix, const struct labels *labels,
    uint64_t value)
{
	buffer_printf(to, "%s%s", name, suffix);
	add_labels(to, labels);
	buffer_printf(to, " %" PRIu64 "\n", value);
}

/* ---- families of the table ---- */

static const char *const types[] = { [METRICS_COUNTER] = "counter", [METRICS_GAUGE] = "gauge" };
static const char *const suffixes[] = { [METRICS_COUNTER] = "_total", [METRICS_GAUGE] = "" };

static void
add_cells(struct buffer *to, const struct metrics_family *family, struct labels labels,
    const uint64_t *cells)
{
	size_t count = metrics_family_size(family), i;

	labels.name = family->label;
	for (i = 0; i < count; i++) {
		labels.value = family->label ? family->values[i] : NULL;
		add_sample(to, family->name, suffixes[family->kind], &labels,
		    cells[family->cell + i]);
	}
}

static void
add_listener_family(struct buffer *to, const struct metrics_snapshot *snapshot,
    const struct metrics_family *family)
{
	size_t i;

	begin_family(to, family->name, types[family->kind], family->unit, family->help);
	for (i = 0; i < snapshot->listener_count; i++)
		add_cells(to, family, (struct labels){ .listener = snapshot->listeners[i].name },
		    snapshot->listeners[i].cells);
}

static void
add_filter_family(struct buffer *to, const struct metrics_snapshot *snapshot,
    const struct metrics_family *family)
{
	size_t i, j;

	begin_family(to, family->name, types[family->kind], family->unit, family->help);
	for (i = 0; i < snapshot->listener_count; i++) {
		const struct metrics_listener_sum *listener = &snapshot->listeners[i];

		for (j = 0; j < listener->filter_count; j++)
			add_cells(to, family, (struct labels){ .listener = listener->name,
			    .filter = listener->filters[j].name }, listener->filters[j].cells);
	}
}

/* ---- histograms ---- */

/* Their count is the sum of the buckets, so that both always agree. */
static void
add_histogram(struct buffer *to, const char *name, struct labels labels,
    const struct metrics_histogram *histogram)
{
	uint64_t sum = 0;
	char bound[32];
	size_t i;

	for (i = 0; i < METRICS_BUCKETS; i++) {
		struct labels with = labels;

		sum += histogram->buckets[i];
		snprintf(bound, sizeof(bound), "%.10g", (double)metrics_bucket_bound(i) / 1e6);
		with.name = "le";
		with.value = metrics_bucket_bound(i) ? bound : "+Inf";
		add_sample(to, name, "_bucket", &with, sum);
	}
	add_sample(to, name, "_count", &labels, sum);
	buffer_printf(to, "%s_sum", name);
	add_labels(to, &labels);
	buffer_printf(to, " %" PRIu64 ".%09" PRIu64 "\n", histogram->nanoseconds / 1000000000,
	    histogram->nanoseconds % 1000000000);
}

static void
add_histograms(struct buffer *to, const struct metrics_snapshot *snapshot)
{
	static const char messages[] = "filterd_end_of_message_seconds";
	static const char dns[] = "filterd_dns_seconds";
	static const char calls[] = "filterd_filter_call_seconds";
	size_t i, j;

	begin_family(to, messages, "histogram", "seconds",
	    "Time that the filters took at the end of a message.");
	for (i = 0; i < snapshot->listener_count; i++)
		add_histogram(to, messages,
		    (struct labels){ .listener = snapshot->listeners[i].name },
		    &snapshot->listeners[i].messages);
	begin_family(to, dns, "histogram", "seconds",
	    "Time that queries of the DNS took, those from the cache too.");
	for (i = 0; i < snapshot->listener_count; i++)
		add_histogram(to, dns, (struct labels){ .listener = snapshot->listeners[i].name },
		    &snapshot->listeners[i].dns);
	begin_family(to, calls, "histogram", "seconds",
	    "Time that callbacks took, each by itself.");
	for (i = 0; i < snapshot->listener_count; i++) {
		const struct metrics_listener_sum *listener = &snapshot->listeners[i];

		for (j = 0; j < listener->filter_count; j++)
			add_histogram(to, calls, (struct labels){ .listener = listener->name,
			    .filter = listener->filters[j].name }, &listener->filters[j].calls);
	}
}

/* ---- the rest ---- */

static void
add_rules(struct buffer *to, const struct metrics_snapshot *snapshot)
{
	size_t i, j;

	begin_family(to, "filterd_rule_hits", "counter", NULL,
	    "Messages, or connections before any message, in which a rule matched.");
	for (i = 0; i < snapshot->listener_count; i++) {
		const struct metrics_listener_sum *listener = &snapshot->listeners[i];

		for (j = 0; j < listener->rule_count; j++) {
			const struct metrics_rule_sum *rule = &listener->rules[j];
			const struct labels labels = { listener->name,
				listener->filters[rule->filter].name, "rule", rule->name };

			add_sample(to, "filterd_rule_hits", "_total", &labels, rule->hits);
		}
	}
}

static void
add_shadow_family(struct buffer *to, const char *family, const char *help, const char *label,
    const char *const *values, unsigned place)
{
	unsigned i;

	begin_family(to, family, "counter", NULL, help);
	for (i = 0; values[i]; i++) {
		struct labels labels = { .name = label, .value = values[i] };

		add_sample(to, family, "_total", &labels, shadow_counted(place + i));
	}
}

static void
add_shadow(struct buffer *to)
{
	static const struct labels none;

	if (!shadow_counts_used())
		return;
	begin_family(to, "filterd_shadow_messages", "counter", NULL,
	    "Messages that the shadow configuration has judged.");
	add_sample(to, "filterd_shadow_messages", "_total", &none, shadow_counted(SHADOW_JUDGED));
	begin_family(to, "filterd_shadow_differing", "counter", NULL,
	    "Messages that it would have treated otherwise.");
	add_sample(to, "filterd_shadow_differing", "_total", &none,
	    shadow_counted(SHADOW_DIFFERING));
	add_shadow_family(to, "filterd_shadow_differences",
	    "Differences of the shadow configuration, by part of the judgement.", "part",
	    judgement_part_names, SHADOW_DIFFERENCES);
	add_shadow_family(to, "filterd_shadow_dropped",
	    "Messages that the shadow configuration could not judge.", "reason",
	    shadow_drop_names, SHADOW_DROPPED);
	begin_family(to, "filterd_shadow_deaths", "counter", NULL,
	    "Shadow processes that have died or were ended.");
	add_sample(to, "filterd_shadow_deaths", "_total", &none, shadow_counted(SHADOW_DEATHS));
}

static void
add_gauge(struct buffer *to, const char *family, const char *unit, const char *help,
    enum quarantine_gauge place)
{
	static const struct labels none;

	begin_family(to, family, "gauge", unit, help);
	add_sample(to, family, "", &none, quarantine_gauge(place));
}

static void
add_quarantine(struct buffer *to)
{
	unsigned i;

	if (!quarantine_gauges_told())
		return;
	begin_family(to, "filterd_quarantine_messages", "gauge", NULL,
	    "Messages in the quarantine store.");
	for (i = 0; i < QUARANTINE_STATES; i++)
		add_sample(to, "filterd_quarantine_messages", "",
		    &(struct labels){ .name = "state", .value = quarantine_state_names[i] },
		    quarantine_gauge(QUARANTINE_MESSAGES + i));
	add_gauge(to, "filterd_quarantine_bytes", "bytes", "Their size.", QUARANTINE_BYTES);
	if (quarantine_gauge(QUARANTINE_OLDEST))
		add_gauge(to, "filterd_quarantine_oldest_timestamp_seconds", "seconds",
		    "When the oldest of them was stored, since 1970.", QUARANTINE_OLDEST);
	add_gauge(to, "filterd_quarantine_maximum_bytes", "bytes",
	    "Size beyond which the oldest make room.", QUARANTINE_MAXIMUM_BYTES);
	add_gauge(to, "filterd_quarantine_maximum_age_seconds", "seconds",
	    "Age at which they are removed.", QUARANTINE_MAXIMUM_AGE);
}

static void
add_daemon(struct buffer *to, const struct metrics_snapshot *snapshot, const char *version)
{
	static const struct labels none;
	struct labels labels = { .name = "version", .value = version };

	begin_family(to, "filterd_build", "info", NULL, "The program.");
	add_sample(to, "filterd_build", "_info", &labels, 1);
	begin_family(to, "filterd_start_time_seconds", "gauge", "seconds",
	    "When the daemon started, since 1970.");
	add_sample(to, "filterd_start_time_seconds", "", &none, (uint64_t)snapshot->started);
	begin_family(to, "filterd_generation", "gauge", NULL,
	    "Number of the generation that serves; the first is 1.");
	add_sample(to, "filterd_generation", "", &none, snapshot->generation);
	begin_family(to, "filterd_reloads", "counter", NULL, "Reloads, by how they ended.");
	labels = (struct labels){ .name = "result", .value = "success" };
	add_sample(to, "filterd_reloads", "_total", &labels, snapshot->reloads[0]);
	labels.value = "failure";
	add_sample(to, "filterd_reloads", "_total", &labels, snapshot->reloads[1]);
}

void
openmetrics_write(
    const struct metrics_snapshot *snapshot, const char *version, struct buffer *to)
{
	const struct metrics_family *family;

	add_daemon(to, snapshot, version);
	for (family = metrics_listener_families; family->name; family++)
		add_listener_family(to, snapshot, family);
	for (family = metrics_filter_families; family->name; family++)
		add_filter_family(to, snapshot, family);
	add_rules(to, snapshot);
	add_shadow(to);
	add_quarantine(to);
	add_histograms(to, snapshot);
	buffer_add_text(to, "# EOF\n");
}
