/* SPDX-License-Identifier: BSD-2-Clause */
/* A DNS that is a text, for tests of the SPF evaluator. */
#include <arpa/inet.h>
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/spf_kit.h"

#define RECORDS_MAXIMUM	64

static const struct {
	const char *name;
	enum mf_dns_type type;		/* 0: any */
	enum mf_dns_status status;
} types[] = {
	{ "A", MF_DNS_A, MF_DNS_FOUND },
	{ "AAAA", MF_DNS_AAAA, MF_DNS_FOUND },
	{ "MX", MF_DNS_MX, MF_DNS_FOUND },
	{ "PTR", MF_DNS_PTR, MF_DNS_FOUND },
	{ "TXT", MF_DNS_TXT, MF_DNS_FOUND },
	{ "SERVFAIL", 0, MF_DNS_SERVFAIL },
	{ "TIMEOUT", 0, MF_DNS_TIMEOUT },
	{ "LIMIT", 0, MF_DNS_LIMIT }
};

static void *
kit_alloc(void *of, size_t size)
{
	return arena_alloc(((struct spf_kit *)of)->arena, size);
}

static void
kit_expect(void *of, const char *name, enum mf_dns_type type)
{
	assert(*name && type);
	((struct spf_kit *)of)->expected++;
}

/* Takes the bytes up to a separator off the rest of a line. */
static char *
word(char **rest)
{
	char *start = *rest;
	char *end = strchr(start, ' ');

	if (end)
		*end++ = '\0';
	*rest = end ? end : start + strlen(start);
	return start;
}

static void
fill_text(struct mf_dns_record *record, char *data)
{
	char *to = data, *from = data;

	while (*from) {
		if (*from == '\\') {
			*to++ = (char)strtol((char[]){ from[1], from[2], from[3], 0 }, NULL, 10);
			from += 4;
		} else {
			*to++ = *from++;
		}
	}
	*to = '\0';
	record->data = data;
	record->size = (size_t)(to - data);
}

static void
fill_record(struct spf_kit *kit, struct mf_dns_record *record, enum mf_dns_type type, char *data)
{
	uint8_t *address;

	if (type != MF_DNS_A && type != MF_DNS_AAAA) {
		fill_text(record, data);
		return;
	}
	address = arena_alloc(kit->arena, 17);
	record->data = address;
	record->size = type == MF_DNS_A ? 4 : 16;
	assert(inet_pton(type == MF_DNS_A ? AF_INET : AF_INET6, data, address) == 1);
}

/* Adds what a line says about the name. */
static void
read_line(struct spf_kit *kit, char *line, const char *name, enum mf_dns_type type,
    struct mf_dns_answer *answer)
{
	struct mf_dns_record *records = (void *)(uintptr_t)answer->records;
	const char *type_name;
	size_t i = 0;

	if (strcasecmp(word(&line), name) != 0)
		return;
	if (answer->status == MF_DNS_NXDOMAIN)
		answer->status = MF_DNS_NODATA;
	for (type_name = word(&line); strcmp(types[i].name, type_name) != 0; i++)
		assert(i + 1 < sizeof(types) / sizeof(types[0]));
	if (types[i].type && types[i].type != type)
		return;
	answer->status = types[i].status;
	if (types[i].status != MF_DNS_FOUND)
		return;
	assert(answer->count < RECORDS_MAXIMUM);
	fill_record(kit, &records[answer->count++], type, line);
}

static const struct mf_dns_answer *
kit_ask(void *of, const char *name, enum mf_dns_type type)
{
	struct spf_kit *kit = of;
	struct mf_dns_answer *answer = arena_alloc(kit->arena, sizeof(*answer));
	const char *line = kit->zone;

	kit->asked++;
	answer->status = MF_DNS_NXDOMAIN;
	answer->records = arena_array(kit->arena, RECORDS_MAXIMUM, sizeof(*answer->records));
	while (*line) {
		size_t length = strcspn(line, "\n");

		read_line(kit, arena_copy(kit->arena, line, length), name, type, answer);
		line += length + (line[length] != '\0');
	}
	return answer;
}

void
spf_kit_client(struct spf_kit *kit, const char *address)
{
	memset(kit->query.ip, 0, 10);
	memset(kit->query.ip + 10, 0xff, 2);
	if (inet_pton(AF_INET, address, kit->query.ip + 12) != 1)
		assert(inet_pton(AF_INET6, address, kit->query.ip) == 1);
}

void
spf_kit_create(struct spf_kit *kit, const char *zone)
{
	*kit = (struct spf_kit){
		.arena = arena_create(0, 0),
		.resolver = { kit, kit_alloc, kit_expect, kit_ask },
		.query = { .local = "user", .domain = "example.org", .helo = "mail.example.org",
		    .receiver = "mx.example.com", .now = 1700000000, .voids_maximum = 2,
		    .explain = true },
		.zone = zone
	};
	spf_kit_client(kit, "192.0.2.1");
}

void
spf_kit_destroy(struct spf_kit *kit)
{
	arena_destroy(&kit->arena);
}

struct spf_outcome
spf_kit_evaluate(struct spf_kit *kit)
{
	struct spf_outcome outcome;

	spf_evaluate(&kit->resolver, &kit->query, &outcome);
	return outcome;
}
