/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A small SMTP client, RFC 5321, for one message: no pipelining and no TLS, for it speaks to an MTA
 * of this host. What a library would hide is what matters here: whether the MTA may have the
 * message although its answer was not heard.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "filterd/config/settings.h"
#include "filterd/quarantine/deliver.h"
#include "filterd/quarantine/mark.h"

#define PATIENCE	600	/* seconds for an answer, RFC 5321 section 4.5.3.2.6 */
#define REPLY_MAXIMUM	(64u * 1024)	/* bytes of a reply */

enum extension { EXTENSION_8BITMIME = 1, EXTENSION_SMTPUTF8 = 2, EXTENSION_DSN = 4 };

struct smtp {
	int fd;
	unsigned offered;		/* enum extension, or'ed */
	char input[4096];
	size_t start, end;		/* of what is unread in it */
	struct buffer reply;		/* the last one, lines divided by LF */
	struct buffer output;
	bool lost;			/* the connection is */
};

/* ---- bytes ---- */

static void
flush(struct smtp *smtp)
{
	size_t at = 0;

	while (!smtp->lost && at < smtp->output.length) {
		ssize_t sent = send(smtp->fd, smtp->output.data + at, smtp->output.length - at,
		    MSG_NOSIGNAL);

		if (sent <= 0 && errno != EINTR)
			smtp->lost = true;
		else if (sent > 0)
			at += (size_t)sent;
	}
	smtp->output.length = 0;
}

static int
next_byte(struct smtp *smtp)
{
	ssize_t got;

	if (smtp->start < smtp->end)
		return (unsigned char)smtp->input[smtp->start++];
	do
		got = recv(smtp->fd, smtp->input, sizeof(smtp->input), 0);
	while (got < 0 && errno == EINTR);
	if (got <= 0) {
		smtp->lost = true;
		return -1;
	}
	smtp->start = 1;
	smtp->end = (size_t)got;
	return (unsigned char)smtp->input[0];
}

/* Adds a line to the reply. False: the connection is lost, or too much is said. */
static bool
read_line(struct smtp *smtp)
{
	int byte;

	if (smtp->reply.length)
		buffer_add_char(&smtp->reply, '\n');
	while ((byte = next_byte(smtp)) >= 0 && byte != '\n') {
		if (byte != '\r')
			buffer_add_char(&smtp->reply, (char)byte);
		if (smtp->reply.length > REPLY_MAXIMUM) {
			smtp->lost = true;
			return false;
		}
	}
	return byte >= 0;
}

/* The first digit of the answer, RFC 5321 section 4.2; 0: there is none. */
static int
read_reply(struct smtp *smtp)
{
	const char *line;
	size_t start;

	smtp->reply.length = 0;
	do {
		start = smtp->reply.length ? smtp->reply.length + 1 : 0;
		if (!read_line(smtp))
			return 0;
		line = buffer_text(&smtp->reply) + start;
	} while (smtp->reply.length >= start + 4 && line[3] == '-');
	line = buffer_text(&smtp->reply);
	return line[0] >= '2' && line[0] <= '5' ? line[0] - '0' : 0;
}

static int
command(struct smtp *smtp, const char *text)
{
	buffer_add_text(&smtp->output, text);
	buffer_add_text(&smtp->output, "\r\n");
	flush(smtp);
	return smtp->lost ? 0 : read_reply(smtp);
}

/* ---- the session ---- */

static enum delivered
refused(struct smtp *smtp, const char *what, struct buffer *problem)
{
	const char *said = smtp->lost || !smtp->reply.length ? "the connection was lost" :
	    buffer_text(&smtp->reply);

	buffer_printf(problem, "%s: %s", what, said);
	return NOT_DELIVERED;
}

static bool
has_word(const char *line, const char *word)
{
	size_t length = strlen(word);

	return strncasecmp(line, word, length) == 0 && (!line[length] || line[length] == ' ' ||
	    line[length] == '\n');
}

/* The extensions of the answer to EHLO: a line each, behind the code and "-" or a blank. */
static void
read_extensions(struct smtp *smtp)
{
	const char *line = buffer_text(&smtp->reply);

	while ((line = strchr(line, '\n'))) {
		line++;
		if (strlen(line) < 4)
			continue;
		if (has_word(line + 4, "8BITMIME"))
			smtp->offered |= EXTENSION_8BITMIME;
		if (has_word(line + 4, "SMTPUTF8"))
			smtp->offered |= EXTENSION_SMTPUTF8;
		if (has_word(line + 4, "DSN"))
			smtp->offered |= EXTENSION_DSN;
	}
}

static const struct {
	const char *keyword;		/* with its "=" */
	enum extension extension;
} arguments[] = {
	{ "BODY=", EXTENSION_8BITMIME }, { "SMTPUTF8", EXTENSION_SMTPUTF8 },
	{ "RET=", EXTENSION_DSN }, { "ENVID=", EXTENSION_DSN },
	{ "NOTIFY=", EXTENSION_DSN }, { "ORCPT=", EXTENSION_DSN },
};

