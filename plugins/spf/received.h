/* SPDX-License-Identifier: BSD-2-Clause */
/* The Received-SPF header field, RFC 7208 section 9.1. Pure. */
#ifndef PLUGINS_SPF_RECEIVED_H
#define PLUGINS_SPF_RECEIVED_H

#include "plugins/spf/evaluate.h"

/* What it tells; no other text may be NULL. */
struct spf_received {
	const struct spf_outcome *outcome;
	const char *identity;		/* "mailfrom" or "helo" */
	const char *receiver;		/* name of this host */
	const char *client_ip;
	const char *sender;		/* the envelope sender, if it was checked; else NULL */
	const char *helo;
};

/* The field's value, with a leading blank and folds, of printable ASCII, whatever the texts are. */
const char *spf_received_value(const struct spf_memory *memory,
    const struct spf_received *received);

#endif
