/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The resolver: libunbound, the only file that knows it. Its context has a thread of its own that
 * resolves; what it has found comes through a pipe, and a thread of ours waits there and hands each
 * answer to its look-up. libunbound has its own patience, which is longer than anybody's: a look-up
 * that nobody waits for any more goes on, and what it finds is in the cache. Nothing is cancelled,
 * so the number of look-ups on their way is bounded here.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unbound.h>
#include <unistd.h>

#include "filterd/service/dns_parts.h"
#include "filterd/util/memory.h"

#define WAITING_MAXIMUM	4096	/* look-ups on their way */
#define CLASS_IN	1
#define NUMBER_TEXT	32	/* bytes of a number in an option */

struct dns_resolver {
	struct ub_ctx *context;
	pthread_t taker;
	int stop;			/* eventfd(2): readable when the taker is to end */
	pthread_mutex_t lock;		/* of what follows */
	struct dns_lookup *waiting;
	size_t waiting_count;
};

/* ---- configuring libunbound ---- */

struct option {
	const char *name, *value;
};

/* In numbers and bytes; the cache is divided as its manual recommends. */
static bool
set_cache(struct ub_ctx *context, uint64_t bytes)
{
	char third[NUMBER_TEXT], rest[NUMBER_TEXT];

	snprintf(third, sizeof(third), "%llu", (unsigned long long)(bytes / 3));
	snprintf(rest, sizeof(rest), "%llu", (unsigned long long)(bytes - bytes / 3));
	return ub_ctx_set_option(context, "msg-cache-size:", third) == 0 &&
	    ub_ctx_set_option(context, "rrset-cache-size:", rest) == 0;
}

