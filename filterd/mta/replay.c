/* SPDX-License-Identifier: BSD-2-Clause */
/* Playing a scenario: steps to events on sessions. */
#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <libmilter/mfapi.h>
#include <libmilter/mfdef.h>

#include "filterd/mta/message_file.h"
#include "filterd/mta/replay_parts.h"
#include "filterd/util/clock.h"
#include "filterd/util/memory.h"

#define LABELS		256	/* sessions with names of their own, at most */
#define CHUNK		65535	/* bytes of body that an MTA sends at once */

/* How much of what follows an MTA would not send any more. */
enum cut { CUT_NOTHING, CUT_MESSAGE, CUT_CONNECTION };

/* What an MTA offers. */
struct offered {
	uint32_t version, actions, steps;
};

static const struct offered whole_offer = {
	SMFI_PROT_VERSION, SMFI_CURR_ACTS, SMFI_CURR_PROT
};

/* A session of the scenario. */
struct play_session {
	struct play *play;
	struct str label;
	struct session *session;	/* NULL: not open */
	bool begun;			/* it knows its grant */
	const struct chain *chain;
	struct offered offered;
	struct mta_request request;
	struct play_macros macros;
	bool skipping;			/* no more of the body is wanted */
	enum cut cut;
	size_t recipients;		/* of the message, that were not refused */
};

struct play {
	const struct replay_scene *scene;
	const struct scenario *scenario;
	struct replay_mistake *mistake;
	const struct mta_kind *kind;	/* of sessions that begin now */
	struct offered offered;
	const char *address;		/* where they connect; NULL: nothing is said */
	int64_t clock;			/* of the scenario; < 0: it says nothing */
	unsigned queue_ids;
	struct play_session *sessions[LABELS];
	size_t session_count;
	const struct step **expected;	/* answer lines of the event at hand */
	struct arena *arena;		/* of the event at hand */
	struct replay_event event;
	bool enough;
};

static bool
fail(struct play *play, const struct step *step, const char *text)
{
	play->mistake->step = step;
	snprintf(play->mistake->text, sizeof(play->mistake->text), "%s", text);
	return false;
}

/* ---- what the sessions ask of their front end ---- */

static const char *
get_macro(void *front_data, const char *name)
{
	const struct play_session *player = front_data;

	return play_macros_find(&player->macros, name);
}

static void
show_progress(void *front_data)
{
	(void)front_data;
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
	const struct play *play = ((struct play_session *)front_data)->play;

	if (play->scene->now >= 0)
		return play->scene->now;
	return play->clock >= 0 ? play->clock : (int64_t)time(NULL);
}

static const struct front front = {
	.macro = get_macro, .progress = show_progress, .monotonic = read_monotonic, .now = read_now
};

/* ---- sessions ---- */

static void
reset_session(struct play_session *player)
{
	struct play *play = player->play;
	struct str label = player->label;

	*player = (struct play_session){ .play = play, .label = label, .offered = play->offered,
		.macros = { .kind = play->kind } };
}

/* NULL: there are too many. */
static struct play_session *
find_session(struct play *play, struct str label)
{
	struct play_session *player;

	for (size_t i = 0; i < play->session_count; i++)
		if (str_equal(play->sessions[i]->label, label))
			return play->sessions[i];
	if (play->session_count == LABELS)
		return NULL;
	player = memory_alloc(sizeof(*player));
	player->play = play;
	player->label = label;
	reset_session(player);
	return play->sessions[play->session_count++] = player;
}

/* As the libmilter front end does it: Sendmail's version begins with a digit, or is not told. */
static void
begin_session(struct play_session *player)
{
	const struct replay_scene *scene = player->play->scene;
	struct mta_offer offer = libmilter_offer(player->offered.actions, player->offered.steps);
	const char *version;

	if (player->begun)
		return;
	player->begun = true;
	player->chain = scene->find_chain(scene->argument, player->play->address);
	player->session = session_open(player->chain, &front, player);
	negotiate(&offer, chain_wants(player->chain), &player->request);
	version = play_macros_find(&player->macros, "v");
	player->request.grant.sendmail = !version || isdigit((unsigned char)version[0]);
	session_granted(player->session, &player->request.grant);
}

static void
end_session(struct play_session *player)
{
	session_close(&player->session);
	reset_session(player);
}

/* ---- answers ---- */

