/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The master: reads the configuration, opens the sockets, forks the workers and supervises them. It
 * runs no plugin code and parses no mail, so nothing in a message can end it.
 */
#ifndef FILTERD_SUPERVISE_MASTER_H
#define FILTERD_SUPERVISE_MASTER_H

#include <stdbool.h>

/* Runs the daemon, with a shadow configuration in the place of the configuration's own, or NULL,
 * until it is told to stop. Returns an exit status of sysexits(3); what is wrong has been said on
 * standard error. In the background it returns in the caller as soon as the daemon serves or has
 * failed. */
int master_run(const char *config, const char *shadow_config, bool foreground);

#endif
