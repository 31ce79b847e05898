/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Recordings in their folder. One that is being written begins with a dot; when it is complete it
 * gets the name TIME-SESSION.scn, by which the oldest comes first. Whoever removes files holds the
 * lock of the folder itself, so one process at a time does.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "filterd/mta/macro_stages.h"
#include "filterd/mta/recorder.h"
#include "filterd/mta/recorder_parts.h"
#include "filterd/service/log.h"
#include "filterd/service/metrics.h"
#include "filterd/util/memory.h"
#include "filterd/util/write.h"

static struct {
	const struct record_settings *settings;		/* NULL: nothing is recorded */
	const char *address;				/* of the listener */
	const char *const *macros;			/* whose values are noted; ends with NULL */
	int folder;
} recorder;

/* ---- the recorder ---- */

static bool
has_name(const char *const *names, const char *name)
{
	while (*names && strcmp(*names, name) != 0)
		names++;
	return *names != NULL;
}

/* Those that are known by name, and others that the chain wants. */
static const char *const *
join_macros(const struct settings *settings, const char *const *wanted)
{
	const char **names;
	size_t known = 0, more = 0;

	while (macro_known(known))
		known++;
	while (wanted[more])
		more++;
	names = arena_array(settings->arena, known + more + 1, sizeof(*names));
	for (size_t i = 0; i < known; i++)
		names[i] = macro_known(i);
	for (; *wanted; wanted++)
		if (!has_name(names, *wanted))
			names[known++] = *wanted;
	return names;
}

/* -1: a line was added to problem. */
static int
open_folder(const struct settings *settings, const char *config, struct buffer *problem)
{
	const char *path = settings->record.folder;
	int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (folder >= 0 && faccessat(folder, ".", W_OK | X_OK, AT_EACCESS) == 0)
		return folder;
	buffer_printf(problem, "%s: user id %ld, which workers run as, cannot write to the folder"
	    " of recordings %s: %s\n", config, (long)geteuid(), path,
	    strerror(errno));
	if (folder >= 0)
		close(folder);
	return -1;
}

bool
recorder_check(const struct settings *settings, const char *config, struct buffer *problem)
{
	int folder = settings->record.folder ? open_folder(settings, config, problem) : -1;

	if (folder >= 0)
		close(folder);
	return folder >= 0 || !settings->record.folder;
}

bool
recorder_open(const struct settings *settings, const struct listener_settings *listener,
    const char *const *macros, const char *config, struct buffer *problem)
{
	const struct record_settings *record = &settings->record;

	if (!record->folder)
		return true;
	recorder.folder = open_folder(settings, config, problem);
	if (recorder.folder < 0)
		return false;
	recorder.address = listener->socket;
	recorder.macros = join_macros(settings, macros);
	recorder.settings = record;
	return true;
}

unsigned
recorder_events(void)
{
	static const unsigned events = MF_AT(MF_STAGE_CONNECT) | MF_AT(MF_STAGE_HELO) |
	    MF_AT(MF_STAGE_MAIL) | MF_AT(MF_STAGE_RCPT) | MF_AT(MF_STAGE_DATA) |
	    MF_AT(MF_STAGE_HEADER) | MF_AT(MF_STAGE_EOH) | MF_AT(MF_STAGE_UNKNOWN);

	if (!recorder.settings)
		return 0;
	return events | (recorder.settings->body ? MF_AT(MF_STAGE_BODY) : 0);
}

void
recorder_keep(void)
{
	static struct recorder_sweep sweep;

	if (recorder.settings)
		recorder_sweep(recorder.folder, recorder.settings, &sweep);
}

/* ---- a session ---- */

static bool
take_text(void *argument, const void *bytes, size_t size)
{
	struct recorded *recorded = argument;

	recorded->size += size;
	if (recorded->size > recorder.settings->size.bytes)
		recorded->error = EFBIG;
	else if (!write_whole(recorded->fd, bytes, size))
		recorded->error = errno;
	return !recorded->error;
}

static void
complain(const struct recorded *recorded, int error)
{
	const struct log_field fields[] = {
		{ "session", str_of(recorded->id), false },
		{ "folder", str_of(recorder.settings->folder), false },
		{ "error", str_of(error == EFBIG ? "it is larger than the record size"
						 : strerror(error)), false },
	};

	metrics_add(METRICS_RECORDINGS_FAILED, 1);
	log_event(MF_LOG_WARNING, "the session could not be recorded", fields,
	    sizeof(fields) / sizeof(fields[0]));
}

void
recorder_begin(struct recorded *recorded, const char *session_id, const struct front *front,
    void *front_data)
{
	struct recording_scene scene = {
		.session_id = session_id, .address = recorder.address, .macros = recorder.macros,
		.front = front, .front_data = front_data, .write = take_text, .argument = recorded
	};

	if (!recorder.settings)
		return;
	scene.body = recorder.settings->body;
	*recorded = (struct recorded){ .started = (int64_t)time(NULL) };
	snprintf(recorded->id, sizeof(recorded->id), "%s", session_id);
	snprintf(recorded->name, sizeof(recorded->name), ".%s%s", session_id, RECORDER_PART);
	recorded->fd = openat(recorder.folder, recorded->name,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (recorded->fd < 0)
		complain(recorded, errno);
	else
		recorded->recording = recording_open(&scene);
}

/* Gives the file its last name. */
static bool
complete(struct recorded *recorded)
{
	time_t started = (time_t)recorded->started;
	char moment[24], name[2 * RECORDER_NAME];
	struct tm at;

	gmtime_r(&started, &at);
	strftime(moment, sizeof(moment), "%Y%m%dT%H%M%SZ", &at);
	snprintf(name, sizeof(name), "%s-%s%s", moment, recorded->id, RECORDER_WHOLE);
	return renameat(recorder.folder, recorded->name, recorder.folder, name) == 0;
}

void
recorder_end(struct recorded *recorded)
{
	bool eventful;

	if (!recorded->recording)
		return;
	eventful = recording_is_eventful(recorded->recording);
	if (!recording_close(&recorded->recording) && !recorded->error)
		recorded->error = EIO;
	if (close(recorded->fd) != 0 && !recorded->error)
		recorded->error = errno;
	if (!recorded->error && eventful && !complete(recorded))
		recorded->error = errno;
	if (recorded->error || !eventful)
		unlinkat(recorder.folder, recorded->name, 0);
	if (recorded->error)
		complain(recorded, recorded->error);
	else
		metrics_add(METRICS_RECORDINGS, eventful);
}
