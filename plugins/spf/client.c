/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The names of the client, RFC 7208 section 5.5: those that its address points to and that point
 * back. They are asked for once an evaluation, and each is checked only when it matters.
 */
#include "plugins/spf/evaluation.h"
#include "plugins/spf/name.h"

static void
load_hosts(struct spf_evaluation *e)
{
	static const char reverse[] = "%{ir}.%{v}.arpa";
	const struct mf_dns_answer *answer;
	char name[SPF_NAME_SIZE];
	enum spf_found found;
	size_t i;

	if (e->hosts_known)
		return;
	e->hosts_known = true;
	spf_expand_name(spf_text_of(reverse), &e->values, name);
	found = spf_lookup(e, name, MF_DNS_PTR, &answer);
	e->hosts_void = found == SPF_VOID;
	if (found != SPF_FOUND)
		return;
	for (i = 0; i < answer->count && e->host_count < SPF_HOSTS_MAXIMUM; i++)
		e->hosts[e->host_count++] = (struct spf_host){
			.name = answer->records[i].data,
			.state = spf_name_fits(answer->records[i].data) ? SPF_HOST_UNCHECKED :
			    SPF_HOST_INVALID
		};
}

/* An error makes a name one that is passed over. */
static bool
is_valid(struct spf_evaluation *e, struct spf_host *host)
{
	const struct mf_dns_answer *answer;
	size_t i;

	if (host->state != SPF_HOST_UNCHECKED)
		return host->state == SPF_HOST_VALID;
	host->state = SPF_HOST_INVALID;
	if (spf_lookup(e, host->name, e->address_type, &answer) != SPF_FOUND)
		return false;
	for (i = 0; i < answer->count; i++)
		if (spf_client_in(e, answer->records[i].data, answer->records[i].size,
			answer->records[i].size == 4 ? 32 : 128))
			host->state = SPF_HOST_VALID;
	return host->state == SPF_HOST_VALID;
}

/* The first valid name within the domain, "" being the root; NULL: there is none. */
static const char *
find_within(struct spf_evaluation *e, const char *domain, bool same)
{
	struct spf_host *host;

	for (host = e->hosts; host < e->hosts + e->host_count; host++) {
		if (same ? strcasecmp(host->name, domain) != 0 :
		    *domain && !spf_name_within(host->name, domain))
			continue;
		if (is_valid(e, host))
			return host->name;
	}
	return NULL;
}

static void
expect_hosts(struct spf_evaluation *e, const char *domain)
{
	const struct spf_host *host;

	for (host = e->hosts; host < e->hosts + e->host_count; host++)
		if (host->state == SPF_HOST_UNCHECKED &&
		    (!*domain || spf_name_within(host->name, domain)))
			e->resolver->expect(e->resolver->of, host->name, e->address_type);
}

bool
spf_client_is_within(struct spf_evaluation *e, const char *domain)
{
	load_hosts(e);
	expect_hosts(e, domain);
	return find_within(e, domain, false) != NULL;
}

/* The domain itself when it is among the names, else one below it, else any. */
const char *
spf_client_name(struct spf_evaluation *e)
{
	const char *name;

	load_hosts(e);
	expect_hosts(e, "");
	name = find_within(e, e->values.domain, true);
	if (!name)
		name = find_within(e, e->values.domain, false);
	if (!name)
		name = find_within(e, "", false);
	return name ? name : "unknown";
}
