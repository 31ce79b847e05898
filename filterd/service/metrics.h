/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Metrics: counters, gauges and histograms in memory that processes share. The master makes the
 * region and gives each worker a slot of it; the threads of a worker count in their slot with
 * relaxed atomics and no lock; any process that has the region can read it (metrics_snapshot.h).
 *
 * A slot belongs to one listener. It outlives the worker that counts in it, for the worker that
 * comes in its place. When its generation is gone, what it holds is added to a slot of the same
 * listener that stays, name by name; what no slot has a name for any more is forgotten.
 *
 * A process that has no slot counts nothing: every function that counts may be called all the same.
 * A worker has no access to the region outside its slot, and readers trust nothing in a slot.
 */
#ifndef FILTERD_SERVICE_METRICS_H
#define FILTERD_SERVICE_METRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <filterd/plugin.h>

#define METRICS_NAME		65	/* bytes of a listener's or filter's name, with its NUL */
#define METRICS_RULE_NAME	104	/* of a rule's; a longer one is cut */
/* Bounds of the histograms: microseconds up to 1, 2, 4, … 2^26, and what takes longer. */
#define METRICS_BUCKETS		28

/* ---- what is counted; metrics_table.c has the names ---- */

/* accept reject tempfail discard quarantine aborted */
#define METRICS_MESSAGE_VERDICTS	6
#define METRICS_CONNECTION_VERDICTS	3	/* accept reject tempfail */
#define METRICS_REFUSALS		2	/* reject tempfail */
#define METRICS_REMOVAL_REASONS		2	/* age size */
#define METRICS_OVERLOAD_POLICIES	2	/* as enum overload_policy in config/settings.h */
#define METRICS_LIMIT_KINDS		7	/* as enum limit in chain/state.h */
#define METRICS_FILTER_VERDICTS		(MF_ERROR + 1)
#define METRICS_EDIT_KINDS		10	/* as enum edit_kind in message/model.h */
#define METRICS_DNS_STATUSES		7	/* as enum mf_dns_status; the last: abandoned */
#define METRICS_DNS_ABANDONED		(METRICS_DNS_STATUSES - 1)

/* Of a listener; those of several are the first of as many. From METRICS_GAUGES on they are values
 * of now, which end with the worker. */
enum metrics_listener_cell {
	METRICS_SESSIONS,
	METRICS_MESSAGES,
	METRICS_CONNECTIONS = METRICS_MESSAGES + METRICS_MESSAGE_VERDICTS,
	METRICS_RECIPIENTS_REFUSED = METRICS_CONNECTIONS + METRICS_CONNECTION_VERDICTS,
	METRICS_MESSAGE_BYTES = METRICS_RECIPIENTS_REFUSED + METRICS_REFUSALS,
	METRICS_LIMITS,
	METRICS_PLAN_FAILURES = METRICS_LIMITS + METRICS_LIMIT_KINDS,
	METRICS_HITS_UNCOUNTED,
	METRICS_HISTORY_SHORTENED,
	METRICS_HISTORY_DROPPED,
	METRICS_RECORDINGS,
	METRICS_RECORDINGS_FAILED,
	METRICS_QUARANTINE_STORED,
	METRICS_QUARANTINE_BYTES,
	METRICS_QUARANTINE_FAILED,
	METRICS_QUARANTINE_RELEASED,
	METRICS_QUARANTINE_REMOVED,
	METRICS_WORKER_RESTARTS = METRICS_QUARANTINE_REMOVED + METRICS_REMOVAL_REASONS,
	METRICS_OVERLOAD,
	METRICS_MEMORY_RESTARTS = METRICS_OVERLOAD + METRICS_OVERLOAD_POLICIES,
	METRICS_DNS_ENDED,
	METRICS_GAUGES = METRICS_DNS_ENDED + METRICS_DNS_STATUSES,
	METRICS_SESSIONS_OPEN = METRICS_GAUGES,
	METRICS_DESCRIPTORS,
	METRICS_DESCRIPTOR_LIMIT,
	METRICS_RESIDENT_BYTES,
	/* in snapshots only: serving, draining */
	METRICS_WORKERS,
	METRICS_LISTENER_CELLS = METRICS_WORKERS + 2
};

