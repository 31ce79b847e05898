/* SPDX-License-Identifier: BSD-2-Clause */
/* The load's sessions and their event loop. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "filterd/util/memory.h"

#include "tests/bench/client.h"
#include "tests/driver/peer.h"

#define EVENTS		256
#define SECOND		1000000000ull
#define MILLISECOND	1000000ull

struct client {
	struct client *next;	/* in a queue */
	uint64_t due;		/* when to go on, in nanoseconds */
	struct peer peer;
	bool queued;
	bool negotiated;
	bool thought;		/* the wait before the burst is over */
	bool blocked;		/* the socket took only part of the burst */
	const struct script *script;
	size_t burst;
	size_t sent;		/* bytes of it */
	unsigned messages;	/* done in this session */
	uint64_t asked;		/* when the burst that awaits its reply went out */
	uint64_t waited;	/* in this message */
};

/* Clients in the order in which they are due. */
struct queue {
	struct client *first, **last;
};

struct load {
	struct load_options options;
	struct script *scripts;		/* one a mail */
	size_t turn;			/* whose it is */
	struct buffer negotiation;
	struct wire_options answer;	/* its macro lists are not kept */
	bool has_scripts;
	bool ending;			/* sessions end after the message that they are at */
	unsigned open;			/* sessions */
	int epoll;
	struct client *clients;
	struct queue starts, thinkers;
	uint64_t began;
	struct load_result result;
	size_t latency_room;
};

static uint64_t
now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * SECOND + (uint64_t)time.tv_nsec;
}

static void
enqueue(struct queue *queue, struct client *client, uint64_t due)
{
	client->due = due;
	client->next = NULL;
	client->queued = true;
	*queue->last = client;
	queue->last = &client->next;
}

/* The first client if it is due; NULL when none is. */
static struct client *
dequeue(struct queue *queue, uint64_t time)
{
	struct client *client = queue->first;

	if (!client || client->due > time)
		return NULL;
	queue->first = client->next;
	if (!queue->first)
		queue->last = &queue->first;
	client->queued = false;
	return client;
}

/* Hangs up, and begins a new session at once; or, if the client thinks, when it has done so. */
static void
finish(struct load *load, struct client *client)
{
	peer_close(&client->peer, false);
	load->open--;
	if (!client->queued)
		enqueue(&load->starts, client, now());
}

static void
fail(struct load *load, struct client *client, const char *cause, char command)
{
	if (load->result.errors++ == 0)
		fprintf(stderr, "load: %s '%c' after %u messages of a session\n", cause,
		    command ? command : '-', client->messages);
	finish(load, client);
}

/* Writes what is left of some bytes; whether all of it went. */
static bool
transmit(struct load *load, struct client *client, const char *bytes, size_t length)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = client };
	ssize_t sent;

	sent = send(client->peer.fd, bytes + client->sent, length - client->sent,
	    MSG_NOSIGNAL | MSG_DONTWAIT);
	if (sent > 0)
		client->sent += (size_t)sent;
	if (client->sent == length) {
		client->sent = 0;
		if (client->blocked)
			epoll_ctl(load->epoll, EPOLL_CTL_MOD, client->peer.fd, &event);
		client->blocked = false;
		return true;
	}
	/* A dead connection shows when it is read. */
	event.events |= EPOLLOUT;
	if (!client->blocked)
		epoll_ctl(load->epoll, EPOLL_CTL_MOD, client->peer.fd, &event);
	client->blocked = true;
	return false;
}

/* Sends bursts up to one that is replied to, or before which the client thinks. */
static void
play(struct load *load, struct client *client)
{
	for (;;) {
		const struct burst *burst = &client->script->bursts[client->burst];

		if (burst->thinks && !client->thought && load->options.think) {
			client->thought = true;
			enqueue(&load->thinkers, client, now() + load->options.think * MILLISECOND);
			return;
		}
		if (client->sent == 0)
			client->asked = now();
		if (burst->length && !transmit(load, client,
		    client->script->bytes.data + burst->start, burst->length))
			return;
		if (burst->command)
			return;
		client->thought = false;
		client->burst++;
	}
}

static void
record(struct load *load, struct client *client)
{
	struct load_result *result = &load->result;