static bool
set_options(struct ub_ctx *context, const struct dns_settings *settings)
{
	const struct option options[] = {
		{ "module-config:", settings->dnssec ? "validator iterator" : "iterator" },
		{ "outgoing-range:", "64" },
		{ "outgoing-num-tcp:", "16" },
		{ "num-queries-per-thread:", "4096" },
		{ "edns-buffer-size:", "1232" },
		{ "do-not-query-localhost:", "no" },
		/* Reverse names of private networks are the resolver's that is asked */
		{ "unblock-lan-zones:", "yes" },
		{ "insecure-lan-zones:", "yes" },
		{ "val-log-level:", "0" },
	};
	size_t i;

	for (i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (ub_ctx_set_option(context, options[i].name, options[i].value) != 0)
			return false;
	return set_cache(context, settings->cache_size.bytes - dns_front_bytes(settings));
}

static const char *
set_servers(struct ub_ctx *context, const struct mf_strings *resolver)
{
	size_t i;

	if (strcmp(resolver->items[0], "system") == 0 &&
	    ub_ctx_resolvconf(context, NULL) != 0)
		return "/etc/resolv.conf cannot be read";
	for (i = 1; i < resolver->count; i++)
		if (ub_ctx_set_fwd(context, resolver->items[i]) != 0)
			return "an address to forward to is not accepted";
	return NULL;
}

/* NULL: fine; else what is wrong. */
static const char *
configure(struct ub_ctx *context, const struct dns_settings *settings)
{
	const char *error;

	if (ub_ctx_debugout(context, NULL) != 0 || !set_options(context, settings))
		return "libunbound does not take its options";
	error = set_servers(context, &settings->resolver);
	if (error)
		return error;
	if (settings->root_hints &&
	    ub_ctx_set_option(context, "root-hints:", settings->root_hints) != 0)
		return "the file of root-hints is not accepted";
	if (settings->dnssec && ub_ctx_add_ta_file(context, settings->trust_anchor) != 0)
		return "the file of trust-anchor is not accepted";
	return ub_ctx_async(context, 1) == 0 ? NULL : "libunbound gets no thread";
}

/* ---- look-ups on their way ---- */

static bool
note_waiting(struct dns_resolver *resolver, struct dns_lookup *lookup)
{
	bool fits;

	lookup->resolver = resolver;
	pthread_mutex_lock(&resolver->lock);
	fits = resolver->waiting_count < WAITING_MAXIMUM;
	if (fits) {
		lookup->next = resolver->waiting;
		lookup->previous = &resolver->waiting;
		if (lookup->next)
			lookup->next->previous = &lookup->next;
		resolver->waiting = lookup;
		resolver->waiting_count++;
	}
	pthread_mutex_unlock(&resolver->lock);
	return fits;
}

/* From here on the look-up is not the resolver's. */
static void
settle(struct dns_lookup *lookup, struct mf_dns_answer *answer)
{
	struct dns_resolver *resolver = lookup->resolver;

	pthread_mutex_lock(&resolver->lock);
	*lookup->previous = lookup->next;
	if (lookup->next)
		lookup->next->previous = lookup->previous;
	resolver->waiting_count--;
	pthread_mutex_unlock(&resolver->lock);
	dns_lookup_answer(lookup, answer);
}

/* ---- answers ---- */

static size_t
count_data(const struct ub_result *result)
{
	size_t count = 0;

	while (result->data && result->data[count] && count <= DNS_RECORDS_MAXIMUM)
		count++;
	return count;
}

/* The records of a result, with the name that has them. */
static struct mf_dns_answer *
read_records(const struct ub_result *result, enum mf_dns_type type)
{
	const char *owner = result->canonname ? result->canonname : result->qname;
	size_t count = count_data(result), i;
	struct dns_data *data = memory_array(count, sizeof(*data));
	struct mf_dns_answer *answer;
	struct dns_name name;

	for (i = 0; i < count; i++)
		data[i] = (struct dns_data){ (const uint8_t *)result->data[i],
			result->len[i] > 0 ? (size_t)result->len[i] : 0 };
	answer = dns_name_parse(str_of(owner), &name) ?
	    dns_answer_make(type, data, count, &name) : dns_answer_empty(MF_DNS_SERVFAIL);
	free(data);
	return answer;
}

static struct mf_dns_answer *
read_result(const struct ub_result *result, enum mf_dns_type type)
{
	struct mf_dns_answer *answer;

	if (result->bogus)
		return dns_answer_empty(MF_DNS_SERVFAIL);
	if (result->havedata)
		answer = read_records(result, type);
	else if (result->nxdomain)
		answer = dns_answer_empty(MF_DNS_NXDOMAIN);
	else
		answer = dns_answer_empty(result->rcode == 0 ? MF_DNS_NODATA : MF_DNS_SERVFAIL);
	answer->secure = result->secure && answer->status != MF_DNS_SERVFAIL;
	answer->ttl = answer->status != MF_DNS_SERVFAIL && result->ttl > 0 ?
	    (uint32_t)result->ttl : 0;
	return answer;
}

/* Called by libunbound in the taker's thread. */
static void
take_result(void *data, int error, struct ub_result *result)
{
	struct dns_lookup *lookup = data;

	settle(lookup, error || !result ? dns_answer_empty(MF_DNS_SERVFAIL) :
	    read_result(result, lookup->type));
	ub_resolve_free(result);
}

/* ---- the thread ---- */

static void *
take_results(void *data)
{
	const struct dns_resolver *resolver = data;
	struct pollfd sources[] = {
		{ .fd = ub_fd(resolver->context), .events = POLLIN },
		{ .fd = resolver->stop, .events = POLLIN }
	};

	for (;;) {
		if (poll(sources, 2, -1) < 0 && errno != EINTR)
			return NULL;
		if (sources[1].revents)
			return NULL;
		if (sources[0].revents)
			ub_process(resolver->context);
	}
}

/* ---- the resolver ---- */

struct dns_resolver *
dns_resolver_create(const struct dns_settings *settings, const char **error_r)
{
	struct dns_resolver *resolver = memory_alloc(sizeof(*resolver));

	*error_r = NULL;
	pthread_mutex_init(&resolver->lock, NULL);
	resolver->context = ub_ctx_create();
	resolver->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (!resolver->context || resolver->stop < 0)
		*error_r = "libunbound cannot be started";
	else
		*error_r = configure(resolver->context, settings);
	if (!*error_r && pthread_create(&resolver->taker, NULL, take_results, resolver) != 0)
		*error_r = "there is no thread for it";
	if (!*error_r)
		return resolver;
	if (resolver->context)
		ub_ctx_delete(resolver->context);
	if (resolver->stop >= 0)
		close(resolver->stop);
	free(resolver);
	return NULL;
}

void
dns_resolver_destroy(struct dns_resolver **resolver)
{
	struct dns_resolver *doomed = *resolver;
	uint64_t one = 1;

	if (!doomed)
		return;
	*resolver = NULL;
	if (write(doomed->stop, &one, sizeof(one)) < 0)
		abort();	/* cannot happen: nothing was written before */
	pthread_join(doomed->taker, NULL);
	ub_ctx_delete(doomed->context);
	while (doomed->waiting)
		settle(doomed->waiting, dns_answer_empty(MF_DNS_SERVFAIL));
	close(doomed->stop);
	pthread_mutex_destroy(&doomed->lock);
	free(doomed);
}

void
dns_resolver_start(struct dns_resolver *resolver, struct dns_lookup *lookup)
{
	char text[DNS_NAME_TEXT + 1];
	size_t length = dns_name_print(&lookup->name, text);

	if (!note_waiting(resolver, lookup)) {
		lookup->cache = NULL;	/* it says nothing about the name */
		dns_lookup_answer(lookup, dns_answer_empty(MF_DNS_SERVFAIL));
		return;
	}
	memcpy(text + length, ".", sizeof("."));
	if (ub_resolve_async(resolver->context, text, (int)lookup->type, CLASS_IN, lookup,
	    take_result, NULL) != 0)
		settle(lookup, dns_answer_empty(MF_DNS_SERVFAIL));
}
