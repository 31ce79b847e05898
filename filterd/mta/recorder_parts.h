/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files recorder*.c share: names in the folder, and keeping it within its limits. */
#ifndef FILTERD_MTA_RECORDER_PARTS_H
#define FILTERD_MTA_RECORDER_PARTS_H

#include <time.h>

#include "filterd/config/settings.h"

#define RECORDER_WHOLE	".scn"		/* ends the names of complete recordings */
#define RECORDER_PART	".part"		/* of those that are being written */

/* When the folder was last looked through; zeroed: never. */
struct recorder_sweep {
	struct timespec changed;	/* its own time of change then */
	int64_t at;			/* seconds since the epoch */
};

/* Removes the oldest recordings of the folder until the limits hold, and parts that nobody can be
 * writing any more. Does nothing when nothing can have changed, or when another process does it. */
void recorder_sweep(int folder, const struct record_settings *settings, struct recorder_sweep
    *sweep);

#endif