	if (result->latency_count == load->latency_room) {
		load->latency_room = load->latency_room ? load->latency_room * 2 : 65536;
		result->latencies = memory_resize(result->latencies,
		    load->latency_room * sizeof(*result->latencies));
	}
	result->latencies[result->latency_count++] = (uint32_t)(client->waited / 1000);
	result->messages++;
	if (load->options.trace)
		fprintf(load->options.trace, "%llu %u\n", (unsigned long long)now() / 1000,
		    (unsigned)(client->waited / 1000));
	client->waited = 0;
}

static const struct script *
next_script(struct load *load)
{
	return &load->scripts[load->turn++ % load->options.mail_count];
}

static bool
is_to_go_on(const struct load *load, const struct client *client)
{
	return !load->ending && client->messages < load->options.messages;
}

static void
end_message(struct load *load, struct client *client)
{
	struct buffer quit = { 0 };

	record(load, client);
	client->script = next_script(load);
	client->burst = client->script->mail;
	client->messages++;
	if (is_to_go_on(load, client)) {
		play(load, client);
		return;
	}
	wire_add_frame(&quit, SMFIC_QUIT, STR(""));
	transmit(load, client, quit.data, quit.length);
	buffer_free(&quit);
	load->result.sessions++;
	finish(load, client);
}

/* A verdict on the burst that was sent. False: the session is over. */
static bool
take_verdict(struct load *load, struct client *client, char verdict)
{
	const struct script *script = client->script;
	char command = script->bursts[client->burst].command;
	bool end = command == SMFIC_BODYEOB;

	if (verdict != SMFIR_CONTINUE && !(verdict == SMFIR_SKIP && !end) &&
	    !(verdict == SMFIR_ACCEPT && end)) {
		fail(load, client, "got", verdict);
		return false;
	}
	if (client->burst >= script->mail)
		client->waited += now() - client->asked;
	client->thought = false;
	client->burst++;
	while (verdict == SMFIR_SKIP && script->bursts[client->burst].command == command)
		client->burst++;
	if (!end) {
		play(load, client);
		return true;
	}
	end_message(load, client);
	return is_to_go_on(load, client);
}

static void
build_scripts(struct load *load)
{
	for (size_t i = 0; i < load->options.mail_count; i++)
		if (!script_build(&load->scripts[i], &load->options.mails[i], &load->answer)) {
			fprintf(stderr, "load: a message is too large for a script\n");
			exit(EXIT_FAILURE);
		}
	load->has_scripts = true;
}

/* The first answer makes the scripts; later ones must be the same. */
static bool
take_options(struct load *load, struct client *client, const struct wire_frame *frame)
{
	struct wire_options answer;

	if (!wire_read_options(frame, &answer)) {
		fail(load, client, "no answer to the negotiation but", frame->command);
		return false;
	}
	if (!load->has_scripts) {
		load->answer = answer;
		build_scripts(load);
	}
	if (answer.actions != load->answer.actions || answer.steps != load->answer.steps) {
		fail(load, client, "another answer to the negotiation", frame->command);
		return false;
	}
	client->negotiated = true;
	client->script = next_script(load);
	play(load, client);
	return true;
}

/* Takes the frames of some bytes; how many bytes that was, or all once the session is over. */
static size_t
take_frames(struct load *load, struct client *client, struct str bytes)
{
	size_t taken = 0, length;
	struct wire_frame frame;
	bool open = true;

	while (open) {
		struct str rest = { bytes.data + taken, bytes.length - taken };

		switch (wire_take(rest, &frame, &length)) {
		case WIRE_BAD:
			fail(load, client, "not a frame", 0);
			return bytes.length;
		case WIRE_MORE:
			return taken;
		case WIRE_FRAME:
			taken += length;
		}
		if (!client->negotiated)
			open = take_options(load, client, &frame);
		else if (strchr("acdfrsty4", frame.command))
			open = take_verdict(load, client, frame.command);
	}
	return bytes.length;
}

static void
on_input(struct load *load, struct client *client)
{
	static char bytes[65536];
	struct buffer *input = &client->peer.input;
	ssize_t got = recv(client->peer.fd, bytes, sizeof(bytes), MSG_DONTWAIT);
	size_t taken;

	if (got < 0 && errno == EAGAIN)
		return;
	if (got <= 0) {
		fail(load, client, "the connection was closed", 0);
		return;
	}
	if (!input->length) {
		taken = take_frames(load, client, (struct str){ bytes, (size_t)got });
		if (taken < (size_t)got)
			buffer_add(input, bytes + taken, (size_t)got - taken);
		return;
	}
	buffer_add(input, bytes, (size_t)got);
	taken = take_frames(load, client, (struct str){ input->data, input->length });
	if (client->peer.fd < 0)
		return;
	input->length -= taken;
	memmove(input->data, input->data + taken, input->length);
}

