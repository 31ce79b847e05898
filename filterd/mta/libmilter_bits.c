/* SPDX-License-Identifier: BSD-2-Clause */
/* The bits of the milter protocol: an MTA's offer in our terms, what we ask of it in its own. */
#include <libmilter/mfapi.h>

#include "filterd/mta/libmilter_parts.h"

static const struct {
	enum mf_stage stage;
	unsigned long leave_out, silent;
	bool always;		/* sent by every MTA; others only by those that know the bit */
} step_bits[] = {
	{ MF_STAGE_CONNECT, SMFIP_NOCONNECT, SMFIP_NR_CONN, true },
	{ MF_STAGE_HELO, SMFIP_NOHELO, SMFIP_NR_HELO, true },
	{ MF_STAGE_MAIL, SMFIP_NOMAIL, SMFIP_NR_MAIL, true },
	{ MF_STAGE_RCPT, SMFIP_NORCPT, SMFIP_NR_RCPT, true },
	{ MF_STAGE_DATA, SMFIP_NODATA, SMFIP_NR_DATA, false },
	{ MF_STAGE_HEADER, SMFIP_NOHDRS, SMFIP_NR_HDR, true },
	{ MF_STAGE_EOH, SMFIP_NOEOH, SMFIP_NR_EOH, true },
	{ MF_STAGE_BODY, SMFIP_NOBODY, SMFIP_NR_BODY, true },
	{ MF_STAGE_UNKNOWN, SMFIP_NOUNKNOWN, SMFIP_NR_UNKN, false },
};

static const struct {
	unsigned use;
	unsigned long needed;	/* without this the MTA cannot */
	unsigned long helpful;	/* asked for when offered */
} action_bits[] = {
	{ MF_USE_ADD_HEADER, SMFIF_ADDHDRS, 0 },
	{ MF_USE_CHANGE_HEADER, SMFIF_CHGHDRS, 0 },
	{ MF_USE_CHANGE_BODY, SMFIF_CHGBODY, 0 },
	{ MF_USE_CHANGE_SENDER, SMFIF_CHGFROM, 0 },
	{ MF_USE_ADD_RECIPIENT, SMFIF_ADDRCPT, SMFIF_ADDRCPT_PAR },
	{ MF_USE_DELETE_RECIPIENT, SMFIF_DELRCPT, 0 },
	{ MF_USE_QUARANTINE, SMFIF_QUARANTINE, 0 },
};

const int libmilter_macro_places[MACRO_STAGES] = {
	[MACRO_CONNECT] = SMFIM_CONNECT, [MACRO_HELO] = SMFIM_HELO, [MACRO_MAIL] = SMFIM_ENVFROM,
	[MACRO_RCPT] = SMFIM_ENVRCPT, [MACRO_DATA] = SMFIM_DATA, [MACRO_EOH] = SMFIM_EOH,
	[MACRO_MESSAGE] = SMFIM_EOM
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct mta_offer
libmilter_offer(unsigned long actions, unsigned long steps)
{
	struct mta_offer offer = { .uses = MF_USE_BODY };
	size_t i;

	for (i = 0; i < COUNT(step_bits); i++) {
		if (step_bits[i].always || (steps & step_bits[i].leave_out))
			offer.known |= MF_AT(step_bits[i].stage);
		if (steps & step_bits[i].leave_out)
			offer.optional |= MF_AT(step_bits[i].stage);
		if (steps & step_bits[i].silent)
			offer.silent |= MF_AT(step_bits[i].stage);
	}
	for (i = 0; i < COUNT(action_bits); i++)
		if (actions & action_bits[i].needed)
			offer.uses |= action_bits[i].use;
	offer.skip = steps & SMFIP_SKIP;
	offer.leading_space = steps & SMFIP_HDR_LEADSPC;
	return offer;
}

unsigned long
libmilter_steps(const struct mta_request *request)
{
	unsigned long steps = 0;
	size_t i;

	for (i = 0; i < COUNT(step_bits); i++) {
		if (request->leave_out & MF_AT(step_bits[i].stage))
			steps |= step_bits[i].leave_out;
		if (request->silent & MF_AT(step_bits[i].stage))
			steps |= step_bits[i].silent;
	}
	return steps | (request->grant.skip ? SMFIP_SKIP : 0) |
	    (request->grant.leading_space ? SMFIP_HDR_LEADSPC : 0);
}

unsigned long
libmilter_actions(const struct mta_request *request, unsigned long offered)
{
	unsigned long actions = 0;
	size_t i;

	for (i = 0; i < COUNT(action_bits); i++)
		if (request->grant.uses & action_bits[i].use)
			actions |= action_bits[i].needed | (action_bits[i].helpful & offered);
	return actions;
}
