/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Records as they came from workers, whose plugins may have run wild: read as hostile input. What
 * is not as chain/history.h says makes no record; what is, is JSON whatever its texts say.
 */
#ifndef FILTERD_ADMIN_RECORD_H
#define FILTERD_ADMIN_RECORD_H

#include <jansson.h>

#include "filterd/util/str.h"

#define RECORD_RECIPIENTS_LISTED 5	/* of a summary in a list */

/* The summary, a new object with its known members, each of its type; NULL: the record is none. */
json_t *record_summary(struct str record);

/* The detail, a new object with "explanation" and "diff", each of which may be null; NULL: the
 * record is none. */
json_t *record_detail(struct str record);

#endif
