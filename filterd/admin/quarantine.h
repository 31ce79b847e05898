/* SPDX-License-Identifier: BSD-2-Clause */
/* The quarantine store as the API shows it, and releases from it. */
#ifndef FILTERD_ADMIN_QUARANTINE_H
#define FILTERD_ADMIN_QUARANTINE_H

#include "filterd/admin/server.h"
#include "filterd/config/settings.h"
#include "filterd/quarantine/store.h"

/* Whether it is shown: there is a store, and the history's settings hide neither addresses nor
 * subjects, which stand in it as they are. */
bool quarantine_shown(const struct settings *settings);

/* *store is opened when it is needed first. */
void quarantine_list(const struct settings *settings, struct store **store,
    const struct request *request, struct answer *answer_r);
void quarantine_show(const struct settings *settings, struct store **store, const char *id,
    struct answer *answer_r);

/* Begins the release of a message, in a process of its own: its entry says how that ends. The store
 * is closed: SQLite may not be open in a process that is forked. */
void quarantine_release(const struct settings *settings, struct store **store, const char *id,
    struct answer *answer_r);

#endif
