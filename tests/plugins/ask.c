/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A plugin that asks the DNS what the message says: a field "X-Ask: TYPE NAME [COUNT]" is a query,
 * or that many of names that begin with a number and a dot. They are begun as they come and awaited
 * in the order of the fields; each adds a field X-Answer. At RCPT it asks for the A records of the
 * recipient's domain, and awaits nothing.
 */
#include <filterd/plugin.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define QUERIES_MAXIMUM 1000

struct message {
	size_t count;
	struct mf_dns_query *queries[QUERIES_MAXIMUM];
};

static const char *const statuses[] = {
	"found", "nodata", "nxdomain", "servfail", "timeout", "limit", "invalid"
};

static enum mf_dns_type
type_of(const char *name)
{
	static const struct { const char *name; enum mf_dns_type type; } types[] = {
		{ "A", MF_DNS_A }, { "PTR", MF_DNS_PTR }, { "MX", MF_DNS_MX },
		{ "TXT", MF_DNS_TXT }, { "AAAA", MF_DNS_AAAA },
	};
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(types[i].name, name) == 0)
			return types[i].type;
	return (enum mf_dns_type)0;
}

static enum mf_verdict
see_recipient(struct mf_context *c, const struct mf_address *recipient)
{
	mf_dns_start(c, recipient->domain, MF_DNS_A);
	return MF_CONTINUE;
}

static enum mf_verdict
see_header(struct mf_context *c, const struct mf_header *field)
{
	struct message *m = c->message;
	char type[8], name[300];
	int count = 0, i;

	if (strcmp(field->name, "X-Ask") != 0 ||
	    sscanf(field->value, " %7s %299s %d", type, name, &count) < 2)
		return MF_CONTINUE;
	for (i = 0; i < (count ? count : 1) && m->count < QUERIES_MAXIMUM; i++)
		m->queries[m->count++] = mf_dns_start(
		    c, count ? mf_printf(c, "%d.%s", i, name) : name, type_of(type));
	return MF_CONTINUE;
}

/* The records in hexadecimal, up to 20 bytes of each of up to 4. */
static const char *
show(struct mf_context *c, const struct mf_dns_answer *answer)
{
	char *text = mf_printf(c, "count=%zu", answer->count);
	size_t i, at;

	for (i = 0; i < answer->count && i < 4; i++) {
		const struct mf_dns_record *record = &answer->records[i];

		text = mf_printf(c, "%s %u:%zu:", text, record->preference, record->size);
		for (at = 0; at < record->size && at < 20; at++)
			text = mf_printf(c, "%s%02x", text, ((const uint8_t *)record->data)[at]);
	}
	return text;
}

static enum mf_verdict
answer(struct mf_context *c)
{
	const struct message *m = c->message;
	size_t i;

	for (i = 0; i < m->count; i++) {
		const struct mf_dns_answer *a = mf_dns_await(c, m->queries[i]);

		mf_header_add(c, "X-Answer", mf_printf(c, " %s%s %s %s", statuses[a->status],
		    a->secure ? " secure" : "", a->canonical ? a->canonical : "-", show(c, a)));
	}
	return MF_CONTINUE;
}

MF_PLUGIN(.name = "ask", .summary = "Ask the DNS what the message says",
    .message_size = sizeof(struct message), .rcpt = see_recipient, .header = see_header,
    .message = answer);
