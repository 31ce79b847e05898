/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is inside the parts of a message: links of its texts, members of its archives. Made of a
 * MIME view when it is first asked for, and kept with it: however many conditions and plugins ask,
 * the work is done once.
 */
#ifndef FILTERD_MESSAGE_INSPECT_H
#define FILTERD_MESSAGE_INSPECT_H

#include "filterd/message/archive_view.h"
#include "filterd/message/mime.h"

/* A link of a message: an address in its text, or where an HTML part leads or sends or loads
 * from. */
struct inspect_link {
	struct str target;	/* as a browser takes it */
	struct str host;	/* as of struct url; empty: it has none, as "data:…" */
	bool mismatch;		/* it is shown as an address of somebody else */
};

struct inspect_links {
	const struct inspect_link *items;	/* in the order of the message */
	size_t count;
	bool cut;				/* a limit was reached */
};

/* How much is looked at. The limits of the first call hold as long as the view. */
struct inspect_limits {
	size_t links;
	struct archive_limits archive;	/* of each part; the time of all together */
};

/* The links of all text parts. */
const struct inspect_links *inspect_links(struct mime_view *view,
    const struct inspect_limits *limits);

/* A part as an archive; of what is none, `archive` is false. */
const struct archive_view *inspect_archive(struct mime_view *view,
    const struct inspect_limits *limits, const struct mime_part *part);

/* The decoded content of a part, of at most so many bytes: the message's own bytes where it is not
 * encoded, else in the view's arena. Not kept: who asks twice has it decoded twice. */
struct str inspect_content(struct mime_view *view, const struct mime_part *part, size_t maximum);

#endif
