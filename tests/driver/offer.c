/* SPDX-License-Identifier: BSD-2-Clause */
/* Tables of the milter option negotiation. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/driver/offer.h"

const char *const offer_stages[WIRE_STAGES] = {
	[SMFIM_CONNECT] = "connect", [SMFIM_HELO] = "helo", [SMFIM_ENVFROM] = "mail",
	[SMFIM_ENVRCPT] = "rcpt", [SMFIM_DATA] = "data", [SMFIM_EOH] = "eoh", [SMFIM_EOM] = "eom"
};

#define TLS_MACROS "{tls_version} {cipher} {cipher_bits} {cert_subject} {cert_issuer}"

/* Postfix 3.7 (milter_protocol = 6, milter_*_macros) and Sendmail 8.17 (confMILTER_MACROS_*). */
static const struct offer_mta mtas[] = {
	{ true, { SMFI_PROT_VERSION, SMFI_CURR_ACTS, SMFI_CURR_PROT, {
	    [SMFIM_CONNECT] = STR("j {daemon_name} {daemon_addr} v _"),
	    [SMFIM_HELO] = STR(TLS_MACROS),
	    [SMFIM_ENVFROM] = STR("i {auth_type} {auth_authen} {auth_author} {mail_addr} "
		"{mail_host} {mail_mailer}"),
	    [SMFIM_ENVRCPT] = STR("i {rcpt_addr} {rcpt_host} {rcpt_mailer}"),
	    [SMFIM_DATA] = STR("i"), [SMFIM_EOH] = STR("i"), [SMFIM_EOM] = STR("i") } },
	  &mta_postfix, "CHMR" },
	{ false, { SMFI_PROT_VERSION, SMFI_CURR_ACTS, SMFI_CURR_PROT, {
	    [SMFIM_CONNECT] = STR("j _ {daemon_name} {if_name} {if_addr}"),
	    [SMFIM_HELO] = STR(TLS_MACROS),
	    [SMFIM_ENVFROM] = STR("i {auth_type} {auth_authen} {auth_ssf} {auth_author} "
		"{mail_mailer} {mail_host} {mail_addr}"),
	    [SMFIM_ENVRCPT] = STR("{rcpt_mailer} {rcpt_host} {rcpt_addr}"),
	    [SMFIM_EOM] = STR("{msg_id}") } },
	  &mta_sendmail, "CH" },
};

/* What the step bits say of a command, and which macros go before it. */
static const struct {
	char command;
	int stage;		/* SMFIM_*; -1: none */
	bool repeated;		/* macros only from an MTA that repeats them */
	uint32_t unwanted;
	uint32_t silent;
	uint32_t version;	/* the first that has the command */
} commands[] = {
	{ SMFIC_CONNECT,	SMFIM_CONNECT,	false,	SMFIP_NOCONNECT,	SMFIP_NR_CONN,	0 },
	{ SMFIC_HELO,		SMFIM_HELO,	false,	SMFIP_NOHELO,		SMFIP_NR_HELO,	0 },
	{ SMFIC_MAIL,		SMFIM_ENVFROM,	false,	SMFIP_NOMAIL,		SMFIP_NR_MAIL,	0 },
	{ SMFIC_RCPT,		SMFIM_ENVRCPT,	false,	SMFIP_NORCPT,		SMFIP_NR_RCPT,	0 },
	{ SMFIC_DATA,		SMFIM_DATA,	false,	SMFIP_NODATA,		SMFIP_NR_DATA,	4 },
	{ SMFIC_HEADER,		SMFIM_EOH,	true,	SMFIP_NOHDRS,		SMFIP_NR_HDR,	0 },
	{ SMFIC_EOH,		SMFIM_EOH,	false,	SMFIP_NOEOH,		SMFIP_NR_EOH,	0 },
	{ SMFIC_BODY,		SMFIM_EOM,	true,	SMFIP_NOBODY,		SMFIP_NR_BODY,	0 },
	{ SMFIC_UNKNOWN,	-1,		false,	SMFIP_NOUNKNOWN,	SMFIP_NR_UNKN,	3 },
	{ SMFIC_BODYEOB,	SMFIM_EOM,	false,	0,			0,		0 },
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

const struct offer_mta *
offer_mta(struct str name)
{
	for (size_t i = 0; i < sizeof(mtas) / sizeof(mtas[0]); i++)
		if (str_equal(name, str_of(mtas[i].kind->name)))
			return &mtas[i];
	return NULL;
}

int
offer_stage(struct str name)
{
	for (int stage = 0; stage < WIRE_STAGES; stage++)
		if (str_equal(name, str_of(offer_stages[stage])))
			return stage;
	return -1;
}

int
offer_macro_stage(const struct offer_mta *mta, char command)
{
	for (size_t i = 0; i < COMMANDS; i++)
		if (commands[i].command == command &&
		    (!commands[i].repeated || mta->repeats_macros))
			return commands[i].stage;
	return -1;
}

/* The value of a macro; NULL when it has none. */
static const struct str *
macro_value(struct str name, const struct str *macros, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (str_equal(macros[2 * i], name))
			return &macros[2 * i + 1];
	return NULL;
}

void
offer_add_macros(struct buffer *out, const struct offer_mta *mta,
    const struct wire_options *answer, char command, const struct str *macros, size_t count)
{
	int stage = offer_macro_stage(mta, command);
	struct str words[2 * OFFER_MACROS], names;
	size_t used = 0;

	if (stage < 0 || !count)
		return;
	names = answer->macros[stage].data ? answer->macros[stage] : mta->options.macros[stage];
	for (size_t start = 0, i = 0; names.length && i <= names.length; i++) {
		const struct str name = { names.data + start, i - start };
		const struct str *value;

		if (i < names.length && !strchr(" ,", names.data[i]))
			continue;
		value = macro_value(name, macros, count);
		start = i + 1;
		if (!value || used == 2 * OFFER_MACROS)
			continue;
		words[used++] = name;
		words[used++] = *value;
	}
	if (used)
		wire_add_macros(out, command, words, used);
}

bool
offer_unwanted(const struct wire_options *answer, char command)
{
	for (size_t i = 0; i < COMMANDS; i++)
		if (commands[i].command == command)
			return (answer->steps & commands[i].unwanted) ||
			    answer->version < commands[i].version;
	return false;
}

bool
offer_silent(const struct wire_options *answer, char command)
{
	for (size_t i = 0; i < COMMANDS; i++)
		if (commands[i].command == command)
			return answer->steps & commands[i].silent;
	return false;
}

bool
offer_kept(const struct wire_options *offer, const struct wire_options *answer)
{
	return answer->version <= offer->version && !(answer->actions & ~offer->actions) &&
	    !(answer->steps & ~offer->steps);
}
