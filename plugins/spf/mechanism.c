/* SPDX-License-Identifier: BSD-2-Clause */
/* The mechanisms that do not recurse, RFC 7208 sections 5.1 and 5.3 to 5.7, and the explanation. */
#include "plugins/spf/evaluation.h"
#include "plugins/spf/name.h"

/* ---- addresses ---- */

bool
spf_client_in(const struct spf_evaluation *e, const uint8_t *address, size_t size, unsigned bits)
{
	const uint8_t *ip = e->values.version == 4 ? e->values.ip + 12 : e->values.ip;
	size_t bytes = bits / 8;
	unsigned rest = bits % 8;

	if (size != (e->values.version == 4 ? 4u : 16u))
		return false;
	return memcmp(ip, address, bytes) == 0 &&
	    (rest == 0 || (ip[bytes] ^ address[bytes]) >> (8 - rest) == 0);
}

/* An IPv4 client is matched by ip4 only, also when it has come by IPv6 (section 5). */
bool
spf_network_matches(const struct spf_evaluation *e, const struct spf_term *term)
{
	switch (term->mechanism) {
	case SPF_IP4:
		return spf_client_in(e, term->ip + 12, 4, term->prefix4);
	case SPF_IP6:
		return spf_client_in(e, term->ip, 16, term->prefix6);
	default:
		return false;
	}
}

static bool
any_address(const struct spf_evaluation *e, const struct spf_term *term,
    const struct mf_dns_answer *answer)
{
	unsigned bits = e->values.version == 4 ? term->prefix4 : term->prefix6;
	size_t i;

	for (i = 0; i < answer->count; i++)
		if (spf_client_in(e, answer->records[i].data, answer->records[i].size, bits))
			return true;
	return false;
}

/* ---- mechanisms ---- */

/* The first query of a term. SPF_MATCH: the answer has records. */
static enum spf_match
ask(struct spf_evaluation *e, const struct spf_term *term, enum mf_dns_type type,
    const struct mf_dns_answer **answer_r)
{
	char name[SPF_NAME_SIZE];

	switch (spf_find_target(e, term->spec, name)) {
	case SPF_TARGET_LIMIT:
		return SPF_MATCH_PERMERROR;
	case SPF_NO_TARGET:
		return SPF_NO_MATCH;
	case SPF_TARGET:
		break;
	}
	switch (spf_lookup(e, name, type, answer_r)) {
	case SPF_FAILED:
		return SPF_MATCH_TEMPERROR;
	case SPF_VOID:
		return spf_count_void(e) ? SPF_NO_MATCH : SPF_MATCH_PERMERROR;
	case SPF_FOUND:
		break;
	}
	return SPF_MATCH;
}

static enum spf_match
match_a(struct spf_evaluation *e, const struct spf_term *term)
{
	const struct mf_dns_answer *answer;
	enum spf_match match = ask(e, term, e->address_type, &answer);

	if (match == SPF_MATCH && !any_address(e, term, answer))
		return SPF_NO_MATCH;
	return match;
}

static enum spf_match
match_host(struct spf_evaluation *e, const struct spf_term *term, const char *host)
{
	const struct mf_dns_answer *answer;

	if (!spf_name_fits(host))
		return SPF_NO_MATCH;
	switch (spf_lookup(e, host, e->address_type, &answer)) {
	case SPF_FAILED:
		return SPF_MATCH_TEMPERROR;
	case SPF_VOID:
		return SPF_NO_MATCH;
	case SPF_FOUND:
		break;
	}
	return any_address(e, term, answer) ? SPF_MATCH : SPF_NO_MATCH;
}

