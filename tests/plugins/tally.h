/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the test plugins count, in memory of the test that loads them: the environment variable
 * TALLY holds its address. Without it nothing is counted.
 */
#ifndef TESTS_PLUGINS_TALLY_H
#define TESTS_PLUGINS_TALLY_H

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>

#include <filterd/plugin.h>

struct tally {
	atomic_uint calls[MF_STAGE_COUNT];
	atomic_uint starts, stops;
	atomic_uint sessions, session_ends;	/* first callbacks of a session, and session_end */
	atomic_uint messages, message_ends;
	atomic_uint cleanups;			/* that mf_cleanup() registered and that were run */
	atomic_uint wrong;			/* promises of the host that were broken */
};

static inline struct tally *
tally(void)
{
	static struct tally nobody;
	const char *address = getenv("TALLY");

	return address ? (struct tally *)(uintptr_t)strtoull(address, NULL, 0) : &nobody;
}

#endif
