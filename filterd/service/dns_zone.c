/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a zone file answers. Its records are sorted by their names' labels from the root on, so that
 * those of a name, and those below it, stand together: a name exists when it has a record or one
 * below it has (RFC 8020 section 2), and all look-ups are binary searches.
 */
#include <stdlib.h>
#include <string.h>

#include "filterd/service/dns_zone_parts.h"
#include "filterd/util/memory.h"

/* A name's labels, each behind its length, beginning at the root. */
struct key {
	size_t size;
	uint8_t bytes[DNS_NAME_BYTES];
};

struct dns_zone {
	struct dns_zone_record *records;
	struct key *keys;		/* of the records; once sorted */
	size_t count, room;
};

/* ---- making it ---- */

static struct key
key_of(const struct dns_name *name)
{
	struct key key = { .size = name->size - 1 };
	size_t at = 0, end = key.size;

	while (name->bytes[at]) {
		size_t length = name->bytes[at] + 1u;

		end -= length;
		memcpy(key.bytes + end, name->bytes + at, length);
		at += length;
	}
	return key;
}

static int
compare_keys(const struct key *a, const struct key *b)
{
	int order = memcmp(a->bytes, b->bytes, a->size < b->size ? a->size : b->size);

	return order ? order : (a->size > b->size) - (a->size < b->size);
}

static int
compare_records(const void *left, const void *right)
{
	const struct dns_zone_record *a = left, *b = right;
	struct key x = key_of(&a->name), y = key_of(&b->name);
	int order = compare_keys(&x, &y);

	return order ? order : (a->place > b->place) - (a->place < b->place);
}

void
dns_zone_add(struct dns_zone *zone, const struct dns_zone_record *record)
{
	if (zone->count == zone->room) {
		zone->room = zone->room ? zone->room * 2 : 64;
		zone->records = memory_resize(
		    zone->records, zone->room * sizeof(*zone->records));
	}
	zone->records[zone->count] = *record;
	zone->records[zone->count].place = zone->count;
	zone->count++;
}

struct dns_zone *
dns_zone_parse(struct str text, dns_zone_mistake *mistake, void *data)
{
	struct dns_zone *zone = memory_alloc(sizeof(*zone));
	size_t i;

	dns_zone_read(zone, text, mistake, data);
	if (zone->count)
		qsort(zone->records, zone->count, sizeof(*zone->records), compare_records);
	zone->keys = memory_array(zone->count, sizeof(*zone->keys));
	for (i = 0; i < zone->count; i++)
		zone->keys[i] = key_of(&zone->records[i].name);
	return zone;
}

void
dns_zone_destroy(struct dns_zone **zone)
{
	struct dns_zone *doomed = *zone;
	size_t i;

	if (!doomed)
		return;
	for (i = 0; i < doomed->count; i++)
		free(doomed->records[i].data);
	free(doomed->records);
	free(doomed->keys);
	free(doomed);
	*zone = NULL;
}

/* ---- look-ups ---- */

/* The first record whose key is not before this one. */
static size_t
find(const struct dns_zone *zone, const struct key *key)
{
	size_t low = 0, high = zone->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_keys(&zone->keys[middle], key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool
is_of(const struct dns_zone *zone, size_t i, const struct key *key)
{
	return i < zone->count && compare_keys(&zone->keys[i], key) == 0;
}

/* Whether there is the name, or one below it. */
static bool
exists(const struct dns_zone *zone, const struct key *key)
{
	size_t i = find(zone, key);

	return i < zone->count && zone->keys[i].size >= key->size &&
	    memcmp(zone->keys[i].bytes, key->bytes, key->size) == 0;
}

/* The bytes of the key of the name that is one label shorter. */
static size_t
parent_size(const struct key *key)
{
	size_t at = 0, last = 0;

	while (at < key->size) {
		last = at;
		at += key->bytes[at] + 1u;
	}
	return last;
}

/* Puts the wildcard that answers for a name that does not exist in the key's place: "*" below the
 * closest name that does (RFC 4592 section 3.3.1). False: there is none. */
static bool
find_wildcard(const struct dns_zone *zone, struct key *key)
{
	while (key->size) {
		key->size = parent_size(key);
		if (key->size && !exists(zone, key))
			continue;
		if (key->size + 2 > sizeof(key->bytes))
			return false;
		memcpy(key->bytes + key->size, "\1*", 2);
		key->size += 2;
		return is_of(zone, find(zone, key), key);
	}
	return false;
}

/* The records of a name. */
struct found {
	const struct dns_zone_record *records;
	size_t count;
};

/* False: the name does not exist. */
static bool
look_up(const struct dns_zone *zone, const struct dns_name *name, struct found *found_r)
{
	struct key key = key_of(name);
	size_t first;

	*found_r = (struct found){ 0 };
	if (!exists(zone, &key) && !find_wildcard(zone, &key))
		return false;
	first = find(zone, &key);
	found_r->records = zone->records + first;
	while (is_of(zone, first + found_r->count, &key))
		found_r->count++;
	return true;
}

/* The record that is a failure of this type, or an alias when there is none of the type itself;
 * NULL: neither. */
static const struct dns_zone_record *
find_exception(const struct found *found, enum mf_dns_type type)
{
	const struct dns_zone_record *alias = NULL;
	size_t i;

	for (i = 0; i < found->count; i++) {
		const struct dns_zone_record *record = &found->records[i];

		if (record->status != MF_DNS_FOUND &&
		    (record->type == type || record->type == DNS_TYPE_ANY))
			return record;
		if (record->status == MF_DNS_FOUND && record->type == DNS_TYPE_CNAME)
			alias = record;
	}
	return alias;
}

static struct mf_dns_answer *
make_answer(const struct found *found, const struct dns_name *name, enum mf_dns_type type)
{
	struct dns_data *data = memory_array(found->count, sizeof(*data));
	struct mf_dns_answer *answer;
	uint32_t ttl = UINT32_MAX;
	size_t count = 0, i;

	for (i = 0; i < found->count; i++) {
		const struct dns_zone_record *record = &found->records[i];

		if (record->status != MF_DNS_FOUND || record->type != type)
			continue;
		data[count++] = (struct dns_data){ record->data, record->size };
		if (record->ttl < ttl)
			ttl = record->ttl;
	}
	answer = dns_answer_make(type, data, count, name);
	answer->ttl = count ? ttl : 0;
	free(data);
	return answer;
}

struct mf_dns_answer *
dns_zone_answer(const struct dns_zone *zone, const struct dns_name *name, enum mf_dns_type type)
{
	struct dns_name at = *name;
	unsigned aliases;

	for (aliases = 0; aliases <= DNS_ALIASES_MAXIMUM; aliases++) {
		const struct dns_zone_record *exception;
		struct found found;

		if (!look_up(zone, &at, &found))
			return dns_answer_empty(MF_DNS_NXDOMAIN);
		exception = find_exception(&found, type);
		if (!exception)
			return make_answer(&found, &at, type);
		if (exception->status != MF_DNS_FOUND)
			return dns_answer_empty(exception->status);
		dns_name_read(exception->data, exception->size, &at);
	}
	return dns_answer_empty(MF_DNS_SERVFAIL);
}
