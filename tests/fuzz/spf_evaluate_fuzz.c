/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fuzzes check_host() with a DNS that lies. The input is identity and HELO name, a line each, and
 * then the answers to the queries in the order in which they are asked, a line each: a letter for
 * what has become of it ("f" found, "n" no data, "x" no such name, "s" failure, "t" no answer),
 * and records divided by tabs. What does not fit the type asked for is an answer too, made of the
 * bytes at hand. When they run out, names do not exist. The limits must hold whatever is said.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "filterd/util/arena.h"
#include "plugins/spf/evaluate.h"
#include "plugins/spf/name.h"
#include "tests/fuzz/part.h"

#define RECORDS_MAXIMUM	32
#define QUERIES_MAXIMUM	133	/* as evaluate.h says */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct liar {
	struct arena *arena;
	struct str rest;
	unsigned asked;
};

static void *
take(void *of, size_t size)
{
	return arena_alloc(((struct liar *)of)->arena, size);
}

static void
expect(void *of, const char *name, enum mf_dns_type type)
{
	(void)of;
	assert(spf_name_fits(name) && type);
}

static enum mf_dns_status
status_of(struct str *line)
{
	char letter = line->length ? *line->data : 'x';

	if (line->length) {
		line->data++;
		line->length--;
	}
	switch (letter) {
	case 'n':
		return MF_DNS_NODATA;
	case 'x':
		return MF_DNS_NXDOMAIN;
	case 's':
		return MF_DNS_SERVFAIL;
	case 't':
		return MF_DNS_TIMEOUT;
	default:
		return MF_DNS_FOUND;
	}
}

/* A, AAAA: so many bytes, the host promises that. Names and texts end in NUL; names have no other.
 * */
static void
fill(struct liar *liar, struct mf_dns_record *record, enum mf_dns_type type, struct str part)
{
	size_t size = type == MF_DNS_A ? 4 : 16;
	char *data;

	if (type == MF_DNS_A || type == MF_DNS_AAAA) {
		data = arena_alloc(liar->arena, size + 1);
		memcpy(data, part.data, part.length < size ? part.length : size);
	} else {
		data = arena_copy(liar->arena, part.data, part.length);
		size = type == MF_DNS_TXT ? part.length : strlen(data);
	}
	record->data = data;
	record->size = size;
}

static const struct mf_dns_answer *
ask(void *of, const char *name, enum mf_dns_type type)
{
	struct liar *liar = of;
	struct str line = fuzz_part(&liar->rest, '\n');
	struct mf_dns_answer *answer = arena_alloc(liar->arena, sizeof(*answer));
	struct mf_dns_record *records = arena_array(liar->arena, RECORDS_MAXIMUM, sizeof(*records));

	assert(spf_name_fits(name));
	liar->asked++;
	answer->status = status_of(&line);
	answer->records = records;
	if (answer->status == MF_DNS_FOUND)
		do
			fill(liar, &records[answer->count++], type, fuzz_part(&line, '\t'));
		while (line.length && answer->count < RECORDS_MAXIMUM);
	return answer;
}

static void
check(const struct liar *liar, const struct spf_outcome *outcome)
{
	assert(liar->asked <= QUERIES_MAXIMUM);
	assert(outcome->lookups <= SPF_LOOKUPS_MAXIMUM);
	assert(outcome->reason && *outcome->reason && outcome->domain);
	assert(outcome->voids <= 3);
	if (outcome->explanation)
		assert(outcome->result == SPF_FAIL &&
		    strlen(outcome->explanation) < SPF_EXPLANATION_SIZE);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct liar liar = { .rest = { (const char *)data, size } };
	const struct spf_resolver resolver = { &liar, take, expect, ask };
	struct spf_query query = { .receiver = "r.example", .voids_maximum = 2, .explain = true };
	struct spf_outcome outcome;
	char name[SPF_NAME_SIZE];
	struct str part;

	if (size == 0)
		return 0;
	liar.arena = arena_create(0, 0);
	if (data[size - 1] % 2)
		memcpy(query.ip + 10, "\xff\xff\xc0\x00\x02\x01", 6);
	part = fuzz_part(&liar.rest, '@');
	query.local = arena_copy(liar.arena, part.data, part.length);
	part = fuzz_part(&liar.rest, '\n');
	query.domain = name;
	if (!spf_name_of_identity(arena_copy(liar.arena, part.data, part.length), name))
		strcpy(name, "example.org");
	part = fuzz_part(&liar.rest, '\n');
	query.helo = arena_copy(liar.arena, part.data, part.length);
	spf_evaluate(&resolver, &query, &outcome);
	check(&liar, &outcome);
	arena_destroy(&liar.arena);
	return 0;
}
