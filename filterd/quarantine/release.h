/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Releasing a held message: it is given to an MTA once. The entry says "releasing", durably, before
 * the first byte goes out, and "released" when the MTA has taken it; or "held" again with the
 * error, when it has not. Whoever dies between leaves "releasing" behind, which nobody is at work
 * on: then it is unsure whether the MTA has the message, and only who says so sends it again.
 */
#ifndef FILTERD_QUARANTINE_RELEASE_H
#define FILTERD_QUARANTINE_RELEASE_H

#include "filterd/quarantine/store.h"

struct release_order {
	bool sendmail;			/* the target is a command, else an address for SMTP */
	const char *target;
	const char *const *to;		/* recipients in place of those it had; ends with NULL */
	bool again;			/* also what is released, or unsure */
};

/* A status of sysexits(3): EX_OK; EX_NOINPUT: there is none of that id; EX_TEMPFAIL: another one is
 * at work on it, or the MTA has refused it: it stays held; EX_UNAVAILABLE: released before, or
 * unsure; EX_IOERR. said is added to: a line without its end. */
int release_message(struct store *store, const char *id, const struct release_order *order,
    struct buffer *said);

/* The same statuses. */
int release_delete(struct store *store, const char *id, struct buffer *said);

#endif
