/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The log: one line an event, as key=value or JSON, to standard error, syslog or the journal. Set
 * up once a process before threads start; writing takes no lock of ours (one write(2), syslog(3) or
 * sd_journal_sendv call a line). Bytes that are not printable are escaped: a log line is one line
 * whatever mail holds.
 */
#ifndef FILTERD_SERVICE_LOG_H
#define FILTERD_SERVICE_LOG_H

#include <filterd/plugin.h>

#include "filterd/util/str.h"

/* Numbers as in config/settings.h: enum log_target, log_format. */
void log_open(int target, int format, int level, const char *facility);

/* Every line of this process has that field from now on; 0: none has. */
void log_generation(unsigned generation);

/* Every line of this process says shadow=yes from now on, and lines that are less important than a
 * notice are not written. */
void log_shadow(void);

/* Whether lines of that level are written: ask before costly work. */
bool log_wants(enum mf_log_level level);

/* A field of a line. The text is borrowed for the call; NULL data: the field is left out. */
struct log_field {
	const char *key;
	struct str text;
	bool bare;		/* JSON: text is a JSON value already (number, true, object) */
};

/* event: a short constant phrase ("filter failed", "message"). */
void log_event(enum mf_log_level level, const char *event, const struct log_field *fields,
    size_t count);

/* The same for the many lines that need no fields. */
void log_text(enum mf_log_level level, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
