/* SPDX-License-Identifier: BSD-2-Clause */
/* Tables of the milter option negotiation. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/driver/offer.h"

const struct offer_bit offer_actions[] = {
	{ "add-headers",		SMFIF_ADDHDRS },
	{ "change-body",		SMFIF_CHGBODY },
	{ "add-recipients",		SMFIF_ADDRCPT },
	{ "delete-recipients",		SMFIF_DELRCPT },
	{ "change-headers",		SMFIF_CHGHDRS },
	{ "quarantine",			SMFIF_QUARANTINE },
	{ "change-sender",		SMFIF_CHGFROM },
	{ "add-recipients-arguments",	SMFIF_ADDRCPT_PAR },
	{ "set-macros",			SMFIF_SETSYMLIST },
	{ NULL,				0 }
};

const struct offer_bit offer_steps[] = {
	{ "no-connect",			SMFIP_NOCONNECT },
	{ "no-helo",			SMFIP_NOHELO },
	{ "no-mail",			SMFIP_NOMAIL },
	{ "no-rcpt",			SMFIP_NORCPT },
	{ "no-body",			SMFIP_NOBODY },
	{ "no-header",			SMFIP_NOHDRS },
	{ "no-eoh",			SMFIP_NOEOH },
	{ "no-reply-header",		SMFIP_NR_HDR },
	{ "no-unknown",			SMFIP_NOUNKNOWN },
	{ "no-data",			SMFIP_NODATA },
	{ "skip",			SMFIP_SKIP },
	{ "refused-recipients",		SMFIP_RCPT_REJ },
	{ "no-reply-connect",		SMFIP_NR_CONN },
	{ "no-reply-helo",		SMFIP_NR_HELO },
	{ "no-reply-mail",		SMFIP_NR_MAIL },
	{ "no-reply-rcpt",		SMFIP_NR_RCPT },
	{ "no-reply-data",		SMFIP_NR_DATA },
	{ "no-reply-unknown",		SMFIP_NR_UNKN },
	{ "no-reply-eoh",		SMFIP_NR_EOH },
	{ "no-reply-body",		SMFIP_NR_BODY },
	{ "leading-space",		SMFIP_HDR_LEADSPC },
	{ NULL,				0 }
};

const char *const offer_stages[WIRE_STAGES] = {
	[SMFIM_CONNECT] = "connect", [SMFIM_HELO] = "helo", [SMFIM_ENVFROM] = "mail",
	[SMFIM_ENVRCPT] = "rcpt", [SMFIM_DATA] = "data", [SMFIM_EOH] = "eoh", [SMFIM_EOM] = "eom"
};

static const struct str postfix_macros[] = {
	STR("j"), STR("mx.example.org"), STR("v"), STR("Postfix 3.7.11"),
	STR("{daemon_name}"), STR("mx.example.org"), STR("{daemon_addr}"), STR("192.0.2.1")
};

static const struct str sendmail_macros[] = {
	STR("j"), STR("mx.example.org"), STR("v"), STR("8.17.1.9"),
	STR("{daemon_name}"), STR("MTA"), STR("{if_name}"), STR("mx.example.org"),
	STR("{if_addr}"), STR("192.0.2.1")
};

#define MACROS(words) words, sizeof(words) / sizeof((words)[0]) / 2

#define TLS_MACROS "{tls_version} {cipher} {cipher_bits} {cert_subject} {cert_issuer}"

/* Postfix 3.7 (milter_protocol = 6, milter_*_macros) and Sendmail 8.17 (confMILTER_MACROS_*). */
static const struct offer_mta mtas[] = {
	{ "postfix", true, { SMFI_PROT_VERSION, SMFI_CURR_ACTS, SMFI_CURR_PROT, {
	    [SMFIM_CONNECT] = STR("j {daemon_name} {daemon_addr} v _"),
	    [SMFIM_HELO] = STR(TLS_MACROS),
	    [SMFIM_ENVFROM] = STR("i {auth_type} {auth_authen} {auth_author} {mail_addr} "
		"{mail_host} {mail_mailer}"),
	    [SMFIM_ENVRCPT] = STR("i {rcpt_addr} {rcpt_host} {rcpt_mailer}"),
	    [SMFIM_DATA] = STR("i"), [SMFIM_EOH] = STR("i"), [SMFIM_EOM] = STR("i") } },
	  MACROS(postfix_macros), "CHMR" },
	{ "sendmail", false, { SMFI_PROT_VERSION, SMFI_CURR_ACTS, SMFI_CURR_PROT, {
	    [SMFIM_CONNECT] = STR("j _ {daemon_name} {if_name} {if_addr}"),
	    [SMFIM_HELO] = STR(TLS_MACROS),
	    [SMFIM_ENVFROM] = STR("i {auth_type} {auth_authen} {auth_ssf} {auth_author} "
		"{mail_mailer} {mail_host} {mail_addr}"),
	    [SMFIM_ENVRCPT] = STR("{rcpt_mailer} {rcpt_host} {rcpt_addr}"),
	    [SMFIM_EOM] = STR("{msg_id}") } },
	  MACROS(sendmail_macros), "CH" },
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
		if (str_equal(name, str_of(mtas[i].name)))
			return &mtas[i];
	return NULL;
}

static bool
read_name(const struct offer_bit *names, struct str name, uint32_t *bits)
{
	bool all = str_equal(name, STR("all"));

	if (str_equal(name, STR("none")))
		return true;
	for (; names->name; names++) {
		if (!all && !str_equal(name, str_of(names->name)))
			continue;
		*bits |= names->bit;
		if (!all)
			return true;
	}
	return all;
}

bool
offer_read_bits(const struct offer_bit *names, struct str text, uint32_t *bits_r)
{
	size_t start = 0;

	*bits_r = 0;
	if (text.length && text.data[0] >= '0' && text.data[0] <= '9') {
		char *end;
		unsigned long number = strtoul(text.data, &end, 0);

		*bits_r = (uint32_t)number;
		return end == text.data + text.length && number <= UINT32_MAX;
	}
	for (size_t i = 0; i <= text.length; i++) {
		if (i < text.length && text.data[i] != ',')
			continue;
		if (!read_name(names, (struct str){ text.data + start, i - start }, bits_r))
			return false;
		start = i + 1;
	}
	return true;
}

void
offer_print_bits(struct buffer *out, const struct offer_bit *names, uint32_t bits)
{
	const char *between = "";

	if (!bits)
		buffer_add_text(out, "none");
	for (; names->name; names++) {
		if (!(bits & names->bit))
			continue;
		buffer_printf(out, "%s%s", between, names->name);
		bits &= ~names->bit;
		between = ",";
	}
	if (bits)
		buffer_printf(out, "%s0x%x", between, bits);
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
