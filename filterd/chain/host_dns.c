/* SPDX-License-Identifier: BSD-2-Clause */
/* The DNS for plugins. There is no resolver yet: every answer is SERVFAIL. */
#include "filterd/chain/host.h"
#include "filterd/chain/start.h"
#include "filterd/chain/state.h"

struct mf_dns_query { struct mf_dns_answer answer; };

struct mf_dns_query *
host_dns_start(struct mf_context *c, const char *name, enum mf_dns_type type)
{
	struct mf_dns_query *query = arena_alloc(seat_arena(seat_of(c)), sizeof(*query));

	(void)name;
	(void)type;
	query->answer.status = MF_DNS_SERVFAIL;
	return query;
}

const struct mf_dns_answer *
host_dns_await(struct mf_context *c, struct mf_dns_query *query)
{
	(void)c;
	return &query->answer;
}
