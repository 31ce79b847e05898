/* SPDX-License-Identifier: BSD-2-Clause */
/* The admin process: one thread, which waits for requests and for the master. What keeps it from
 * serving is a line in the log, and ends it; the master forks another. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <unistd.h>

#include <microhttpd.h>

#include "filterd/admin/admin.h"
#include "filterd/admin/api.h"
#include "filterd/service/json.h"
#include "filterd/service/log.h"
#include "filterd/util/clock.h"
#include "filterd/util/process.h"

#define BATCH		10	/* milliseconds between two looks at what the history gets */
#define LAST_WORDS	2000	/* milliseconds for requests to be answered before it leaves */

/* What the loop waits for: the sockets come last. */
enum { CHANNEL, SERVER, HISTORY, SOCKETS, PLACES = SOCKETS + ADMIN_LISTEN_MAXIMUM };

struct admin {
	const struct admin_duty *duty;
	struct api api;
	struct history *history;
	int64_t next_look;		/* at the history, by the monotonic clock */
	struct server *server;
	struct pollfd places[PLACES];
	size_t place_count;
	bool leaving;
};

static int64_t
milliseconds_now(void)
{
	return clock_monotonic() / 1000;
}

/* ---- the master ---- */

static bool
ask_for_reload(const struct admin_duty *duty)
{
	static const char word = ADMIN_WANTS_RELOAD;

	return send(duty->channel, &word, 1, MSG_NOSIGNAL | MSG_DONTWAIT) == 1;
}

/* The master is trusted to say "a", a status, a blank and a text. */
static void
pass_answer(struct admin *admin, const char *words)
{
	struct buffer json = { 0 };
	char *text;
	long status = strtol(words, &text, 10);

	buffer_add_char(&json, '{');
	json_add_integer(&json, "status", status);
	json_add_member(&json, "text", text + (*text == ' '));
	buffer_add_text(&json, "}\n");
	server_answer_waiting(
	    admin->server, status == EX_OK ? MHD_HTTP_OK : MHD_HTTP_CONFLICT, json.data);
	buffer_free(&json);
}

static void
hear_master(struct admin *admin)
{
	char words[ADMIN_ANSWER_BYTES + 32];
	ssize_t got;

	while ((got = recv(admin->duty->channel, words, sizeof(words) - 1, MSG_DONTWAIT)) > 0) {
		words[got] = '\0';
		if (words[0] == ADMIN_ANSWER)
			pass_answer(admin, words + 1);
		else
			admin->leaving = true;
	}
	if (got == 0 || (errno != EAGAIN && errno != EINTR))
		_exit(EX_OK);
}

/* ---- the loop ---- */

static void
take_connections(struct admin *admin)
{
	size_t i;

	for (i = SOCKETS; i < admin->place_count; i++)
		if (admin->places[i].revents && !server_accept(admin->server, admin->places[i].fd))
			admin->places[i].fd = -1;
}

/* Records come in batches, so that not each message wakes this process. */
static void
look_at_history(struct admin *admin)
{
	if (milliseconds_now() < admin->next_look)
		return;
	history_tend(admin->history);
	admin->next_look = milliseconds_now() + BATCH;
}

/* Milliseconds to wait at most; until the next look records do not end the wait. */
static int
set_patience(struct admin *admin)
{
	int64_t left = admin->next_look - milliseconds_now();
	int patience = server_patience(admin->server);

	admin->places[HISTORY].fd = left > 0 ? -1 : history_descriptor(admin->history);
	return left > 0 && left < patience ? (int)left : patience;
}

static void
turn(struct admin *admin)
{
	size_t count = admin->leaving ? SOCKETS : admin->place_count;
	int patience = set_patience(admin);

	poll(admin->places, count, patience);
	hear_master(admin);
	look_at_history(admin);
	if (!admin->leaving)
		take_connections(admin);
	server_run(admin->server);
}

static _Noreturn void
serve(struct admin *admin)
{
	int64_t end;

	while (!admin->leaving)
		turn(admin);
	server_give_up(admin->server);
	end = milliseconds_now() + LAST_WORDS;
	while (server_is_busy(admin->server) && milliseconds_now() < end)
		turn(admin);
	server_destroy(&admin->server);
	history_close(&admin->history);
	exit(EX_OK);
}

/* ---- the beginning ---- */

/* Changing the user forgets that it dies with the master, and so does it here, behind that. */
static void
follow_master(const struct admin_duty *duty)
{
	prctl(PR_SET_NAME, "filterd-admin");
	process_follow(duty->master);
}

static void
fill_places(struct admin *admin)
{
	size_t i;

	admin->places[CHANNEL] = (struct pollfd){ admin->duty->channel, POLLIN, 0 };
	admin->places[SERVER] = (struct pollfd){ server_descriptor(admin->server), POLLIN, 0 };
	admin->places[HISTORY] = (struct pollfd){ -1, POLLIN, 0 };
	for (i = 0; i < admin->duty->socket_count; i++)
		admin->places[SOCKETS + i] = (struct pollfd){ admin->duty->sockets[i], POLLIN, 0 };
	admin->place_count = SOCKETS + admin->duty->socket_count;
}

void
admin_run(const struct admin_duty *duty)
{
	struct admin admin = { .duty = duty, .api = { .duty = duty, .reload = ask_for_reload } };

	log_generation(duty->generation);
	process_leave_signals();
	follow_master(duty);
	metrics_read_only(duty->metrics);
	admin.history = history_open(&duty->settings->history, duty->link, duty->memory);
	admin.api.history = admin.history;
	admin.server = server_create(duty, api_resources, &admin.api);
	if (!admin.server)
		_exit(EX_OSERR);
	fill_places(&admin);
	log_text(MF_LOG_DEBUG, "admin process serves");
	serve(&admin);
}
