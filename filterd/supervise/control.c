/* SPDX-License-Identifier: BSD-2-Clause */
/* The control socket and its clients, a bounded number of them. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <unistd.h>

#include "filterd/supervise/control.h"
#include "filterd/util/memory.h"

#define CLIENTS		32
#define REQUEST_BYTES	256
#define PATIENCE	5000	/* milliseconds for a request to come, and for an answer to go */

struct client {
	int fd;				/* -1: there is none */
	char request[REQUEST_BYTES];
	size_t received;
	unsigned awaits;
	struct buffer answer;		/* empty: none yet */
	size_t sent;
	int64_t deadline;		/* 0: it waits for us */
};

struct control {
	char *socket;			/* "unix:PATH" */
	struct listening listening;
	const struct control_verb *verbs;
	void *argument;
	struct client clients[CLIENTS];
};

struct control *
control_open(const char *path, const char *where, const struct control_verb *verbs, void *argument,
    struct buffer *problem)
{
	struct control *control = memory_alloc(sizeof(*control));
	const struct socket_owner ours = { (uid_t)-1, (gid_t)-1 };
	struct buffer text = { 0 };
	struct listener_settings settings = { .mode = "0600", .where = where };
	size_t i;

	buffer_printf(&text, "unix:%s", path);
	control->socket = text.data;
	settings.socket = control->socket;
	control->verbs = verbs;
	control->argument = argument;
	for (i = 0; i < CLIENTS; i++)
		control->clients[i].fd = -1;
	if (listening_open(&control->listening, &settings, ours, problem))
		return control;
	free(control->socket);
	free(control);
	return NULL;
}

static void
hang_up(struct client *client)
{
	close(client->fd);
	buffer_free(&client->answer);
	*client = (struct client){ .fd = -1 };
}

void
control_close(struct control **control)
{
	struct control *doomed = *control;
	size_t i;

	if (!doomed)
		return;
	for (i = 0; i < CLIENTS; i++)
		if (doomed->clients[i].fd >= 0)
			hang_up(&doomed->clients[i]);
	listening_close(&doomed->listening);
	free(doomed->socket);
	free(doomed);
	*control = NULL;
}

void
control_forget(const struct control *control)
{
	size_t i;

	if (!control)
		return;
	close(control->listening.fd);
	for (i = 0; i < CLIENTS; i++)
		if (control->clients[i].fd >= 0)
			close(control->clients[i].fd);
}

/* ---- answers ---- */

static void
send_answer(struct client *client)
{
	const struct buffer *answer = &client->answer;
	ssize_t sent = send(client->fd, answer->data + client->sent, answer->length - client->sent,
	    MSG_NOSIGNAL | MSG_DONTWAIT);

	if (sent > 0)
		client->sent += (size_t)sent;
	if (client->sent == answer->length || (sent < 0 && errno != EAGAIN && errno != EINTR))
		hang_up(client);
}

static void
answer(struct client *client, int status, const char *text)
{
	buffer_printf(&client->answer, "status %d\n", status);
	buffer_add_text(&client->answer, text);
	client->awaits = 0;
	client->deadline = watch_now() + PATIENCE;
	send_answer(client);
}

void
control_finish(struct control *control, unsigned awaited, int status, const char *text)
{
	size_t i;

	for (i = 0; control && i < CLIENTS; i++)
		if (control->clients[i].fd >= 0 && control->clients[i].awaits == awaited)
			answer(&control->clients[i], status, text);
}

void
control_turn(struct control *control, unsigned from, unsigned to)
{
	size_t i;

	for (i = 0; control && i < CLIENTS; i++)
		if (control->clients[i].awaits == from)
			control->clients[i].awaits = to;
}

/* ---- requests ---- */

static void
unknown(void *argument, struct control_answer *answer_r)
{
	(void)argument;
	answer_r->status = EX_PROTOCOL;
	buffer_add_text(&answer_r->text, "the daemon does not know this request\n");
}

static void
serve(const struct control *control, struct client *client)
{
	const struct control_verb *verb = control->verbs;
	struct control_answer reply = { 0 };

	while (verb->request && strcmp(verb->request, client->request) != 0)
		verb++;
	(verb->request ? verb->run : unknown)(control->argument, &reply);
	client->awaits = reply.awaits;
	client->deadline = 0;
	if (!reply.awaits)
		answer(client, reply.status, buffer_text(&reply.text));
	buffer_free(&reply.text);
}

static void
read_request(const struct control *control, struct client *client)
{
	ssize_t got = recv(client->fd, client->request + client->received,
	    REQUEST_BYTES - client->received, MSG_DONTWAIT);
	char *end;

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got > 0)
		client->received += (size_t)got;
	end = memchr(client->request, '\n', client->received);
	if (end) {
		*end = '\0';
		serve(control, client);
	} else if (got <= 0 || client->received == REQUEST_BYTES) {
		hang_up(client);
	}
}

/* One that has asked says nothing more: it is there, or gone. */
static void
look_after(struct client *client)
{
	char byte;
	ssize_t got = recv(client->fd, &byte, 1, MSG_DONTWAIT);

	if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
		hang_up(client);
}

static void
welcome(struct control *control)
{
	struct client *client = control->clients;
	int fd = accept4(control->listening.fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return;
	while (client < control->clients + CLIENTS && client->fd >= 0)
		client++;
	if (client == control->clients + CLIENTS) {
		close(fd);
		return;
	}
	client->fd = fd;
	client->deadline = watch_now() + PATIENCE;
}

/* ---- the loop ---- */

void
control_watch(const struct control *control, struct watch *watch)
{
	size_t i;

	if (!control)
		return;
	watch_add(watch, control->listening.fd, POLLIN);
	for (i = 0; i < CLIENTS; i++) {
		const struct client *client = &control->clients[i];

		watch_add(watch, client->fd, client->answer.length ? POLLOUT : POLLIN);
		watch_until(watch, client->deadline);
	}
}

static void
tend(const struct control *control, struct client *client)
{
	if (client->answer.length)
		send_answer(client);
	else if (client->awaits)
		look_after(client);
	else
		read_request(control, client);
	if (client->fd >= 0 && client->deadline && watch_now() >= client->deadline)
		hang_up(client);
}

void
control_tend(struct control *control)
{
	size_t i;

	if (!control)
		return;
	welcome(control);
	for (i = 0; i < CLIENTS; i++)
		if (control->clients[i].fd >= 0)
			tend(control, &control->clients[i]);
}
