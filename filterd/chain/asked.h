/* SPDX-License-Identifier: BSD-2-Clause */
/* Queries of the DNS that filters have made: of a message, or before MAIL of its connection.
 * Private to chain/. Used by one thread at a time. */
#ifndef FILTERD_CHAIN_ASKED_H
#define FILTERD_CHAIN_ASKED_H

#include "filterd/chain/explanation.h"
#include "filterd/service/dns.h"

struct mf_dns_query {
	struct dns_account account;	/* for the explanation */
	struct dns_name name;
	struct dns_lookup *lookup;	/* NULL: it was not to be made */
	const struct mf_dns_answer *answer;	/* NULL: there is none yet */
	struct mf_dns_query *next;
};

/* To be begun with all 0. */
struct asked {
	struct mf_dns_query *first, *last;
	size_t count;
	bool limit_logged;
};

/* What they came to, for the explanation: of the connection, then of the message, if any. Their
 * number is *count_r. */
const struct dns_account *const *asked_accounts(struct asked *connection, struct asked *message,
    struct arena *arena, size_t *count_r);

#endif
