/* SPDX-License-Identifier: BSD-2-Clause */
/* Slots of the metrics for workers: what a slot is for is read from the settings. */
#ifndef FILTERD_SUPERVISE_SLOTS_H
#define FILTERD_SUPERVISE_SLOTS_H

#include "filterd/config/settings.h"
#include "filterd/service/metrics.h"

/* The slot of a worker that is to serve the listener. -1: nothing is to be counted, or there is no
 * room, which the log says. */
int slot_open(struct metrics *metrics, const struct settings *settings,
    const struct listener_settings *listener, unsigned generation);

#endif
