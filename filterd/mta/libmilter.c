/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The front end on libmilter: sessions and answers. Each callback turns what the MTA sent into an
 * event on a session, and the session's decision into an answer. Owns one struct link for each
 * connection, from its first callback to xxfi_close, which libmilter calls exactly once.
 *
 * What libmilter is known to do, as its documentation does not say:
 *   an answer to an event that was negotiated without one is dropped with a complaint, and no
 *   answer where one is due leaves the MTA waiting: only the negotiated bits decide;
 *   it stands in for an MTA that lacks the "no reply" bits, so they can always be asked for;
 *   a reply of the class that does not fit the verdict is dropped;
 *   after the milter's own final verdict there is no xxfi_abort; xxfi_close may be the only
 *   callback that a connection ever gets;
 *   idle sessions have no thread: callbacks of one session come from any thread, one at a time;
 *   it reads past the end of what an MTA sends in two places (8.17.1): macros of which the last has
 *   no value, and an unknown command without NUL. No MTA does so, but who can reach the socket can
 *   end a worker by it; nothing here can tell.
 * A call for an edit that fails is a failed plan: the message is tempfailed. Nothing is fatal.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include <libmilter/mfapi.h>

#include "filterd/chain/session.h"
#include "filterd/mta/adopt.h"
#include "filterd/mta/libmilter.h"
#include "filterd/mta/libmilter_parts.h"
#include "filterd/mta/milter_answer.h"
#include "filterd/mta/overload.h"
#include "filterd/mta/recorder.h"
#include "filterd/mta/reuse.h"
#include "filterd/mta/tape.h"
#include "filterd/service/log.h"
#include "filterd/util/clock.h"
#include "filterd/util/memory.h"

/* Seconds without a word from the MTA until a connection is given up. libmilter's own default: more
 * than the hour that MTAs wait for their clients, as a shorter wait than theirs breaks sessions. */
#define IDLE_SECONDS 7210

#define WAKE_LOOKS 5000	/* milliseconds, at most, until a thread handles a signal */

/* One MTA connection. */
struct link {
	SMFICTX *context;
	struct session *session;	/* NULL: beyond the limit, so a policy stands in */
	struct mta_request request;
	struct tape tape;		/* for a shadow configuration */
	struct recorded recorded;	/* to a file */
	bool begun;			/* the session knows its grant */
};

static struct {
	const struct chain *chain;
	const char *listener;	/* its name */
	struct macro_lists macros;
	struct arena *arena;
	int listening;		/* libmilter's descriptor for the socket it was given */
	int dead;		/* what is put there instead */
	struct local_address address;
	pthread_t accepting;	/* the thread that takes connections */
	atomic_bool woken;	/* it has left the system call that it was in */
	atomic_bool stopping;
	atomic_uint sessions;
} service = { .listening = -1 };

/* ---- what the session asks of its front end ---- */

static const char *
get_macro(void *front_data, const char *name)
{
	return smfi_getsymval(((struct link *)front_data)->context, (char *)name);
}

/* An MTA that reads nothing must not keep the watchdog, which is for all sessions. */
static void
send_progress(void *front_data)
{
	SMFICTX *context = ((struct link *)front_data)->context;

	if (libmilter_takes_more(context))
		smfi_progress(context);
}

static bool
cut_connection(void *front_data)
{
	int fd = libmilter_descriptor(((struct link *)front_data)->context);

	return connection_is_from(fd, &service.address) && shutdown(fd, SHUT_RDWR) == 0;
}

static int64_t
read_monotonic(void *front_data)
{
	(void)front_data;
	return clock_monotonic();
}

static int64_t
read_now(void *front_data)
{
	(void)front_data;
	return time(NULL);
}

static const struct front front = {
	.macro = get_macro, .progress = send_progress, .monotonic = read_monotonic,
	.now = read_now, .cut = cut_connection
};

/* ---- links ---- */

