/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The host's clock for plugins, and the one wait that it offers. A wait that reaches the deadline
 * is noted with the call, which then ends in ERROR.
 */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <time.h>

#include "filterd/chain/host.h"
#include "filterd/chain/state.h"
#include "filterd/util/clock.h"

int64_t
host_now(struct mf_context *c)
{
	const struct session *session = seat_of(c)->session;

	return session ? session->front->now(session->front_data) : (int64_t)time(NULL);
}

/* Microseconds until the deadline; negative when it has passed. */
static int64_t
left(const struct seat *seat)
{
	if (!seat->session)
		return seat->filter->settings.timeout.milliseconds * 1000;
	return seat->session->call.deadline - clock_now(seat->session);
}

int64_t
host_time_left(struct mf_context *c)
{
	int64_t microseconds = left(seat_of(c));

	return microseconds > 0 ? microseconds / 1000 : 0;
}

/* ---- waiting ---- */

/* Whether it became ready within so many microseconds; signals do not shorten the wait. */
static bool
becomes_ready(struct pollfd *wanted, int64_t microseconds)
{
	int64_t end = clock_monotonic() + microseconds;

	for (;;) {
		int64_t rest = microseconds > 0 ? (microseconds + 999) / 1000 : 0;
		int found = poll(wanted, 1, rest < INT_MAX ? (int)rest : INT_MAX);

		if (found > 0)
			return true;
		microseconds = end - clock_monotonic();
		if (microseconds <= 0 || (found < 0 && errno != EINTR))
			return false;
	}
}

enum mf_waited
host_wait(struct mf_context *c, int fd, unsigned events, int64_t milliseconds)
{
	struct seat *seat = seat_of(c);
	struct pollfd wanted = {
		.fd = fd,
		.events = (short)((events & MF_READABLE ? POLLIN : 0) |
		    (events & MF_WRITABLE ? POLLOUT : 0))
	};
	int64_t until_deadline = left(seat);
	bool whole = milliseconds >= 0 && milliseconds < until_deadline / 1000;

	if (until_deadline >= 0 &&
	    becomes_ready(&wanted, whole ? milliseconds * 1000 : until_deadline))
		return MF_WAITED_READY;
	if (whole)
		return MF_WAITED_TIME;
	if (seat->session)
		seat->session->call.late = true;
	return MF_WAITED_DEADLINE;
}