static bool
start(struct load *load, struct client *client)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = client };

	*client = (struct client){ .next = NULL };
	if (!peer_open(&client->peer, load->options.address))
		return false;
	load->open++;
	epoll_ctl(load->epoll, EPOLL_CTL_ADD, client->peer.fd, &event);
	transmit(load, client, load->negotiation.data, load->negotiation.length);
	return true;
}

struct load *
load_create(const struct load_options *options)
{
	const struct offer_mta *mta = options->mails[0].mta;
	const struct wire_options offer = { mta->options.version, mta->options.actions,
	    mta->options.steps, { { 0 } } };
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	uint64_t spread = MILLISECOND;
	struct load *load;

	if (epoll < 0)
		return NULL;
	load = memory_alloc(sizeof(*load));
	load->options = *options;
	load->epoll = epoll;
	load->starts.last = &load->starts.first;
	load->thinkers.last = &load->thinkers.first;
	wire_add_options(&load->negotiation, &offer);
	load->scripts = memory_array(options->mail_count, sizeof(*load->scripts));
	load->clients = memory_array(options->sessions, sizeof(*load->clients));
	/* Sessions begin one after another over the time that a message takes, not all at once. */
	if (options->think)
		spread = 5ull * options->think * MILLISECOND / options->sessions;
	for (unsigned i = 0; i < options->sessions; i++) {
		load->clients[i].peer.fd = -1;
		enqueue(&load->starts, &load->clients[i], now() + i * spread);
	}
	return load;
}

/* Lets go on who is due. False: the milter cannot be reached. */
static bool
run_queues(struct load *load)
{
	uint64_t time = now();
	struct client *client;

	while ((client = dequeue(&load->thinkers, time)) != NULL) {
		if (client->peer.fd >= 0)
			play(load, client);
		else
			enqueue(&load->starts, client, time);
	}
	while (!load->ending && (client = dequeue(&load->starts, time)) != NULL)
		if (!start(load, client))
			return false;
	return true;
}

/* Milliseconds until somebody is due, at most until the end; rounded up, so that nobody spins. */
static int
patience(const struct load *load, uint64_t end)
{
	uint64_t time = now();
	uint64_t due = end;

	if (!load->ending && load->starts.first && load->starts.first->due < due)
		due = load->starts.first->due;
	if (load->thinkers.first && load->thinkers.first->due < due)
		due = load->thinkers.first->due;
	return due <= time ? 0 : (int)((due - time + MILLISECOND - 1) / MILLISECOND);
}

/* Has the sessions go on for a while. False: the milter cannot be reached. */
static bool
turn(struct load *load, uint64_t end)
{
	struct epoll_event events[EVENTS];
	int count;

	if (!run_queues(load))
		return false;
	count = epoll_wait(load->epoll, events, EVENTS, patience(load, end));
	for (int i = 0; i < count; i++) {
		struct client *client = events[i].data.ptr;

		if (events[i].events & EPOLLOUT && client->peer.fd >= 0)
			play(load, client);
		if (events[i].events & ~(unsigned)EPOLLOUT && client->peer.fd >= 0)
			on_input(load, client);
	}
	return true;
}

bool
load_run(struct load *load, unsigned milliseconds)
{
	const uint64_t end = now() + milliseconds * MILLISECOND;

	while (now() < end)
		if (!turn(load, end))
			return false;
	return true;
}

bool
load_finish(struct load *load, unsigned milliseconds)
{
	const uint64_t end = now() + milliseconds * MILLISECOND;

	load->ending = true;
	while (load->open && now() < end)
		turn(load, end);
	return load->open == 0;
}

void
load_measure(struct load *load)
{
	uint32_t *latencies = load->result.latencies;

	load->result = (struct load_result){ .latencies = latencies };
	load->began = now();
}

void
load_result(struct load *load, struct load_result *result_r)
{
	load->result.nanoseconds = now() - load->began;
	*result_r = load->result;
}

void
load_destroy(struct load *load)
{
	for (unsigned i = 0; i < load->options.sessions; i++)
		peer_close(&load->clients[i].peer, false);
	close(load->epoll);
	for (size_t i = 0; i < load->options.mail_count; i++)
		script_free(&load->scripts[i]);
	free(load->scripts);
	buffer_free(&load->negotiation);
	free(load->clients);
	free(load->result.latencies);
	free(load);
}
