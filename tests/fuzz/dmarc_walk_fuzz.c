/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tree walks with a DNS that says what the input says: its lines are the Author Domain, a domain of
 * SPF and one of DKIM, and the answers in the order in which they are asked for. A line "!" is a
 * failure; an answer may have several records, divided by "|". No check asks for more than eight
 * names a walk, and a domain that passes has an identifier within it or above it.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "filterd/util/arena.h"
#include "plugins/dmarc/author.h"
#include "plugins/dmarc/evaluate.h"

#define TEXTS	16

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	struct arena *arena;
	struct str rest;
	size_t queries, walks;
};

static struct str
cut(struct str *rest, char separator)
{
	const char *found = rest->length ? memchr(rest->data, separator, rest->length) : NULL;
	size_t length = found ? (size_t)(found - rest->data) : rest->length;
	struct str piece = { rest->data, length };

	length += found != NULL;
	*rest = (struct str){ rest->data + length, rest->length - length };
	return piece;
}

static enum dmarc_answer
records(void *owner, const char *domain, const struct str **texts_r, size_t *count_r)
{
	struct input *input = owner;
	struct str line = cut(&input->rest, '\n'), *texts;

	assert(strlen(domain) <= DMARC_DOMAIN_MAXIMUM);
	input->queries++;
	texts = arena_array(input->arena, TEXTS, sizeof(*texts));
	*texts_r = texts;
	*count_r = 0;
	if (str_equal(line, STR("!")))
		return DMARC_NO_ANSWER;
	while (line.length && *count_r < TEXTS)
		texts[(*count_r)++] = cut(&line, '|');
	return DMARC_ANSWER;
}

static enum dmarc_answer
exists(void *owner, const char *domain, bool *exists_r)
{
	struct input *input = owner;
	struct str line = cut(&input->rest, '\n');

	(void)domain;
	*exists_r = line.length & 1;
	return str_equal(line, STR("!")) ? DMARC_NO_ANSWER : DMARC_ANSWER;
}

static void
prepare(void *owner, const struct dmarc_walk *walk)
{
	struct input *input = owner;
	size_t i;

	input->walks++;
	assert(walk->planned >= 1 && walk->planned <= DMARC_WALK_QUERIES);
	for (i = 1; i < walk->planned; i++)
		assert(strlen(walk->steps[i].domain) < strlen(walk->steps[i - 1].domain));
}

static void
check(const struct dmarc_outcome *outcome)
{
	assert(outcome->result <= DMARC_PERMERROR);
	assert((outcome->result == DMARC_PASS) == (outcome->aligned_spf || outcome->aligned_dkim));
	if (outcome->result == DMARC_PASS || outcome->result == DMARC_FAIL) {
		size_t author = strlen(outcome->author), record = strlen(outcome->record_domain);

		assert(record <= author &&
		    strcmp(outcome->author + author - record, outcome->record_domain) == 0);
		assert(outcome->published >= DMARC_NONE && outcome->policy >= DMARC_NONE);
		assert(outcome->policy <= outcome->published);
	}
	if (outcome->result == DMARC_NO_RESULT)
		assert(!outcome->record_domain);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { .arena = arena_create(0, 0), .rest = { (const char *)data, size } };
	const struct dmarc_dns dns = { records, exists, prepare, &input };
	char author[DMARC_DOMAIN_MAXIMUM + 1], domains[2][DMARC_DOMAIN_MAXIMUM + 1];
	struct dmarc_identifier identifiers[2];
	struct dmarc_outcome outcome;
	size_t i, count = 0;
	bool valid = dmarc_domain(cut(&input.rest, '\n'), author);

	for (i = 0; i < 2; i++) {
		struct str line = cut(&input.rest, '\n');
		bool passed = !line.length || line.data[0] != '?';

		if (!passed)
			cut(&line, '?');
		if (dmarc_domain(line, domains[count]))
			identifiers[count] = (struct dmarc_identifier){ i ? DMARC_DKIM : DMARC_SPF,
				domains[count], passed };
		count += domains[count][0] != '\0';
	}
	if (valid) {
		dmarc_evaluate(&dns, author, identifiers, count, &outcome);
		check(&outcome);
		assert(input.walks <= 3 && input.queries <= input.walks * DMARC_WALK_QUERIES);
	}
	arena_destroy(&input.arena);
	return 0;
}
