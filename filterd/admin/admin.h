/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The admin process: serves the page, its API and the metrics over HTTP, read only but for asking
 * the master for a reload. A child of the master, it runs no plugin code and parses no mail. It has
 * one channel to the master, a socket pair that keeps messages apart: it says that a reload is
 * wanted; it is told how that went, and to leave. It leaves when the channel closes, too.
 */
#ifndef FILTERD_ADMIN_ADMIN_H
#define FILTERD_ADMIN_ADMIN_H

#include <sys/types.h>

#include "filterd/admin/ring.h"
#include "filterd/config/settings.h"
#include "filterd/service/history_link.h"
#include "filterd/service/metrics.h"

#define ADMIN_WANTS_RELOAD	'r'
#define ADMIN_ANSWER		'a'	/* then a status of sysexits(3), a blank, and a text */
#define ADMIN_LEAVE		'q'

#define ADMIN_ANSWER_BYTES	60000	/* of the text, at most */
#define ADMIN_TOKEN_MINIMUM	16	/* characters */
#define ADMIN_TOKEN_MAXIMUM	256

struct admin_duty {
	const struct settings *settings;
	unsigned generation;
	int64_t started;		/* when the daemon did, seconds since 1970 */
	int sockets[ADMIN_LISTEN_MAXIMUM];	/* that listen and do not block */
	size_t socket_count;
	int channel;
	pid_t master;
	struct metrics *metrics;	/* NULL: none */
	const struct history_link *link;
	struct ring_memory *memory;	/* of the history; NULL: none */
	const char *token;		/* of those who may have it do something; NULL: nobody */
};

/* Called in the child, which is the user that it is to be. Leaves with a status of sysexits(3). */
_Noreturn void admin_run(const struct admin_duty *duty);

#endif
