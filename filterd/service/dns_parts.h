/* SPDX-License-Identifier: BSD-2-Clause */
/* Inside the DNS service: look-ups, and the resolver that dns.c starts. */
#ifndef FILTERD_SERVICE_DNS_PARTS_H
#define FILTERD_SERVICE_DNS_PARTS_H

#include <semaphore.h>
#include <stdatomic.h>

#include "filterd/service/dns.h"

struct dns_lookup {
	atomic_uint owners;
	atomic_bool answered;		/* set last */
	sem_t done;			/* posted once, when it is answered */
	enum mf_dns_type type;
	struct mf_dns_answer *answer;
	int64_t begun, took;		/* microseconds; took: once answered */

	/* The resolver's: those that are on their way */
	struct dns_resolver *resolver;
	struct dns_lookup *next, **previous;
};

/* Takes the answer, which is freed with the look-up. Once. */
void dns_lookup_answer(struct dns_lookup *lookup, struct mf_dns_answer *answer);

/* dns_resolver.c */

struct dns_resolver;

/* NULL: *error_r, a static text, says why. */
struct dns_resolver *dns_resolver_create(const struct dns_settings *settings,
    const char **error_r);
void dns_resolver_destroy(struct dns_resolver **resolver);

/* Resolves it for the look-up, which is answered in any case, perhaps at once. */
void dns_resolver_start(struct dns_resolver *resolver, struct dns_lookup *lookup,
    const struct dns_name *name);

#endif
