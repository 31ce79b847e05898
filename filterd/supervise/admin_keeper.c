/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Keeping the admin process. One lives at a time: the one that is to go is told so and has a moment
 * to answer who waits; then the next one is forked. One that dies is replaced at once; one that
 * dies young again and again, after ever longer pauses.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "filterd/admin/admin.h"
#include "filterd/service/log.h"
#include "filterd/supervise/admin_keeper.h"
#include "filterd/supervise/crash.h"
#include "filterd/util/memory.h"

#define GROWN_UP	10000	/* milliseconds after which a death is no failed start */
#define FIRST_PAUSE	100	/* milliseconds before the third attempt in a row */
#define LONGEST_PAUSE	30000
#define LEAVE_LIMIT	5000	/* for one that was told to leave */
#define WORDS_AT_ONCE	100	/* that are heard before the master does other things */
#define TOKEN_BYTES	4096	/* of a token file, at most */

/* What settings come to. */
struct outfit {
	struct listening sockets[ADMIN_LISTEN_MAXIMUM];
	size_t count;
	char *token;			/* NULL: none */
};

struct admin_keeper {
	struct admin_keeper_needs needs;
	const struct settings *settings;	/* of what is; NULL: none is to be forked */
	unsigned generation;
	int64_t started;		/* seconds since 1970 */
	struct outfit now, next;
	pid_t pid;			/* 0: none lives */
	int channel;			/* -1: closed */
	bool stale;			/* it has the settings of before */
	bool asks, awaits;		/* it wants a reload: the next one, the one under way */
	bool leaving;			/* it was told to leave */
	int64_t limit;			/* when it is killed for not leaving; 0: never */
	int64_t born, due;		/* by watch_now(); due: when to fork one, if none lives */
	unsigned failures;		/* deaths of the young, in a row */
};

/* ---- sockets ---- */

static struct socket_owner
standard_owner(const struct admin_keeper *keeper)
{
	const struct identity *identity = keeper->needs.identity;

	if (identity->change)
		return (struct socket_owner){ identity->user, identity->group };
	return (struct socket_owner){ (uid_t)-1, (gid_t)-1 };
}

/* The admin block as the settings of a socket; what was not given is beside the control socket. */
static struct listener_settings
socket_settings(const struct settings *settings, size_t i)
{
	const struct admin_settings *admin = &settings->admin;
	const char *slash = strrchr(settings->control, '/');
	struct listener_settings socket = {
		.owner = admin->owner, .group = admin->group, .mode = admin->mode
	};

	socket.where = config_where(schema_position(settings->schema, admin), settings->arena);
	if (admin->listen.count) {
		socket.socket = admin->listen.items[i];
		socket.where = config_where(schema_position(settings->schema,
		    &admin->listen.items[i]), settings->arena);
	} else {
		socket.socket = arena_printf(settings->arena, "unix:%.*s/admin",
		    (int)(slash - settings->control), settings->control);
	}
	return socket;
}

static size_t
socket_count(const struct settings *settings)
{
	const struct admin_settings *admin = &settings->admin;

	if (!settings_want_admin(settings))
		return 0;
	return admin->listen.count ? admin->listen.count : 1;
}

static bool
has_socket(const struct outfit *outfit, int fd)
{
	size_t i;

	for (i = 0; i < outfit->count; i++)
		if (outfit->sockets[i].fd == fd)
			return true;
	return false;
}

/* Plugins could read it in the memory of their worker. */
static void
forget_token(const struct outfit *outfit)
{
	if (outfit->token)
		explicit_bzero(outfit->token, strlen(outfit->token));
}

/* Frees what only the one has, and empties it. */
static void
drop_outfit(struct outfit *outfit, const struct outfit *other)
{
	size_t i;

	for (i = 0; i < outfit->count; i++)
		if (!has_socket(other, outfit->sockets[i].fd))
			listening_close(&outfit->sockets[i]);
	forget_token(outfit);
	free(outfit->token);
	*outfit = (struct outfit){ 0 };
}

