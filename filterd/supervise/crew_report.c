/* SPDX-License-Identifier: BSD-2-Clause */
/* What is said of the workers of a crew: how they died, and why they do not start. */
#include <stdio.h>

#include "filterd/chain/explanation.h"
#include "filterd/service/log.h"
#include "filterd/service/metrics.h"
#include "filterd/supervise/complaints.h"
#include "filterd/supervise/crew_parts.h"

const struct buffer *
crew_complaints(const struct crew *crew)
{
	return &crew->complaints;
}

/* A line for a thread that was in plugin code; without a note, for the death alone. */
static void
report_suspect(const struct crew *crew, const struct worker *worker, const char *how,
    const struct crash_note *note)
{
	static const struct str none;
	struct buffer backtrace = { 0 };
	char pid[24], generation[24];

	snprintf(pid, sizeof(pid), "%ld", (long)worker->pid);
	snprintf(generation, sizeof(generation), "%u", crew->generation);
	crash_backtrace(worker->crash, &backtrace);
	log_event(MF_LOG_ERROR, "worker died", (struct log_field[]){
		{ "listener", str_of(crew_listener_of(crew, worker)->name), false },
		{ "generation", str_of(generation), true },
		{ "worker", str_of(pid), true },
		{ "how", str_of(how), false },
		{ "filter", note ? str_of(note->filter) : none, false },
		{ "stage", note ? str_of(stage_name((enum mf_stage)atomic_load(&note->stage))) :
		    none, false },
		{ "session", note && note->session[0] ? str_of(note->session) : none, false },
		{ "queue", note && note->queue_id[0] ? str_of(note->queue_id) : none, false },
		{ "backtrace", backtrace.length ? str_of(buffer_text(&backtrace)) : none, false },
	}, 9);
	buffer_free(&backtrace);
}

void
crew_report_death(const struct crew *crew, const struct worker *worker, int status)
{
	struct crash_note note;
	struct buffer how = { 0 };
	bool suspect;
	size_t i;

	crash_describe_status(&how, status);
	if (!crew->leaving && !worker->retired)
		metrics_slot_restarted(crew->needs->metrics, worker->slot);
	for (i = 0; (suspect = crash_suspect(worker->crash, i, &note)) || i == 0; i++)
		report_suspect(crew, worker, buffer_text(&how), suspect ? &note : NULL);
	buffer_free(&how);
}

/* A complaint of the master's own: what became of the worker, and while it did what. */
static void
complain_of(struct crew *crew, const struct worker *worker, const char *what)
{
	struct crash_note note;
	struct buffer line = { 0 };
	char doing[256];

	buffer_printf(&line, "%s: the worker of listener \"%s\" %s",
	    crew_listener_of(crew, worker)->where, crew_listener_of(crew, worker)->name, what);
	if (crash_suspect(worker->crash, 0, &note)) {
		crash_note_describe(&note, doing, sizeof(doing));
		buffer_printf(&line, " while it ran %s", doing);
	}
	buffer_add_char(&line, '\n');
	complaints_add(&crew->complaints, (struct str){ line.data, line.length });
	buffer_free(&line);
}

void
crew_collect_complaints(struct crew *crew, const struct worker *worker, int status)
{
	struct buffer how = { 0 };

	if (worker->said.length && !worker->ready) {
		complaints_add(&crew->complaints,
		    (struct str){ worker->said.data, worker->said.length });
		return;
	}
	crash_describe_status(&how, status);
	complain_of(crew, worker, buffer_text(&how));
	buffer_free(&how);
}

void
crew_complain_of_slow(struct crew *crew)
{
	const struct worker *worker;

	for (worker = crew->workers; worker; worker = worker->next)
		if (worker->pid && !worker->ready)
			complain_of(crew, worker, "is not ready in time");
}

void
crew_log_complaints(struct crew *crew)
{
	struct str text = { crew->complaints.data, crew->complaints.length };

	while (text.length) {
		struct log_field field = { "error", str_trim(complaint_next(&text)), false };

		log_event(MF_LOG_ERROR, "worker cannot start", &field, 1);
	}
	crew->complaints.length = 0;
}