static bool
goes_on(enum outcome outcome)
{
	return outcome == OUTCOME_CONTINUE || outcome == OUTCOME_SKIP;
}

/* What an MTA makes of a decision. */
static void
follow(struct play_session *player, enum mf_stage stage, enum outcome outcome)
{
	bool refused = outcome == OUTCOME_REJECT || outcome == OUTCOME_TEMPFAIL;

	player->skipping = player->skipping || outcome == OUTCOME_SKIP;
	if (stage == MF_STAGE_RCPT && !refused)
		player->recipients++;
	if (goes_on(outcome) || stage == MF_STAGE_UNKNOWN || (stage == MF_STAGE_RCPT && refused) ||
	    !player->play->scene->follow)
		return;
	player->cut = stage == MF_STAGE_CONNECT || stage == MF_STAGE_HELO ? CUT_CONNECTION
								      : CUT_MESSAGE;
}

/* Notes what the event has come to; whether more of it may follow. */
static bool
note(struct play_session *player, enum mf_stage stage, struct decision decision)
{
	struct play *play = player->play;

	play->event.end_of_message = stage == MF_STAGE_MESSAGE;
	play->event.fate = REPLAY_ANSWERED;
	follow(player, stage, decision.outcome);
	if (stage != MF_STAGE_MESSAGE && (player->request.silent & MF_AT(stage)))
		play->event.fate = REPLAY_SILENT;
	else if (!milter_answers_make(play->arena, &decision, &play->event.answers))
		return fail(play, play->event.step, "the body cannot be read");
	return decision.outcome == OUTCOME_CONTINUE;
}

/* Whether the chain is sent events of this stage. */
static bool
is_sent(struct play_session *player, enum mf_stage stage)
{
	bool known = (stage != MF_STAGE_UNKNOWN || player->offered.version >= 3) &&
	    (stage != MF_STAGE_DATA || player->offered.version >= 4);

	if (known && !(player->request.leave_out & MF_AT(stage)) &&
	    !(stage == MF_STAGE_BODY && player->skipping))
		return true;
	player->play->event.fate = REPLAY_UNSENT;
	return false;
}

/* ---- events ---- */

static void
play_connect(struct play_session *player, const struct step *step, unsigned long port)
{
	const char *name = step->words[0].text.data;
	const char *address = step->count > 2 ? step->words[2].text.data : "local";
	uint8_t ip[16] = { [10] = 0xff, [11] = 0xff };
	unsigned version = 0;

	if (str_equal(step->words[1].text, STR("inet")) && inet_pton(AF_INET, address, ip + 12) ==
	    1)
		version = 4;
	else if (str_equal(step->words[1].text, STR("inet6")) &&
	    inet_pton(AF_INET6, address, ip) == 1)
		version = 6;
	note(player, MF_STAGE_CONNECT, session_connect(player->session, name, address,
	    version ? ip : NULL, version, version ? (unsigned)port : 0));
}

static bool
event_connect(struct play_session *player, const struct step *step)
{
	unsigned long port = 0;

	if (step->count > 3 && !scenario_number(step->words[3].text, 0, 65535, &port))
		return fail(player->play, step, "a port expected");
	if (is_sent(player, MF_STAGE_CONNECT))
		play_connect(player, step, port);
	return true;
}

static bool
event_helo(struct play_session *player, const struct step *step)
{
	if (is_sent(player, MF_STAGE_HELO))
		note(player, MF_STAGE_HELO, session_helo(player->session,
		    step->words[0].text.data));
	return true;
}

static bool
event_unknown(struct play_session *player, const struct step *step)
{
	if (is_sent(player, MF_STAGE_UNKNOWN))
		note(player, MF_STAGE_UNKNOWN, session_unknown(player->session,
		    step->words[0].text.data));
	return true;
}

/* The words behind the address, ended by NULL. */
static const char *const *
arguments_of(struct play *play, const struct step *step)
{
	const char **arguments = arena_array(play->arena, step->count, sizeof(*arguments));

	for (size_t i = 1; i < step->count; i++)
		arguments[i - 1] = step->words[i].text.data;
	return arguments;
}