static void
log_link(const struct link *link, enum mf_log_level level, const char *event)
{
	const struct log_field session = { "session",
		link->session ? str_of(session_id(link->session)) : (struct str){ 0 }, false };

	log_event(level, event, &session, link->session ? 1 : 0);
}

/* NULL when the service stops. It counts first and looks then; whoever stops the service does it
 * the other way about. So a service that has stopped and has no sessions will never have any. */
static struct link *
link_open(SMFICTX *context)
{
	struct link *link;

	atomic_fetch_add(&service.sessions, 1);
	if (atomic_load(&service.stopping)) {
		atomic_fetch_sub(&service.sessions, 1);
		return NULL;
	}
	link = memory_alloc(sizeof(*link));
	link->context = context;
	if (overload_admit()) {
		link->session = session_open(service.chain, &front, link);
		recorder_begin(&link->recorded, session_id(link->session), &front, link);
	}
	smfi_setpriv(context, link);
	return link;
}

/* For a session without negotiation: it may be another one on a connection that had one. Else the
 * MTA does not negotiate: nothing is granted, and every event wants an answer. */
static struct link *
link_open_unasked(SMFICTX *context)
{
	struct mta_offer none = libmilter_offer(0, 0);
	struct link *link = link_open(context);

	if (!link || reuse_recall(context, &link->request))
		return link;
	log_link(link, MF_LOG_WARNING, "the MTA has not negotiated");
	negotiate(&none, chain_wants(service.chain), &link->request);
	recording_negotiate(link->recorded.recording, 0, 0, false);
	return link;
}

/* Sendmail's version begins with a digit and is not sent unless asked for; Postfix sends its name
 * and version by itself, and an administrator may give it another name. */
static bool
is_sendmail(SMFICTX *context)
{
	const char *version = smfi_getsymval(context, (char *)"v");

	return !version || isdigit((unsigned char)version[0]);
}

/* The link of an event, its session ready for it. NULL: there can be none any more. */
static struct link *
begin(SMFICTX *context)
{
	struct link *link = smfi_getpriv(context);

	if (!link)
		link = link_open_unasked(context);
	if (link && !link->begun) {
		link->begun = true;
		link->request.grant.sendmail = is_sendmail(context);
		if (link->session)
			session_granted(link->session, &link->request.grant);
	}
	return link;
}

/* ---- answers ---- */

static const sfsistat statuses[] = {
	[OUTCOME_CONTINUE] = SMFIS_CONTINUE, [OUTCOME_ACCEPT] = SMFIS_ACCEPT,
	[OUTCOME_REJECT] = SMFIS_REJECT, [OUTCOME_TEMPFAIL] = SMFIS_TEMPFAIL,
	[OUTCOME_DISCARD] = SMFIS_DISCARD, [OUTCOME_SKIP] = SMFIS_SKIP
};

static const struct reply shutting_down = {
	.code = 421, .enhanced = "4.3.2", .lines = { "Service shutting down" }, .line_count = 1
};

static void
set_reply(struct link *link, const struct reply *reply)
{
	char text[REPLY_LINES][REPLY_LINE_BYTES + 1];
	char *l[REPLY_LINES] = { NULL };
	char code[12];
	size_t i;
	int result;

	if (!reply || !reply->line_count)
		return;
	snprintf(code, sizeof(code), "%d", reply->code);
	for (i = 0; i < reply->line_count && i < REPLY_LINES; i++) {
		milter_reply_line(text[i], reply->lines[i]);
		l[i] = text[i];
	}
	if (i == 1)
		result = smfi_setreply(link->context, code, (char *)reply->enhanced, l[0]);
	else
		result = smfi_setmlreply(link->context, code, reply->enhanced,
		    l[0], l[1], l[2], l[3], l[4], l[5], l[6], l[7],
		    l[8], l[9], l[10], l[11], l[12], l[13], l[14], l[15],
		    l[16], l[17], l[18], l[19], l[20], l[21], l[22], l[23],
		    l[24], l[25], l[26], l[27], l[28], l[29], l[30], l[31], NULL);
	if (result != MI_SUCCESS)
		log_link(link, MF_LOG_ERROR, "libmilter has refused a reply");
}

