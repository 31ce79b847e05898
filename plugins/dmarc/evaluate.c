/* SPDX-License-Identifier: BSD-2-Clause */
/* Checks an Author Domain. */
#include <string.h>

#include "plugins/dmarc/evaluate.h"

enum alignment { NOT_ALIGNED, ALIGNED, ALIGNMENT_UNKNOWN };

static void
walk_domain(const struct dmarc_dns *dns, const char *domain, struct dmarc_walk *walk)
{
	const char *next;

	dmarc_walk_begin(walk, domain);
	dns->prepare(dns->owner, walk);
	while ((next = dmarc_walk_next(walk)) != NULL) {
		const struct str *texts = NULL;
		size_t count = 0;
		enum dmarc_answer answer = dns->records(dns->owner, next, &texts, &count);

		dmarc_walk_answer(walk, answer, texts, count);
	}
}

/* ---- alignment, section 4.10.2 ---- */

static bool
is_within(const char *domain, const char *suffix)
{
	size_t length = strlen(domain), below = strlen(suffix);

	return length >= below && strcmp(domain + length - below, suffix) == 0 &&
	    (length == below || domain[length - below - 1] == '.');
}

/* A domain that is not within the author's organization has another one: this spares walks. */
static enum alignment
align(const struct dmarc_dns *dns, const struct dmarc_walk *author, const char *domain, bool strict)
{
	const char *organization, *other;
	struct dmarc_walk walk;

	if (strcmp(domain, author->domain) == 0)
		return ALIGNED;
	if (strict)
		return NOT_ALIGNED;
	organization = dmarc_walk_organization(author);
	if (!organization)
		return ALIGNMENT_UNKNOWN;
	if (!is_within(domain, organization))
		return NOT_ALIGNED;
	walk_domain(dns, domain, &walk);
	other = dmarc_walk_organization(&walk);
	if (!other)
		return ALIGNMENT_UNKNOWN;
	return strcmp(organization, other) == 0 ? ALIGNED : NOT_ALIGNED;
}

/* Section 5.3.5. An identifier that might be authenticated and aligned, had the DNS answered, keeps
 * the check from failing. */
static void
align_all(const struct dmarc_dns *dns, const struct dmarc_walk *author,
    const struct dmarc_identifier *identifiers, size_t count, struct dmarc_outcome *outcome)
{
	bool unknown = false;
	size_t i;

	for (i = 0; i < count; i++) {
		bool spf = identifiers[i].mechanism == DMARC_SPF;
		const char **aligned = spf ? &outcome->aligned_spf : &outcome->aligned_dkim;
		bool strict = spf ? outcome->record.strict_spf : outcome->record.strict_dkim;
		enum alignment found;

		if (*aligned)
			continue;
		found = align(dns, author, identifiers[i].domain, strict);
		if (found == ALIGNED && identifiers[i].passed)
			*aligned = identifiers[i].domain;
		else if (found != NOT_ALIGNED)
			unknown = true;
	}
	if (outcome->aligned_spf || outcome->aligned_dkim) {
		outcome->result = DMARC_PASS;
	} else if (unknown) {
		outcome->result = DMARC_TEMPERROR;
		outcome->why = "an identifier could not be checked";
	} else {
		outcome->result = DMARC_FAIL;
	}
}

/* ---- policy, sections 4.7 and 4.10.1 ---- */

static bool
needs_existence(const struct dmarc_outcome *outcome)
{
	return outcome->result == DMARC_FAIL && outcome->record.np >= DMARC_NONE &&
	    strcmp(outcome->record_domain, outcome->author) != 0;
}

static void
choose_tag(struct dmarc_outcome *outcome, bool exists)
{
	const struct dmarc_record *record = &outcome->record;
	bool subdomain = strcmp(outcome->record_domain, outcome->author) != 0;

	outcome->policy_tag = "p";
	outcome->published = record->p;
	if (subdomain && !exists && record->np >= DMARC_NONE) {
		outcome->policy_tag = "np";
		outcome->published = record->np;
	} else if (subdomain && record->sp >= DMARC_NONE) {
		outcome->policy_tag = "sp";
		outcome->published = record->sp;
	}
}

static void
choose_policy(const struct dmarc_dns *dns, struct dmarc_outcome *outcome)
{
	bool exists = true;

	if (needs_existence(outcome) &&
	    dns->exists(dns->owner, outcome->author, &exists) != DMARC_ANSWER) {
		outcome->result = DMARC_TEMPERROR;
		outcome->why = "whether the Author Domain exists is not known";
	}
	choose_tag(outcome, exists);
	outcome->policy = outcome->published;
	if (outcome->record.testing && outcome->policy > DMARC_NONE)
		outcome->policy--;
}

/* False: the check ends here. */
static bool
find_record(const struct dmarc_walk *walk, struct dmarc_outcome *outcome)
{
	bool failed, policy_none;
	const struct dmarc_step *step = dmarc_walk_policy(walk, &failed);

	if (failed) {
		outcome->result = DMARC_TEMPERROR;
		outcome->why = "the DNS did not answer for the record";
	}
	if (!step)
		return false;
	if (!dmarc_record_usable(&step->record, &policy_none)) {
		outcome->result = DMARC_PERMERROR;
		outcome->why = "the record has no valid policy";
		return false;
	}
	outcome->record_domain = step->domain;
	outcome->record = step->record;
	if (policy_none) {
		outcome->record.p = DMARC_NONE;
		outcome->record.sp = outcome->record.np = DMARC_ABSENT;
	}
	return true;
}

void
dmarc_evaluate(const struct dmarc_dns *dns, const char *author,
    const struct dmarc_identifier *identifiers, size_t count, struct dmarc_outcome *outcome_r)
{
	struct dmarc_walk walk;

	*outcome_r = (struct dmarc_outcome){ .author = author };
	walk_domain(dns, author, &walk);
	if (!find_record(&walk, outcome_r))
		return;
	align_all(dns, &walk, identifiers, count, outcome_r);
	choose_policy(dns, outcome_r);
}

const char *
dmarc_result_name(enum dmarc_result result)
{
	static const char *const names[] = {
		[DMARC_NO_RESULT] = "none", [DMARC_PASS] = "pass", [DMARC_FAIL] = "fail",
		[DMARC_TEMPERROR] = "temperror", [DMARC_PERMERROR] = "permerror"
	};

	return names[result];
}
