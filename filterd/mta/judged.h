/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the filters found about a message, in the words of a scenario's answer line `judged PART
 * VALUE…`: so that a replay can tell what they find now. The parts, in this order, are verdict,
 * filter (who decided), filters, rules, results and symbols; one that is empty is left out.
 */
#ifndef FILTERD_MTA_JUDGED_H
#define FILTERD_MTA_JUDGED_H

#include "filterd/chain/explanation.h"

/* Appends the line as it stands behind SESSION<, without a line end. */
void judged_print(const struct explanation *explanation, struct buffer *to);

#endif