/* If a message has been decided, its tape goes to the shadow configuration. */
static void
end_tape(struct link *link)
{
	const struct tape_macros macros = { get_macro, link };

	tape_end(&link->tape, link->session, service.listener, &macros);
}

/* Whether the chain that serves wants the event: shadows and recordings may want more. */
static bool
is_wanted(enum mf_stage stage)
{
	return (!tape_wanted() && !recorder_events()) ||
	    (chain_wants(service.chain)->events & MF_AT(stage));
}

static const struct decision go_on = { .outcome = OUTCOME_CONTINUE };

static sfsistat
answer(struct link *link, enum mf_stage stage, struct decision decision)
{
	end_tape(link);
	if (link->request.silent & MF_AT(stage)) {
		if (decision.outcome != OUTCOME_CONTINUE)
			log_link(link, MF_LOG_ERROR, "a decision where none was announced");
		return SMFIS_NOREPLY;
	}
	set_reply(link, decision.reply);
	recording_answer(link->recorded.recording, &decision, session_explanation(link->session));
	session_release(link->session);
	return statuses[decision.outcome];
}

static const struct reply overloaded = {
	.code = 421, .enhanced = "4.3.2", .lines = { "Too busy; try again later" }, .line_count = 1
};

/* Whether there is no session for the event. */
static bool
is_outside(const struct link *link)
{
	return !link || !link->session;
}

/* Whether a command is to be turned away, also because the daemon stops. */
static bool
turned_away(const struct link *link, enum mf_stage stage)
{
	return is_outside(link) || (atomic_load_explicit(&service.stopping, memory_order_relaxed) &&
	    !(link->request.silent & MF_AT(stage)));
}

static sfsistat
turn_away(struct link *link, enum mf_stage stage)
{
	if (!link)
		return SMFIS_TEMPFAIL;
	if (link->request.silent & MF_AT(stage))
		return SMFIS_NOREPLY;
	if (!link->session && overload_policy() == OVERLOAD_ACCEPT)
		return SMFIS_ACCEPT;
	set_reply(link, link->session ? &shutting_down : &overloaded);
	return SMFIS_TEMPFAIL;
}

/* ---- callbacks ---- */

static sfsistat
on_negotiate(SMFICTX *context, unsigned long f0, unsigned long f1, unsigned long f2,
    unsigned long f3, unsigned long *pf0, unsigned long *pf1, unsigned long *pf2,
    unsigned long *pf3)
{
	struct mta_offer offer = libmilter_offer(f0, f1);
	struct chain_wants wants = *chain_wants(service.chain);
	struct link *link = smfi_getpriv(context);
	enum macro_stage stage;

	(void)f2;
	(void)f3;
	if (!link)
		link = link_open(context);
	if (!link)
		return SMFIS_REJECT;
	if (!link->session)
		wants.replies |= MF_AT(MF_STAGE_CONNECT);
	if (tape_wanted())
		wants.events |= TAPE_EVENTS;
	wants.events |= recorder_events();
	negotiate(&offer, &wants, &link->request);
	if (tape_wanted() || (recorder_events() & MF_AT(MF_STAGE_BODY)))
		link->request.grant.skip = false;
	recording_negotiate(link->recorded.recording, (uint32_t)f0, (uint32_t)f1,
	    offer.leading_space);
	*pf0 = libmilter_actions(&link->request, f0);
	*pf1 = libmilter_steps(&link->request);
	*pf2 = *pf3 = 0;
	for (stage = 0; (f0 & SMFIF_SETSYMLIST) && stage < MACRO_STAGES; stage++) {
		char *list = service.macros.lists[stage];

		if (list && smfi_setsymlist(context, libmilter_macro_places[stage], list) ==
		    MI_SUCCESS)
			*pf0 |= SMFIF_SETSYMLIST;
	}
	return SMFIS_CONTINUE;
}

