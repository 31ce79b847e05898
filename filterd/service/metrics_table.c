/* SPDX-License-Identifier: BSD-2-Clause */
/* The families of metrics: names, help, and which cells they are. docs/metrics.md lists them. */
#include "filterd/service/metrics_snapshot.h"

const char *const metrics_message_verdicts[] = {
	"accept", "reject", "tempfail", "discard", "quarantine", "aborted", NULL
};

static const char *const connection_verdicts[] = { "accept", "reject", "tempfail", NULL };
static const char *const refusals[] = { "reject", "tempfail", NULL };
static const char *const limits[] = {
	"size", "headers", "header-size", "recipients", "storage", "quarantine", "order",
	NULL
};
static const char *const overload_policies[] = { "tempfail", "accept", NULL };
static const char *const removals[] = { "age", "size", NULL };
static const char *const dns_statuses[] = {
	"found", "nodata", "nxdomain", "servfail", "timeout", "limit", "abandoned", NULL
};
static const char *const states[] = { "serving", "draining", NULL };
static const char *const verdicts[] = {
	"continue", "done", "accept", "reject", "tempfail", "discard", "error", NULL
};
static const char *const edits[] = {
	"add-header", "insert-header", "set-header", "delete-header", "replace-body", "append-body",
	"set-sender", "add-recipient", "delete-recipient", "quarantine", NULL
};

const struct metrics_family metrics_listener_families[] = {
	{ "filterd_sessions", "sessions", NULL, "Connections of the MTA that were taken.",
	    METRICS_COUNTER, METRICS_SESSIONS, NULL, NULL },
	{ "filterd_sessions_open", "sessions_open", NULL, "Connections of the MTA that are open.",
	    METRICS_GAUGE, METRICS_SESSIONS_OPEN, NULL, NULL },
	{ "filterd_messages", "messages", NULL, "Messages that have ended, by what became of them.",
	    METRICS_COUNTER, METRICS_MESSAGES, "verdict", metrics_message_verdicts },
	{ "filterd_message_bytes", "message_bytes", "bytes",
	    "Size of the messages that have ended, as far as they were received.",
	    METRICS_COUNTER, METRICS_MESSAGE_BYTES, NULL, NULL },
	{ "filterd_connections_decided", "connections_decided", NULL,
	    "Connections that were decided before any message.",
	    METRICS_COUNTER, METRICS_CONNECTIONS, "verdict", connection_verdicts },
	{ "filterd_recipients_refused", "recipients_refused", NULL,
	    "Recipients that filters have refused.",
	    METRICS_COUNTER, METRICS_RECIPIENTS_REFUSED, "verdict", refusals },
	{ "filterd_limits_reached", "limits_reached", NULL,
	    "Messages that the host itself has refused, by the limit that they passed.",
	    METRICS_COUNTER, METRICS_LIMITS, "limit", limits },
	{ "filterd_plan_failures", "plan_failures", NULL,
	    "Messages whose edits the MTA could not carry out; they were tempfailed.",
	    METRICS_COUNTER, METRICS_PLAN_FAILURES, NULL, NULL },
	{ "filterd_rule_hits_uncounted", "rule_hits_uncounted", NULL,
	    "Hits of rules for whose names there was no room.",
	    METRICS_COUNTER, METRICS_HITS_UNCOUNTED, NULL, NULL },
	{ "filterd_history_shortened", "history_shortened", NULL,
	    "Messages that were too large for the history to keep their explanations.",
	    METRICS_COUNTER, METRICS_HISTORY_SHORTENED, NULL, NULL },
	{ "filterd_history_dropped", "history_dropped", NULL,
	    "Messages that the history missed as the admin process was busy or not there.",
	    METRICS_COUNTER, METRICS_HISTORY_DROPPED, NULL, NULL },
	{ "filterd_recordings", "recordings", NULL, "Sessions that were recorded.",
	    METRICS_COUNTER, METRICS_RECORDINGS, NULL, NULL },
	{ "filterd_recordings_failed", "recordings_failed", NULL,
	    "Sessions that were to be recorded and could not be.",
	    METRICS_COUNTER, METRICS_RECORDINGS_FAILED, NULL, NULL },
	{ "filterd_quarantine_stored", "quarantine_stored", NULL,
	    "Messages that were put into the quarantine store.",
	    METRICS_COUNTER, METRICS_QUARANTINE_STORED, NULL, NULL },
	{ "filterd_quarantine_stored_bytes", "quarantine_stored_bytes", "bytes",
	    "Size of the messages that were put into the quarantine store.",
	    METRICS_COUNTER, METRICS_QUARANTINE_BYTES, NULL, NULL },
	{ "filterd_quarantine_failed", "quarantine_failed", NULL,
	    "Messages that could not be put into the quarantine store; they were tempfailed.",
	    METRICS_COUNTER, METRICS_QUARANTINE_FAILED, NULL, NULL },
	{ "filterd_quarantine_released", "quarantine_released", NULL,
	    "Messages that came back from the quarantine store and passed unfiltered.",
	    METRICS_COUNTER, METRICS_QUARANTINE_RELEASED, NULL, NULL },
	{ "filterd_quarantine_removed", "quarantine_removed", NULL,
	    "Messages that were removed from the quarantine store: too old, or for want of room.",
	    METRICS_COUNTER, METRICS_QUARANTINE_REMOVED, "reason", removals },
	{ "filterd_worker_restarts", "worker_restarts", NULL,
	    "Workers that were replaced: they had died, or a filter had hung.",
	    METRICS_COUNTER, METRICS_WORKER_RESTARTS, NULL, NULL },
	{ "filterd_overload", "overload", NULL,
	    "Connections beyond maximum-sessions, by what became of them.",
	    METRICS_COUNTER, METRICS_OVERLOAD, "policy", overload_policies },
	{ "filterd_memory_restarts", "memory_restarts", NULL,
	    "Workers that were replaced because they had passed memory-limit.",
	    METRICS_COUNTER, METRICS_MEMORY_RESTARTS, NULL, NULL },
	{ "filterd_dns_queries", "dns_queries", NULL,
	    "Queries of the DNS that filters made, by what they came to: limit were not made, and "
	    "abandoned had no answer when the message ended.",
	    METRICS_COUNTER, METRICS_DNS_ENDED, "status", dns_statuses },
	{ "filterd_workers", "workers", NULL,
	    "Workers that serve, or drain after they were replaced.",
	    METRICS_GAUGE, METRICS_WORKERS, "state", states },
	{ "filterd_descriptors", "descriptors", NULL,
	    "Descriptors that the workers have open, all together.",
	    METRICS_GAUGE, METRICS_DESCRIPTORS, NULL, NULL },
	{ "filterd_descriptors_limit", "descriptors_limit", NULL,
	    "Descriptors that the workers may have open, all together.",
	    METRICS_GAUGE, METRICS_DESCRIPTOR_LIMIT, NULL, NULL },
	{ "filterd_resident_memory_bytes", "resident_memory_bytes", "bytes",
	    "Resident memory of the workers; what they share is in it once for each.",
	    METRICS_GAUGE, METRICS_RESIDENT_BYTES, NULL, NULL },
	{ NULL, NULL, NULL, NULL, METRICS_COUNTER, 0, NULL, NULL }
};

