/* SPDX-License-Identifier: BSD-2-Clause */
/* What the filters changed of a message, for a person: envelope, header fields, body, line by
 * line. */
#ifndef FILTERD_MESSAGE_DIFF_H
#define FILTERD_MESSAGE_DIFF_H

#include "filterd/message/model.h"
#include "filterd/util/buffer.h"

struct diff_options {
	bool body;		/* its lines; else only its sizes before and after */
	size_t cells;		/* cost: lines that differ, before times after; past it, or past a
				 * limit of its own when this is 0, they are shown one after the
				 * other */
};

/* Adds nothing when nothing changed. Control characters of the message are shown as \xNN. */
void diff_add(struct model *model, const struct diff_options *options, struct buffer *to);

#endif
