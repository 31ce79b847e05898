/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The control socket: a unix socket that only its owner may connect to. A client sends one
 * request, a line; what comes back is a line "status N", N of sysexits(3), then text, and the end
 * of the connection. Requests are looked up in a table. A client that is slow, or sends what is no
 * line, or too long a one, is hung up on; nothing that it does is fatal or waited for.
 */
#ifndef FILTERD_SUPERVISE_CONTROL_H
#define FILTERD_SUPERVISE_CONTROL_H

#include "filterd/supervise/sockets.h"
#include "filterd/supervise/watch.h"

struct control;

/* The answer to a request: at once, or when control_finish() is called for what it awaits. */
struct control_answer {
	int status;
	struct buffer text;
	unsigned awaits;	/* a number of the handler's; 0: nothing, the rest is the answer */
};

struct control_request {
	const char *words;	/* what follows the verb and a blank, or "" */
	uid_t user;		/* who asks, as the kernel says */
};

struct control_verb {
	const char *request;	/* the whole line; or its first word where words are to follow */
	bool words;
	/* the answer was zeroed */
	void (*run)(void *argument, const struct control_request *request,
	    struct control_answer *answer_r);
};

/* Listens at an absolute path, with mode 0600; `where` names the setting in complaints. Verbs end
 * with a NULL request and are borrowed. NULL: lines were added to problem. */
struct control *control_open(const char *path, const char *where, const struct control_verb *verbs,
    void *argument, struct buffer *problem);

/* Answers all who await that. */
void control_finish(struct control *control, unsigned awaited, int status, const char *text);

/* Who awaits one thing, awaits the other now. */
void control_turn(struct control *control, unsigned from, unsigned to);

/* For the loop. */
void control_watch(const struct control *control, struct watch *watch);
void control_tend(struct control *control);

/* In a child: closes its descriptors. */
void control_forget(const struct control *control);

/* Hangs up on everybody and removes the socket. */
void control_close(struct control **control);

#endif
