/* SPDX-License-Identifier: BSD-2-Clause */
/* A log line's text, in either format: fields in, one line out, whatever bytes they hold. Pure. */
#ifndef FILTERD_SERVICE_LOG_TEXT_H
#define FILTERD_SERVICE_LOG_TEXT_H

#include <time.h>

#include "filterd/service/log.h"
#include "filterd/util/buffer.h"

/* "error" "warning" "notice" "info" "debug"; in the order of enum mf_log_level. */
extern const char *const log_level_names[];

/* key=value key="value with \"quotes\"" …, divided by blanks, no line end. A value that is empty
 * or holds anything but printable ASCII without blank, quote, backslash and "=" stands in quotes.
 * In them control characters and bytes that are not UTF-8 are written \xNN, and so are characters
 * that change the direction or the layout of the line. */
void log_text_fields(struct buffer *to, const struct log_field *fields, size_t count);

/* {"key":"value",…} without line end. */
void log_json_fields(struct buffer *to, const struct log_field *fields, size_t count);

/* RFC 3339 with microseconds, UTC: 2026-01-31T23:59:59.000001Z. */
#define LOG_TIME_BYTES 40
void log_time(char text_r[LOG_TIME_BYTES], const struct timespec *time);

#endif
