/* SPDX-License-Identifier: BSD-2-Clause */
/* What a trusted sealer has reported. */
#include "plugins/arc/report.h"

#include "plugins/arc/authres.h"
#include "plugins/arc/chain.h"

enum { DOMAINS_MAX = 20 };	/* of signatures that passed there */

struct reported {
	struct dkim_text spf, mailfrom, dmarc, header_from, dkim;
	struct dkim_text domains[DOMAINS_MAX];
	size_t count;
};

/* The domain of a signature: header.d, or that of header.i. */
static struct dkim_text
signer(const struct authres *result)
{
	struct dkim_text text = { "", 0 };
	const char *at;

	if (authres_property(result, "header.d", &text) ||
	    !authres_property(result, "header.i", &text))
		return text;
	at = memrchr(text.data, '@', text.length);
	if (at) {
		text.length -= (size_t)(at + 1 - text.data);
		text.data = at + 1;
	}
	return text;
}

static void
take_dkim(struct reported *reported, const struct authres *result)
{
	struct dkim_text domain;

	if (!dkim_text_is(result->value, "pass")) {
		if (reported->dkim.length == 0)
			reported->dkim = result->value;
		return;
	}
	reported->dkim = result->value;
	domain = signer(result);
	if (domain.length > 0 && reported->count < DOMAINS_MAX)
		reported->domains[reported->count++] = domain;
}

/* The first result of a method counts; of DKIM any that passed. */
static void
take(struct reported *reported, const struct authres *result)
{
	if (dkim_text_is(result->method, "dkim")) {
		take_dkim(reported, result);
	} else if (dkim_text_is(result->method, "spf") && reported->spf.length == 0) {
		reported->spf = result->value;
		if (!authres_property(result, "smtp.mailfrom", &reported->mailfrom))
			authres_property(result, "smtp.mfrom", &reported->mailfrom);
	} else if (dkim_text_is(result->method, "dmarc") && reported->dmarc.length == 0) {
		reported->dmarc = result->value;
		authres_property(result, "header.from", &reported->header_from);
	}
}

static void
add(struct mf_context *c, struct mf_result *result, const char *property, struct dkim_text value)
{
	if (value.length > 0)
		mf_result_property(c, result, property,
		    mf_printf(c, "%.*s", (int)value.length, value.data));
}

static void
add_domains(struct mf_context *c, struct mf_result *result, const struct reported *reported)
{
	const char *domains = "";
	size_t i;

	for (i = 0; i < reported->count; i++)
		domains = mf_printf(c, "%s%s%.*s", domains, i ? ":" : "",
		    (int)reported->domains[i].length, reported->domains[i].data);
	if (reported->count > 0)
		mf_result_property(c, result, "policy.dkim-domains", domains);
}

void
arc_report_results(struct mf_context *c, struct mf_result *result, const struct dkim_field *field)
{
	struct reported reported = { 0 };
	struct dkim_text payload = arc_results_payload(field), id;
	struct authres one;

	authres_id(&payload, &id);
	while (authres_next(&payload, &one))
		take(&reported, &one);
	add(c, result, "policy.spf", reported.spf);
	add(c, result, "policy.mailfrom", reported.mailfrom);
	add(c, result, "policy.dkim", reported.dkim);
	add_domains(c, result, &reported);
	add(c, result, "policy.dmarc", reported.dmarc);
	add(c, result, "policy.header-from", reported.header_from);
}