static bool
event_mail(struct play_session *player, const struct step *step)
{
	struct play *play = player->play;

	player->skipping = false;
	player->recipients = 0;
	snprintf(player->macros.queue_id, sizeof(player->macros.queue_id), "4Q%05u",
	    ++play->queue_ids);
	player->macros.queued = !player->macros.kind->late_queue_id;
	if (is_sent(player, MF_STAGE_MAIL))
		note(player, MF_STAGE_MAIL, session_mail(player->session,
		    step->words[0].text.data, arguments_of(play, step)));
	return true;
}

static bool
event_rcpt(struct play_session *player, const struct step *step)
{
	if (is_sent(player, MF_STAGE_RCPT))
		note(player, MF_STAGE_RCPT, session_rcpt(player->session,
		    step->words[0].text.data, arguments_of(player->play, step)));
	else
		player->recipients++;
	return true;
}

static bool
event_data(struct play_session *player, const struct step *step)
{
	(void)step;
	player->macros.queued = true;
	if (is_sent(player, MF_STAGE_DATA))
		note(player, MF_STAGE_DATA, session_data(player->session));
	return true;
}

/* Without the leading-space step an MTA swallows the first blank. */
static bool
send_header(struct play_session *player, struct str name, struct str value)
{
	if (!is_sent(player, MF_STAGE_HEADER))
		return true;
	if (!player->request.grant.leading_space && value.length && value.data[0] == ' ') {
		value.data++;
		value.length--;
	}
	return note(player, MF_STAGE_HEADER, session_header(player->session, name, value));
}

static bool
event_header(struct play_session *player, const struct step *step)
{
	send_header(player, step->words[0].text, step->words[1].text);
	return true;
}

static bool
send_eoh(struct play_session *player)
{
	return !is_sent(player, MF_STAGE_EOH) ||
	    note(player, MF_STAGE_EOH, session_eoh(player->session));
}

static bool
event_eoh(struct play_session *player, const struct step *step)
{
	(void)step;
	send_eoh(player);
	return true;
}

/* In chunks; one that is not answered by CONTINUE is the last. */
static bool
send_body(struct play_session *player, struct str body)
{
	do {
		size_t length = body.length < CHUNK ? body.length : CHUNK;

		if (!is_sent(player, MF_STAGE_BODY))
			return true;
		if (!note(player, MF_STAGE_BODY, session_body(player->session, body.data,
		    length)))
			return false;
		body.data += length;
		body.length -= length;
	} while (body.length);
	return true;
}

static bool
get_content(struct play *play, const struct step *step, struct buffer *content_r)
{
	const char *error;

	return scenario_content(play->arena, play->scene->places, step, 0, content_r, &error) ||
	    fail(play, step, error);
}

static bool
event_body(struct play_session *player, const struct step *step)
{
	struct buffer content = { 0 };
	bool good = get_content(player->play, step, &content);

	if (good)
		send_body(player, (struct str){ buffer_text(&content), content.length });
	buffer_free(&content);
	return good;
}

static bool
event_eom(struct play_session *player, const struct step *step)
{
	struct buffer content = { 0 };
	bool good = get_content(player->play, step, &content);
	bool more = good && (!content.length || send_body(player,
	    (struct str){ buffer_text(&content), content.length }) || player->skipping);

	player->macros.queued = true;
	if (more)
		note(player, MF_STAGE_MESSAGE, session_end_of_message(player->session));
	player->skipping = false;
	buffer_free(&content);
	return good;
}

static bool
take_body(void *argument, const void *bytes, size_t size)
{
	return send_body(argument, (struct str){ bytes, size });
}

static void
send_message(struct play_session *player, const struct message_file *file)
{
	for (size_t i = 0; i < file->field_count; i++)
		if (!send_header(player, file->fields[i].name, file->fields[i].value))
			return;
	if (send_eoh(player))
		message_file_body(file, take_body, player);
}

/* file PATH, or a block */
static bool
event_message(struct play_session *player, const struct step *step)
{
	struct play *play = player->play;
	struct message_file file;
	struct buffer content = { 0 };
	struct str text = step->block;

	if (!text.data) {
		if (!get_content(play, step, &content)) {
			buffer_free(&content);
			return false;
		}
		text = (struct str){ buffer_text(&content), content.length };
	}
	file = message_file_parse(play->event.step->text.data, text, play->arena);
	send_message(player, &file);
	buffer_free(&content);
	return true;
}

static bool
event_abort(struct play_session *player, const struct step *step)
{
	(void)step;
	session_abort(player->session);
	player->skipping = false;
	return true;
}

