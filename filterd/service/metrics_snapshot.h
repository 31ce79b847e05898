/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the metrics are at one moment: the sums over all slots, by listener, filter and rule; and
 * the table that says what the numbers are. A snapshot is the reader's own memory. A slot whose
 * worker has written rubbish there makes rubbish numbers, never more.
 */
#ifndef FILTERD_SERVICE_METRICS_SNAPSHOT_H
#define FILTERD_SERVICE_METRICS_SNAPSHOT_H

#include "filterd/service/metrics.h"
#include "filterd/util/buffer.h"

struct metrics_histogram {
	uint64_t buckets[METRICS_BUCKETS];	/* each by itself, not summed up */
	uint64_t count;				/* of all buckets */
	uint64_t nanoseconds;			/* sum */
};

struct metrics_rule_sum {
	size_t filter;			/* its place in the listener's filters */
	char *name;			/* UTF-8 */
	uint64_t hits;
};

struct metrics_filter_sum {
	char *name;
	uint64_t cells[METRICS_FILTER_CELLS];
	struct metrics_histogram calls;
	const struct metrics_rule_sum *rules;	/* among the listener's */
	size_t rule_count;
};

struct metrics_listener_sum {
	char *name;
	uint64_t cells[METRICS_LISTENER_CELLS];
	struct metrics_histogram messages;
	struct metrics_histogram dns;
	struct metrics_filter_sum *filters;	/* as in the newest chain, then those gone */
	size_t filter_count;
	struct metrics_rule_sum *rules;		/* by filter, then by name */
	size_t rule_count;
};

struct metrics_snapshot {
	unsigned generation;
	uint64_t reloads[2];			/* good, bad */
	int64_t started;			/* seconds since 1970 */
	int64_t taken;				/* milliseconds since 1970 */
	struct metrics_listener_sum *listeners;
	size_t listener_count;
};

/* The caller gives it back with metrics_snapshot_destroy(). Without a region it is empty. */
struct metrics_snapshot *metrics_snapshot(const struct metrics *metrics);
void metrics_snapshot_destroy(struct metrics_snapshot **snapshot);

/* Upper bound of a bucket in microseconds; 0: none, the last. */
uint64_t metrics_bucket_bound(size_t bucket);

/* The time below which that part of the calls stayed, in microseconds, evenly spread within a
 * bucket; 0 when there are none. */
double metrics_quantile(const struct metrics_histogram *histogram, double part);

/* ---- metrics_table.c: the families of cells ---- */

enum metrics_kind { METRICS_COUNTER, METRICS_GAUGE };

struct metrics_family {
	const char *name;		/* of OpenMetrics, with its unit, without _total */
	const char *key;		/* of JSON */
	const char *unit;		/* NULL: none */
	const char *help;
	enum metrics_kind kind;
	unsigned cell;			/* the first */
	const char *label;		/* that tells its cells apart; NULL: it has one */
	const char *const *values;	/* of the label; ends with NULL */
};

/* Each ends with a family without a name. */
extern const struct metrics_family metrics_listener_families[];
extern const struct metrics_family metrics_filter_families[];

/* Cells of a family. */
size_t metrics_family_size(const struct metrics_family *family);

/* Verdicts of messages and connections, in the order of their cells; ends with NULL. */
extern const char *const metrics_message_verdicts[];

/* ---- the forms ---- */

/* openmetrics.c: OpenMetrics 1.0 text, https://prometheus.io/docs/specs/om/open_metrics_spec/ */
#define OPENMETRICS_CONTENT_TYPE "application/openmetrics-text; version=1.0.0; charset=utf-8"
void openmetrics_write(const struct metrics_snapshot *snapshot, const char *version,
    struct buffer *to);

/* metrics_json.c: one JSON object and a line feed; docs/metrics.md has its members. */
void metrics_json(const struct metrics_snapshot *snapshot, const char *version, struct buffer *to);

#endif
