/* SPDX-License-Identifier: BSD-2-Clause */
/* What a trusted sealer has reported. */
#include "plugins/arc/report.h"

#include <string.h>

#include "plugins/arc/chain.h"
#include "plugins/auth-results/board.h"

enum { DOMAINS_MAX = 20 };	/* of signatures that passed there */

struct reported {
	const char *spf, *mailfrom, *dmarc, *header_from, *dkim;	/* NULL: nothing */
	const char *domains[DOMAINS_MAX];
	size_t count;
};

/* The domain of a signature: header.d, or that of header.i. NULL: neither is there. */
static const char *
signer(const struct authres_result *result)
{
	const char *domain = authres_get(result, "header", "d"), *at;

	if (domain || !(domain = authres_get(result, "header", "i")))
		return domain;
	at = strrchr(domain, '@');
	return at ? at + 1 : domain;
}

static void
take_dkim(struct reported *reported, const struct authres_result *result)
{
	const char *domain;

	if (strcmp(result->value, "pass") != 0) {
		if (!reported->dkim)
			reported->dkim = result->value;
		return;
	}
	reported->dkim = result->value;
	domain = signer(result);
	if (domain && *domain && reported->count < DOMAINS_MAX)
		reported->domains[reported->count++] = domain;
}

/* The first result of a method counts; of DKIM any that passed. */
static void
take(struct reported *reported, const struct authres_result *result)
{
	if (strcmp(result->method, "dkim") == 0) {
		take_dkim(reported, result);
	} else if (strcmp(result->method, "spf") == 0 && !reported->spf) {
		reported->spf = result->value;
		reported->mailfrom = authres_get(result, "smtp", "mailfrom");
		if (!reported->mailfrom)
			reported->mailfrom = authres_get(result, "smtp", "mfrom");
	} else if (strcmp(result->method, "dmarc") == 0 && !reported->dmarc) {
		reported->dmarc = result->value;
		reported->header_from = authres_get(result, "header", "from");
	}
}

static void
add(struct mf_context *c, struct mf_result *result, const char *property, const char *value)
{
	if (value && *value)
		mf_result_property(c, result, property, value);
}

static void
add_domains(struct mf_context *c, struct mf_result *result, const struct reported *reported)
{
	const char *domains = "";
	size_t i;

	for (i = 0; i < reported->count; i++)
		domains = mf_printf(c, "%s%s%s", domains, i ? ":" : "", reported->domains[i]);
	add(c, result, "policy.dkim-domains", domains);
}

void
arc_report_results(struct mf_context *c, struct mf_result *result, const struct dkim_field *field)
{
	const struct authres_memory memory = authres_memory_of(c);
	struct reported reported = { 0 };
	const struct authres_result *one;
	struct authres parsed;

	authres_parse(&memory, field->value.data, field->value.length, true, &parsed, NULL);
	for (one = parsed.results; one; one = one->next)
		take(&reported, one);
	add(c, result, "policy.spf", reported.spf);
	add(c, result, "policy.mailfrom", reported.mailfrom);
	add(c, result, "policy.dkim", reported.dkim);
	add_domains(c, result, &reported);
	add(c, result, "policy.dmarc", reported.dmarc);
	add(c, result, "policy.header-from", reported.header_from);
}
