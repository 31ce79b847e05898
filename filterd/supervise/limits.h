/* SPDX-License-Identifier: BSD-2-Clause */
/* What a worker may use of the machine: descriptors and memory. */
#ifndef FILTERD_SUPERVISE_LIMITS_H
#define FILTERD_SUPERVISE_LIMITS_H

#include "filterd/config/settings.h"
#include "filterd/util/buffer.h"

/* Lets the process open the descriptors that the listener's sessions need. Root may raise what the
 * process was given. False: it is not allowed; a line was added to problem. */
bool limits_set_descriptors(const struct listener_settings *listener, struct buffer *problem);

/* Gives threads that are created from now on a stack that many of them have room for. */
void limits_set_stacks(void);

/* Bounds what the process can allocate from now on to the listener's memory-maximum, and stacks for
 * its sessions. May be called again. A system that does not let it be bounded leaves it so. */
void limits_set_memory(const struct listener_settings *listener);

#endif
