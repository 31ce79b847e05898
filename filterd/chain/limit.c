/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the host decides by itself, when a message passes a limit that the configuration sets, when
 * there is no room to keep it, or when the MTA sends what cannot come. Codes by RFC 5321 section
 * 4.2.3 and RFC 3463 section 3.
 */
#include <string.h>

#include "filterd/chain/state.h"

static const struct {
	enum outcome outcome;
	struct reply reply;
	const char *log;		/* event of the log line */
} limits[] = {
	[LIMIT_SIZE] = { OUTCOME_REJECT, { 552, "5.3.4", { "Message too large" }, 1 },
	    "message passes maximum-size" },
	[LIMIT_HEADERS] = { OUTCOME_REJECT,
	    { 550, "5.6.0", { "Message has too many header fields" }, 1 },
	    "message passes maximum-headers" },
	[LIMIT_HEADER_SIZE] = { OUTCOME_REJECT, { 552, "5.3.4", { "Message header too large" }, 1 },
	    "message header passes memory-limit" },
	[LIMIT_RECIPIENTS] = { OUTCOME_TEMPFAIL, { 452, "4.5.3", { "Too many recipients" }, 1 },
	    "message passes maximum-recipients" },
	[LIMIT_STORAGE] = { OUTCOME_TEMPFAIL,
	    { 452, "4.3.1", { "Insufficient system storage" }, 1 }, "cannot keep message" },
	[LIMIT_QUARANTINE] = { OUTCOME_TEMPFAIL,
	    { 451, "4.3.0", { "Message cannot be kept; try again later" }, 1 },
	    "cannot use quarantine" },
	[LIMIT_ORDER] = { OUTCOME_TEMPFAIL,
	    { 451, "4.3.0", { "Mail filter out of step; try again later" }, 1 },
	    "event out of order" },
};

/* What has no text is left out of the line. */
static struct log_field
field(const char *key, const char *text)
{
	return (struct log_field){ key, { text, text ? strlen(text) : 0 }, false };
}

struct ruling
limit_ruling(const struct session *session, enum limit limit, enum mf_stage stage, int error)
{
	const struct message_settings *settings = &session->chain->settings->message;
	const struct log_field fields[] = {
		field("stage", stage_name(stage)),
		field("cause", error ? strerror(error) : NULL),
		field("store", limit == LIMIT_QUARANTINE ?
		    session->chain->settings->quarantine.store : NULL),
		field("spool-directory", limit == LIMIT_STORAGE ? settings->spool_directory : NULL),
	};

	metrics_add(METRICS_LIMITS + limit, 1);
	session_log(session, MF_LOG_WARNING, limits[limit].log, NULL, fields,
	    sizeof(fields) / sizeof(fields[0]));
	return (struct ruling){
		.outcome = limits[limit].outcome,
		.reply = &limits[limit].reply,
		.stage = stage,
	};
}
