/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Prints the OpenMetrics text of a daemon with one listener, filter and rule: every metric that
 * there is, with every label. Fatal: that there is no shared memory.
 */
#include <stdio.h>

#include "filterd/service/metrics_snapshot.h"
#include "filterd/service/quarantine_gauges.h"

int
main(void)
{
	static const char *const filters[] = { "rules" };
	static const struct metrics_rule_name rules[] = { { 0, "one" } };
	const struct metrics_layout layout = {
		.listener = "inbound", .filters = filters, .filter_count = 1, .rules = rules,
		.rule_count = 1, .generation = 1
	};
	static const uint64_t gauges[QUARANTINE_GAUGES] = { [QUARANTINE_OLDEST] = 1 };
	struct metrics *metrics = metrics_create();
	struct metrics_snapshot *snapshot;
	struct buffer text = { 0 };
	int slot = metrics ? metrics_slot_open(metrics, &layout) : -1;

	if (slot < 0) {
		fputs("there is no shared memory\n", stderr);
		return 1;
	}
	if (!quarantine_gauges_create()) {
		fputs("there is no shared memory\n", stderr);
		return 1;
	}
	quarantine_gauges_use(true);
	quarantine_gauges_set(gauges);
	metrics_slot_serves(metrics, slot, true);
	metrics_generation(metrics, 1);
	snapshot = metrics_snapshot(metrics);
	openmetrics_write(snapshot, "0.0.0", &text);
	fwrite(text.data, 1, text.length, stdout);
	metrics_snapshot_destroy(&snapshot);
	buffer_free(&text);
	metrics_destroy(&metrics);
	quarantine_gauges_destroy();
	return 0;
}
