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
};

/* ---- look-ups ---- */

static struct dns_lookup *
create_lookup(enum mf_dns_type type)
{
	struct dns_lookup *lookup = memory_alloc(sizeof(*lookup));

	sem_init(&lookup->done, 0, 0);
	atomic_init(&lookup->owners, 2);
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
	free(lookup->answer);
	free(lookup);
}

void
dns_lookup_answer(struct dns_lookup *lookup, struct mf_dns_answer *answer)
{
	lookup->answer = answer;
	lookup->took = clock_monotonic() - lookup->begun;
	atomic_store(&lookup->answered, true);
	sem_post(&lookup->done);
	let_go(lookup);
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
	return lookup->answer;
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
	if (!dns->tried)
		dns->resolver = dns_resolver_create(dns->settings, &why);
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
	struct dns_lookup *lookup = create_lookup(type);
	struct dns_resolver *resolver;

	if (dns->zone) {
		dns_lookup_answer(lookup, dns_zone_answer(dns->zone, name, type));
		return lookup;
	}
	resolver = get_resolver(dns);
	if (resolver)
		dns_resolver_start(resolver, lookup, name);
	else
		dns_lookup_answer(lookup, dns_answer_empty(MF_DNS_SERVFAIL));
	return lookup;
}
