/* SPDX-License-Identifier: BSD-2-Clause */
/* The control socket's client of orders. */
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "filterd/command/control_client.h"
#include "filterd/command/quarantine_ask.h"

/* The answer line by line: a status before each, or what keeps the daemon from doing it. */
static void
pass_on(char *text, int status, const struct order_told *told)
{
	char *line, *rest = NULL, *end;

	for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		long one = strtol(line, &end, 10);
		bool numbered = end > line && *end == ' ';

		told->tell(told->argument, numbered ? (int)one : status,
		    numbered ? end + 1 : line);
	}
}

/* Another store is not this daemon's, and one of an older version knows no orders. */
static bool
declined(int status, const struct buffer *answer)
{
	return answer->length && (status == EX_CONFIG || status == EX_PROTOCOL);
}

bool
quarantine_ask(const char *control, const struct order *order, bool only,
    const struct order_told *told, int *status_r)
{
	struct buffer request = { 0 }, answer = { 0 };
	pid_t daemon;
	int connection = control_connect(control, &daemon, &answer);
	bool asked = connection >= 0;

	*status_r = -connection;
	if (asked) {
		buffer_add_text(&request, "quarantine ");
		order_write(order, &request);
		*status_r = control_ask(connection, request.data, &answer);
		asked = !declined(*status_r, &answer);
		if (!answer.length && *status_r == EX_PROTOCOL) {
			buffer_add_text(&answer, "the daemon has gone without an answer\n");
			*status_r = EX_UNAVAILABLE;
		}
	}
	if ((asked || only) && answer.length)
		pass_on(answer.data, *status_r, told);
	buffer_free(&request);
	buffer_free(&answer);
	return asked;
}
