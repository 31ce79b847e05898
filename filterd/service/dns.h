/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The DNS of a process: one resolver with one cache, shared by all threads, or a zone file in its
 * place. Nothing is started, no thread and no resolver, before the first query; then there are two
 * threads: libunbound's, which resolves, and one that takes what it has found.
 *
 * A look-up has two owners, who asked and the resolver, and goes when both have let go of it. So
 * who asked may leave whenever it wants; what comes after that is for the cache.
 */
#ifndef FILTERD_SERVICE_DNS_H
#define FILTERD_SERVICE_DNS_H

#include <filterd/plugin.h>

#include "filterd/service/dns_answer.h"
#include "filterd/service/dns_zone.h"

#define DNS_SERVERS_MAXIMUM	16

struct dns_settings {
	struct mf_strings resolver;	/* "system", "recursive", or "forward" and addresses */
	struct mf_duration timeout;	/* of a query */
	bool dnssec;
	const char *trust_anchor;	/* file; NULL: none */
	const char *root_hints;		/* file; NULL: those that libunbound knows */
	struct mf_size cache_size;
	int64_t queries_per_message, queries_per_filter;
	const char *zone_file;		/* NULL: none */
};

/* "192.0.2.53", "2001:db8::53@5353": an IP address, and a port when it is not 53. */
bool dns_server_valid(const char *text);

struct dns;

/* The settings are borrowed; with a zone, which is the service's from then on, it alone is
 * asked. */
struct dns *dns_create(const struct dns_settings *settings, struct dns_zone *zone);

/* Nobody may be waiting. Look-ups that are owned still keep what they have. */
void dns_destroy(struct dns **dns);

struct dns_lookup;

/* Begins one, and never waits. The caller owns it. */
struct dns_lookup *dns_start(struct dns *dns, const struct dns_name *name, enum mf_dns_type type);

/* Waits until there is an answer or, by the monotonic clock, it is so many microseconds; NULL: then
 * there is none. The answer is the look-up's. */
const struct mf_dns_answer *dns_wait(struct dns_lookup *lookup, int64_t until);

/* When it was begun, and how long it took, in microseconds; 0 while it goes on. */
int64_t dns_begun(const struct dns_lookup *lookup);
int64_t dns_took(const struct dns_lookup *lookup);

/* Gives it up, answered or not, and clears the caller's pointer. */
void dns_release(struct dns_lookup **lookup);

#endif
