/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What to ask of an MTA: from what it offers and what the chain wants, the least that serves. Pure,
 * and free of any engine's constants; stages are MF_AT bits of the live callbacks, connect to body
 * and unknown.
 */
#ifndef FILTERD_MTA_NEGOTIATE_H
#define FILTERD_MTA_NEGOTIATE_H

#include "filterd/chain/front.h"
#include "filterd/chain/generation.h"

struct mta_offer {
	unsigned known;		/* events that this MTA can send */
	unsigned optional;	/* of them, those that it will leave out when asked to */
	unsigned silent;	/* those for which it can be told not to wait for an answer */
	unsigned uses;		/* enum mf_use bits */
	bool skip;		/* understands OUTCOME_SKIP */
	bool leading_space;
};

struct mta_request {
	unsigned leave_out;	/* events not to be sent */
	unsigned silent;	/* events that get no answer: their decision must be CONTINUE */
	struct grant grant;	/* for session_granted(); which MTA it is, is not known yet */
};

void negotiate(const struct mta_offer *offer, const struct chain_wants *wants,
    struct mta_request *request_r);

#endif
