/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What several workers complain of: each complaint once, in the order of arrival. A complaint is a
 * line and the lines behind it that begin with a blank, as config_errors_print() writes them. Pure.
 */
#ifndef FILTERD_SUPERVISE_COMPLAINTS_H
#define FILTERD_SUPERVISE_COMPLAINTS_H

#include "filterd/util/buffer.h"

/* Adds those of the text that are not yet among the others. */
void complaints_add(struct buffer *complaints, struct str text);

/* Takes the first complaint off the text; empty when there is none. */
struct str complaint_next(struct str *text);

#endif
