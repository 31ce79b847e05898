/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Answers kept in front of the resolver, which has a cache of its own: that one answers through two
 * threads and a pipe, this one at once. A fixed table with four places for each set of names: who
 * makes names meet in a set only makes them displace each other. Safe for all threads.
 */
#ifndef FILTERD_SERVICE_DNS_CACHE_H
#define FILTERD_SERVICE_DNS_CACHE_H

#include <filterd/plugin.h>

#include "filterd/service/dns_name.h"

/* An answer that look-ups and the cache hold together. */
struct dns_shared;

/* Takes the answer. The caller holds what it gets. */
struct dns_shared *dns_shared_create(struct mf_dns_answer *answer);
const struct mf_dns_answer *dns_shared_answer(const struct dns_shared *shared);
/* Lets go, and clears the pointer. */
void dns_shared_release(struct dns_shared **shared);

struct dns_cache;

/* What it keeps takes at most so many bytes; the table itself is an eighth of them or less. */
struct dns_cache *dns_cache_create(uint64_t bytes);
void dns_cache_destroy(struct dns_cache **cache);

/* Keeps it for the time that it says it may be kept, if it says any; a SERVFAIL for five seconds.
 * `now`, here and below, is of the monotonic clock, in microseconds. */
void dns_cache_put(struct dns_cache *cache, const struct dns_name *name, enum mf_dns_type type,
    struct dns_shared *shared, int64_t now);

/* What is kept, which the caller holds from then on, and for how many seconds more its own time
 * lasts, 0 for a SERVFAIL; NULL: nothing. */
struct dns_shared *dns_cache_find(struct dns_cache *cache, const struct dns_name *name,
    enum mf_dns_type type, int64_t now, uint32_t *ttl_r);

#endif
