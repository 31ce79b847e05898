/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The DNS of a process: look-ups, their owners and their waits. A resolver that cannot be made is
 * logged once, and every look-up is SERVFAIL then.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "filterd/service/dns_parts.h"
#include "filterd/service/log.h"
#include "filterd/util/clock.h"
#include "filterd/util/memory.h"

#define ADDRESS_TEXT	64	/* bytes of an address with its port */

struct dns {
	const struct dns_settings *settings;
	struct dns_zone *zone;		/* NULL: the resolver is asked */
	pthread_mutex_t lock;		/* of what follows */
	bool tried;
	struct dns_resolver *resolver;	/* NULL: not tried, or it cannot be made */
	struct dns_cache *cache;	/* likewise */
};

/* ---- look-ups ---- */

static struct dns_lookup *
create_lookup(const struct dns_name *name, enum mf_dns_type type)
{
	struct dns_lookup *lookup = memory_alloc(sizeof(*lookup));

	sem_init(&lookup->done, 0, 0);
	atomic_init(&lookup->owners, 2);
	lookup->name = *name;
	lookup->type = type;
	lookup->begun = clock_monotonic();
	return lookup;
}

static void
let_go(struct dns_lookup *lookup)
{
	if (atomic_fetch_sub(&lookup->owners, 1) > 1)
		return;
	sem_destroy(&lookup->done);
	dns_shared_release(&lookup->shared);
	free(lookup);
}

static void
share(struct dns_lookup *lookup, struct dns_shared *shared)
{
	lookup->shared = shared;
	lookup->answer = *dns_shared_answer(shared);
}

void
dns_lookup_answer(struct dns_lookup *lookup, struct mf_dns_answer *answer)
{
	int64_t now = clock_monotonic();

	share(lookup, dns_shared_create(answer));
	if (lookup->cache)
		dns_cache_put(lookup->cache, &lookup->name, lookup->type, lookup->shared, now);
	lookup->took = now - lookup->begun;
	atomic_store(&lookup->answered, true);
	sem_post(&lookup->done);
	let_go(lookup);
}

/* Answers it from the cache, before anybody else has it. */
static bool
answer_at_once(struct dns_lookup *lookup)
{
	uint32_t ttl;
	struct dns_shared *shared = dns_cache_find(lookup->cache, &lookup->name, lookup->type,
	    lookup->begun, &ttl);

	if (!shared)
		return false;
	share(lookup, shared);
	lookup->answer.ttl = ttl;
	atomic_init(&lookup->answered, true);
	atomic_init(&lookup->owners, 1);
	return true;
}

void
dns_release(struct dns_lookup **lookup)
{
	if (*lookup)
		let_go(*lookup);
	*lookup = NULL;
}

int64_t
dns_begun(const struct dns_lookup *lookup)
{
	return lookup->begun;
}

int64_t
dns_took(const struct dns_lookup *lookup)
{
	return atomic_load(&lookup->answered) ? lookup->took : 0;
}

const struct mf_dns_answer *
dns_wait(struct dns_lookup *lookup, int64_t until)
{
	struct timespec end = { .tv_sec = until / 1000000, .tv_nsec = until % 1000000 * 1000 };

	while (!atomic_load(&lookup->answered)) {
		if (sem_clockwait(&lookup->done, CLOCK_MONOTONIC, &end) < 0 && errno == ETIMEDOUT)
			return NULL;
	}
	return &lookup->answer;
}

/* ---- the service ---- */

bool
dns_server_valid(const char *text)
{
	char copy[ADDRESS_TEXT], *at, *end;
	struct in6_addr address;
	unsigned long port;

	if (strlen(text) >= sizeof(copy))
		return false;
	strcpy(copy, text);
	at = strchr(copy, '@');
	if (at) {
		*at++ = '\0';
		port = strtoul(at, &end, 10);
		if (*at < '0' || *at > '9' || *end || port < 1 || port > 65535)
			return false;
	}
	return inet_pton(AF_INET, copy, &address) == 1 || inet_pton(AF_INET6, copy, &address) == 1;
}

struct dns *
dns_create(const struct dns_settings *settings, struct dns_zone *zone)
{
	struct dns *dns = memory_alloc(sizeof(*dns));

	dns->settings = settings;
	dns->zone = zone;
	pthread_mutex_init(&dns->lock, NULL);
	return dns;
}

void
dns_destroy(struct dns **dns)
{
	struct dns *doomed = *dns;

	if (!doomed)
		return;
	*dns = NULL;
	dns_resolver_destroy(&doomed->resolver);
	dns_cache_destroy(&doomed->cache);
	dns_zone_destroy(&doomed->zone);
	pthread_mutex_destroy(&doomed->lock);
	free(doomed);
}

/* NULL: there is none. */
static struct dns_resolver *
get_resolver(struct dns *dns)
{
	struct dns_resolver *resolver;
	const char *why = NULL;

	pthread_mutex_lock(&dns->lock);
	if (!dns->tried) {
		dns->resolver = dns_resolver_create(dns->settings, &why);
		dns->cache = dns->resolver ? dns_cache_create(dns_front_bytes(dns->settings)) :
		    NULL;
	}
	dns->tried = true;
	resolver = dns->resolver;
	pthread_mutex_unlock(&dns->lock);
	if (why)
		log_text(MF_LOG_ERROR, "there is no DNS: %s", why);
	return resolver;
}

struct dns_lookup *
dns_start(struct dns *dns, const struct dns_name *name, enum mf_dns_type type)
{
	struct dns_lookup *lookup = create_lookup(name, type);
	struct dns_resolver *resolver;

	if (dns->zone) {
		dns_lookup_answer(lookup, dns_zone_answer(dns->zone, name, type));
		return lookup;
	}
	resolver = get_resolver(dns);
	lookup->cache = dns->cache;
	if (!resolver)
		dns_lookup_answer(lookup, dns_answer_empty(MF_DNS_SERVFAIL));
	else if (!answer_at_once(lookup))
		dns_resolver_start(resolver, lookup);
	return lookup;
}
