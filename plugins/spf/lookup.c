/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How the evaluator asks the DNS: the limits of RFC 7208 section 4.6.4, names made of domain-specs,
 * and queries that are started ahead of need.
 */
#include "plugins/spf/evaluation.h"
#include "plugins/spf/name.h"

bool
spf_count_lookup(struct spf_evaluation *e)
{
	if (e->lookups < SPF_LOOKUPS_MAXIMUM) {
		e->lookups++;
		return true;
	}
	e->reason = spf_format(e, "more than %d terms that ask the DNS, the last in the record "
	    "of %s",
	    SPF_LOOKUPS_MAXIMUM, e->values.domain);
	return false;
}

bool
spf_count_void(struct spf_evaluation *e)
{
	if (++e->voids <= e->query->voids_maximum)
		return true;
	e->reason = spf_format(e, "more than %u terms whose names have no data, the last in the "
	    "record of %s", e->query->voids_maximum, e->values.domain);
	return false;
}

static const char *
status_word(enum mf_dns_status status)
{
	switch (status) {
	case MF_DNS_TIMEOUT:
		return "no answer in time";
	case MF_DNS_LIMIT:
		return "too many queries";
	default:
		return "server failure";
	}
}

enum spf_found
spf_lookup(struct spf_evaluation *e, const char *name, enum mf_dns_type type,
    const struct mf_dns_answer **answer_r)
{
	const struct mf_dns_answer *answer = e->resolver->ask(e->resolver->of, name, type);

	*answer_r = answer;
	switch (answer->status) {
	case MF_DNS_FOUND:
		return answer->count ? SPF_FOUND : SPF_VOID;
	case MF_DNS_NODATA:
	case MF_DNS_NXDOMAIN:
	case MF_DNS_INVALID:
		return SPF_VOID;
	default:
		e->reason = spf_format(e, "DNS: %s for %s", status_word(answer->status), name);
		return SPF_FAILED;
	}
}

static bool
is_ascii(const char *text)
{
	while (*text && (unsigned char)*text < 0x80)
		text++;
	return !*text;
}

/* RFC 8616 section 4: a local part with other characters than ASCII is in no name of the DNS. */
static enum spf_target
expand_target(struct spf_evaluation *e, struct spf_text spec, char name_r[SPF_NAME_SIZE])
{
	if (!is_ascii(e->values.local) && spf_macros_use(spec, "sl"))
		return SPF_NO_TARGET;
	spf_expand_name(spec, &e->values, name_r);
	return spf_name_fits(name_r) ? SPF_TARGET : SPF_NO_TARGET;
}

enum spf_target
spf_find_target(struct spf_evaluation *e, struct spf_text spec, char name_r[SPF_NAME_SIZE])
{
	if (!spec.data) {
		memcpy(name_r, e->values.domain, strlen(e->values.domain) + 1);
		return SPF_TARGET;
	}
	if (spf_macros_use(spec, "p")) {
		/* Its query counts once, for its answer is kept (section 4.6.4). */
		if (!e->hosts_known && !spf_count_lookup(e))
			return SPF_TARGET_LIMIT;
		e->values.validated = spf_client_name(e);
	}
	return expand_target(e, spec, name_r);
}

static enum mf_dns_type
type_of(const struct spf_evaluation *e, enum spf_mechanism mechanism)
{
	switch (mechanism) {
	case SPF_INCLUDE:
		return MF_DNS_TXT;
	case SPF_MX:
		return MF_DNS_MX;
	case SPF_EXISTS:
		return MF_DNS_A;
	default:
		return e->address_type;
	}
}

/* Whether the evaluation is sure to get no further than this term. */
static bool
is_end(const struct spf_evaluation *e, const struct spf_term *term)
{
	return term->mechanism == SPF_ALL || spf_network_matches(e, term);
}

/* In written order, and no more than the evaluation may ask for. What needs the client's names is
 * left: they may never be needed. */
void
spf_expect_terms(struct spf_evaluation *e, const struct spf_record *record)
{
	unsigned lookups = e->lookups;
	char name[SPF_NAME_SIZE];
	size_t i;

	for (i = 0; i < record->count && !is_end(e, &record->terms[i]); i++) {
		const struct spf_term *term = &record->terms[i];

		if (!spf_mechanism_asks(term->mechanism))
			continue;
		if (lookups++ == SPF_LOOKUPS_MAXIMUM || e->expected == SPF_LOOKUPS_MAXIMUM)
			return;
		if (term->mechanism == SPF_PTR || spf_macros_use(term->spec, "p"))
			continue;
		if (term->spec.data && expand_target(e, term->spec, name) != SPF_TARGET)
			continue;
		e->expected++;
		e->resolver->expect(e->resolver->of, term->spec.data ? name : e->values.domain,
		    type_of(e, term->mechanism));
	}
}
