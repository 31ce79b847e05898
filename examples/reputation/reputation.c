/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reputation: asks a daemon what it thinks of a sender, and acts on the score that it gives. One
 * line goes to a unix socket, "CLIENT-ADDRESS SENDER", and one comes back, "SCORE WORD". Levels in
 * the configuration say what is done from which score on:
 *
 *	filter reputation {
 *	    plugin reputation;
 *	    socket /run/reputation.sock;
 *	    level 5   { action refuse; text "Mail from ${sender.domain} is not wanted"; }
 *	    level 2.5 { }
 *	}
 *
 * Answers are kept for a while in a table of the instance, which all threads of a worker share. A
 * daemon that does not answer is an error, which the filter's on-error policy decides.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <filterd/plugin.h>

#define ANSWER_SIZE	256	/* bytes of a line that is read */
#define KEY_SIZE	320	/* bytes of a question that is remembered */
#define SLOTS		1024

/* ---- options ---- */

enum action { REFUSE, TAG };

struct level {
	double above;
	enum action action;
	const struct mf_template *text;
};

struct options {
	const char *socket;
	struct mf_duration keep;
	struct mf_blocks levels;
};

static const struct mf_option level_table[] = {
	MF_ARGUMENT(struct level, above, "score from which on it applies"),
	MF_CHOICE(struct level, action, "refuse tag", "tag", "what is done"),
	MF_OPTION(struct level, text, "Your reputation is bad", "text of the refusal"),
	MF_OPTION_END
};

static const struct mf_option option_table[] = {
	MF_REQUIRED(struct options, socket, "path of the daemon's socket"),
	MF_RANGE(struct options, keep, "5m", 0, 86400000, "how long an answer is good"),
	MF_BLOCK(struct options, levels, "level", level_table, struct level, "a level"),
	MF_OPTION_END
};

/* ---- answers that are remembered ---- */

struct answer {
	double score;
	char word[64];
};

/* A question has one slot, by its hash; the last one that came has it. */
struct slot {
	char key[KEY_SIZE];
	int64_t until;		/* seconds since the epoch */
	struct answer answer;
};

struct table {
	pthread_mutex_t lock;
	struct slot slots[SLOTS];
};

static struct slot *
find_slot(struct table *table, const char *key)
{
	size_t hash = 5381;

	while (*key)
		hash = hash * 33 + (unsigned char)*key++;
	return &table->slots[hash % SLOTS];
}

static bool
recall(struct mf_context *c, const char *key, struct answer *answer_r)
{
	struct table *table = c->instance;
	struct slot *slot = find_slot(table, key);
	bool known;

	pthread_mutex_lock(&table->lock);
	known = strcmp(slot->key, key) == 0 && slot->until > mf_now(c);
	if (known)
		*answer_r = slot->answer;
	pthread_mutex_unlock(&table->lock);
	return known;
}

static void
keep(struct mf_context *c, const char *key, const struct answer *answer)
{
	const struct options *o = c->options;
	struct table *table = c->instance;
	struct slot *slot = find_slot(table, key);

	if (strlen(key) >= KEY_SIZE)
		return;
	pthread_mutex_lock(&table->lock);
	strcpy(slot->key, key);
	slot->until = mf_now(c) + o->keep.milliseconds / 1000;
	slot->answer = *answer;
	pthread_mutex_unlock(&table->lock);
}

/* ---- the daemon; each function returns what went wrong, or NULL ---- */

static const char *
open_socket(struct mf_context *c, int *fd_r)
{
	const struct options *o = c->options;
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	strcpy(address.sun_path, o->socket);	/* start has looked at its length */
	*fd_r = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (*fd_r < 0 || connect(*fd_r, (struct sockaddr *)&address, sizeof(address)) < 0)
		return mf_printf(c, "%s: %s", o->socket, strerror(errno));
	return NULL;
}

/* Waits, no longer than the deadline of the callback. */
static const char *
await(struct mf_context *c, int fd, enum mf_event event)
{
	const struct options *o = c->options;

	if (mf_wait(c, fd, event, -1) == MF_WAITED_READY)
		return NULL;
	return mf_printf(c, "%s does not answer in time", o->socket);
}

