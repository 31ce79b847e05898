/* SPDX-License-Identifier: BSD-2-Clause */
/* Where the check of a domain meets the host: its DNS, and the results board. */
#include <stdio.h>
#include <string.h>

#include "plugins/dmarc/dmarc.h"

#define PREFIX		"_dmarc."

static struct mf_dns_query *
ask(struct mf_context *c, const char *domain)
{
	char name[sizeof(PREFIX) + DMARC_DOMAIN_MAXIMUM];

	snprintf(name, sizeof(name), PREFIX "%s", domain);
	return mf_dns_start(c, name, MF_DNS_TXT);
}

static enum dmarc_answer
answer_of(const struct mf_dns_answer *answer)
{
	switch (answer->status) {
	case MF_DNS_FOUND:
	case MF_DNS_NODATA:
	case MF_DNS_NXDOMAIN:
	case MF_DNS_INVALID:	/* a name that is too long with its prefix has no record */
		return DMARC_ANSWER;
	case MF_DNS_SERVFAIL:
	case MF_DNS_TIMEOUT:
	case MF_DNS_LIMIT:
		break;
	}
	return DMARC_NO_ANSWER;
}

static enum dmarc_answer
records(void *owner, const char *domain, const struct str **texts_r, size_t *count_r)
{
	struct mf_context *c = owner;
	const struct mf_dns_answer *answer = mf_dns_await(c, ask(c, domain));
	size_t i, count = answer->status == MF_DNS_FOUND ? answer->count : 0;
	struct str *texts;

	if (count > DMARC_RECORDS_MAXIMUM)
		count = DMARC_RECORDS_MAXIMUM;
	texts = count ? mf_alloc(c, count * sizeof(*texts)) : NULL;
	for (i = 0; i < count; i++)
		texts[i] = (struct str){ answer->records[i].data, answer->records[i].size };
	*texts_r = texts;
	*count_r = count;
	return answer_of(answer);
}

static enum dmarc_answer
exists(void *owner, const char *domain, bool *exists_r)
{
	const struct mf_dns_answer *answer = mf_dns(owner, domain, MF_DNS_A);

	*exists_r = answer->status != MF_DNS_NXDOMAIN;
	return answer_of(answer);
}

static void
prepare(void *owner, const struct dmarc_walk *walk)
{
	size_t i;

	for (i = 0; i < walk->planned; i++)
		ask(owner, walk->steps[i].domain);
}

struct dmarc_dns
dmarc_look_up(struct mf_context *c)
{
	return (struct dmarc_dns){ records, exists, prepare, c };
}

void
dmarc_look_up_early(struct mf_context *c, const char *domain)
{
	struct dmarc_walk walk;

	dmarc_walk_begin(&walk, domain);
	prepare(c, &walk);
}

/* ---- what SPF and DKIM have found ---- */

/* A domain, or that of an address. False: there is none. */
static bool
set_domain(struct mf_context *c, const char *value, struct checked *checked)
{
	char domain[DMARC_DOMAIN_MAXIMUM + 1];
	const char *at = value ? strrchr(value, '@') : NULL;

	if (!value || !dmarc_domain(str_of(at ? at + 1 : value), domain))
		return false;
	checked->identifier.domain = mf_printf(c, "%s", domain);
	return true;
}

static void
add(struct identifiers *all, const struct checked *checked)
{
	if (all->count < DMARC_IDENTIFIERS)
		all->items[all->count++] = *checked;
}

/* RFC 9989 section 4.4.2: the MAIL FROM identity counts. That of a null sender is postmaster at the
 * HELO name (RFC 7208 section 2.4), so then its result does. */
static void
take_spf(struct mf_context *c, const struct mf_result_view *view, struct identifiers *all)
{
	const struct mf_address *sender = mf_sender(c);
	struct checked checked = { .value = view->value, .reason = view->reason };
	const char *from = NULL, *helo = NULL;
	size_t i;

	for (i = 0; i < view->property_count; i++) {
		if (strcmp(view->properties[i].name, "smtp.mailfrom") == 0)
			from = view->properties[i].value;
		else if (strcmp(view->properties[i].name, "smtp.helo") == 0)
			helo = view->properties[i].value;
	}
	checked.identifier.mechanism = DMARC_SPF;
	checked.identifier.passed = strcmp(view->value, "pass") == 0;
	checked.helo = !from || !*from;
	if (!checked.helo || !sender || !*sender->text)
		if (set_domain(c, checked.helo ? helo : from, &checked))
			add(all, &checked);
}

static void
take_dkim(struct mf_context *c, const struct mf_result_view *view, struct identifiers *all)
{
	struct checked checked = { .value = view->value, .reason = view->reason };
	const char *domain = NULL;
	size_t i;

	for (i = 0; i < view->property_count; i++) {
		if (strcmp(view->properties[i].name, "header.d") == 0)
			domain = view->properties[i].value;
		else if (strcmp(view->properties[i].name, "header.s") == 0)
			checked.selector = view->properties[i].value;
	}
	checked.identifier.mechanism = DMARC_DKIM;
	checked.identifier.passed = strcmp(view->value, "pass") == 0;
	if (set_domain(c, domain, &checked))
		add(all, &checked);
}

void
dmarc_identifiers(struct mf_context *c, struct identifiers *identifiers_r)
{
	struct mf_result_view view;
	size_t i;

	*identifiers_r = (struct identifiers){ .count = 0 };
	for (i = 0; mf_result_at(c, i, &view); i++) {
		if (strcmp(view.method, "spf") == 0)
			take_spf(c, &view, identifiers_r);
		else if (strcmp(view.method, "dkim") == 0)
			take_dkim(c, &view, identifiers_r);
	}
}