/* The client's address in the session's terms. */
struct peer {
	char text[sizeof(((struct sockaddr_un *)0)->sun_path) + 1];
	uint8_t ip[16];
	unsigned version, port;
};

static void
read_inet(struct peer *peer, const struct in_addr *address, in_port_t port)
{
	memcpy(peer->ip + 10, "\xff\xff", 2);
	memcpy(peer->ip + 12, address, 4);
	inet_ntop(AF_INET, address, peer->text, sizeof(peer->text));
	peer->version = 4;
	peer->port = ntohs(port);
}

static struct peer
read_peer(const struct sockaddr *address)
{
	const struct sockaddr_in *inet = (const struct sockaddr_in *)address;
	const struct sockaddr_in6 *inet6 = (const struct sockaddr_in6 *)address;
	const struct sockaddr_un *local = (const struct sockaddr_un *)address;
	struct peer peer = { .text = "local" };

	if (address && address->sa_family == AF_INET) {
		read_inet(&peer, &inet->sin_addr, inet->sin_port);
	} else if (address && address->sa_family == AF_INET6) {
		memcpy(peer.ip, &inet6->sin6_addr, 16);
		inet_ntop(AF_INET6, &inet6->sin6_addr, peer.text, sizeof(peer.text));
		peer.version = 6;
		peer.port = ntohs(inet6->sin6_port);
	} else if (address && address->sa_family == AF_UNIX && local->sun_path[0]) {
		memcpy(peer.text, local->sun_path, sizeof(local->sun_path));
		peer.text[sizeof(local->sun_path)] = '\0';
	}
	return peer;
}

static sfsistat
on_connect(SMFICTX *context, char *name, struct sockaddr *address)
{
	struct link *link = begin(context);
	struct peer peer = read_peer(address);
	struct tape_client client = { .version = peer.version, .port = peer.port };

	memcpy(client.ip, peer.ip, sizeof(client.ip));
	if (turned_away(link, MF_STAGE_CONNECT))
		return turn_away(link, MF_STAGE_CONNECT);
	recording_connect(link->recorded.recording, name, peer.text, peer.version, peer.port);
	tape_connect(&link->tape, &client, name, peer.text);
	return answer(link, MF_STAGE_CONNECT, session_connect(link->session, name, peer.text,
	    peer.version ? peer.ip : NULL, peer.version, peer.port));
}

static sfsistat
on_helo(SMFICTX *context, char *name)
{
	struct link *link = begin(context);

	if (turned_away(link, MF_STAGE_HELO))
		return turn_away(link, MF_STAGE_HELO);
	recording_words(link->recorded.recording, EVENT_HELO, (const char *[]){ name, NULL });
	tape_helo(&link->tape, name);
	return answer(link, MF_STAGE_HELO, session_helo(link->session, name));
}

static sfsistat
on_mail(SMFICTX *context, char **words)
{
	struct link *link = begin(context);

	if (turned_away(link, MF_STAGE_MAIL))
		return turn_away(link, MF_STAGE_MAIL);
	recording_words(link->recorded.recording, EVENT_MAIL, (const char *const *)words);
	tape_mail(&link->tape, (const char *const *)words);
	return answer(link, MF_STAGE_MAIL,
	    session_mail(link->session, words[0], (const char *const *)words + 1));
}

static sfsistat
on_rcpt(SMFICTX *context, char **words)
{
	struct link *link = begin(context);

	if (turned_away(link, MF_STAGE_RCPT))
		return turn_away(link, MF_STAGE_RCPT);
	recording_words(link->recorded.recording, EVENT_RCPT, (const char *const *)words);
	tape_rcpt(&link->tape, (const char *const *)words);
	return answer(link, MF_STAGE_RCPT,
	    session_rcpt(link->session, words[0], (const char *const *)words + 1));
}

static sfsistat
on_data(SMFICTX *context)
{
	struct link *link = begin(context);

	if (turned_away(link, MF_STAGE_DATA))
		return turn_away(link, MF_STAGE_DATA);
	recording_bare(link->recorded.recording, EVENT_DATA);
	tape_event(&link->tape, TAPE_DATA, NULL, 0);
	return answer(link, MF_STAGE_DATA,
	    is_wanted(MF_STAGE_DATA) ? session_data(link->session) : go_on);
}