static const char *
send_line(struct mf_context *c, int fd, const char *line)
{
	size_t left = strlen(line);
	const char *wrong = NULL;

	while (left && !wrong) {
		ssize_t sent = send(fd, line, left, MSG_NOSIGNAL);

		if (sent >= 0) {
			line += sent;
			left -= (size_t)sent;
		} else if (errno == EAGAIN) {
			wrong = await(c, fd, MF_WRITABLE);
		} else if (errno != EINTR) {
			wrong = mf_printf(c, "the question cannot be sent: %s", strerror(errno));
		}
	}
	return wrong;
}

static const char *
receive_line(struct mf_context *c, int fd, char line[ANSWER_SIZE])
{
	size_t length = 0;
	const char *wrong = NULL;

	while (!wrong) {
		ssize_t got = recv(fd, line + length, ANSWER_SIZE - 1 - length, 0);

		if (got > 0) {
			length += (size_t)got;
			line[length] = '\0';
			if (memchr(line, '\n', length))
				return NULL;
			if (length == ANSWER_SIZE - 1)
				wrong = "the answer is too long";
		} else if (got == 0) {
			wrong = "the daemon closed without an answer";
		} else if (errno == EAGAIN) {
			wrong = await(c, fd, MF_READABLE);
		} else if (errno != EINTR) {
			wrong = mf_printf(c, "the answer cannot be read: %s", strerror(errno));
		}
	}
	return wrong;
}

static const char *
ask(struct mf_context *c, const char *question, struct answer *answer_r)
{
	char line[ANSWER_SIZE];
	const char *wrong;
	int fd;

	wrong = open_socket(c, &fd);
	if (!wrong)
		wrong = send_line(c, fd, mf_printf(c, "%s\n", question));
	if (!wrong)
		wrong = receive_line(c, fd, line);
	if (fd >= 0)
		close(fd);
	if (!wrong && sscanf(line, "%lf %63[a-z]\n", &answer_r->score, answer_r->word) != 2)
		wrong = "the answer is not a score and a word";
	return wrong;
}

/* ---- what comes of it ---- */

/* The highest level that the score reaches; NULL: none. */
static const struct level *
find_level(const struct options *o, double score)
{
	const struct level *found = NULL;
	size_t i;

	for (i = 0; i < o->levels.count; i++) {
		const struct level *level = o->levels.items[i].options;

		if (score >= level->above && (!found || level->above > found->above))
			found = level;
	}
	return found;
}

static enum mf_verdict
act(struct mf_context *c, const struct answer *answer)
{
	const struct level *level = find_level(c->options, answer->score);

	mf_result_add(c, "reputation", answer->word, NULL);
	mf_symbol_add(c, "REPUTATION", answer->score);
	if (!level)
		return MF_CONTINUE;
	if (level->action == REFUSE)
		return mf_reject(c, 550, "5.7.1", "%s", mf_expand(c, level->text));
	mf_header_add(c, "X-Reputation", mf_printf(c, " %s", answer->word));
	return MF_CONTINUE;
}

static enum mf_verdict
on_mail(struct mf_context *c, const struct mf_address *sender)
{
	const char *question = mf_printf(c, "%s %s", mf_client(c)->address, sender->text);
	struct answer answer;
	const char *wrong;

	if (strpbrk(sender->text, "\r\n"))	/* it would be two questions */
		return mf_reject(c, 553, "5.1.7", "This is no address");
	if (!recall(c, question, &answer)) {
		wrong = ask(c, question, &answer);
		if (wrong)
			return mf_error(c, "%s", wrong);
		keep(c, question, &answer);
	}
	return act(c, &answer);
}

/* ---- the instance ---- */

static bool
start(struct mf_context *c)
{
	const struct options *o = c->options;
	struct table *table;

	if (strlen(o->socket) >= sizeof(((struct sockaddr_un *)0)->sun_path)) {
		mf_config_error(c, &o->socket, "expected a shorter path");
		return false;
	}
	table = calloc(1, sizeof(*table));
	if (!table) {
		mf_error(c, "no memory for the table");
		return false;
	}
	pthread_mutex_init(&table->lock, NULL);
	c->instance = table;
	mf_only_uses(c, MF_USE_ADD_HEADER);
	return true;
}

static void
stop(struct mf_context *c)
{
	struct table *table = c->instance;

	pthread_mutex_destroy(&table->lock);
	free(table);
}

static const char *const provides[] = { "reputation", NULL };

MF_PLUGIN(
	.name = "reputation",
	.version = "1.0",
	.summary = "Ask a daemon for the reputation of senders",
	.provides = provides,
	.options = option_table,
	.options_size = sizeof(struct options),
	.start = start,
	.stop = stop,
	.mail = on_mail,
);
