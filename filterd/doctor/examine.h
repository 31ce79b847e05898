/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Examining an MTA's configuration against filterd's: what both MTAs have in common, and the
 * entries for each. Everything is read and looked at, nothing changed; connections to sockets are
 * closed at once.
 */
#ifndef FILTERD_DOCTOR_EXAMINE_H
#define FILTERD_DOCTOR_EXAMINE_H

#include "filterd/doctor/finding.h"
#include "filterd/doctor/milters.h"
#include "filterd/doctor/postconf.h"
#include "filterd/doctor/reach.h"
#include "filterd/doctor/sendmail_cf.h"
#include "filterd/doctor/site.h"

struct examination {
	struct arena *arena;
	struct findings *findings;
	struct site *site;
	const char *mta;	/* "Postfix", "Sendmail" */
	const char *folder;	/* of Postfix's configuration; Sendmail: the path of sendmail.cf */
};

void examine_postfix(struct examination *examination, const struct postfix *postfix);
void examine_sendmail(struct examination *examination, const struct sendmail *sendmail);

/* ---- for both ---- */

/* The listener of filterd at an endpoint; path is that of a unix socket as seen from the root, NULL
 * for others. NULL: it is none of filterd's. */
struct site_listener *examine_match(const struct examination *examination,
    const struct endpoint *endpoint, const char *path);

/* Whether the MTA's user can connect to a unix socket that is a listener's. from and path: as for
 * reach_socket(). */
void examine_way(const struct examination *examination, const struct site_listener *listener,
    const struct who *who, const char *from, const char *path);

/* Whether somebody listens there, and is that filterd. */
void examine_answer(const struct examination *examination, const struct site_listener *listener);

/* Whether libmilter and the kernel know IPv6; `why` says what needs it. */
void examine_inet6(const struct examination *examination, const char *why);

#define PATIENCE_SECONDS "\1"	/* a byte that no configuration has */

/* How long the MTA waits at a place of its configuration, and what to put there. */
struct patience {
	const char *name;	/* of the setting */
	const char *value;	/* as it is written */
	const char *file;
	const char *put;	/* PATIENCE_SECONDS stands where a number of seconds is to be */
	bool commands;		/* for answers to commands; else for those to a message's content */
};
void examine_patience(const struct examination *examination, const struct site_listener *listener,
    const struct patience *patience);

/* The listeners that nobody names. */
void examine_unused(const struct examination *examination);

/* The milters of one list in order, by name, with the listener that each is, NULL for other
 * programs: notes listeners that are there twice, and what stands before and behind filterd. */
void examine_company(const struct examination *examination, const char *place,
    const char *const *names, const struct site_listener *const *listeners, size_t count);

/* Adds a finding, whose texts are constants or in the arena. */
void examine_find(const struct examination *examination, const struct finding *finding);

#endif
