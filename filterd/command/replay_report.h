/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a replay finds, told a message at a time: where the answers differ from the recorded ones,
 * and where what the filters found does. Owns what it has noted of the messages that are open.
 */
#ifndef FILTERD_COMMAND_REPLAY_REPORT_H
#define FILTERD_COMMAND_REPLAY_REPORT_H

#include <stdio.h>

#include "filterd/mta/replay.h"

struct replay_group;

struct replay_report {
	FILE *to;
	bool json;		/* one object a message; else text, of those that differ */
	const char *path;	/* of the file at hand */
	bool lacks_body;	/* it was recorded without bodies */
	struct replay_group *groups;	/* messages and connections that are open */
	size_t files, messages, differing;
};

void replay_report_begin(struct replay_report *report, const char *path, const struct scenario
    *scenario);
void replay_report_event(struct replay_report *report, const struct replay_scene *scene,
    const struct replay_event *event);
void replay_report_end(struct replay_report *report);

/* The last line; nothing in JSON. */
void replay_report_summary(const struct replay_report *report);

#endif
