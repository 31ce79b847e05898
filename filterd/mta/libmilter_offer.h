/* SPDX-License-Identifier: BSD-2-Clause */
/* An MTA's offer as the milter protocol has it, in our terms. */
#ifndef FILTERD_MTA_LIBMILTER_OFFER_H
#define FILTERD_MTA_LIBMILTER_OFFER_H

#include "filterd/mta/negotiate.h"

/* From the SMFIF_* and SMFIP_* that the MTA offers. */
struct mta_offer libmilter_offer(unsigned long actions, unsigned long steps);

#endif
