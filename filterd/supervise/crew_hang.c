/* SPDX-License-Identifier: BSD-2-Clause */
/* Workers in which a filter has hung. They are of no more use, but for the sessions that they have:
 * another one takes their place. A hang counts as a crash of the filter does. */
#include <stdio.h>

#include "filterd/service/log.h"
#include "filterd/service/metrics.h"
#include "filterd/supervise/crew_parts.h"

static struct str
print_number(char text[24], long number)
{
	snprintf(text, 24, "%ld", number);
	return str_of(text);
}

void
crew_hear_hang(struct crew *crew, struct worker *worker, struct str filter)
{
	char pid[24], generation[24], name[CRASH_NOTE_FILTER];
	const struct log_field fields[] = {
		{ "listener", str_of(crew_listener_of(crew, worker)->name), false },
		{ "generation", print_number(generation, crew->generation), true },
		{ "worker", print_number(pid, worker->pid), true },
		{ "filter", filter, false },
	};

	log_event(MF_LOG_WARNING, "worker drains after a hang", fields,
	    sizeof(fields) / sizeof(fields[0]));
	if (!worker->retired && !crew->leaving)
		metrics_slot_restarted(crew->needs->metrics, worker->slot);
	snprintf(name, sizeof(name), "%.*s", (int)filter.length, filter.data);
	crew_blame(crew, worker, name);
	crew_retire(crew, worker);
}