/* Those arguments that this MTA knows; SIZE and AUTH were the client's. */
static void
add_arguments(const struct smtp *smtp, const struct entry_address *address, struct buffer *to)
{
	const char *const *argument;
	size_t i;

	for (argument = address->arguments; *argument; argument++)
		for (i = 0; i < sizeof(arguments) / sizeof(arguments[0]); i++)
			if (strncasecmp(*argument, arguments[i].keyword,
			    strlen(arguments[i].keyword)) == 0 &&
			    (smtp->offered & arguments[i].extension))
				buffer_printf(to, " %s", *argument);
}

static bool
needs_utf8(const struct entry_address *sender)
{
	const char *const *argument;

	for (argument = sender->arguments; *argument; argument++)
		if (strcasecmp(*argument, "SMTPUTF8") == 0)
			return true;
	return false;
}

static int
give_address(struct smtp *smtp, const char *verb, const struct entry_address *address)
{
	struct buffer line = { 0 };
	int answer;

	buffer_printf(&line, "%s:<%s>", verb, address->text);
	add_arguments(smtp, address, &line);
	answer = command(smtp, buffer_text(&line));
	buffer_free(&line);
	return answer;
}

static bool
greet(struct smtp *smtp)
{
	char name[256] = "localhost";
	struct buffer line = { 0 };
	int answer;

	if (read_reply(smtp) != 2)
		return false;
	gethostname(name, sizeof(name) - 1);
	buffer_printf(&line, "EHLO %s", name);
	answer = command(smtp, buffer_text(&line));
	buffer_free(&line);
	read_extensions(smtp);
	return answer == 2;
}

/* The bytes with a dot doubled where it begins a line, RFC 5321 section 4.5.2. *start tells whether
 * a line begins. */
static void
add_stuffed(struct buffer *to, const char *bytes, size_t size, bool *start)
{
	size_t from = 0, i;

	for (i = 0; i < size; i++) {
		if (*start && bytes[i] == '.') {
			buffer_add(to, bytes + from, i - from);
			buffer_add_char(to, '.');
			from = i;
		}
		*start = bytes[i] == '\n';
	}
	buffer_add(to, bytes + from, size - from);
}

/* False: the message cannot be read; errno. */
static bool
send_content(struct smtp *smtp, const struct delivery *delivery)
{
	char piece[64 * 1024];
	bool start = true;
	off_t at = 0;
	ssize_t got;

	buffer_printf(&smtp->output, "%s: %s\r\n", MARK_FIELD, delivery->mark);
	while ((got = pread(delivery->message, piece, sizeof(piece), at)) > 0 && !smtp->lost) {
		add_stuffed(&smtp->output, piece, (size_t)got, &start);
		flush(smtp);
		at += got;
	}
	if (!start)
		buffer_add_text(&smtp->output, "\r\n");
	return got >= 0;
}

static enum delivered
give_content(struct smtp *smtp, const struct delivery *delivery, struct buffer *problem)
{
	int answer;

	if (command(smtp, "DATA") != 3)
		return refused(smtp, "DATA", problem);
	if (!send_content(smtp, delivery)) {
		buffer_printf(problem, "the message cannot be read: %s", strerror(errno));
		return NOT_DELIVERED;
	}
	flush(smtp);
	if (smtp->lost)
		return refused(smtp, "the message", problem);
	answer = command(smtp, ".");
	if (answer == 2) {
		command(smtp, "QUIT");
		return DELIVERED;
	}
	if (answer)
		return refused(smtp, "the message", problem);
	buffer_add_text(problem, "the connection was lost when all was sent");
	return MAYBE_DELIVERED;
}

static enum delivered
converse(struct smtp *smtp, const struct delivery *delivery, struct buffer *problem)
{
	size_t i;

	if (!greet(smtp))
		return refused(smtp, "EHLO", problem);
	if (needs_utf8(&delivery->sender) && !(smtp->offered & EXTENSION_SMTPUTF8)) {
		buffer_add_text(problem, "the MTA does not take SMTPUTF8, which the message has");
		return NOT_DELIVERED;
	}
	if (give_address(smtp, "MAIL FROM", &delivery->sender) != 2)
		return refused(smtp, "MAIL", problem);
	for (i = 0; i < delivery->recipient_count; i++)
		if (give_address(smtp, "RCPT TO", &delivery->recipients[i]) != 2) {
			buffer_printf(problem, "recipient %s: ", delivery->recipients[i].text);
			return refused(smtp, "RCPT", problem);
		}
	return give_content(smtp, delivery, problem);
}

static int
connect_to(const char *address, struct buffer *problem)
{
	static const struct timeval patience = { .tv_sec = PATIENCE };
	struct listener_address to;
	const char *error = NULL;
	int fd = -1;

	if (!listener_address_parse(address, &to, &error)) {
		buffer_printf(problem, "%s: %s", address, error);
		return -1;
	}
	fd = socket(to.family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0) {
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
		setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	}
	if (fd >= 0 && connect(fd, &to.address.any, to.length) == 0)
		return fd;
	buffer_printf(problem, "%s: %s", address, strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

enum delivered
deliver_smtp(const struct delivery *delivery, const char *address, struct buffer *problem)
{
	struct smtp smtp = { .fd = connect_to(address, problem) };
	enum delivered delivered;

	if (smtp.fd < 0)
		return NOT_DELIVERED;
	delivered = converse(&smtp, delivery, problem);
	close(smtp.fd);
	buffer_free(&smtp.reply);
	buffer_free(&smtp.output);
	return delivered;
}
