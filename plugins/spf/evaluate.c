/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * check_host(), RFC 7208 section 4: finds the record of a domain, tries its mechanisms in turn,
 * follows include and redirect. Recursion, which includes are, is bounded by the look-ups that an
 * evaluation may make. mechanism.c has the mechanisms that do not recurse.
 */
#include <stdarg.h>
#include <stdio.h>

#include "plugins/spf/evaluation.h"
#include "plugins/spf/name.h"

#define QUOTE_MAXIMUM	100	/* bytes of a term that are quoted in reasons */

const char *
spf_format(struct spf_evaluation *e, const char *format, ...)
{
	va_list arguments;
	int length;
	char *text;

	va_start(arguments, format);
	length = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	text = e->memory.alloc(e->memory.of, (size_t)length + 1);
	va_start(arguments, format);
	vsnprintf(text, (size_t)length + 1, format, arguments);
	va_end(arguments);
	return text;
}

/* A term for a reason, with other bytes than printable ASCII masked. */
static const char *
quote(struct spf_evaluation *e, struct spf_text term)
{
	size_t length = term.length < QUOTE_MAXIMUM ? term.length : QUOTE_MAXIMUM, i;
	char *text = e->memory.alloc(e->memory.of, length + 4);

	for (i = 0; i < length; i++)
		text[i] = term.data[i] < ' ' || term.data[i] > '~' ? '?' : term.data[i];
	if (length < term.length)
		memcpy(text + length, "...", 3);
	return text;
}

static enum spf_result
fail_with(struct spf_evaluation *e, enum spf_result result, const char *reason)
{
	e->reason = reason;
	return result;
}

/* ---- records (sections 4.4 and 4.5) ---- */

/* Selects the one record of SPF. SPF_PASS: it is in record_r. */
static enum spf_result
select_record(struct spf_evaluation *e, const char *domain, const struct mf_dns_answer *answer,
    struct spf_text *record_r)
{
	size_t found = 0, i;

	for (i = 0; i < answer->count; i++) {
		struct spf_text text = { answer->records[i].data, answer->records[i].size };

		if (!spf_is_record(text))
			continue;
		*record_r = text;
		found++;
	}
	if (found == 1)
		return SPF_PASS;
	if (found == 0)
		return fail_with(e, SPF_NONE, spf_format(e, "%s has no SPF record", domain));
	return fail_with(e, SPF_PERMERROR, spf_format(e, "%s has %zu SPF records", domain, found));
}

/* Fetches and parses the record of a domain. SPF_PASS: it is in record_r. */
static enum spf_result
find_record(struct spf_evaluation *e, const char *domain, struct spf_record *record_r)
{
	const struct mf_dns_answer *answer;
	struct spf_mistake mistake;
	struct spf_text text;
	enum spf_result result;

	if (!spf_name_fits(domain) || !spf_name_has_labels(domain))
		return fail_with(e, SPF_NONE, "no domain name");
	switch (spf_lookup(e, domain, MF_DNS_TXT, &answer)) {
	case SPF_FAILED:
		return SPF_TEMPERROR;
	case SPF_VOID:
		return fail_with(e, SPF_NONE, spf_format(e, "%s has no SPF record", domain));
	case SPF_FOUND:
		break;
	}
	result = select_record(e, domain, answer, &text);
	if (result != SPF_PASS || spf_record_parse(text, &e->memory, record_r, &mistake))
		return result;
	return fail_with(e, SPF_PERMERROR, spf_format(e, "%s in \"%s\" of %s", mistake.what,
	    quote(e, mistake.where), domain));
}

/* ---- terms (sections 4.6 and 4.7) ---- */

/* The table of section 5.2. */
static enum spf_match
match_of_include(struct spf_evaluation *e, enum spf_result result)
{
	switch (result) {
	case SPF_PASS:
		return SPF_MATCH;
	case SPF_FAIL:
	case SPF_SOFTFAIL:
	case SPF_NEUTRAL:
		return SPF_NO_MATCH;
	case SPF_TEMPERROR:
		return SPF_MATCH_TEMPERROR;
	case SPF_PERMERROR:
		return SPF_MATCH_PERMERROR;
	case SPF_NONE:
		break;
	}
	e->reason = spf_format(e, "include: %s", e->reason);
	return SPF_MATCH_PERMERROR;
}

static enum spf_match
match_include(struct spf_evaluation *e, const struct spf_term *term)
{
	const char *domain = e->values.domain;
	char name[SPF_NAME_SIZE];
	enum spf_match match;

	switch (spf_find_target(e, term->spec, name)) {
	case SPF_TARGET_LIMIT:
		return SPF_MATCH_PERMERROR;
	case SPF_NO_TARGET:
		e->reason = spf_format(e, "include: no domain name in \"%s\"",
		    quote(e, term->text));
		return SPF_MATCH_PERMERROR;
	case SPF_TARGET:
		break;
	}
	e->includes++;
	match = match_of_include(e, spf_check_host(e, name));
	e->includes--;
	e->values.domain = domain;
	return match;
}

