/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * MTA macros and their stages. Sources: Postfix's MILTER_README and postconf(5) of 3.7
 * (milter_*_macros); Sendmail's operations guide 8.17, section 5.2, and cf/README
 * (confMILTER_MACROS_*). What an MTA has sent at one stage can still be read at later ones.
 */
#include <stdbool.h>
#include <string.h>

#include "filterd/mta/macro_stages.h"
#include "filterd/util/buffer.h"

#define TOTAL 16	/* names that an MTA sends unasked at one stage, at most */

static const char *const postfix_sends[MACRO_STAGES][TOTAL] = {
	[MACRO_CONNECT] = { "j", "{daemon_name}", "{daemon_addr}", "v", "_" },
	[MACRO_HELO] = { "{tls_version}", "{cipher}", "{cipher_bits}", "{cert_subject}",
	    "{cert_issuer}" },
	[MACRO_MAIL] = { "i", "{auth_type}", "{auth_authen}", "{auth_author}", "{mail_addr}",
	    "{mail_host}", "{mail_mailer}" },
	[MACRO_RCPT] = { "i", "{rcpt_addr}", "{rcpt_host}", "{rcpt_mailer}" },
	[MACRO_DATA] = { "i" },
	[MACRO_EOH] = { "i" },
	[MACRO_MESSAGE] = { "i" }
};

static const char *const sendmail_sends[MACRO_STAGES][TOTAL] = {
	[MACRO_CONNECT] = { "j", "_", "{daemon_name}", "{if_name}", "{if_addr}" },
	[MACRO_HELO] = { "{tls_version}", "{cipher}", "{cipher_bits}", "{cert_subject}",
	    "{cert_issuer}" },
	[MACRO_MAIL] = { "i", "{auth_type}", "{auth_authen}", "{auth_ssf}", "{auth_author}",
	    "{mail_mailer}", "{mail_host}", "{mail_addr}" },
	[MACRO_RCPT] = { "{rcpt_mailer}", "{rcpt_host}", "{rcpt_addr}" },
	[MACRO_MESSAGE] = { "{msg_id}" }
};

/* The stage at which each macro is first known. */
static const struct {
	enum macro_stage stage;
	const char *names[40];
} known_from[] = {
	{ MACRO_CONNECT, { "j", "v", "_", "b", "k", "m", "w", "{client_addr}",
	    "{client_connections}", "{client_flags}", "{client_name}", "{client_port}",
	    "{client_ptr}", "{client_rate}", "{client_resolve}", "{daemon_addr}",
	    "{daemon_family}", "{daemon_flags}", "{daemon_info}", "{daemon_name}",
	    "{daemon_port}", "{deliveryMode}", "{if_addr}", "{if_family}", "{if_name}",
	    "{load_avg}", "{opMode}", "{time}", "{total_rate}" } },
	{ MACRO_HELO, { "r", "s", "{alg_bits}", "{cert_fp}", "{cert_issuer}", "{cert_md5}",
	    "{cert_subject}", "{cipher}", "{cipher_bits}", "{cn_issuer}", "{cn_subject}",
	    "{tls_version}", "{verify}" } },
	{ MACRO_MAIL, { "f", "i", "{addr_type}", "{auth_authen}", "{auth_author}", "{auth_ssf}",
	    "{auth_type}", "{bodytype}", "{dsn_envid}", "{dsn_ret}", "{envid}", "{mail_addr}",
	    "{mail_host}", "{mail_mailer}" } },
	{ MACRO_RCPT, { "{dsn_notify}", "{nbadrcpts}", "{nrcpts}", "{rcpt_addr}", "{rcpt_host}",
	    "{rcpt_mailer}" } },
	{ MACRO_MESSAGE, { "c", "{hdrlen}", "{msg_id}", "{msg_size}", "{quarantine}" } },
};

#define KNOWN_FROM (sizeof(known_from) / sizeof(known_from[0]))

static bool
has_name(const char *const *names, size_t size, const char *name)
{
	size_t i;

	for (i = 0; i < size && names[i]; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

enum macro_stage
macro_first_stage(const char *name)
{
	size_t i;

	for (i = 0; i < KNOWN_FROM; i++)
		if (has_name(known_from[i].names, 40, name))
			return known_from[i].stage;
	return MACRO_STAGES;
}

const char *const *
macro_names(enum macro_stage stage)
{
	size_t i;

	for (i = 0; i < KNOWN_FROM; i++)
		if (known_from[i].stage == stage)
			return known_from[i].names;
	return NULL;
}

const char *
macro_known(size_t i)
{
	for (size_t row = 0; row < KNOWN_FROM; row++)
		for (const char *const *name = known_from[row].names; *name; name++)
			if (i-- == 0)
				return *name;
	return NULL;
}

static bool
both_send(const char *name, enum macro_stage stage)
{
	return has_name(postfix_sends[stage], TOTAL, name) &&
	    has_name(sendmail_sends[stage], TOTAL, name);
}

/* Names of one stage while its list is made. */
struct list {
	const char *names[MACRO_LIST_MOST];
	size_t count;
	bool needed;
};

static void
list_add(struct list *list, const char *name, struct macro_lists *lists)
{
	if (has_name(list->names, list->count, name))
		return;
	if (list->count < MACRO_LIST_MOST)
		list->names[list->count++] = name;
	else if (!lists->too_many)
		lists->too_many = name;
}

static void
list_add_all(struct list *list, const char *const *names, struct macro_lists *lists)
{
	size_t i;

	for (i = 0; i < TOTAL && names[i]; i++)
		list_add(list, names[i], lists);
}

/* "{x}" is another spelling of "x". */
static const char *
plain_name(const char *name, struct arena *arena)
{
	bool one_letter = strlen(name) == 3 && name[0] == '{' && name[2] == '}';

	return one_letter ? arena_copy(arena, name + 1, 1) : name;
}

static void
want(struct list *stages, const char *name, struct macro_lists *lists)
{
	enum macro_stage first = macro_first_stage(name), stage;

	for (stage = 0; stage < MACRO_STAGES; stage++) {
		if ((first != MACRO_STAGES && stage != first) || both_send(name, stage))
			continue;
		stages[stage].needed = true;
		list_add(&stages[stage], name, lists);
	}
}

static char *
list_text(const struct list *list, struct arena *arena)
{
	struct buffer text = { 0 };
	char *copy;
	size_t i;

	for (i = 0; i < list->count; i++) {
		if (i)
			buffer_add_char(&text, ' ');
		buffer_add_text(&text, list->names[i]);
	}
	copy = arena_strdup(arena, buffer_text(&text));
	buffer_free(&text);
	return copy;
}

void
macro_lists_make(struct macro_lists *lists_r, const char *const *wanted, struct arena *arena)
{
	struct list stages[MACRO_STAGES] = { 0 };
	enum macro_stage stage;

	*lists_r = (struct macro_lists){ 0 };
	for (stage = 0; stage < MACRO_STAGES; stage++) {
		list_add_all(&stages[stage], postfix_sends[stage], lists_r);
		list_add_all(&stages[stage], sendmail_sends[stage], lists_r);
	}
	for (; *wanted; wanted++)
		want(stages, plain_name(*wanted, arena), lists_r);
	for (stage = 0; stage < MACRO_STAGES; stage++)
		if (stages[stage].needed)
			lists_r->lists[stage] = list_text(&stages[stage], arena);
}
