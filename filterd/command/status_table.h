/* SPDX-License-Identifier: BSD-2-Clause */
/* The daemon's metrics as tables for a person. */
#ifndef FILTERD_COMMAND_STATUS_TABLE_H
#define FILTERD_COMMAND_STATUS_TABLE_H

#include <stdbool.h>

#include "filterd/util/buffer.h"

/* One answer of the daemon. */
struct status;

/* From the JSON of metrics_json(). NULL: it is none. The caller gives it back with
 * status_destroy(). */
struct status *status_read(const char *json);
void status_destroy(struct status **status);

struct status_view {
	bool rules;			/* a line a rule */
	bool recent;			/* times are those since the look before, not all */
};

/* before: an earlier answer, for rates; NULL: there is none. What is in the answer is cleaned of
 * what a terminal would obey. */
void status_table(const struct status *now, const struct status *before,
    const struct status_view *view, struct buffer *to);

#endif
