/* SPDX-License-Identifier: BSD-2-Clause */
/* Log lines of a session: each names the session, the queue id once it is known, and the filter. */
#include <string.h>

#include "filterd/chain/state.h"

#define FIELDS_MAXIMUM 16

void
session_log(const struct session *session, enum mf_log_level level, const char *event,
    const char *filter, const struct log_field *fields, size_t count)
{
	struct log_field all[FIELDS_MAXIMUM] = {
		{ "session", str_of(session->id), false },
		{ "queue",
		    { session->queue_id[0] ? session->queue_id : NULL, strlen(session->queue_id) },
		    false },
		{ "filter", { filter, filter ? strlen(filter) : 0 }, false },
	};
	size_t room = FIELDS_MAXIMUM - 3;

	if (!log_wants(level))
		return;
	memcpy(all + 3, fields, (count < room ? count : room) * sizeof(*fields));
	log_event(level, event, all, 3 + (count < room ? count : room));
}

void
session_log_text(const struct session *session, enum mf_log_level level, const char *event,
    const char *filter, const char *key, const char *text)
{
	const struct log_field field = { key, str_of(text), false };

	session_log(session, level, event, filter, &field, 1);
}
