/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The DNS of the fake host, which is what the test has put into it, and the addresses that it and
 * clients have. A part of <filterd/plugin_test.h>, which is the header to include.
 */
#ifndef FILTERD_PLUGIN_TEST_DNS_H
#define FILTERD_PLUGIN_TEST_DNS_H

#include <filterd/plugin_test/host.h>

/* ---- addresses ---- */

/* Four numbers, which may be the last of an IPv6 address: two of its groups. */
static inline bool
mf_fake_ip4(const char *text, uint8_t ip[4])
{
	unsigned a, b, c, d;
	char behind;

	if (sscanf(text, "%3u.%3u.%3u.%3u%c", &a, &b, &c, &d, &behind) != 4 || a > 255 ||
	    b > 255 || c > 255 || d > 255)
		return false;
	ip[0] = (uint8_t)a;
	ip[1] = (uint8_t)b;
	ip[2] = (uint8_t)c;
	ip[3] = (uint8_t)d;
	return true;
}

/* The groups of an IPv6 address up to "::" or its end, RFC 4291 section 2.2. Returns their bytes;
 * *rest_r is what stands behind them. */
static inline size_t
mf_fake_ip6_groups(const char *text, uint8_t ip[16], const char **rest_r)
{
	size_t size = 0;

	while (size < 16 && isxdigit((unsigned char)*text)) {
		char *end;
		unsigned long group = strtoul(text, &end, 16);

		if (*end == '.' && size <= 12 && mf_fake_ip4(text, ip + size)) {
			size += 4;
			text += strlen(text);
			break;
		}
		ip[size++] = (uint8_t)(group >> 8);
		ip[size++] = (uint8_t)group;
		text = end;
		if (text[0] == ':' && text[1] != ':')
			text++;
	}
	*rest_r = text;
	return size;
}

static inline bool
mf_fake_ip6(const char *text, uint8_t ip[16])
{
	uint8_t tail[16] = { 0 };
	size_t head_size = mf_fake_ip6_groups(text, ip, &text), tail_size = 0;

	if (strncmp(text, "::", 2) == 0) {
		tail_size = mf_fake_ip6_groups(text + 2, tail, &text);
		if (head_size + tail_size > 14)
			return false;
		memcpy(ip + 16 - tail_size, tail, tail_size);
		head_size = 16 - tail_size;
	}
	return *text == '\0' && head_size + tail_size == 16;
}

/* ---- what there is ---- */

/* A record, or what queries for a name and type come to. */
struct mf_fake_record {
	const char *name;		/* without final dot */
	enum mf_dns_type type;
	enum mf_dns_status status;
	struct mf_dns_record record;	/* MF_DNS_FOUND */
};

struct mf_dns_query {
	const char *name;
	enum mf_dns_type type;
	struct mf_dns_answer answer;
};

/* A name without its final dot. */
static inline char *
mf_fake_dns_name(struct mf_fake *f, const char *name)
{
	char *copy = mf_fake_text(f, name);
	size_t length = strlen(copy);

	if (length && copy[length - 1] == '.')
		copy[length - 1] = '\0';
	return copy;
}

static inline void
mf_fake_dns_set(struct mf_dns_record *record, const char *data, size_t size)
{
	record->data = data;
	record->size = size;
}

/* The data of a record from its text. */
static inline void
mf_fake_dns_data(struct mf_fake *f, enum mf_dns_type type, const char *text,
    struct mf_dns_record *record)
{
	uint8_t ip[16] = { 0 };
	int used = 0;

	switch (type) {
	case MF_DNS_A:
		if (!mf_fake_ip4(text, ip))
			mf_fake_die("not the address of an A record", text);
		mf_fake_dns_set(record, mf_fake_copy(f, ip, 4), 4);
		return;
	case MF_DNS_AAAA:
		if (!mf_fake_ip6(text, ip))
			mf_fake_die("not the address of an AAAA record", text);
		mf_fake_dns_set(record, mf_fake_copy(f, ip, 16), 16);
		return;
	case MF_DNS_MX:
		if (sscanf(text, "%5hu %n", &record->preference, &used) != 1 || !used)
			mf_fake_die("not a preference and host of an MX record", text);
		text = mf_fake_dns_name(f, text + used);
		break;
	case MF_DNS_PTR:
		text = mf_fake_dns_name(f, text);
		break;
	case MF_DNS_TXT:
		text = mf_fake_text(f, text);
		break;
	}
	mf_fake_dns_set(record, text, strlen(text));
}

