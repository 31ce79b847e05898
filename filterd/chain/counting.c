/* SPDX-License-Identifier: BSD-2-Clause */
/* What a session counts, in the terms of the metrics. Where there are none it is nothing. */
#include <assert.h>
#include <string.h>

#include "filterd/chain/explanation.h"
#include "filterd/chain/state.h"
#include "filterd/service/metrics_snapshot.h"

_Static_assert(METRICS_EDIT_KINDS == EDIT_QUARANTINE + 1, "a cell for each kind of edit");
_Static_assert(METRICS_LIMIT_KINDS == LIMIT_ORDER + 1, "a cell for each limit");

void
count_session(bool opened)
{
	if (opened)
		metrics_add(METRICS_SESSIONS, 1);
	if (opened)
		metrics_add(METRICS_SESSIONS_OPEN, 1);
	else
		metrics_subtract(METRICS_SESSIONS_OPEN, 1);
}

void
count_call(const struct seat *seat, int64_t nanoseconds, bool timed_out)
{
	metrics_filter_time(seat->metrics, nanoseconds);
	if (timed_out)
		metrics_filter_add(seat->metrics, METRICS_TIMEOUTS, 1);
}

void
count_verdict(const struct seat *seat, enum mf_verdict verdict)
{
	unsigned first = seat->filter->shadow ? METRICS_SHADOW_VERDICTS : METRICS_VERDICTS;

	metrics_filter_add(seat->metrics, first + verdict, 1);
}

static void
count_edits(const struct filter_account *account, struct metrics_filter *metrics)
{
	unsigned first = account->shadow ? METRICS_SHADOW_EDITS : METRICS_EDITS;
	const struct edit *edit;

	for (edit = account->edits; edit; edit = edit->next)
		metrics_filter_add(metrics, first + edit->kind, 1);
}

static unsigned
place_of(const char *verdict)
{
	unsigned i;

	for (i = 0; strcmp(metrics_message_verdicts[i], verdict) != 0; i++)
		assert(i < METRICS_MESSAGE_VERDICTS - 1);
	return i;
}

void
count_explanation(const struct explanation *explanation, const struct session *session)
{
	unsigned verdict = place_of(explanation->verdict);
	size_t i;

	if (!in_message(session)) {
		metrics_add(METRICS_CONNECTIONS + verdict, 1);
		return;
	}
	metrics_add(METRICS_MESSAGES + verdict, 1);
	metrics_add(METRICS_MESSAGE_BYTES, explanation->size);
	for (i = 0; i < explanation->filter_count; i++)
		count_edits(&explanation->filters[i], session->seats[i].metrics);
}
