/* SPDX-License-Identifier: BSD-2-Clause */
/* The quarantine store of a worker: opened once, kept within its limits. */
#ifndef FILTERD_SUPERVISE_QUARANTINE_H
#define FILTERD_SUPERVISE_QUARANTINE_H

#include "filterd/config/settings.h"
#include "filterd/util/buffer.h"

/* Whether this process can use the store, if there is to be one. False: a line was added to
 * problem; config is the name that it begins with. */
bool quarantine_check(const struct settings *settings, const char *config, struct buffer *problem);

/* Opens it for this process, which serves from now on. */
bool quarantine_open(const struct settings *settings, const char *config, struct buffer *problem);

bool quarantine_in_use(void);

/* Keeps it within its limits, every ten seconds and unless another worker does; to be called often,
 * by one thread. */
void quarantine_keep(void);

#endif