/* One that is open already stays so. */
static bool
open_socket(struct admin_keeper *keeper, const struct listener_settings *settings,
    struct buffer *problem)
{
	struct listening *to = &keeper->next.sockets[keeper->next.count];
	size_t i;

	for (i = 0; i < keeper->now.count; i++)
		if (listening_is_at(&keeper->now.sockets[i], settings->socket)) {
			*to = keeper->now.sockets[i];
			keeper->next.count++;
			return true;
		}
	if (!listening_open(to, settings, standard_owner(keeper), problem))
		return false;
	keeper->next.count++;
	return true;
}

/* Without the socket that nobody asked for filterd can serve too, as when another one has it. */
static bool
open_sockets(struct admin_keeper *keeper, const struct settings *settings,
    struct buffer *problem)
{
	struct buffer why = { 0 };
	bool done = true;
	size_t i;

	for (i = 0; i < socket_count(settings); i++) {
		struct listener_settings socket = socket_settings(settings, i);

		done = open_socket(keeper, &socket, &why) && done;
	}
	if (!done && settings->admin.listen.count) {
		buffer_add(problem, why.data, why.length);
	} else if (!done) {
		log_text(MF_LOG_NOTICE, "no admin socket: %.*s",
		    (int)strcspn(buffer_text(&why), "\n"), buffer_text(&why));
		done = true;
	}
	buffer_free(&why);
	return done;
}

/* ---- the token ---- */

static bool
refuse_token(const struct settings *settings, const char *what, struct buffer *problem)
{
	const char *const *file = &settings->admin.token_file;

	buffer_printf(problem, "%s: token-file \"%s\": %s\n",
	    config_where(schema_position(settings->schema, file), settings->arena), *file, what);
	return false;
}

/* The first line of the file, blanks at its ends cut. */
static bool
read_token(struct admin_keeper *keeper, const struct settings *settings, struct buffer *problem)
{
	char text[TOKEN_BYTES];
	struct str token;
	bool good;
	ssize_t got;
	int file;

	if (!settings->admin.token_file)
		return true;
	file = open(settings->admin.token_file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	got = file < 0 ? -1 : read(file, text, sizeof(text));
	if (got < 0)
		refuse_token(settings, strerror(errno), problem);
	if (file >= 0)
		close(file);
	if (got < 0)
		return false;
	token = str_trim((struct str){ text, strnlen(text, (size_t)got) });
	good = token.length >= ADMIN_TOKEN_MINIMUM && token.length <= ADMIN_TOKEN_MAXIMUM &&
	    !memchr(token.data, '\n', token.length);
	if (good)
		keeper->next.token = memory_copy(token.data, token.length);
	explicit_bzero(text, sizeof(text));
	return good ||
	    refuse_token(settings, "expected one line of 16 to 256 characters", problem);
}

/* ---- the process ---- */

void
admin_keeper_forget(const struct admin_keeper *keeper)
{
	size_t i;

	if (!keeper)
		return;
	for (i = 0; i < keeper->now.count; i++)
		close(keeper->now.sockets[i].fd);
	for (i = 0; i < keeper->next.count; i++)
		if (!has_socket(&keeper->now, keeper->next.sockets[i].fd))
			close(keeper->next.sockets[i].fd);
	if (keeper->channel >= 0)
		close(keeper->channel);
	forget_token(&keeper->now);
	forget_token(&keeper->next);
}

static _Noreturn void
become_admin(const struct admin_keeper *keeper, int channel, pid_t master)
{
	const struct outfit *outfit = &keeper->now;
	struct admin_duty duty = {
		.settings = keeper->settings, .generation = keeper->generation,
		.started = keeper->started, .socket_count = outfit->count, .channel = channel,
		.master = master, .metrics = keeper->needs.metrics, .link = keeper->needs.link,
		.memory = keeper->needs.history, .token = outfit->token
	};
	struct buffer problem = { 0 };
	size_t i;

	for (i = 0; i < outfit->count; i++)
		duty.sockets[i] = outfit->sockets[i].fd;
	for (i = 0; i < keeper->next.count; i++)
		if (!has_socket(outfit, keeper->next.sockets[i].fd))
			close(keeper->next.sockets[i].fd);
	keeper->needs.in_child(keeper->needs.argument, keeper->settings);
	if (!identity_assume(keeper->needs.identity, &problem)) {
		log_text(MF_LOG_ERROR, "admin process: %s", buffer_text(&problem));
		_exit(1);
	}
	admin_run(&duty);
}

static void
note_failure(struct admin_keeper *keeper)
{
	int64_t pause = keeper->failures++ ? FIRST_PAUSE : 0;
	unsigned i;

	for (i = 2; i < keeper->failures && pause < LONGEST_PAUSE; i++)
		pause *= 2;
	keeper->due = watch_now() + (pause < LONGEST_PAUSE ? pause : LONGEST_PAUSE);
}

static void
give_birth(struct admin_keeper *keeper)
{
	pid_t master = getpid();
	int ends[2];

	keeper->born = watch_now();
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) < 0) {
		log_text(MF_LOG_ERROR, "cannot make a channel to the admin process: %s",
		    strerror(errno));
		note_failure(keeper);
		return;
	}
	fflush(NULL);
	keeper->pid = fork();
	if (keeper->pid == 0) {
		close(ends[0]);
		become_admin(keeper, ends[1], master);
	}
	close(ends[1]);
	keeper->channel = ends[0];
	if (keeper->pid > 0)
		return;
	log_text(MF_LOG_ERROR, "cannot fork the admin process: %s", strerror(errno));
	close(keeper->channel);
	keeper->channel = -1;
	keeper->pid = 0;
	note_failure(keeper);
}

