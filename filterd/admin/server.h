/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * HTTP of the admin process, by libmicrohttpd: takes connections, finds who answers a request, and
 * sends the answer with the headers that every answer has. One thread, which the caller's loop
 * gives turns. Connections, their memory and their time are limited.
 */
#ifndef FILTERD_ADMIN_SERVER_H
#define FILTERD_ADMIN_SERVER_H

#include "filterd/admin/admin.h"
#include "filterd/util/buffer.h"

struct server;

/* What is sent back. */
struct answer {
	unsigned status;		/* of HTTP */
	const char *type;		/* NULL: JSON */
	struct buffer body;		/* the server frees it */
	const char *allowed;		/* methods, when it was another; NULL */
	bool later;			/* nothing yet: server_answer_waiting() is called */
};

/* What a request asks for. */
struct request;

/* A parameter behind the "?", decoded; NULL: it is not there. Borrowed for the request. */
const char *request_parameter(const struct request *request, const char *name);

/* A header field. */
const char *request_header(const struct request *request, const char *name);

/* Those who answer: a path, or the beginning of paths when it ends in "/"; rest is what follows. */
struct resource {
	const char *path;
	bool acts;			/* POST, else GET and HEAD */
	void (*run)(void *argument, const struct request *request, const char *rest,
	    struct answer *answer_r);	/* zeroed before */
};

/* Resources end with a NULL path; they and the duty are borrowed. NULL: the log says why. */
struct server *server_create(const struct admin_duty *duty, const struct resource *resources,
    void *argument);

/* Who waits is told to ask again, and so is who would have to wait from now on. */
void server_give_up(struct server *server);

/* Ends all connections, after server_give_up(). */
void server_destroy(struct server **server);

/* Readable when there is something to do; milliseconds after which there is anyway, at most. */
int server_descriptor(const struct server *server);
int server_patience(const struct server *server);

/* Takes the connections that wait at the socket. False: nobody listens there any more. */
bool server_accept(struct server *server, int socket);

/* Does what there is to do. */
void server_run(struct server *server);

/* Answers all who wait with the same text of JSON. */
void server_answer_waiting(struct server *server, unsigned status, const char *json);

/* Whether some request is not yet answered to its end. */
bool server_is_busy(const struct server *server);

/* A mistake of who asks, or of ours, as JSON. */
void answer_error(struct answer *answer, unsigned status, const char *text);

#endif
