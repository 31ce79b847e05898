/* SPDX-License-Identifier: BSD-2-Clause */
/* Tables of the milter option negotiation, and of MTAs. */
#include <stdlib.h>

#include <libmilter/mfapi.h>
#include <libmilter/mfdef.h>

#include "filterd/scenario/bits.h"

const struct bit_name bits_actions[] = {
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

const struct bit_name bits_steps[] = {
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

static bool
read_name(const struct bit_name *names, struct str name, uint32_t *bits)
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
bits_read(const struct bit_name *names, struct str text, uint32_t *bits_r)
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
bits_print(struct buffer *out, const struct bit_name *names, uint32_t bits)
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

const struct mta_kind mta_postfix = {
	.name = "postfix", .late_queue_id = true,
	.macros = { STR("j"), STR("mx.example.org"), STR("v"), STR("Postfix 3.7.11"),
	    STR("{daemon_name}"), STR("mx.example.org"), STR("{daemon_addr}"), STR("192.0.2.1") }
};

const struct mta_kind mta_sendmail = {
	.name = "sendmail",
	.macros = { STR("j"), STR("mx.example.org"), STR("v"), STR("8.17.1.9"),
	    STR("{daemon_name}"), STR("MTA"), STR("{if_name}"), STR("mx.example.org"),
	    STR("{if_addr}"), STR("192.0.2.1") }
};

const struct mta_kind *
mta_kind(struct str name)
{
	if (str_equal(name, str_of(mta_postfix.name)))
		return &mta_postfix;
	return str_equal(name, str_of(mta_sendmail.name)) ? &mta_sendmail : NULL;
}