static void
hear(struct admin_keeper *keeper)
{
	unsigned words;
	char word;
	ssize_t got;

	for (words = 0; words < WORDS_AT_ONCE && keeper->channel >= 0; words++) {
		got = recv(keeper->channel, &word, 1, MSG_DONTWAIT);
		if (got == 1 && word == ADMIN_WANTS_RELOAD) {
			keeper->asks = true;
			keeper->needs.reload(keeper->needs.argument);
		} else if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
			return;
		} else if (got <= 0) {
			close(keeper->channel);
			keeper->channel = -1;
		}
	}
}

/* Has the process of old settings make room, unless somebody waits for its answer. */
static void
replace(struct admin_keeper *keeper)
{
	static const char word = ADMIN_LEAVE;

	if (!keeper->pid || !keeper->stale || keeper->awaits || keeper->leaving)
		return;
	if (keeper->channel >= 0)
		send(keeper->channel, &word, 1, MSG_NOSIGNAL | MSG_DONTWAIT);
	keeper->leaving = true;
	keeper->limit = watch_now() + LEAVE_LIMIT;
}

/* ---- settings ---- */

bool
admin_keeper_prepare(struct admin_keeper *keeper, const struct settings *settings,
    struct buffer *problem)
{
	if (open_sockets(keeper, settings, problem) && read_token(keeper, settings, problem))
		return true;
	admin_keeper_abandon(keeper);
	return false;
}

/* Owners and modes of sockets that were there before. */
static void
settle_sockets(const struct admin_keeper *keeper)
{
	struct buffer problem = { 0 };
	size_t i;

	for (i = 0; i < keeper->now.count; i++) {
		struct listener_settings socket = socket_settings(keeper->settings, i);

		if (!listening_settle(&keeper->now.sockets[i], &socket, standard_owner(keeper),
		    &problem))
			log_text(MF_LOG_ERROR, "%.*s", (int)strcspn(buffer_text(&problem), "\n"),
			    buffer_text(&problem));
		problem.length = 0;
	}
	buffer_free(&problem);
}

