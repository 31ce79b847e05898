/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fuzzes what an MTA sends, over a socket, through libmilter and the front end, into a chain of
 * puppets and rules that act and edit at every stage. The service runs in threads of this process,
 * as in a worker; each input is one connection, which ends with the input.
 *
 * The input's first byte chooses:
 *	f	frames, behind the negotiation of a Postfix
 *	o	frames, behind a negotiation whose offer is the next 12 bytes
 *	others	the bytes as they are
 * Frames are divided by 0xff: a command byte and its data, to which a command with texts gets the
 * NUL that ends them; "*" and a byte repeats the frame before so often. A command byte with its
 * highest bit set leaves the data as it is.
 *
 * Two kinds of frames are mended before they are sent, in either mode, for libmilter (8.17.1) reads
 * past their end and a milter can do nothing about it: macros of which the last has a name and no
 * value (smfi_getsymval), and an unknown command without the NUL that ends it (xxfi_unknown).
 *
 * Answers must be whole frames of the protocol, as many as there may be, with legal replies and
 * edits that were negotiated; every session and message that a filter saw must have ended once.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "filterd/config/settings.h"
#include "filterd/mta/libmilter.h"
#include "filterd/service/log.h"
#include "filterd/util/memory.h"
#include "filterd/util/utf8.h"
#include "tests/driver/offer.h"
#include "tests/fuzz/part.h"
#include "tests/fuzz/puppets.h"

#define INPUT_MAXIMUM	(64 << 10)
#define SENT_MAXIMUM	(1 << 20)
#define OFFER_BYTES	12

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct tally counts;
static struct sockaddr_un address;
static socklen_t address_size;
static struct buffer seen;	/* the answers' command bytes, for complaints */

static void
expect(bool holds, const char *promise)
{
	if (!holds)
		puppets_broken("%s; answers: %s", promise, buffer_text(&seen));
}

/* ---- the service ---- */

/* A socket whose name is in no file system. */
static int
listen_anywhere(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	address.sun_family = AF_UNIX;
	address_size = sizeof(address.sun_family);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, address_size) < 0 ||
	    listen(fd, 10) < 0)
		puppets_broken("cannot listen: %s", strerror(errno));
	address_size = sizeof(address);
	if (getsockname(fd, (struct sockaddr *)&address, &address_size) < 0)
		puppets_broken("cannot learn the socket's name: %s", strerror(errno));
	return fd;
}

/* Standard error becomes the log's alone. Leaks are looked for at the end, not after each input:
 * while threads come and go, what they own can look lost. */
static void
choose_options(int *argc, char ***argv)
{
	static char mask[] = "-close_fd_mask=2", leaks[] = "-detect_leaks=0";
	char **arguments = memory_array((size_t)*argc + 3, sizeof(*arguments));

	memcpy(arguments, *argv, (size_t)*argc * sizeof(*arguments));
	arguments[(*argc)++] = mask;
	arguments[(*argc)++] = leaks;
	*argv = arguments;
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const struct listener_settings listener = {
		.name = "fuzz", .maximum_sessions = 100000
	};
	const struct chain *chain = puppets_load(&counts, "fuzz");
	const char *what = "";

	if (!libmilter_adopt(listen_anywhere(), &what) ||
	    !libmilter_start(chain, &listener, &what))
		puppets_broken("%s", what);
	log_open(LOG_TO_STDERR, LOG_FORMAT_JSON, MF_LOG_DEBUG, NULL);
	choose_options(argc, argv);
	return 0;
}

/* ---- what is sent ---- */

/* What the input asks for, and what may come of it. */
struct request {
	struct buffer bytes;
	bool framed;		/* the counts below hold */
	size_t answers;		/* due at most, the negotiation's left out */
	size_t messages;	/* ends of messages: edits may come with so many answers */
};

static void
add_frame(struct request *request, struct str part)
{
	char command = (char)(part.data[0] & 0x7f);
	bool verbatim = part.data[0] & 0x80;
	struct buffer data = { 0 };

	buffer_add(&data, part.data + 1, part.length - 1);
	if (!verbatim && memchr("CDHLMRU", command, 7))
		buffer_add_char(&data, '\0');
	wire_add_frame(&request->bytes, command, (struct str){ buffer_text(&data), data.length });
	buffer_free(&data);
	request->answers += memchr("DAQK", command, 4) == NULL;
	/* libmilter answers for the body that travels with the end, and then for the end. */
	request->answers += command == SMFIC_BODYEOB && part.length > 1;
	request->messages += command == SMFIC_BODYEOB;
}

