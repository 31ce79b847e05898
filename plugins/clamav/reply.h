/* SPDX-License-Identifier: BSD-2-Clause */
/* A reply of clamd to INSTREAM, clamd(8). Pure: text in, struct out. */
#ifndef PLUGINS_CLAMAV_REPLY_H
#define PLUGINS_CLAMAV_REPLY_H

#include <stddef.h>

#define REPLY_BYTES		1024	/* of a reply: a longer one is none */
#define REPLY_SIGNATURE		256	/* of a signature's name, with its NUL */

enum reply_kind {
	REPLY_CLEAN,		/* "stream: OK" */
	REPLY_INFECTED,		/* "stream: NAME FOUND" */
	REPLY_TOO_LARGE,	/* "INSTREAM size limit exceeded. ERROR" */
	REPLY_ERROR,		/* any other "… ERROR" */
	REPLY_UNKNOWN		/* what clamd does not say */
};

struct reply {
	enum reply_kind kind;
	/* INFECTED: the name, printable ASCII without blanks; else what was said, likewise
	 * printable, cut */
	char text[REPLY_SIGNATURE];
};

/* The text of a reply without the NUL that ends it. */
struct reply reply_read(const char *bytes, size_t length);

#endif
