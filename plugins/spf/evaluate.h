/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * check_host(), RFC 7208 section 4: whether a client may send mail in the name of a domain. Pure:
 * it reaches the DNS through functions that its caller gives it.
 *
 * The work is bounded whatever records say: by the limits of section 4.6.4, which are all kept, and
 * by those of record.h. At most 10 terms ask the DNS, each for 11 names at most; up to 10 names are
 * asked for ahead of need, and an explanation may need 12: 133 queries with the first record's.
 */
#ifndef PLUGINS_SPF_EVALUATE_H
#define PLUGINS_SPF_EVALUATE_H

#include <filterd/plugin/dns.h>

#include "plugins/spf/record.h"

#define SPF_LOOKUPS_MAXIMUM	10	/* section 4.6.4: terms that ask the DNS */
#define SPF_HOSTS_MAXIMUM	10	/* the same: address look-ups of one mx or ptr */
#define SPF_EXPLANATION_SIZE	401	/* bytes of an explanation, and a NUL */

struct spf_resolver {
	void *of;
	/* Memory for what is computed, the outcome's texts too. */
	void *(*alloc)(void *of, size_t size);
	/* A query whose answer may be wanted soon; never waits. */
	void (*expect)(void *of, const char *name, enum mf_dns_type type);
	/* The answer, never NULL, which lives as long as the memory. When time is up it is
	 * MF_DNS_TIMEOUT. */
	const struct mf_dns_answer *(*ask)(void *of, const char *name, enum mf_dns_type type);
};

/* Who wants to send mail in whose name. */
struct spf_query {
	uint8_t ip[16];			/* of the client, network order, IPv4 IPv4-mapped */
	const char *local;		/* local part of the identity; "": "postmaster" */
	const char *domain;		/* its domain, as spf_name_of_identity() makes it */
	const char *helo;		/* as the client said it */
	const char *receiver;		/* name of this host; "unknown" when it has none */
	int64_t now;			/* seconds since the epoch */
	unsigned voids_maximum;		/* section 4.6.4: look-ups that find nothing; 2 */
	bool explain;			/* a fail's explanation is wanted */
};

/* Texts are in the resolver's memory. */
struct spf_outcome {
	enum spf_result result;
	/* the directive that matched, as written, in the record of the domain asked for or the one
	 * that it redirects to; NULL: none did */
	const char *mechanism;
	const char *domain;		/* the domain whose record that is */
	/* why it is so, for humans: the mechanism, with those of included records that made it
	 * match; what is wrong with a record; what could not be asked */
	const char *reason;
	/* what the domain says about a fail (section 6.2): printable ASCII of a third party;
	 * NULL: nothing, or not wanted */
	const char *explanation;
	unsigned lookups;		/* terms that asked the DNS */
	unsigned voids;			/* those of them that found nothing */
};

void spf_evaluate(const struct spf_resolver *resolver, const struct spf_query *query,
    struct spf_outcome *outcome_r);

#endif