static void
add_frames(struct request *request, struct str input)
{
	struct str last = { "", 0 };

	request->framed = true;
	while (input.length && request->bytes.length < SENT_MAXIMUM) {
		struct str part = fuzz_part(&input, '\xff');
		size_t times = 1;

		if (part.length == 2 && part.data[0] == '*')
			times = (unsigned char)part.data[1];
		else
			last = part;
		while (times-- && last.length && request->bytes.length < SENT_MAXIMUM)
			add_frame(request, last);
	}
}

static void
make_request(struct request *request, struct str input)
{
	const struct offer_mta *postfix = offer_mta(STR("postfix"));
	char kind = input.data[0];
	struct str rest = { input.data + 1, input.length - 1 };

	if (kind == 'f') {
		wire_add_options(&request->bytes,
		    &(struct wire_options){ .version = postfix->options.version,
			.actions = postfix->options.actions, .steps = postfix->options.steps });
		add_frames(request, rest);
	} else if (kind == 'o' && rest.length >= OFFER_BYTES) {
		wire_add_frame(&request->bytes, SMFIC_OPTNEG,
		    (struct str){ rest.data, OFFER_BYTES });
		rest.data += OFFER_BYTES;
		rest.length -= OFFER_BYTES;
		add_frames(request, rest);
	} else {
		buffer_add_str(&request->bytes, input);
	}
}

/* Macros without a last value: drops the first NUL, so that their texts are even in number. */
static void
mend_macros(char *data, size_t size)
{
	size_t i, texts = 0;

	for (i = 0; i < size; i++)
		texts += data[i] == '\0';
	if (texts % 2)
		*(char *)memchr(data, '\0', size) = '_';
}

static void
mend_frames(struct buffer *bytes)
{
	struct str rest = { bytes->data, bytes->length };
	struct wire_frame frame;
	size_t taken;

	while (wire_take(rest, &frame, &taken) == WIRE_FRAME) {
		char *data = (char *)frame.data.data;

		if (frame.command == SMFIC_MACRO && frame.data.length > 1)
			mend_macros(data + 1, frame.data.length - 1);
		if (frame.command == SMFIC_UNKNOWN && frame.data.length)
			data[frame.data.length - 1] = '\0';
		rest.data += taken;
		rest.length -= taken;
	}
}

/* ---- the connection ---- */

/* Reads what there is. False: the peer has closed. */
static bool
receive(int fd, struct buffer *answer)
{
	char bytes[65536];
	ssize_t got = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);

	if (got > 0)
		buffer_add(answer, bytes, (size_t)got);
	return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
}

