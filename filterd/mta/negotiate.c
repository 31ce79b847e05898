/* SPDX-License-Identifier: BSD-2-Clause */
/* What to ask of an MTA. Every event and every answer that is not asked for saves a round trip. */
#include "filterd/mta/negotiate.h"

/*
 * libmilter follows the stages with a table of its own, which does not provide for all sets of
 * events:
 *   after UNKNOWN it takes no header unless DATA comes between, and drops what it does not take;
 *   when headers are asked for, it takes no body and no end of message after DATA unless a header
 *   or the end of headers comes between, and a message may have no headers at all.
 * The MTA would wait for an answer to a dropped event until it gives up. So the event that closes
 * the gap is asked for too; nobody answers it.
 */
static unsigned
close_gaps(unsigned events, unsigned known)
{
	if (events & MF_AT(MF_STAGE_UNKNOWN)) {
		if (known & MF_AT(MF_STAGE_DATA))
			events |= MF_AT(MF_STAGE_DATA);
		else
			events &= ~MF_AT(MF_STAGE_UNKNOWN);
	}
	if ((events & MF_AT(MF_STAGE_DATA)) && (events & MF_AT(MF_STAGE_HEADER)))
		events |= MF_AT(MF_STAGE_EOH) & known;
	return events;
}

void
negotiate(const struct mta_offer *offer, const struct chain_wants *wants,
    struct mta_request *request_r)
{
	unsigned events = close_gaps(wants->events & offer->known, offer->known);
	unsigned answered = wants->replies & events;
	unsigned sent;

	request_r->leave_out = offer->optional & ~events;
	sent = offer->known & ~request_r->leave_out;
	request_r->silent = offer->silent & sent & ~answered;
	request_r->grant = (struct grant){
		.uses = wants->uses & offer->uses,
		.stages = events,
		.leading_space = offer->leading_space,
		.skip = offer->skip && (answered & MF_AT(MF_STAGE_BODY))
	};
}
