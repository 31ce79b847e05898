/* SPDX-License-Identifier: BSD-2-Clause */
/* Inside the DNS service: look-ups, and the resolver that dns.c starts. */
#ifndef FILTERD_SERVICE_DNS_PARTS_H
#define FILTERD_SERVICE_DNS_PARTS_H

#include <semaphore.h>
#include <stdatomic.h>

#include "filterd/service/dns.h"
#include "filterd/service/dns_cache.h"

struct dns_lookup {
	atomic_uint owners;
	atomic_bool answered;		/* set last */
	sem_t done;			/* posted once, when it is answered */
	struct dns_name name;
	enum mf_dns_type type;
	struct dns_cache *cache;	/* for the answer; NULL: it is not kept */
	struct dns_shared *shared;	/* the answer; NULL: not yet */
	struct mf_dns_answer answer;	/* the same, with the time that is left of it */
	int64_t begun, took;		/* microseconds; took: once answered */

	/* The resolver's: those that are on their way */
	struct dns_resolver *resolver;
	struct dns_lookup *next, **previous;
};

/* Takes the answer. Once. */
void dns_lookup_answer(struct dns_lookup *lookup, struct mf_dns_answer *answer);

/* Of the bytes of cache-size, those for answers in front of the resolver. */
static inline uint64_t
dns_front_bytes(const struct dns_settings *settings)
{
	return settings->cache_size.bytes / 4;
}

/* dns_resolver.c */

struct dns_resolver;

/* NULL: *error_r, a static text, says why. */
struct dns_resolver *dns_resolver_create(const struct dns_settings *settings,
    const char **error_r);
void dns_resolver_destroy(struct dns_resolver **resolver);

/* Resolves it for the look-up, which is answered in any case, perhaps at once. */
void dns_resolver_start(struct dns_resolver *resolver, struct dns_lookup *lookup);

#endif