/* Sends what it takes. False: there is no more to send, and the peer has been told. */
static bool
transmit(int fd, struct str *left)
{
	ssize_t sent = send(fd, left->data, left->length, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (sent < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	if (sent > 0) {
		left->data += sent;
		left->length -= (size_t)sent;
	}
	if (sent >= 0 && left->length)
		return true;
	shutdown(fd, SHUT_WR);
	return false;
}

/* One connection, from its beginning to its end by the peer. */
static void
converse(struct str request, struct buffer *answer)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool sending = true, receiving = true;

	if (fd < 0 || connect(fd, (struct sockaddr *)&address, address_size) < 0)
		puppets_broken("cannot connect: %s", strerror(errno));
	while (receiving) {
		struct pollfd wait = { .fd = fd, .events = POLLIN | (sending ? POLLOUT : 0) };

		if (sending)
			sending = transmit(fd, &request);
		if (poll(&wait, 1, -1) > 0 && (wait.revents & ~POLLOUT))
			receiving = receive(fd, answer);
	}
	close(fd);
}

/* ---- what comes back ---- */

/* The action that an edit needs. */
static const struct {
	char command;
	uint32_t action;
} edits[] = {
	{ SMFIR_ADDRCPT, SMFIF_ADDRCPT }, { SMFIR_ADDRCPT_PAR, SMFIF_ADDRCPT_PAR },
	{ SMFIR_DELRCPT, SMFIF_DELRCPT }, { SMFIR_CHGFROM, SMFIF_CHGFROM },
	{ SMFIR_ADDHEADER, SMFIF_ADDHDRS }, { SMFIR_INSHEADER, SMFIF_ADDHDRS },
	{ SMFIR_CHGHEADER, SMFIF_CHGHDRS }, { SMFIR_REPLBODY, SMFIF_CHGBODY },
	{ SMFIR_QUARANTINE, SMFIF_QUARANTINE },
};

/* 0: no edit. */
static uint32_t
action_of(char command)
{
	size_t i;

	for (i = 0; i < sizeof(edits) / sizeof(edits[0]); i++)
		if (edits[i].command == command)
			return edits[i].action;
	return 0;
}

/* Printable UTF-8, and each "%" doubled, for MTAs take the text for a format. */
static void
check_line(struct str line)
{
	while (line.length) {
		uint32_t point;
		size_t size = utf8_next(line, &point);

		expect(size && point >= ' ' && point != 0x7f, "replies are printable");
		if (point == '%') {
			expect(line.length > 1 && line.data[1] == '%', "each % is doubled");
			size = 2;
		}
		line.data += size;
		line.length -= size;
	}
}

/* RFC 5321 section 4.2.1: one code in all lines, "-" behind it in all but the last; no line longer
 * than MTAs take. */
static void
check_reply(struct str text)
{
	const char *code = text.data;

	expect(text.length >= 4 && (code[0] == '4' || code[0] == '5'), "a reply has a legal code");
	for (;;) {
		const char *end = memmem(text.data, text.length, "\r\n", 2);
		size_t length = end ? (size_t)(end - text.data) : text.length;

		expect(length >= 4 && length < 1000 && memcmp(text.data, code, 3) == 0 &&
		    text.data[3] == (end ? '-' : ' '), "the lines of a reply are legal");
		check_line((struct str){ text.data, length });
		if (!end)
			return;
		text.data += length + 2;
		text.length -= length + 2;
	}
}

struct answers {
	struct wire_options options;	/* the latest negotiation */
	size_t verdicts;
	size_t edited;			/* verdicts that came with edits */
	bool edits_open;		/* edits came, their verdict has not */
};

static void
check_answer(struct answers *answers, const struct wire_frame *frame)
{
	struct wire_reply reply;
	uint32_t action;

	if (frame->command == SMFIC_OPTNEG) {
		expect(wire_read_options(frame, &answers->options), "negotiation is well-formed");
		return;
	}
	expect(wire_read_reply(frame, &reply), "an answer is well-formed");
	if (reply.command == SMFIR_PROGRESS)
		return;
	action = action_of(reply.command);
	if (action) {
		expect(answers->options.actions & action, "edits keep to what was negotiated");
		answers->edits_open = true;
		return;
	}
	if (reply.command == SMFIR_REPLYCODE)
		check_reply(reply.texts[0]);
	answers->verdicts++;
	answers->edited += answers->edits_open;
	answers->edits_open = false;
}

static void
check_answers(const struct request *request, struct str bytes)
{
	struct answers answers = { 0 };
	struct wire_frame frame;
	size_t taken;

	seen.length = 0;
	while (wire_take(bytes, &frame, &taken) == WIRE_FRAME) {
		buffer_add_char(&seen, frame.command);
		check_answer(&answers, &frame);
		bytes.data += taken;
		bytes.length -= taken;
	}
	expect(bytes.length == 0, "answers are whole frames");
	expect(!answers.edits_open, "a verdict ends edits");
	if (!request->framed)
		return;
	expect(answers.verdicts <= request->answers, "no event is answered twice");
	expect(answers.edited <= request->messages, "edits come at the end of a message only");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct request request = { 0 };
	struct buffer answer = { 0 };

	if (size == 0 || size > INPUT_MAXIMUM)
		return 0;
	make_request(&request, (struct str){ (const char *)data, size });
	mend_frames(&request.bytes);
	converse((struct str){ buffer_text(&request.bytes), request.bytes.length }, &answer);
	check_answers(&request, (struct str){ buffer_text(&answer), answer.length });
	expect(libmilter_sessions() == 0, "the session ends with its connection");
	puppets_check(&counts);
	buffer_free(&request.bytes);
	buffer_free(&answer);
	return 0;
}