static inline void
mf_fake_dns_add(struct mf_fake *f, const char *name, enum mf_dns_type type,
    enum mf_dns_status status, const char *data)
{
	struct mf_fake_record *one = (struct mf_fake_record *)mf_fake_take(&f->own, sizeof(*one));

	one->name = mf_fake_dns_name(f, name);
	one->type = type;
	one->status = status;
	if (status == MF_DNS_FOUND)
		mf_fake_dns_data(f, type, data, &one->record);
	mf_fake_append(f, &f->dns, one);
}

/* ---- asking ---- */

/* Whether a name can be asked for: its labels and its length, RFC 1035 section 2.3.4. */
static inline bool
mf_fake_dns_valid(const char *name)
{
	size_t label = 0, length = 0;

	for (; name[length]; length++) {
		label = name[length] == '.' ? 0 : label + 1;
		if (label > 63 || (label == 0 && (length == 0 || name[length + 1] == '.')))
			return false;
	}
	return length > 0 && length <= 253;
}

static inline bool
mf_fake_dns_is_type(enum mf_dns_type type)
{
	return type == MF_DNS_A || type == MF_DNS_PTR || type == MF_DNS_MX ||
	    type == MF_DNS_TXT || type == MF_DNS_AAAA;
}

static inline void
mf_fake_dns_answer(struct mf_fake *f, struct mf_dns_query *query)
{
	struct mf_dns_answer *answer = &query->answer;
	struct mf_dns_record *records = (struct mf_dns_record *)mf_fake_take(
	    &f->own, (f->dns.count + 1) * sizeof(*records));
	size_t i;

	answer->status = MF_DNS_NXDOMAIN;
	answer->secure = f->dns_secure;
	for (i = 0; i < f->dns.count; i++) {
		const struct mf_fake_record *one = (const struct mf_fake_record *)f->dns.items[i];

		if (strcasecmp(one->name, query->name) != 0)
			continue;
		if (one->type == query->type)
			answer->status = one->status;
		else if (answer->status == MF_DNS_NXDOMAIN)
			answer->status = MF_DNS_NODATA;
		if (one->type == query->type && one->status == MF_DNS_FOUND)
			records[answer->count++] = one->record;
	}
	if (answer->status != MF_DNS_FOUND) {
		answer->count = 0;
		return;
	}
	answer->ttl = 3600;
	answer->canonical = query->name;
	answer->records = records;
}

static inline struct mf_dns_query *
mf_fake_dns_find(const struct mf_fake_array *asked, const char *name, enum mf_dns_type type)
{
	size_t i;

	for (i = 0; i < asked->count; i++) {
		struct mf_dns_query *query = (struct mf_dns_query *)asked->items[i];

		if (query->type == type && strcasecmp(query->name, name) == 0)
			return query;
	}
	return NULL;
}

static inline struct mf_dns_query *
mf_host_dns_start(struct mf_context *c, const char *name, enum mf_dns_type type)
{
	struct mf_fake *f = mf_fake_of(c);
	const char *absolute = mf_fake_dns_name(f, name);
	struct mf_dns_query *query = mf_fake_dns_find(&f->asked, absolute, type);
	char *letter;

	if (query)
		return query;
	query = (struct mf_dns_query *)mf_host_alloc(c, sizeof(*query));
	query->name = absolute;
	query->type = type;
	for (letter = (char *)(uintptr_t)absolute; *letter; letter++)
		*letter = (char)tolower((unsigned char)*letter);
	if (f->ending || c->stage == MF_STAGE_START || !mf_fake_dns_valid(absolute) ||
	    !mf_fake_dns_is_type(type)) {
		query->answer.status = MF_DNS_INVALID;
		return query;
	}
	mf_fake_dns_answer(f, query);
	mf_fake_append(f, &f->asked, query);
	f->dns_queries++;
	return query;
}

static inline const struct mf_dns_answer *
mf_host_dns_await(struct mf_context *c, struct mf_dns_query *query)
{
	(void)c;
	return &query->answer;
}

#endif
