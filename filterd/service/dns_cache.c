/* SPDX-License-Identifier: BSD-2-Clause */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "filterd/service/dns_cache.h"
#include "filterd/util/memory.h"

#define WAYS		4	/* places of a set */
#define FAILURE_TTL	5	/* seconds; RFC 9520 section 3.2 wants at least one */
#define SET_BYTES	4096	/* of the cache for each set: what four answers take, and more */

/* ---- answers that are shared ---- */

struct dns_shared {
	atomic_uint holders;
	struct mf_dns_answer *answer;
};

struct dns_shared *
dns_shared_create(struct mf_dns_answer *answer)
{
	struct dns_shared *shared = memory_alloc(sizeof(*shared));

	atomic_init(&shared->holders, 1);
	shared->answer = answer;
	return shared;
}

const struct mf_dns_answer *
dns_shared_answer(const struct dns_shared *shared)
{
	return shared->answer;
}

void
dns_shared_release(struct dns_shared **shared)
{
	struct dns_shared *doomed = *shared;

	*shared = NULL;
	if (!doomed || atomic_fetch_sub(&doomed->holders, 1) > 1)
		return;
	free(doomed->answer);
	free(doomed);
}

/* ---- the table ---- */

struct place {
	struct dns_shared *shared;	/* NULL: the place is free */
	uint8_t *name;			/* its bytes */
	size_t name_size, size;		/* size: of all that is kept for it */
	enum mf_dns_type type;
	int64_t expires, used;		/* microseconds */
};

struct set {
	struct place places[WAYS];
};

struct dns_cache {
	pthread_mutex_t lock;
	uint64_t limit, size;
	size_t set_count, hand;		/* hand: the set where room is made next */
	struct set sets[];
};

struct dns_cache *
dns_cache_create(uint64_t bytes)
{
	size_t count = bytes / SET_BYTES ? bytes / SET_BYTES : 1;
	struct dns_cache *cache = memory_alloc(sizeof(*cache) + count * sizeof(struct set));

	pthread_mutex_init(&cache->lock, NULL);
	cache->limit = bytes;
	cache->set_count = count;
	return cache;
}

static void
clear(struct dns_cache *cache, struct place *place)
{
	dns_shared_release(&place->shared);
	free(place->name);
	cache->size -= place->size;
	*place = (struct place){ 0 };
}

void
dns_cache_destroy(struct dns_cache **cache)
{
	struct dns_cache *doomed = *cache;
	size_t i, way;

	*cache = NULL;
	if (!doomed)
		return;
	for (i = 0; i < doomed->set_count; i++)
		for (way = 0; way < WAYS; way++)
			clear(doomed, &doomed->sets[i].places[way]);
	pthread_mutex_destroy(&doomed->lock);
	free(doomed);
}

/* FNV-1a. */
static struct set *
set_of(struct dns_cache *cache, const struct dns_name *name, enum mf_dns_type type)
{
	uint64_t hash = 14695981039346656037u ^ (unsigned)type;
	size_t i;

	for (i = 0; i < name->size; i++)
		hash = (hash ^ name->bytes[i]) * 1099511628211u;
	return &cache->sets[(hash ^ hash >> 32) % cache->set_count];
}

static bool
is_of(const struct place *place, const struct dns_name *name, enum mf_dns_type type)
{
	return place->shared && place->type == type && place->name_size == name->size &&
	    memcmp(place->name, name->bytes, name->size) == 0;
}

/* ---- keeping ---- */

static size_t
size_of(const struct mf_dns_answer *answer, const struct dns_name *name)
{
	size_t size = sizeof(struct dns_shared) + sizeof(*answer) + DNS_NAME_TEXT + name->size;
	size_t i;

	for (i = 0; i < answer->count; i++)
		size += sizeof(*answer->records) + answer->records[i].size * 4 + 1;
	return size;
}

/* Failures are kept for a moment: what cannot be resolved is not tried for every message. */
static uint32_t
ttl_of(const struct mf_dns_answer *answer)
{
	return answer->status == MF_DNS_SERVFAIL ? FAILURE_TTL : answer->ttl;
}

/* The place of that name, else a free one, else the one that has not been used for longest. */
static struct place *
place_for(struct set *set, const struct dns_name *name, enum mf_dns_type type)
{
	struct place *best = &set->places[0];
	size_t way;

	for (way = 0; way < WAYS; way++) {
		struct place *place = &set->places[way];

		if (is_of(place, name, type))
			return place;
		if (place->used < best->used)
			best = place;
	}
	return best;
}

/* Set by set, until there is room; there is, for what is larger than the whole is not kept. */
static void
make_room(struct dns_cache *cache, size_t size)
{
	size_t way;

	while (cache->size + size > cache->limit) {
		for (way = 0; way < WAYS; way++)
			clear(cache, &cache->sets[cache->hand].places[way]);
		cache->hand = (cache->hand + 1) % cache->set_count;
	}
}

void
dns_cache_put(struct dns_cache *cache, const struct dns_name *name, enum mf_dns_type type,
    struct dns_shared *shared, int64_t now)
{
	size_t size = size_of(shared->answer, name);
	uint32_t ttl = ttl_of(shared->answer);
	struct place *place;

	if (!ttl || size > cache->limit)
		return;
	pthread_mutex_lock(&cache->lock);
	place = place_for(set_of(cache, name, type), name, type);
	clear(cache, place);
	make_room(cache, size);
	atomic_fetch_add(&shared->holders, 1);
	*place = (struct place){ .shared = shared, .name_size = name->size, .size = size,
		.type = type, .expires = now + (int64_t)ttl * 1000000,
		.used = now };
	place->name = memory_alloc(name->size);
	memcpy(place->name, name->bytes, name->size);
	cache->size += size;
	pthread_mutex_unlock(&cache->lock);
}

static uint32_t
seconds_until(int64_t time, int64_t now)
{
	return (uint32_t)((time - now + 999999) / 1000000);
}

struct dns_shared *
dns_cache_find(struct dns_cache *cache, const struct dns_name *name, enum mf_dns_type type,
    int64_t now, uint32_t *ttl_r)
{
	struct dns_shared *found = NULL;
	struct place *place;

	pthread_mutex_lock(&cache->lock);
	place = place_for(set_of(cache, name, type), name, type);
	if (is_of(place, name, type) && place->expires > now) {
		found = place->shared;
		atomic_fetch_add(&found->holders, 1);
		place->used = now;
		*ttl_r = found->answer->ttl ? seconds_until(place->expires, now) : 0;
	}
	pthread_mutex_unlock(&cache->lock);
	return found;
}