static sfsistat
on_header(SMFICTX *context, char *name, char *value)
{
	struct link *link = begin(context);

	if (is_outside(link))
		return turn_away(link, MF_STAGE_HEADER);
	recording_header(link->recorded.recording, name, value);
	tape_header(&link->tape, name, value);
	return answer(link, MF_STAGE_HEADER, is_wanted(MF_STAGE_HEADER) ?
	    session_header(link->session, str_of(name), str_of(value)) : go_on);
}

static sfsistat
on_eoh(SMFICTX *context)
{
	struct link *link = begin(context);

	if (is_outside(link))
		return turn_away(link, MF_STAGE_EOH);
	recording_bare(link->recorded.recording, EVENT_EOH);
	tape_event(&link->tape, TAPE_EOH, NULL, 0);
	return answer(link, MF_STAGE_EOH,
	    is_wanted(MF_STAGE_EOH) ? session_eoh(link->session) : go_on);
}

static sfsistat
on_body(SMFICTX *context, unsigned char *bytes, size_t size)
{
	struct link *link = begin(context);

	if (is_outside(link))
		return turn_away(link, MF_STAGE_BODY);
	recording_body(link->recorded.recording, bytes, size);
	tape_event(&link->tape, TAPE_BODY, bytes, size);
	return answer(link, MF_STAGE_BODY, is_wanted(MF_STAGE_BODY) ?
	    session_body(link->session, bytes, size) : go_on);
}

static sfsistat
on_end_of_message(SMFICTX *context)
{
	struct link *link = begin(context);
	static const struct decision give_up = { .outcome = OUTCOME_TEMPFAIL };
	struct decision decision;
	const char *failed = NULL;

	if (is_outside(link))
		return turn_away(link, MF_STAGE_MESSAGE);
	recording_bare(link->recorded.recording, EVENT_EOM);
	tape_event(&link->tape, TAPE_END_OF_MESSAGE, NULL, 0);
	decision = session_end_of_message(link->session);
	if (decision.outcome == OUTCOME_CONTINUE || decision.outcome == OUTCOME_ACCEPT)
		failed = libmilter_carry_out(context, decision.plan);
	if (failed) {
		tape_drop(&link->tape);
		session_plan_failed(link->session, failed);
		recording_answer(link->recorded.recording, &give_up, NULL);
		return SMFIS_TEMPFAIL;
	}
	return answer(link, MF_STAGE_MESSAGE, decision);
}

static sfsistat
on_unknown(SMFICTX *context, const char *command)
{
	struct link *link = begin(context);

	if (turned_away(link, MF_STAGE_UNKNOWN))
		return turn_away(link, MF_STAGE_UNKNOWN);
	recording_words(link->recorded.recording, EVENT_UNKNOWN,
	    (const char *[]){ command, NULL });
	return answer(link, MF_STAGE_UNKNOWN, session_unknown(link->session, command));
}

static sfsistat
on_abort(SMFICTX *context)
{
	struct link *link = smfi_getpriv(context);

	if (!is_outside(link)) {
		session_abort(link->session);
		recording_bare(link->recorded.recording, EVENT_ABORT);
		end_tape(link);
	}
	return SMFIS_CONTINUE;
}

static sfsistat
on_close(SMFICTX *context)
{
	struct link *link = smfi_getpriv(context);

	if (!link) {
		log_text(MF_LOG_NOTICE, "a connection was closed before it said anything of use");
		return SMFIS_CONTINUE;
	}
	reuse_remember(context, &link->request);
	if (link->session)
		overload_leave();
	session_close(&link->session);
	tape_free(&link->tape);
	recorder_end(&link->recorded);
	free(link);
	smfi_setpriv(context, NULL);
	atomic_fetch_sub(&service.sessions, 1);
	return SMFIS_CONTINUE;
}

