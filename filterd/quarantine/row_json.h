/* SPDX-License-Identifier: BSD-2-Clause */
/* A row of the store's list as a JSON object: what filterd quarantine list --json prints, and the
 * admin API serves. */
#ifndef FILTERD_QUARANTINE_ROW_JSON_H
#define FILTERD_QUARANTINE_ROW_JSON_H

#include "filterd/quarantine/store.h"

void row_json_add(const struct store_row *row, struct buffer *to);

#endif
