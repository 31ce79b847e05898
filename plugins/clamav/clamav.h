/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of the plugin share: its options, its servers, a scan. */
#ifndef PLUGINS_CLAMAV_CLAMAV_H
#define PLUGINS_CLAMAV_CLAMAV_H

#include <netdb.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <filterd/plugin.h>

#include "plugins/clamav/reply.h"

enum size_policy { SIZE_SKIP, SIZE_TEMPFAIL };
enum finding_action { DO_REJECT, DO_QUARANTINE, DO_DISCARD, DO_TEMPFAIL, DO_ACCEPT, DO_SCORE };

/* `found PATTERN { … }`: what is done with signatures of that name. */
struct finding_options {
	const char *pattern;
	int action;			/* enum finding_action */
	double score;
	const struct mf_template *text;
};

struct clamav_options {
	struct mf_strings server;
	struct mf_size maximum_size;
	int larger;			/* enum size_policy */
	struct mf_duration connect_timeout;
	struct mf_duration retry;
	struct mf_blocks found;
};

/* An address of clamd. */
struct server {
	const char *name;		/* as configured */
	struct sockaddr_storage address;
	socklen_t length;
	int64_t down_until;		/* by mf_now(); under the lock. 0: it is up */
};

/* What start leaves for all threads. */
struct clamav {
	struct server *servers;
	size_t count;
	pthread_mutex_t lock;
};

/* ---- server.c ---- */

/* Reads "unix:/PATH", "inet:PORT@HOST" and "inet6:PORT@HOST"; HOST is a numeric address. False:
 * *error_r, a static text, says what was expected. */
bool server_parse(const char *text, struct server *server_r, const char **error_r);

/* Whether it is to be asked now, or was out of order a moment ago. */
bool server_up(struct clamav *clamav, const struct server *server, int64_t now);
void server_failed(struct clamav *clamav, struct server *server, int64_t until);
/* Whether it had been out of order. */
bool server_works(struct clamav *clamav, struct server *server);

/* ---- scan.c ---- */

enum scan_end {
	SCAN_REPLIED,
	SCAN_UNREACHABLE,		/* no connection: another server may do */
	SCAN_BROKEN,			/* it ended before it replied: likewise */
	SCAN_LATE			/* the callback's deadline has passed */
};

/* Sends the message as it is now, and awaits what clamd says. Unless it has replied, *why_r says in
 * words what happened. */
enum scan_end scan(struct mf_context *c, const struct server *server, int64_t connect_timeout,
    struct reply *reply_r, const char **why_r);

/* The bytes that scan() sends. */
size_t scan_size(struct mf_context *c);

#endif