/* Of a filter in the chain of a listener; from METRICS_FILTER_GAUGES on values of now. */
enum metrics_filter_cell {
	METRICS_VERDICTS,
	METRICS_SHADOW_VERDICTS = METRICS_VERDICTS + METRICS_FILTER_VERDICTS,
	METRICS_EDITS = METRICS_SHADOW_VERDICTS + METRICS_FILTER_VERDICTS,
	METRICS_SHADOW_EDITS = METRICS_EDITS + METRICS_EDIT_KINDS,
	METRICS_TIMEOUTS = METRICS_SHADOW_EDITS + METRICS_EDIT_KINDS,
	METRICS_CRASHES,
	METRICS_REGEX_LIMITS,
	METRICS_HANGS,
	METRICS_FILTER_GAUGES,
	/* 1: the generation that serves does without it; in snapshots 0 or 1 too */
	METRICS_REMOVED = METRICS_FILTER_GAUGES,
	METRICS_FILTER_CELLS
};

/* ---- the region: in the master ---- */

struct metrics;

/* NULL: there is no such memory; errno. */
struct metrics *metrics_create(void);
void metrics_destroy(struct metrics **metrics);

/* A rule that the configuration names, so that one that never matches is seen as well. */
struct metrics_rule_name {
	size_t filter;			/* place in the chain */
	const char *name;
};

/* What a slot is for; borrowed for the call. */
struct metrics_layout {
	const char *listener;
	const char *const *filters;	/* in the order of the chain */
	size_t filter_count;
	const struct metrics_rule_name *rules;
	size_t rule_count;
	unsigned generation;
};

/* The number of a new slot. -1: there is no room for it. */
int metrics_slot_open(struct metrics *metrics, const struct metrics_layout *layout);

/* Ends the slot; its worker is dead. Here and below nothing is done for slot -1, or without a
 * region. */
void metrics_slot_close(struct metrics *metrics, int slot);

/* Its worker serves, or has died. */
void metrics_slot_serves(struct metrics *metrics, int slot, bool serves);

/* Its worker takes no more connections and is replaced by one with a slot of its own. */
void metrics_slot_drains(struct metrics *metrics, int slot);

/* Its worker is replaced; a filter has brought it down. */
void metrics_slot_restarted(struct metrics *metrics, int slot);
void metrics_slot_crashed(struct metrics *metrics, int slot, const char *filter);

/* Its worker does without the filter. */
void metrics_slot_removed(struct metrics *metrics, int slot, const char *filter);

/* Another generation serves from now on: the slots of others drain. */
void metrics_generation(struct metrics *metrics, unsigned generation);

/* How an attempt at a new generation has ended. */
void metrics_reloaded(struct metrics *metrics, bool good);

/* From now on this process can only read the region. */
void metrics_read_only(struct metrics *metrics);

/* ---- counting: in a worker ---- */

/* The process counts in the slot from now on, and has no more access to the region. To be called
 * before any other thread is there. */
void metrics_attach(struct metrics *metrics, int slot);

void metrics_add(enum metrics_listener_cell cell, uint64_t count);
void metrics_subtract(enum metrics_listener_cell cell, uint64_t count);

/* How long the filters took at the end of a message. */
void metrics_message_time(int64_t nanoseconds);

/* How long a query of the DNS took. */
void metrics_dns_time(int64_t nanoseconds);

/* The cells of the filter at a place of the chain. NULL: nothing is counted. */
struct metrics_filter;
struct metrics_filter *metrics_filter(size_t place);
void metrics_filter_add(struct metrics_filter *filter, unsigned cell, uint64_t count);

/* One callback of the filter has returned. */
void metrics_filter_time(struct metrics_filter *filter, int64_t nanoseconds);

/* A rule of the filter at that place has matched. */
void metrics_rule_hit(size_t place, const char *rule);

/* Puts what the process uses of descriptors and memory into its gauges. */
void metrics_usage(void);

#endif
