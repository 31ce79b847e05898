/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a session asks of the front end that drives it (mta/): the libmilter one or the offline one.
 */
#ifndef FILTERD_CHAIN_FRONT_H
#define FILTERD_CHAIN_FRONT_H

#include <filterd/plugin.h>

struct front {
	/* An MTA macro, "{auth_type}" or "j"; NULL when not sent. Valid until the callback into the
	 * session returns. */
	const char *(*macro)(void *front_data, const char *name);
	/* Tells the MTA at end of message that work goes on. Also called by the watchdog's thread,
	 * while the session's own one is in a filter. */
	void (*progress)(void *front_data);
	/* Microseconds of a monotonic clock: read once between two callbacks, for deadlines and
	 * accounts alike. Where there is a watchdog it is CLOCK_MONOTONIC. */
	int64_t (*monotonic)(void *front_data);
	/* Seconds since the epoch; fixed in tests. */
	int64_t (*now)(void *front_data);
	/* Ends the connection with the MTA under a filter that does not come back: whatever the
	 * session still says is not heard. Called by the watchdog's thread alone. False: there is
	 * no way. NULL where there is no watchdog. */
	bool (*cut)(void *front_data);
};

/* What the MTA granted at negotiation. */
struct grant {
	unsigned uses;			/* enum mf_use bits of edits the MTA can carry out */
	unsigned stages;		/* MF_AT bits of events that it will send */
	bool leading_space;		/* SMFIP_HDR_LEADSPC */
	bool skip;			/* SMFIP_SKIP */
	/* the MTA is Sendmail: by its macro {v}/"v", see plan.h; set late, at connect */
	bool sendmail;
};

#endif