void
admin_keeper_switch(struct admin_keeper *keeper, const struct settings *settings,
    unsigned generation)
{
	drop_outfit(&keeper->now, &keeper->next);
	keeper->now = keeper->next;
	keeper->next = (struct outfit){ 0 };
	keeper->settings = settings;
	keeper->generation = generation;
	keeper->failures = 0;
	keeper->due = watch_now();
	keeper->stale = true;
	settle_sockets(keeper);
	replace(keeper);
}

void
admin_keeper_abandon(struct admin_keeper *keeper)
{
	drop_outfit(&keeper->next, &keeper->now);
}

void
admin_keeper_rest(struct admin_keeper *keeper)
{
	keeper->settings = NULL;
}

void
admin_keeper_reloading(struct admin_keeper *keeper)
{
	keeper->awaits = keeper->asks;
	keeper->asks = false;
}

static void
answer(const struct admin_keeper *keeper, int status, const char *text)
{
	struct buffer words = { 0 };

	buffer_printf(&words, "%c%d %.*s", ADMIN_ANSWER, status, ADMIN_ANSWER_BYTES, text);
	if (send(keeper->channel, words.data, words.length, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		log_text(MF_LOG_WARNING, "the admin process cannot be told how the reload went: %s",
		    strerror(errno));
	buffer_free(&words);
}

void
admin_keeper_reloaded(struct admin_keeper *keeper, int status, const char *text)
{
	if (keeper->awaits && keeper->channel >= 0)
		answer(keeper, status, text);
	keeper->awaits = false;
	replace(keeper);
}

/* ---- the loop ---- */

void
admin_keeper_watch(const struct admin_keeper *keeper, struct watch *watch)
{
	watch_add(watch, keeper->channel, POLLIN);
	watch_until(watch, keeper->limit);
	if (!keeper->pid && keeper->settings && keeper->now.count)
		watch_until(watch, keeper->due);
}

void
admin_keeper_tend(struct admin_keeper *keeper)
{
	hear(keeper);
	if (keeper->limit && watch_now() >= keeper->limit) {
		log_text(MF_LOG_WARNING, "the admin process does not leave, and is killed");
		kill(keeper->pid, SIGKILL);
		keeper->limit = 0;
	}
	if (!keeper->pid && keeper->settings && keeper->now.count && keeper->due <= watch_now())
		give_birth(keeper);
}

bool
admin_keeper_bury(struct admin_keeper *keeper, pid_t pid, int status)
{
	struct buffer how = { 0 };
	bool asked;

	if (!keeper || !pid || pid != keeper->pid)
		return false;
	if (keeper->channel >= 0)
		close(keeper->channel);
	keeper->channel = -1;
	keeper->pid = 0;
	keeper->limit = 0;
	keeper->due = watch_now();
	asked = keeper->leaving;
	keeper->asks = keeper->awaits = keeper->leaving = keeper->stale = false;
	if (asked)
		return true;
	crash_describe_status(&how, status);
	log_text(MF_LOG_ERROR, "the admin process %s", buffer_text(&how));
	buffer_free(&how);
	if (watch_now() - keeper->born >= GROWN_UP)
		keeper->failures = 0;
	note_failure(keeper);
	return true;
}

/* ---- the beginning and the end ---- */

struct admin_keeper *
admin_keeper_create(const struct admin_keeper_needs *needs)
{
	struct admin_keeper *keeper = memory_alloc(sizeof(*keeper));

	keeper->needs = *needs;
	keeper->channel = -1;
	keeper->started = time(NULL);
	return keeper;
}

void
admin_keeper_destroy(struct admin_keeper **keeper)
{
	struct admin_keeper *doomed = *keeper;

	if (!doomed)
		return;
	if (doomed->pid) {
		kill(doomed->pid, SIGKILL);
		waitpid(doomed->pid, NULL, 0);
	}
	if (doomed->channel >= 0)
		close(doomed->channel);
	drop_outfit(&doomed->next, &doomed->now);
	drop_outfit(&doomed->now, &doomed->next);
	free(doomed);
	*keeper = NULL;
}
