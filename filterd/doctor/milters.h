/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Milters as the two MTAs name them in their configurations: sockets, lists and times. Text in,
 * structs out, whatever the text; what cannot be understood is said so in the struct. Pure.
 */
#ifndef FILTERD_DOCTOR_MILTERS_H
#define FILTERD_DOCTOR_MILTERS_H

#include <stdint.h>

#include "filterd/util/arena.h"

/* Where a milter listens. Texts live in the arena. */
struct endpoint {
	const char *text;	/* as it was written */
	const char *problem;	/* NULL, or why the MTA cannot use it; then nothing below is set */
	const char *path;	/* of a unix socket; NULL: inet */
	const char *host;	/* a name or an address, without brackets */
	const char *port;	/* a number or the name of a service */
};

/* unix:PATH, local:PATH, inet:HOST:PORT; milter8.c of Postfix. */
void endpoint_of_postfix(struct endpoint *endpoint_r, const char *text, struct arena *arena);

/* unix:PATH, local:PATH, inet:PORT@HOST, inet6:PORT@HOST, and PATH alone; milter.c of Sendmail. */
void endpoint_of_sendmail(struct endpoint *endpoint_r, const char *text, struct arena *arena);

/* The settings that an entry of smtpd_milters can have of its own. */
enum milter_setting {
	MILTER_CONNECT_TIMEOUT, MILTER_COMMAND_TIMEOUT, MILTER_CONTENT_TIMEOUT,
	MILTER_DEFAULT_ACTION, MILTER_PROTOCOL, MILTER_SETTINGS
};
extern const char *const milter_setting_names[MILTER_SETTINGS];

/* An entry of smtpd_milters or non_smtpd_milters: SERVICE, or { SERVICE, name=value, … }. */
struct milter_entry {
	const char *source;		/* as it is written */
	struct endpoint endpoint;
	const char *own[MILTER_SETTINGS];	/* NULL: that of main.cf or master.cf */
};

/* The entries, divided by commas and blanks, some in braces. */
struct milter_entry *milter_list_parse(const char *text, size_t *count_r, struct arena *arena);

/* The list as text, with entry `index` changed: another socket (NULL: its own), and unless it
 * is MILTER_SETTINGS, that setting with this value. */
const char *milter_list_write(const struct milter_entry *entries, size_t count, size_t index,
    const char *socket, enum milter_setting setting, const char *value, struct arena *arena);

/* "30s", "5m", "1h", "2d", "1w", and sums such as "1h30m"; without a unit, seconds. False: it is
 * none, or longer than 10,000 weeks. */
bool mta_time_parse(const char *text, int64_t *milliseconds_r);

#endif
