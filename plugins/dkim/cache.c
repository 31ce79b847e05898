/* SPDX-License-Identifier: BSD-2-Clause */
#include <pthread.h>
#include <stdlib.h>

#include "plugins/dkim/cache.h"

enum {
	PLACES = 256,
	TEXT_MAX = 2048		/* bytes of a p= that is remembered */
};

/* One key, in the one place where its text may be. */
struct place {
	enum dkim_key_type type;
	char *text;		/* p=, as written; from malloc */
	size_t length;
	struct dkim_public key;	/* none: the place is free */
};

struct dkim_cache {
	pthread_mutex_t lock;
	struct place places[PLACES];
};

struct dkim_cache *
dkim_cache_create(void)
{
	struct dkim_cache *cache = calloc(1, sizeof(*cache));

	if (!cache)
		abort();
	pthread_mutex_init(&cache->lock, NULL);
	return cache;
}

static void
clear(struct place *place)
{
	dkim_public_free(&place->key);
	free(place->text);
	*place = (struct place){ 0 };
}

void
dkim_cache_destroy(struct dkim_cache **cache)
{
	size_t i;

	if (!*cache)
		return;
	for (i = 0; i < PLACES; i++)
		clear(&(*cache)->places[i]);
	pthread_mutex_destroy(&(*cache)->lock);
	free(*cache);
	*cache = NULL;
}

/* FNV-1a. Who makes texts meet in one place only makes them displace each other. */
static struct place *
place_of(struct dkim_cache *cache, struct dkim_text text)
{
	uint32_t hash = 2166136261u;
	size_t i;

	for (i = 0; i < text.length; i++)
		hash = (hash ^ (unsigned char)text.data[i]) * 16777619u;
	return &cache->places[(hash ^ hash >> 16) % PLACES];
}

static bool
is_same(const struct place *place, const struct dkim_key *key)
{
	return place->key.key && place->type == key->type && place->length == key->data.length &&
	    memcmp(place->text, key->data.data, place->length) == 0;
}

static void
put(struct place *place, const struct dkim_key *key, const struct dkim_public *made)
{
	char *text = malloc(key->data.length);

	if (!text)
		abort();
	clear(place);
	memcpy(text, key->data.data, key->data.length);
	*place = (struct place){ key->type, text, key->data.length, dkim_public_copy(made) };
}

struct dkim_public
dkim_cache_key(struct dkim_cache *cache, const struct dkim_crypto *crypto,
    const struct dkim_key *key, const char **error_r)
{
	struct place *place = place_of(cache, key->data);
	struct dkim_public found = { 0 };
	EVP_PKEY *made;

	pthread_mutex_lock(&cache->lock);
	if (is_same(place, key))
		found = dkim_public_copy(&place->key);
	pthread_mutex_unlock(&cache->lock);
	if (found.key)
		return found;
	made = dkim_public_key(key, error_r);
	if (!made)
		return found;
	found = dkim_public_ready(crypto, made);
	if (key->data.length > TEXT_MAX)
		return found;
	pthread_mutex_lock(&cache->lock);
	put(place, key, &found);
	pthread_mutex_unlock(&cache->lock);
	return found;
}
