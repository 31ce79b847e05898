/* SPDX-License-Identifier: BSD-2-Clause */
/* What a trusted sealer has reported, put on the board for who decides behind us: DMARC's local
 * policy overrides, RFC 8617 section 7.2.1. */
#ifndef PLUGINS_ARC_REPORT_H
#define PLUGINS_ARC_REPORT_H

#include <filterd/plugin.h>

#include "plugins/dkim/canon.h"

/* Adds properties for the results in an ARC-Authentication-Results: policy.spf, policy.mailfrom,
 * policy.dkim with policy.dkim-domains, policy.dmarc with policy.header-from. Of what is not
 * reported, or not well formed, there are none. */
void arc_report_results(struct mf_context *c, struct mf_result *result,
    const struct dkim_field *field);

#endif
