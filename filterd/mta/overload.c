/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Overload: one atomic addition a session. Between the first session too many and the moment when a
 * tenth of the places are free again it is one burst, and two lines in the log.
 */
#include <stdatomic.h>
#include <stdio.h>

#include "filterd/mta/overload.h"
#include "filterd/service/log.h"
#include "filterd/service/metrics.h"

static struct {
	const struct listener_settings *listener;
	atomic_uint admitted;
	atomic_bool burst;
	atomic_uint turned_away;	/* in this burst */
} state;

static const char *const policies[] = {
	[OVERLOAD_TEMPFAIL] = "tempfail", [OVERLOAD_ACCEPT] = "accept"
};

void
overload_begin(const struct listener_settings *listener)
{
	state.listener = listener;
}

int
overload_policy(void)
{
	return state.listener->overload;
}

static void
log_burst(enum mf_log_level level, const char *event, const char *key, unsigned value)
{
	char number[24];

	snprintf(number, sizeof(number), "%u", value);
	log_event(level, event, (struct log_field[]){
		{ "listener", str_of(state.listener->name), false },
		{ key, str_of(number), true },
		{ "policy", str_of(policies[state.listener->overload]), false },
	}, 3);
}

bool
overload_admit(void)
{
	unsigned limit;

	if (!state.listener)
		return true;
	limit = (unsigned)state.listener->maximum_sessions;
	if (atomic_fetch_add(&state.admitted, 1) < limit)
		return true;
	atomic_fetch_sub(&state.admitted, 1);
	metrics_add(METRICS_OVERLOAD + (unsigned)state.listener->overload, 1);
	if (!atomic_exchange(&state.burst, true))
		log_burst(MF_LOG_WARNING, "overload", "maximum_sessions", limit);
	atomic_fetch_add(&state.turned_away, 1);
	return false;
}

void
overload_leave(void)
{
	unsigned left, limit;

	if (!state.listener)
		return;
	left = atomic_fetch_sub(&state.admitted, 1) - 1;
	limit = (unsigned)state.listener->maximum_sessions;
	if (atomic_load_explicit(&state.burst, memory_order_relaxed) &&
	    left <= limit - limit / 10 && atomic_exchange(&state.burst, false))
		log_burst(MF_LOG_NOTICE, "overload is over", "sessions",
		    atomic_exchange(&state.turned_away, 0));
}