/* postfix | sendmail | VERSION ACTIONS STEPS */
static bool
read_offer(struct play *play, const struct step *step, const struct mta_kind **kind,
    struct offered *offered_r)
{
	unsigned long version;

	if (step->count == 3) {
		if (!scenario_number(step->words[0].text, 0, UINT32_MAX, &version) ||
		    !bits_read(bits_actions, step->words[1].text, &offered_r->actions) ||
		    !bits_read(bits_steps, step->words[2].text, &offered_r->steps))
			return fail(play, step, "a version, actions and steps expected");
		offered_r->version = (uint32_t)version;
		return true;
	}
	*offered_r = whole_offer;
	if (step->count == 1)
		*kind = mta_kind(step->words[0].text);
	return (step->count == 1 && *kind) ||
	    fail(play, step, "postfix, sendmail, or a version, actions and steps expected");
}

static bool
event_negotiate(struct play_session *player, const struct step *step)
{
	if (!step->count)
		return true;
	return read_offer(player->play, step, &player->macros.kind, &player->offered);
}

static bool
event_macros(struct play_session *player, const struct step *step)
{
	const char *error;

	return play_macros_set(&player->macros, step, player->play->scenario->arena, &error) ||
	    fail(player->play, step, error);
}

static bool
event_define(struct play_session *player, const struct step *step)
{
	const char *error;

	return play_macros_define(&player->macros, step, &error) ||
	    fail(player->play, step, error);
}

/* What each event does. Those that need no session do not open one; those that end it are done
 * when the caller has seen the event. What has nothing cannot be played. */
static const struct {
	bool (*play)(struct play_session *player, const struct step *step);
	bool bare;		/* is sent without a session that has begun */
	bool ends;
	enum cut passed;	/* from this cut on it is not sent */
	bool frees;		/* begins anew behind a message that was cut */
} players[EVENT_COUNT] = {
	[EVENT_NEGOTIATE] = { event_negotiate, true, false, CUT_CONNECTION + 1, false },
	[EVENT_CONNECT] = { event_connect, false, false, CUT_CONNECTION + 1, false },
	[EVENT_HELO] = { event_helo, false, false, CUT_CONNECTION, true },
	[EVENT_MAIL] = { event_mail, false, false, CUT_CONNECTION, true },
	[EVENT_RCPT] = { event_rcpt, false, false, CUT_MESSAGE, false },
	[EVENT_DATA] = { event_data, false, false, CUT_MESSAGE, false },
	[EVENT_HEADER] = { event_header, false, false, CUT_MESSAGE, false },
	[EVENT_EOH] = { event_eoh, false, false, CUT_MESSAGE, false },
	[EVENT_BODY] = { event_body, false, false, CUT_MESSAGE, false },
	[EVENT_EOM] = { event_eom, false, false, CUT_MESSAGE, false },
	[EVENT_MESSAGE] = { event_message, false, false, CUT_MESSAGE, false },
	[EVENT_UNKNOWN] = { event_unknown, false, false, CUT_CONNECTION, false },
	[EVENT_ABORT] = { event_abort, false, false, CUT_CONNECTION, true },
	[EVENT_QUIT] = { NULL, true, true, CUT_CONNECTION + 1, true },
	[EVENT_QUIT_NC] = { NULL, true, true, CUT_CONNECTION + 1, true },
	[EVENT_MACROS] = { event_macros, true, false, CUT_CONNECTION + 1, false },
	[EVENT_DEFINE] = { event_define, true, false, CUT_CONNECTION + 1, false },
	[EVENT_VANISH] = { NULL, true, true, CUT_CONNECTION + 1, true },
	[EVENT_RESET] = { NULL, true, true, CUT_CONNECTION + 1, true },
};

/* ---- steps ---- */

/* The answer lines of an event: those of its session up to that one's next event. */
static void
find_expected(struct play *play, const struct step *step)
{
	const struct step *end = play->scenario->steps + play->scenario->count;

	play->event.expected = play->expected;
	play->event.expected_count = 0;
	for (const struct step *next = step + 1; next < end; next++) {
		if (next->verb->side == SIDE_DIRECTIVE || !str_equal(next->session, step->session))
			continue;
		if (next->verb->side == SIDE_EVENT)
			break;
		play->expected[play->event.expected_count++] = next;
	}
}

