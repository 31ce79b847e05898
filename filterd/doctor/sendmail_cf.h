/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What sendmail.cf says of milters, read: X lines, the options that name, order and feed them, and
 * which sockets are safe. Lines that begin with a blank continue the one before. Pure.
 */
#ifndef FILTERD_DOCTOR_SENDMAIL_CF_H
#define FILTERD_DOCTOR_SENDMAIL_CF_H

#include "filterd/doctor/milters.h"
#include "filterd/util/str.h"

#define SENDMAIL_MACRO_STAGES 7

struct sendmail_filter {
	const char *name;
	struct endpoint endpoint;	/* S= */
	char action;			/* F=: 'R', 'T' or '4'; 0: none, mail goes unfiltered */
	/* T=: connection, write, reply, end of message; NULL: not set */
	const char *connect, *send, *reply, *end;
};

struct sendmail_daemon {
	const char *name;
	const char *filters;	/* its own InputMailFilters; NULL: those of the option */
};

struct sendmail_option {
	const char *name, *value;	/* the name as it is written */
};

/* Lives in the arena. */
struct sendmail {
	unsigned major, minor;		/* of the version of the configuration (DZ); 0.0: unknown */
	struct sendmail_filter *filters;
	struct sendmail_daemon *daemons;
	struct sendmail_option *options;
	size_t filter_count, daemon_count, option_count;
};

void sendmail_read(struct sendmail *sendmail_r, struct str text, struct arena *arena);

/* The value of an option, "" when it is not set. Names compare without case. */
const char *sendmail_option(const struct sendmail *sendmail, const char *name);

/* Whether a list of names divided by commas and blanks has this one; case counts unless nocase. */
bool sendmail_list_has(const char *list, const char *name, bool nocase);

#endif
