/* SPDX-License-Identifier: BSD-2-Clause */
/* ARC-Authentication-Results written from the results board, RFC 8617 section 4.1.1. */
#ifndef PLUGINS_ARC_SEAL_RESULTS_FIELD_H
#define PLUGINS_ARC_SEAL_RESULTS_FIELD_H

#include <filterd/plugin.h>

/* The value of the field, in the message's memory: all results on the board whose methods are
 * registered (RFC 8601 section 2.7, RFC 8617 section 10.1), with their registered properties. */
const char *results_field(struct mf_context *c, unsigned instance, const char *authserv_id);

#endif
