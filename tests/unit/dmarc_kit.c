/* SPDX-License-Identifier: BSD-2-Clause */
/* Answers from a table. The texts of an answer are good until the next one but are borrowed from
 * the table, which stays. */
#include <string.h>

#include "tests/unit/dmarc_kit.h"

static enum dmarc_answer
records(void *owner, const char *domain, const struct str **texts_r, size_t *count_r)
{
	struct kit *kit = owner;
	const struct kit_record *record;

	if (strlen(kit->asked) + strlen(domain) + 2 < KIT_ASKED)
		strcat(strcat(kit->asked, domain), " ");
	*texts_r = kit->texts;
	*count_r = 0;
	for (record = kit->records; record->domain; record++) {
		if (strcmp(record->domain, domain) != 0)
			continue;
		if (!record->text)
			return DMARC_NO_ANSWER;
		kit->texts[(*count_r)++] = str_of(record->text);
	}
	return DMARC_ANSWER;
}

static enum dmarc_answer
exists(void *owner, const char *domain, bool *exists_r)
{
	const struct kit *kit = owner;

	*exists_r = !kit->missing || strcmp(kit->missing, domain) != 0;
	return kit->silent && strcmp(kit->silent, domain) == 0 ? DMARC_NO_ANSWER : DMARC_ANSWER;
}

static void
prepare(void *owner, const struct dmarc_walk *walk)
{
	(void)owner;
	(void)walk;
}

struct dmarc_dns
kit_dns(struct kit *kit)
{
	return (struct dmarc_dns){ records, exists, prepare, kit };
}
