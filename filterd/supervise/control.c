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
#define REQUEST_MAXIMUM	(256u * 1024)	/* bytes: some thousands of ids */
#define PATIENCE	5000	/* milliseconds for a request to come, and for an answer to go */

struct client {
	int fd;				/* -1: there is none */
	struct buffer request;
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
	buffer_free(&client->request);
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
unknown(void *argument, const struct control_request *request, struct control_answer *answer_r)
{
	(void)argument;
	(void)request;
	answer_r->status = EX_PROTOCOL;
	buffer_add_text(&answer_r->text, "the daemon does not know this request\n");
}

static uid_t
asker(const struct client *client)
{
	struct ucred peer = { .uid = (uid_t)-1 };
	socklen_t size = sizeof(peer);

	getsockopt(client->fd, SOL_SOCKET, SO_PEERCRED, &peer, &size);
	return peer.uid;
}

/* What follows the verb; NULL: the line is not this verb's. */
static const char *
words_of(const struct control_verb *verb, const char *line)
{
	size_t length = strlen(verb->request);

	if (strncmp(line, verb->request, length) != 0 || line[length] != (verb->words ? ' ' : '\0'))
		return NULL;
	return line + length + verb->words;
}

static void
serve(const struct control *control, struct client *client)
{
	const struct control_verb *verb = control->verbs;
	struct control_request request = { .user = asker(client) };
	struct control_answer reply = { 0 };

	while (verb->request && !(request.words = words_of(verb, buffer_text(&client->request))))
		verb++;
	(verb->request ? verb->run : unknown)(control->argument, &request, &reply);
	buffer_free(&client->request);
	client->awaits = reply.awaits;
	client->deadline = 0;
	if (!reply.awaits)
		answer(client, reply.status, buffer_text(&reply.text));
	buffer_free(&reply.text);
}

static void
read_request(const struct control *control, struct client *client)
{
	char bytes[4096], *end;
	ssize_t got = recv(client->fd, bytes, sizeof(bytes), MSG_DONTWAIT);

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	end = got > 0 ? memchr(bytes, '\n', (size_t)got) : NULL;
	if (got > 0)
		buffer_add(&client->request, bytes, end ? (size_t)(end - bytes) : (size_t)got);
	if (end)
		serve(control, client);
	else if (got <= 0 || client->request.length > REQUEST_MAXIMUM)
		hang_up(client);
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
