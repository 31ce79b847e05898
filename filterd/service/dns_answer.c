/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Answers of the DNS. One piece of memory holds the answer, its records and what they point at; as
 * no data becomes longer than four times what it is plus a NUL, its size is known before.
 */
#include <string.h>

#include "filterd/service/dns_answer.h"
#include "filterd/util/memory.h"

/* ---- one record: the end of what it has written, or NULL: it is malformed ---- */

static char *
read_address(const struct dns_data *data, size_t size, char *to, struct mf_dns_record *record)
{
	if (data->size != size)
		return NULL;
	memcpy(to, data->bytes, size);
	record->data = to;
	record->size = size;
	return to + size;
}

/* Character strings, RFC 1035 section 3.3: a length and so many bytes; there is at least one. */
static char *
read_text(const struct dns_data *data, char *to, struct mf_dns_record *record)
{
	size_t at = 0;

	record->data = to;
	if (!data->size)
		return NULL;
	while (at < data->size) {
		size_t length = data->bytes[at++];

		if (length > data->size - at)
			return NULL;
		memcpy(to, data->bytes + at, length);
		to += length;
		at += length;
	}
	record->size = (size_t)(to - (const char *)record->data);
	return to;
}

static char *
read_host(const struct dns_data *data, size_t skip, char *to, struct mf_dns_record *record)
{
	struct dns_name name;
	char text[DNS_NAME_TEXT];

	if (data->size <= skip ||
	    dns_name_read(data->bytes + skip, data->size - skip, &name) != data->size - skip)
		return NULL;
	record->size = dns_name_print(&name, text);
	memcpy(to, text, record->size);
	record->data = to;
	return to + record->size;
}

static char *
read_record(enum mf_dns_type type, const struct dns_data *data, char *to,
    struct mf_dns_record *record)
{
	switch (type) {
	case MF_DNS_A:
		return read_address(data, 4, to, record);
	case MF_DNS_AAAA:
		return read_address(data, 16, to, record);
	case MF_DNS_TXT:
		return read_text(data, to, record);
	case MF_DNS_PTR:
		return read_host(data, 0, to, record);
	case MF_DNS_MX:
		if (data->size > 2)
			record->preference = (uint16_t)(data->bytes[0] << 8 | data->bytes[1]);
		return read_host(data, 2, to, record);
	}
	return NULL;
}

/* ---- the answer ---- */

static size_t
room_for(const struct dns_data *data, size_t count)
{
	size_t room = DNS_NAME_TEXT, i;

	for (i = 0; i < count; i++)
		room += data[i].size * 4 + 1;
	return room;
}

/* False: one of them is malformed. */
static bool
read_records(enum mf_dns_type type, const struct dns_data *data, size_t count, char *to,
    struct mf_dns_record *records)
{
	size_t i;

	for (i = 0; i < count; i++) {
		to = read_record(type, &data[i], to, &records[i]);
		if (!to)
			return false;
		*to++ = '\0';
	}
	return true;
}

struct mf_dns_answer *
dns_answer_make(enum mf_dns_type type, const struct dns_data *data, size_t count,
    const struct dns_name *canonical)
{
	struct mf_dns_answer *answer;
	struct mf_dns_record *records;
	char *text;

	if (count > DNS_RECORDS_MAXIMUM)
		return dns_answer_empty(MF_DNS_SERVFAIL);
	if (!count)
		return dns_answer_empty(MF_DNS_NODATA);
	answer = memory_alloc(
	    sizeof(*answer) + count * sizeof(*records) + room_for(data, count));
	records = (struct mf_dns_record *)(void *)(answer + 1);
	text = (char *)(records + count);
	if (!read_records(type, data, count, text + DNS_NAME_TEXT, records)) {
		answer->status = MF_DNS_SERVFAIL;
		return answer;
	}
	dns_name_print(canonical, text);
	*answer = (struct mf_dns_answer){ .status = MF_DNS_FOUND, .canonical = text,
		.count = count, .records = records };
	return answer;
}

struct mf_dns_answer *
dns_answer_empty(enum mf_dns_status status)
{
	struct mf_dns_answer *answer = memory_alloc(sizeof(*answer));

	answer->status = status;
	return answer;
}

const struct mf_dns_answer *
dns_answer_of(enum mf_dns_status status)
{
	static const struct mf_dns_answer answers[] = {
		[MF_DNS_FOUND] = { .status = MF_DNS_SERVFAIL },		/* it has none */
		[MF_DNS_NODATA] = { .status = MF_DNS_NODATA },
		[MF_DNS_NXDOMAIN] = { .status = MF_DNS_NXDOMAIN },
		[MF_DNS_SERVFAIL] = { .status = MF_DNS_SERVFAIL },
		[MF_DNS_TIMEOUT] = { .status = MF_DNS_TIMEOUT },
		[MF_DNS_LIMIT] = { .status = MF_DNS_LIMIT },
		[MF_DNS_INVALID] = { .status = MF_DNS_INVALID },
	};

	return &answers[status];
}

/* ---- names ---- */

const char *
dns_type_name(enum mf_dns_type type)
{
	switch (type) {
	case MF_DNS_A:
		return "A";
	case MF_DNS_PTR:
		return "PTR";
	case MF_DNS_MX:
		return "MX";
	case MF_DNS_TXT:
		return "TXT";
	case MF_DNS_AAAA:
		return "AAAA";
	}
	return NULL;
}

bool
dns_type_known(enum mf_dns_type type)
{
	return dns_type_name(type) != NULL;
}

const char *
dns_status_name(enum mf_dns_status status)
{
	static const char *const names[] = {
		[MF_DNS_FOUND] = "found", [MF_DNS_NODATA] = "nodata",
		[MF_DNS_NXDOMAIN] = "nxdomain", [MF_DNS_SERVFAIL] = "servfail",
		[MF_DNS_TIMEOUT] = "timeout", [MF_DNS_LIMIT] = "limit",
		[MF_DNS_INVALID] = "invalid",
	};

	return names[status];
}
