/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The recorder of a worker: writes each session of the MTA to a file of its own in the folder that
 * the settings name, complete or not at all, and keeps the folder within its limits. One a process.
 * No failure touches mail: a session that cannot be recorded is counted and logged.
 */
#ifndef FILTERD_MTA_RECORDER_H
#define FILTERD_MTA_RECORDER_H

#include "filterd/config/settings.h"
#include "filterd/mta/recording.h"

#define RECORDER_NAME	64	/* bytes of a file's name with its NUL */

/* A session that is recorded; zeroed: it is not. */
struct recorded {
	struct recording *recording;	/* NULL: not recorded */
	int fd;
	char id[RECORDER_NAME];		/* of the session */
	char name[RECORDER_NAME];	/* of the file, while it is not complete */
	int64_t started;		/* seconds since the epoch */
	uint64_t size;
	int error;			/* why it is given up; 0: it is not */
};

/* Opens the folder, if the settings name one, and records the sessions of this listener from now
 * on. macros (ends with NULL) are wanted by its chain. All must outlive the process's sessions.
 * config is its file, for complaints. False: the folder cannot be written to; a line was added to
 * problem. To be called while there is one thread. */
bool recorder_open(const struct settings *settings, const struct listener_settings *listener,
    const char *const *macros, const char *config, struct buffer *problem);

/* Whether that would do. */
bool recorder_check(const struct settings *settings, const char *config, struct buffer *problem);

/* MF_AT bits of the events that recordings want: all, so that they can be played to chains that
 * want others; 0: nothing is recorded. */
unsigned recorder_events(void);

void recorder_begin(struct recorded *recorded, const char *session_id, const struct front *front,
    void *front_data);
void recorder_end(struct recorded *recorded);

/* Removes what is beyond the limits, the oldest first, unless another process is about it. To be
 * called once a second or so by one thread. */
void recorder_keep(void);

#endif