static enum spf_match
match(struct spf_evaluation *e, const struct spf_term *term)
{
	if (spf_mechanism_asks(term->mechanism) && !spf_count_lookup(e))
		return SPF_MATCH_PERMERROR;
	if (term->mechanism == SPF_INCLUDE)
		return match_include(e, term);
	return spf_match_term(e, term);
}

static void
note_match(struct spf_evaluation *e, const struct spf_record *record, const struct spf_term *term)
{
	const char *text = quote(e, term->text);
	const char *inner = term->mechanism == SPF_INCLUDE ? e->reason : NULL;

	e->reason = spf_format(e, "%s in the record of %s%s%s", text, e->values.domain,
	    inner ? ": " : "", inner ? inner : "");
	if (e->includes > 0)
		return;
	e->mechanism = text;
	e->explanation = record->explanation;
}

/* Tries the mechanisms in turn. False: none has matched or failed. */
static bool
try_terms(struct spf_evaluation *e, const struct spf_record *record, enum spf_result *result_r)
{
	size_t i;

	for (i = 0; i < record->count; i++) {
		const struct spf_term *term = &record->terms[i];

		switch (match(e, term)) {
		case SPF_NO_MATCH:
			continue;
		case SPF_MATCH:
			note_match(e, record, term);
			*result_r = term->qualifier;
			return true;
		case SPF_MATCH_TEMPERROR:
			*result_r = SPF_TEMPERROR;
			return true;
		case SPF_MATCH_PERMERROR:
			*result_r = SPF_PERMERROR;
			return true;
		}
	}
	return false;
}

/* Section 6.1. True: it is the next domain's record that counts. */
static bool
find_redirect(struct spf_evaluation *e, struct spf_text spec, const char **domain_r)
{
	char name[SPF_NAME_SIZE];

	if (!spf_count_lookup(e))
		return false;
	switch (spf_find_target(e, spec, name)) {
	case SPF_TARGET_LIMIT:
		return false;
	case SPF_NO_TARGET:
		e->reason = spf_format(e, "redirect: no domain name in the record of %s",
		    e->values.domain);
		return false;
	case SPF_TARGET:
		break;
	}
	*domain_r = spf_format(e, "%s", name);
	return true;
}

/* "All", when there is one, matches: then a redirect is ignored as it is to be (section 5.1). */
enum spf_result
spf_check_host(struct spf_evaluation *e, const char *domain)
{
	bool redirected = false;

	for (;; redirected = true) {
		struct spf_record record;
		enum spf_result result;

		e->values.domain = domain;
		result = find_record(e, domain, &record);
		if (result == SPF_NONE && redirected)
			return fail_with(e, SPF_PERMERROR,
			    spf_format(e, "redirect: %s", e->reason));
		if (result != SPF_PASS)
			return result;
		spf_expect_terms(e, &record);
		if (try_terms(e, &record, &result))
			return result;
		if (!record.redirect.data)
			return fail_with(e, SPF_NEUTRAL, spf_format(e,
			    "nothing matches in the record of %s", domain));
		if (!find_redirect(e, record.redirect, &domain))
			return SPF_PERMERROR;
	}
}

/* ---- the evaluation ---- */

/* Section 4.3: what has no local part is the postmaster's. */
static void
set_values(struct spf_evaluation *e, const struct spf_query *query)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	struct spf_values *values = &e->values;

	values->local = *query->local ? query->local : "postmaster";
	values->sender_domain = values->domain = query->domain;
	values->sender = spf_format(e, "%s@%s", values->local, query->domain);
	values->helo = query->helo;
	values->receiver = query->receiver;
	values->validated = "unknown";
	values->now = query->now;
	memcpy(values->ip, query->ip, sizeof(values->ip));
	values->version = memcmp(query->ip, mapped, sizeof(mapped)) == 0 ? 4 : 6;
	e->address_type = values->version == 4 ? MF_DNS_A : MF_DNS_AAAA;
}

void
spf_evaluate(const struct spf_resolver *resolver, const struct spf_query *query,
    struct spf_outcome *outcome_r)
{
	struct spf_evaluation e = {
		.resolver = resolver,
		.query = query,
		.memory = { resolver->alloc, resolver->of }
	};

	set_values(&e, query);
	outcome_r->result = spf_check_host(&e, query->domain);
	outcome_r->explanation = NULL;
	if (outcome_r->result == SPF_FAIL && query->explain && e.explanation.data)
		outcome_r->explanation = spf_explain(&e, e.explanation);
	outcome_r->mechanism = e.mechanism;
	outcome_r->domain = e.values.domain;
	outcome_r->reason = e.reason;
	outcome_r->lookups = e.lookups;
	outcome_r->voids = e.voids;
}