/* Section 4.6.4: a name with more hosts than the limit is an error, whichever of them matches. */
static enum spf_match
match_mx(struct spf_evaluation *e, const struct spf_term *term)
{
	const struct mf_dns_answer *answer;
	enum spf_match match = ask(e, term, MF_DNS_MX, &answer);
	size_t i;

	if (match != SPF_MATCH)
		return match;
	if (answer->count > SPF_HOSTS_MAXIMUM) {
		e->reason = spf_format(e, "mx: more than %d hosts, in the record of %s",
		    SPF_HOSTS_MAXIMUM, e->values.domain);
		return SPF_MATCH_PERMERROR;
	}
	for (i = 0; i < answer->count; i++)
		if (spf_name_fits(answer->records[i].data))
			e->resolver->expect(e->resolver->of, answer->records[i].data,
			    e->address_type);
	match = SPF_NO_MATCH;
	for (i = 0; i < answer->count && match == SPF_NO_MATCH; i++)
		match = match_host(e, term, answer->records[i].data);
	return match;
}

/* The look-up is of type A also for IPv6 clients (section 5.7). */
static enum spf_match
match_exists(struct spf_evaluation *e, const struct spf_term *term)
{
	const struct mf_dns_answer *answer;

	return ask(e, term, MF_DNS_A, &answer);
}

static enum spf_match
match_ptr(struct spf_evaluation *e, const struct spf_term *term)
{
	bool first = !e->hosts_known;
	char name[SPF_NAME_SIZE];
	bool within;

	switch (spf_find_target(e, term->spec, name)) {
	case SPF_TARGET_LIMIT:
		return SPF_MATCH_PERMERROR;
	case SPF_NO_TARGET:
		return SPF_NO_MATCH;
	case SPF_TARGET:
		break;
	}
	within = spf_client_is_within(e, name);
	if (first && e->hosts_void && !spf_count_void(e))
		return SPF_MATCH_PERMERROR;
	return within ? SPF_MATCH : SPF_NO_MATCH;
}

enum spf_match
spf_match_term(struct spf_evaluation *e, const struct spf_term *term)
{
	switch (term->mechanism) {
	case SPF_A:
		return match_a(e, term);
	case SPF_MX:
		return match_mx(e, term);
	case SPF_PTR:
		return match_ptr(e, term);
	case SPF_EXISTS:
		return match_exists(e, term);
	case SPF_IP4:
	case SPF_IP6:
		return spf_network_matches(e, term) ? SPF_MATCH : SPF_NO_MATCH;
	default:
		return SPF_MATCH;
	}
}

/* ---- explanation (section 6.2) ---- */

/* It goes into an SMTP reply, so it is to be printable ASCII, whatever macros have brought. */
static bool
is_printable(const char *text)
{
	while (*text >= ' ' && *text <= '~')
		text++;
	return !*text;
}

/* The text that the DNS has, when it has just one. */
static bool
find_explanation(struct spf_evaluation *e, struct spf_text spec, struct spf_text *text_r)
{
	const struct mf_dns_answer *answer;
	char name[SPF_NAME_SIZE];

	/* None of its look-ups counts (section 4.6.4), so that of macro "p" is made before. */
	if (spf_macros_use(spec, "p"))
		spf_client_name(e);
	if (spf_find_target(e, spec, name) != SPF_TARGET ||
	    spf_lookup(e, name, MF_DNS_TXT, &answer) != SPF_FOUND || answer->count != 1)
		return false;
	*text_r = (struct spf_text){ answer->records[0].data, answer->records[0].size };
	return spf_macros_valid(*text_r, SPF_EXPLAIN_STRING);
}

const char *
spf_explain(struct spf_evaluation *e, struct spf_text spec)
{
	const char *reason = e->reason;
	struct spf_text found;
	char *text = NULL;

	if (find_explanation(e, spec, &found)) {
		if (spf_macros_use(found, "p"))
			e->values.validated = spf_client_name(e);
		text = e->memory.alloc(e->memory.of, SPF_EXPLANATION_SIZE);
		spf_expand_explanation(found, &e->values, text, SPF_EXPLANATION_SIZE);
	}
	e->reason = reason;
	return text && *text && is_printable(text) ? text : NULL;
}
