/* SPDX-License-Identifier: BSD-2-Clause */
/* The offline front end: one message file, one session, no MTA. */
#include <string.h>
#include <time.h>

#include "filterd/message/address.h"
#include "filterd/mta/offline.h"
#include "filterd/util/clock.h"

#define RECIPIENTS_MAXIMUM 100	/* taken from header fields */

struct offline {
	const struct offline_scene *scene;
	struct session *session;
	struct arena *arena;
};

static const char *
offline_macro(void *front_data, const char *name)
{
	const struct offline *offline = front_data;
	size_t i;

	for (i = 0; i < offline->scene->macro_count; i++)
		if (strcmp(offline->scene->macros[i].name, name) == 0)
			return offline->scene->macros[i].value;
	return NULL;
}

static void
offline_progress(void *front_data)
{
	(void)front_data;
}

static int64_t
offline_monotonic(void *front_data)
{
	(void)front_data;
	return clock_monotonic();
}

static int64_t
offline_now(void *front_data)
{
	const struct offline *offline = front_data;

	return offline->scene->now >= 0 ? offline->scene->now : (int64_t)time(NULL);
}

static const struct front offline_front = {
	.macro = offline_macro,
	.progress = offline_progress,
	.monotonic = offline_monotonic,
	.now = offline_now,
};

/* What an MTA with every extension grants. */
static const struct grant whole_grant = {
	.uses = ~0u,
	.stages = ~0u,
	.leading_space = true,
	.skip = true,
};

/* ---- the envelope, where the command line gives none ---- */

struct addresses {
	struct arena *arena;
	const char *items[RECIPIENTS_MAXIMUM];
	size_t count, limit;
};

static bool
take_address(void *argument, struct str address, struct str local, struct str domain)
{
	struct addresses *addresses = argument;

	(void)local;
	(void)domain;
	addresses->items[addresses->count++] = arena_copy(addresses->arena, address.data,
	    address.length);
	return addresses->count == addresses->limit;
}

static void
take_field_addresses(struct addresses *addresses, const struct message_file *file, struct str name)
{
	size_t i;

	for (i = 0; i < file->field_count && addresses->count < addresses->limit; i++)
		if (str_equal_nocase(file->fields[i].name, name))
			address_list_each(file->fields[i].value, addresses->arena, take_address,
			    addresses);
}

static const char *
sender_of(const struct offline *offline, const struct message_file *file)
{
	struct addresses found = { .arena = offline->arena, .limit = 1 };
	size_t i;

	if (offline->scene->sender)
		return offline->scene->sender;
	for (i = 0; i < file->field_count; i++)
		if (str_equal_nocase(file->fields[i].name, STR("Return-Path")) &&
		    str_equal(str_trim(file->fields[i].value), STR("<>")))
			return "";
	take_field_addresses(&found, file, STR("Return-Path"));
	take_field_addresses(&found, file, STR("From"));
	return found.count ? found.items[0] : "";
}

static struct addresses
recipients_of(const struct offline *offline, const struct message_file *file)
{
	struct addresses found = { .arena = offline->arena, .limit = RECIPIENTS_MAXIMUM };

	take_field_addresses(&found, file, STR("Delivered-To"));
	if (!found.count) {
		take_field_addresses(&found, file, STR("To"));
		take_field_addresses(&found, file, STR("Cc"));
	}
	if (!found.count)
		found.items[found.count++] = "postmaster@localhost";
	return found;
}

/* ---- the session ---- */

static bool
goes_on(struct decision decision)
{
	return decision.outcome == OUTCOME_CONTINUE;
}

static bool
send_recipients(struct offline *offline, const struct message_file *file)
{
	const struct offline_scene *scene = offline->scene;
	static const char *const none[] = { NULL };
	struct addresses found = { .count = 0 };
	size_t i, accepted = 0;
	size_t count = scene->recipient_count;

	if (!count) {
		found = recipients_of(offline, file);
		count = found.count;
	}
	for (i = 0; i < count; i++) {
		bool given = scene->recipient_count > 0;
		const char *address = given ? scene->recipients[i] : found.items[i];
		struct decision decision = session_rcpt(offline->session, address, none);

		if (decision.outcome == OUTCOME_ACCEPT || decision.outcome == OUTCOME_DISCARD)
			return false;
		accepted += goes_on(decision);
	}
	return accepted > 0;
}

static bool
send_envelope(struct offline *offline, const struct message_file *file)
{
	const struct offline_scene *scene = offline->scene;
	static const char *const none[] = { NULL };
	const uint8_t *ip = scene->client_version ? scene->client_ip : NULL;

	return goes_on(session_connect(offline->session, scene->client_name, scene->client_address,
	    ip,
		   scene->client_version, 0)) &&
	    goes_on(session_helo(offline->session, scene->helo)) &&
	    goes_on(session_mail(offline->session, sender_of(offline, file), none)) &&
	    send_recipients(offline, file);
}

static bool
take_body(void *argument, const void *bytes, size_t size)
{
	return goes_on(session_body(argument, bytes, size));
}

/* A skip of the body does not end the message. */
static bool
send_body(struct session *session, const struct message_file *file)
{
	return message_file_body(file, take_body, session) || !session_explanation(session);
}

static void
send_message(struct offline *offline, const struct message_file *file)
{
	struct session *session = offline->session;
	size_t i;

	if (!goes_on(session_data(session)))
		return;
	for (i = 0; i < file->field_count; i++)
		if (!goes_on(session_header(session, file->fields[i].name, file->fields[i].value)))
			return;
	if (goes_on(session_eoh(session)) && send_body(session, file))
		session_end_of_message(session);
}

void
offline_judge(const struct chain *chain, const struct offline_scene *scene,
    const struct message_file *file,
    void (*report)(void *argument, struct session *session), void *argument)
{
	struct offline offline = { .scene = scene, .arena = arena_create(0, 0) };

	offline.session = session_open(chain, &offline_front, &offline);
	session_granted(offline.session, &whole_grant);
	if (send_envelope(&offline, file))
		send_message(&offline, file);
	if (!session_explanation(offline.session))
		session_abort(offline.session);
	report(argument, offline.session);
	session_close(&offline.session);
	arena_destroy(&offline.arena);
}
