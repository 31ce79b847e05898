/* SPDX-License-Identifier: BSD-2-Clause */
/* Looks a client's address up, there and back again. */
#include <stdio.h>
#include <string.h>

#include "plugins/auth-results/iprev.h"

void
iprev_name(const uint8_t ip[16], unsigned version, char name_r[IPREV_NAME])
{
	static const char digits[] = "0123456789abcdef";
	size_t i;

	if (version == 4) {
		snprintf(name_r, IPREV_NAME, "%u.%u.%u.%u.in-addr.arpa", ip[15], ip[14], ip[13],
		    ip[12]);
		return;
	}
	for (i = 0; i < 16; i++) {
		name_r[4 * i] = digits[ip[15 - i] & 15];
		name_r[4 * i + 2] = digits[ip[15 - i] >> 4];
		name_r[4 * i + 1] = name_r[4 * i + 3] = '.';
	}
	memcpy(name_r + 64, "ip6.arpa", sizeof("ip6.arpa"));
}

static struct mf_dns_query *
ask_names(struct mf_context *c)
{
	const struct mf_client *client = mf_client(c);
	char name[IPREV_NAME];

	iprev_name(client->ip, client->version, name);
	return mf_dns_start(c, name, MF_DNS_PTR);
}

void
iprev_start(struct mf_context *c)
{
	if (mf_client(c)->version)
		ask_names(c);
}

static bool
has_address(const struct mf_dns_answer *answer, const struct mf_client *client)
{
	size_t size = client->version == 4 ? 4 : 16, i;

	for (i = 0; i < answer->count; i++)
		if (answer->records[i].size == size &&
		    memcmp(answer->records[i].data, client->ip + 16 - size, size) == 0)
			return true;
	return false;
}

static bool
is_temporary(enum mf_dns_status status)
{
	return status == MF_DNS_SERVFAIL || status == MF_DNS_TIMEOUT || status == MF_DNS_LIMIT;
}

/* Whether one of the names has the address: its result, and why it is not "pass". */
static const char *
check_names(struct mf_context *c, const struct mf_dns_answer *names, const char **reason_r)
{
	const struct mf_client *client = mf_client(c);
	enum mf_dns_type type = client->version == 4 ? MF_DNS_A : MF_DNS_AAAA;
	struct mf_dns_query *queries[IPREV_NAMES];
	size_t i, count = names->count < IPREV_NAMES ? names->count : IPREV_NAMES;
	bool temporary = false;

	for (i = 0; i < count; i++)
		queries[i] = mf_dns_start(c, names->records[i].data, type);
	for (i = 0; i < count; i++) {
		const struct mf_dns_answer *answer = mf_dns_await(c, queries[i]);

		if (has_address(answer, client))
			return "pass";
		temporary = temporary || is_temporary(answer->status);
	}
	*reason_r = temporary ? "the DNS did not answer" :
	    mf_printf(c, "%s has another address", (const char *)names->records[0].data);
	return temporary ? "temperror" : "fail";
}

/* Section 2.7.3 has the results. */
void
iprev_finish(struct mf_context *c)
{
	const struct mf_dns_answer *names;
	const char *value, *reason = NULL;

	if (!mf_client(c)->version)
		return;
	names = mf_dns_await(c, ask_names(c));
	if (names->status == MF_DNS_FOUND && names->count > 0) {
		value = check_names(c, names, &reason);
	} else if (is_temporary(names->status)) {
		value = "temperror";
		reason = "the DNS did not answer";
	} else {
		value = "permerror";
		reason = "the address has no name";
	}
	mf_result_property(c, mf_result_add(c, "iprev", value, reason), "policy.iprev",
	    mf_client(c)->address);
}