const struct metrics_family metrics_filter_families[] = {
	{ "filterd_filter_verdicts", "verdicts", NULL,
	    "Verdicts of callbacks, those in shadow apart.",
	    METRICS_COUNTER, METRICS_VERDICTS, "verdict", verdicts },
	{ "filterd_filter_shadow_verdicts", "shadow_verdicts", NULL,
	    "Verdicts of callbacks in shadow, which had no effect.",
	    METRICS_COUNTER, METRICS_SHADOW_VERDICTS, "verdict", verdicts },
	{ "filterd_filter_edits", "edits", NULL, "Edits that were made, counted at the end of a"
	    " message.",
	    METRICS_COUNTER, METRICS_EDITS, "edit", edits },
	{ "filterd_filter_shadow_edits", "shadow_edits", NULL,
	    "Edits that would have been made if the filter were not in shadow.",
	    METRICS_COUNTER, METRICS_SHADOW_EDITS, "edit", edits },
	{ "filterd_filter_timeouts", "timeouts", NULL,
	    "Callbacks that took longer than the filter's timeout; each is also an error.",
	    METRICS_COUNTER, METRICS_TIMEOUTS, NULL, NULL },
	{ "filterd_filter_crashes", "crashes", NULL, "Deaths of workers in code of the filter.",
	    METRICS_COUNTER, METRICS_CRASHES, NULL, NULL },
	{ "filterd_filter_regex_limits", "regex_limits", NULL,
	    "Regular expressions that reached a limit, which counts as no match.",
	    METRICS_COUNTER, METRICS_REGEX_LIMITS, NULL, NULL },
	{ "filterd_filter_hangs", "hangs", NULL,
	    "Callbacks that did not come back and were cut off.",
	    METRICS_COUNTER, METRICS_HANGS, NULL, NULL },
	{ "filterd_filter_removed", "removed", NULL,
	    "1 when the filter has crashed too often and its on-error policy stands in for it.",
	    METRICS_GAUGE, METRICS_REMOVED, NULL, NULL },
	{ NULL, NULL, NULL, NULL, METRICS_COUNTER, 0, NULL, NULL }
};

size_t
metrics_family_size(const struct metrics_family *family)
{
	size_t size = 0;

	if (!family->label)
		return 1;
	while (family->values[size])
		size++;
	return size;
}
