/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * filterd's own side, as the doctor sees it: the listeners of the configuration with what their
 * chains want of an MTA. Plugins are loaded in a child, as `filterd check` does.
 */
#ifndef FILTERD_DOCTOR_SITE_H
#define FILTERD_DOCTOR_SITE_H

#include <stdio.h>
#include <sys/types.h>

#include "filterd/chain/generation.h"
#include "filterd/doctor/finding.h"

struct site_listener {
	const struct listener_settings *settings;
	struct listener_address address;
	/* Of its chain; zeros while plugins could not be loaded. */
	bool live;			/* some filter decides before the message's content */
	int64_t longest, total;		/* milliseconds that a filter, and all of them, may take */
	const char *slowest;		/* the filter with the longest; "" when there is none */
	const char *const *macros;	/* that are read; ends with NULL */
	bool attached;			/* an MTA names it: set by those who look at MTAs */
};

struct site {
	const char *config;		/* path of the configuration */
	struct settings *settings;
	struct site_listener *listeners;
	size_t count;
	/* Of the daemon, set by who has asked it. */
	pid_t daemon;			/* 0: none answers */
	unsigned generation;
};

/* Looks, and notes what is wrong with it by itself. False: the configuration cannot be read, and
 * that has been said on standard error; there is nothing to release. */
bool site_look(struct site *site_r, const char *config, struct findings *findings);
void site_release(struct site *site);

/* Reads what the child says of the chains; pure. A line a listener, words divided by blanks:
 * NAME LIVE LONGEST TOTAL SLOWEST [MACRO…], "-" for no slowest. Lines that are not like that, or
 * name no listener of the site, are passed over. */
void site_read_chains(struct site *site, struct str text, struct arena *arena);

/* What it says: a line for each listener of a loaded configuration. */
void site_show_chains(const struct generation *generation, const char *config, FILE *to);

#endif