/* ---- the service ---- */

static const struct smfiDesc description = {
	.xxfi_name = (char *)"filterd", .xxfi_version = SMFI_VERSION, .xxfi_flags = SMFI_CURR_ACTS,
	.xxfi_connect = on_connect, .xxfi_helo = on_helo, .xxfi_envfrom = on_mail,
	.xxfi_envrcpt = on_rcpt, .xxfi_header = on_header, .xxfi_eoh = on_eoh,
	.xxfi_body = on_body, .xxfi_eom = on_end_of_message, .xxfi_abort = on_abort,
	.xxfi_close = on_close, .xxfi_unknown = on_unknown, .xxfi_data = on_data,
	.xxfi_negotiate = on_negotiate
};

static bool
open_dummy(struct dummy *dummy, int listening)
{
	if (smfi_register(description) != MI_SUCCESS ||
	    smfi_settimeout(IDLE_SECONDS) != MI_SUCCESS ||
	    smfi_setconn(dummy->address) != MI_SUCCESS || smfi_opensocket(false) != MI_SUCCESS)
		return false;
	service.listening = dummy_find(dummy);
	return service.listening >= 0 && local_address_of(listening, &service.address) &&
	    dup3(listening, service.listening, O_CLOEXEC) >= 0;
}

bool
libmilter_adopt(int listening, const char **error_r)
{
	struct dummy dummy;
	bool done;

	*error_r = "cannot make an address for libmilter";
	if (!dummy_create(&dummy, listening))
		return false;
	done = open_dummy(&dummy, listening);
	*error_r = "libmilter cannot be given the socket";
	dummy_remove(&dummy);
	return done;
}

/* libmilter returns only when it gave up; the master forks a new worker. */
static void *
serve(void *unused)
{
	(void)unused;
	smfi_main();
	log_text(MF_LOG_ERROR, "libmilter has given up");
	_exit(EX_SOFTWARE);
}

/* Signal handler. */
static void
note_wake(int unused)
{
	(void)unused;
	atomic_store(&service.woken, true);
}

bool
libmilter_start(
    const struct chain *chain, const struct listener_settings *limits, const char **error_r)
{
	struct sigaction action = { .sa_handler = note_wake };

	service.chain = chain;
	service.listener = limits->name;
	overload_begin(limits);
	service.arena = arena_create(0, 0);
	macro_lists_make(&service.macros, chain_wants(chain)->macros, service.arena);
	if (service.macros.too_many)
		log_text(MF_LOG_WARNING, "the macro %s is one too many to ask the MTA for",
		    service.macros.too_many);
	sigaction(SIGUSR2, &action, NULL);
	*error_r = "cannot make a socket";
	service.dead = dead_socket();
	if (service.dead < 0)
		return false;
	*error_r = "cannot create a thread";
	errno = pthread_create(&service.accepting, NULL, serve, NULL);
	if (errno)
		return false;
	pthread_detach(service.accepting);
	return true;
}

/* The thread that takes connections may be waiting at the socket that it had until now, or be about
 * to take one from it. A signal ends the wait; when it has been handled, what was taken has a
 * descriptor, and nothing more can be. */
static void
leave_socket(void)
{
	static const struct timespec pause = { .tv_nsec = 1000000 };
	unsigned looks;

	if (pthread_kill(service.accepting, SIGUSR2) != 0)
		return;
	for (looks = 0; looks < WAKE_LOOKS && !atomic_load(&service.woken); looks++)
		nanosleep(&pause, NULL);
}

void
libmilter_drain(void)
{
	dup3(service.dead, service.listening, O_CLOEXEC);
	leave_socket();
}

void
libmilter_stop(void)
{
	atomic_store(&service.stopping, true);
	libmilter_drain();
}

unsigned
libmilter_sessions(void)
{
	return atomic_load(&service.sessions);
}

int
libmilter_connections(void)
{
	return connections_count(&service.address);
}

void
libmilter_hang_up(void)
{
	connections_end_input(&service.address);
}