/* Where every recipient was refused, no content follows. */
static bool
is_passed(const struct play_session *player, enum event_verb verb)
{
	bool content = verb == EVENT_DATA || verb == EVENT_HEADER || verb == EVENT_EOH ||
	    verb == EVENT_BODY || verb == EVENT_EOM || verb == EVENT_MESSAGE;

	return player->cut >= players[verb].passed ||
	    (player->play->scene->follow && content && !player->recipients);
}

static bool
play_event(struct play *play, struct play_session *player, const struct step *step)
{
	enum event_verb verb = (enum event_verb)step->verb->id;

	if (players[verb].frees && player->cut == CUT_MESSAGE)
		player->cut = CUT_NOTHING;
	if (is_passed(player, verb)) {
		play->event.fate = REPLAY_PASSED;
		return true;
	}
	if (!players[verb].bare)
		begin_session(player);
	return !players[verb].play || players[verb].play(player, step);
}

static bool
step_event(struct play *play, const struct step *step)
{
	struct play_session *player = find_session(play, step->session);
	const char *queue_id;

	if (!player)
		return fail(play, step, "too many sessions");
	play->event = (struct replay_event){ .step = step, .fate = REPLAY_BARE };
	find_expected(play, step);
	arena_reset(play->arena);
	if (!play_event(play, player, step) || play->mistake->step)
		return false;
	if (players[step->verb->id].ends && player->session)
		session_abort(player->session);
	queue_id = play_macros_find(&player->macros, "i");
	play->event.queue_id = queue_id ? queue_id : "";
	play->event.session = player->session;
	play->enough = !play->scene->take(play->scene->argument, &play->event);
	if (players[step->verb->id].ends)
		end_session(player);
	return true;
}

static bool
step_directive(struct play *play, const struct step *step)
{
	unsigned long time;

	if (step->verb->id == DIRECTIVE_MTA)
		return read_offer(play, step, &play->kind, &play->offered);
	if (step->verb->id == DIRECTIVE_PEER)
		play->address = step->words[0].text.data;
	if (step->verb->id != DIRECTIVE_CLOCK)
		return true;
	if (!scenario_number(step->words[0].text, 0, INT64_MAX, &time))
		return fail(play, step, "seconds since the epoch expected");
	play->clock = (int64_t)time;
	return true;
}

static bool
play_steps(struct play *play)
{
	const struct scenario *scenario = play->scenario;

	for (size_t i = 0; i < scenario->count && !play->enough; i++) {
		const struct step *step = &scenario->steps[i];

		if (step->verb->side == SIDE_DIRECTIVE && !step_directive(play, step))
			return false;
		if (step->verb->side == SIDE_EVENT && !step_event(play, step))
			return false;
	}
	return true;
}

bool
replay_play(const struct replay_scene *scene, const struct scenario *scenario,
    struct replay_mistake *mistake_r)
{
	struct play play = {
		.scene = scene, .scenario = scenario, .mistake = mistake_r, .kind = &mta_postfix,
		.offered = whole_offer, .clock = -1,
		.expected = memory_array(scenario->count, sizeof(*play.expected)),
		.arena = arena_create(0, 0)
	};
	bool good;

	*mistake_r = (struct replay_mistake){ 0 };
	good = play_steps(&play);
	for (size_t i = 0; i < play.session_count; i++) {
		session_close(&play.sessions[i]->session);
		free(play.sessions[i]);
	}
	free(play.expected);
	arena_destroy(&play.arena);
	return good;
}

const struct step *
replay_unplayable(const struct scenario *scenario)
{
	for (size_t i = 0; i < scenario->count; i++) {
		const struct step *step = &scenario->steps[i];
		const struct verb *verb = step->verb;
		int id = verb->id;

		if (verb->side == SIDE_EVENT && !players[id].play && !players[id].ends)
			return step;
		if (verb->side == SIDE_DIRECTIVE && (id == DIRECTIVE_COMMAND ||
		    id == DIRECTIVE_START || id == DIRECTIVE_STOP))
			return step;
		if (verb->side == SIDE_ANSWER && (id == ANSWER_SHUTDOWN || id == ANSWER_CLOSE ||
		    id == ANSWER_CONNECTION_FAILURE || id == ANSWER_PROGRESS))
			return step;
	}
	return NULL;
}
