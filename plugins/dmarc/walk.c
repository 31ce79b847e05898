/* SPDX-License-Identifier: BSD-2-Clause */
/* Plans tree walks and draws conclusions from them. */
#include <string.h>

#include "plugins/dmarc/walk.h"

/* ---- the walk ---- */

static size_t
count_labels(const char *domain)
{
	size_t count = 1;

	for (; *domain; domain++)
		count += *domain == '.';
	return count;
}

/* The domain above; NULL: there is none. */
static const char *
parent_of(const char *domain)
{
	const char *dot = strchr(domain, '.');

	return dot && dot[1] ? dot + 1 : NULL;
}

/* Steps 3, 4 and 7: a domain of eight labels or more is cut to seven, then label by label. */
void
dmarc_walk_begin(struct dmarc_walk *walk, const char *domain)
{
	size_t labels = count_labels(domain);

	*walk = (struct dmarc_walk){ .domain = domain };
	while (domain && walk->planned < DMARC_WALK_QUERIES) {
		walk->steps[walk->planned++].domain = domain;
		do
			domain = parent_of(domain);
		while (domain && labels-- > DMARC_WALK_QUERIES);
	}
}

const char *
dmarc_walk_next(const struct dmarc_walk *walk)
{
	return walk->over || walk->count == walk->planned ? NULL :
	    walk->steps[walk->count].domain;
}

/* Steps 2 and 6. */
void
dmarc_walk_answer(struct dmarc_walk *walk, enum dmarc_answer answer, const struct str *texts,
    size_t count)
{
	struct dmarc_step *step = &walk->steps[walk->count++];
	struct dmarc_record record;
	size_t i, records = 0;

	for (i = 0; answer == DMARC_ANSWER && i < count && i < DMARC_RECORDS_MAXIMUM; i++) {
		if (!dmarc_record_parse(texts[i], &record))
			continue;
		step->record = record;
		records++;
	}
	step->found = answer != DMARC_ANSWER ? DMARC_FAILED : records == 1 ? DMARC_RECORD :
									     DMARC_NOTHING;
	walk->over = step->found == DMARC_RECORD && step->record.psd != DMARC_PSD_UNKNOWN;
}

/* ---- what follows ---- */

static bool
has_failed(const struct dmarc_walk *walk)
{
	size_t i;

	for (i = 0; i < walk->count; i++)
		if (walk->steps[i].found == DMARC_FAILED)
			return true;
	return false;
}

/* The domain one label below one above the walk's. */
static const char *
below(const struct dmarc_walk *walk, const char *suffix)
{
	const char *domain = suffix - 1;

	while (domain > walk->domain && domain[-1] != '.')
		domain--;
	return domain;
}

/* The last step with a record: the one of the fewest labels, or the one that ended the walk. NULL:
 * there is none. */
static const struct dmarc_step *
last_record(const struct dmarc_walk *walk)
{
	size_t i;

	for (i = walk->count; i > 0; i--)
		if (walk->steps[i - 1].found == DMARC_RECORD)
			return &walk->steps[i - 1];
	return NULL;
}

const char *
dmarc_walk_organization(const struct dmarc_walk *walk)
{
	const struct dmarc_step *last = last_record(walk);

	if (has_failed(walk))
		return NULL;
	if (!last)
		return walk->domain;
	if (last->record.psd == DMARC_PSD_YES && last != walk->steps)
		return below(walk, last->domain);
	return last->domain;
}

const struct dmarc_step *
dmarc_walk_policy(const struct dmarc_walk *walk, bool *failed_r)
{
	const char *organization;
	size_t i;

	*failed_r = false;
	if (walk->count && walk->steps[0].found == DMARC_RECORD)
		return &walk->steps[0];
	organization = dmarc_walk_organization(walk);
	*failed_r = !organization;
	for (i = 0; organization && i < walk->count; i++)
		if (walk->steps[i].domain == organization && walk->steps[i].found == DMARC_RECORD)
			return &walk->steps[i];
	/* Not the organization's: then the one of the public suffix, if there is one. */
	return organization ? last_record(walk) : NULL;
}
