/* SPDX-License-Identifier: BSD-2-Clause */
/* A snapshot as one JSON object, RFC 8259. */
#include <inttypes.h>

#include "filterd/service/json.h"
#include "filterd/service/metrics_snapshot.h"
#include "filterd/service/quarantine_gauges.h"
#include "filterd/service/shadow_counts.h"

static void
add_key(struct buffer *to, const char *key)
{
	json_text(to, str_of(key));
	buffer_add_char(to, ':');
}

static void
add_number(struct buffer *to, const char *key, uint64_t value)
{
	add_key(to, key);
	buffer_printf(to, "%" PRIu64, value);
}

/* A family of one cell is a number, of several an object. */
static void
add_families(struct buffer *to, const struct metrics_family *family, const uint64_t *cells)
{
	size_t i;

	for (; family->name; family++) {
		buffer_add_char(to, ',');
		if (!family->label) {
			add_number(to, family->key, cells[family->cell]);
			continue;
		}
		add_key(to, family->key);
		for (i = 0; i < metrics_family_size(family); i++) {
			buffer_add_char(to, i ? ',' : '{');
			add_number(to, family->values[i], cells[family->cell + i]);
		}
		buffer_add_char(to, '}');
	}
}

static void
add_histogram(struct buffer *to, const char *key, const struct metrics_histogram *histogram)
{
	size_t i;

	buffer_add_char(to, ',');
	add_key(to, key);
	buffer_printf(to, "{\"count\":%" PRIu64 ",\"sum_us\":%" PRIu64 ",\"p50_us\":%.1f,"
	    "\"p99_us\":%.1f,\"buckets\":[", histogram->count, histogram->nanoseconds / 1000,
	    metrics_quantile(histogram, 0.5), metrics_quantile(histogram, 0.99));
	for (i = 0; i < METRICS_BUCKETS; i++)
		buffer_printf(to, "%s%" PRIu64, i ? "," : "", histogram->buckets[i]);
	buffer_add_text(to, "]}");
}

static void
add_filter(struct buffer *to, const struct metrics_filter_sum *filter)
{
	size_t i;

	buffer_add_text(to, "{\"name\":");
	json_text(to, str_of(filter->name));
	add_families(to, metrics_filter_families, filter->cells);
	add_histogram(to, "call_time", &filter->calls);
	buffer_add_text(to, ",\"rules\":{");
	for (i = 0; i < filter->rule_count; i++) {
		buffer_add_text(to, i ? "," : "");
		add_number(to, filter->rules[i].name, filter->rules[i].hits);
	}
	buffer_add_text(to, "}}");
}

static void
add_listener(struct buffer *to, const struct metrics_listener_sum *listener)
{
	size_t i;

	buffer_add_text(to, "{\"name\":");
	json_text(to, str_of(listener->name));
	add_families(to, metrics_listener_families, listener->cells);
	add_histogram(to, "end_of_message_time", &listener->messages);
	add_histogram(to, "dns_time", &listener->dns);
	buffer_add_text(to, ",\"filters\":[");
	for (i = 0; i < listener->filter_count; i++) {
		buffer_add_text(to, i ? "," : "");
		add_filter(to, &listener->filters[i]);
	}
	buffer_add_text(to, "]}");
}

void
metrics_json(const struct metrics_snapshot *snapshot, const char *version, struct buffer *to)
{
	size_t i;

	buffer_add_text(to, "{\"version\":");
	json_text(to, str_of(version));
	buffer_printf(to, ",\"time_ms\":%" PRId64 ",\"started\":%" PRId64 ",\"generation\":%u,"
	    "\"reloads\":{\"success\":%" PRIu64 ",\"failure\":%" PRIu64 "},\"listeners\":[",
	    snapshot->taken, snapshot->started, snapshot->generation, snapshot->reloads[0],
	    snapshot->reloads[1]);
	for (i = 0; i < snapshot->listener_count; i++) {
		buffer_add_text(to, i ? "," : "");
		add_listener(to, &snapshot->listeners[i]);
	}
	buffer_add_text(to, "],\"shadow\":");
	shadow_counts_json(to);
	buffer_add_text(to, ",\"quarantine\":");
	quarantine_gauges_json(to);
	buffer_add_text(to, "}\n");
}
