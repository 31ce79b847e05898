/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files libmilter*.c share; they alone know mfapi.h, which is to be included first. */
#ifndef FILTERD_MTA_LIBMILTER_PARTS_H
#define FILTERD_MTA_LIBMILTER_PARTS_H

#include "filterd/message/plan.h"
#include "filterd/mta/libmilter_offer.h"
#include "filterd/mta/macro_stages.h"

/* SMFIM_*, by enum macro_stage. */
extern const int libmilter_macro_places[MACRO_STAGES];

/* The descriptor of the connection; whatever stands there if libmilter is not as it is known. */
int libmilter_descriptor(const SMFICTX *context);

/* Whether the MTA can be sent a few bytes without waiting for it. */
bool libmilter_takes_more(const SMFICTX *context);

/* SMFIP_* and SMFIF_* to ask for. */
unsigned long libmilter_steps(const struct mta_request *request);
unsigned long libmilter_actions(const struct mta_request *request, unsigned long offered);

/* Sends the edits; plan may be NULL. NULL: all were sent; else what could not be done. */
const char *libmilter_carry_out(SMFICTX *context, const struct plan *plan);

#endif
