/* SPDX-License-Identifier: BSD-2-Clause */
/* Handing a released message to an MTA: by SMTP (RFC 5321), or to its sendmail command. */
#ifndef FILTERD_QUARANTINE_DELIVER_H
#define FILTERD_QUARANTINE_DELIVER_H

#include "filterd/quarantine/entry.h"

/* A message on its way. All is borrowed. */
struct delivery {
	struct entry_address sender;
	const struct entry_address *recipients;
	size_t recipient_count;
	const char *mark;		/* value of the mark's field */
	int message;			/* descriptor of its bytes, lines ended by CRLF */
};

enum delivered {
	DELIVERED,			/* the MTA has said that it is its own now */
	NOT_DELIVERED,			/* it has not got it */
	MAYBE_DELIVERED			/* it had all of it, and nothing was heard of it any more */
};

/* address: "inet:25@127.0.0.1" or the like. A message goes to all recipients or to none. Unless it
 * was delivered, problem is added to: a line without its end. */
enum delivered deliver_smtp(const struct delivery *delivery, const char *address,
    struct buffer *problem);

/* Runs PATH -i -f SENDER -- RECIPIENT…; ESMTP arguments are lost. */
enum delivered deliver_sendmail(const struct delivery *delivery, const char *path,
    struct buffer *problem);

#endif
