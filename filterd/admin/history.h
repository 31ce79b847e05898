/* SPDX-License-Identifier: BSD-2-Clause */
/* The history in the admin process: takes records from the link into the ring, and answers what is
 * asked about them. */
#ifndef FILTERD_ADMIN_HISTORY_H
#define FILTERD_ADMIN_HISTORY_H

#include "filterd/admin/ring.h"
#include "filterd/admin/server.h"
#include "filterd/service/history_link.h"

struct history;

/* What is borrowed: all. Memory NULL: there is none, and nothing is kept. */
struct history *history_open(const struct history_settings *settings,
    const struct history_link *link, struct ring_memory *memory);
void history_close(struct history **history);

/* Readable when there are records; -1: there will be none. */
int history_descriptor(const struct history *history);

/* Takes what has come, and forgets what is too old. */
void history_tend(struct history *history);

/* /api/messages, and /api/messages/ID; dropped: records that were lost, or -1, nobody knows. */
void history_list(const struct history *history, const struct request *request, int64_t dropped,
    struct answer *answer_r);
void history_show(const struct history *history, const char *id, struct answer *answer_r);

/* The settings as JSON. */
void history_json(const struct history *history, struct buffer *to);

#endif
