/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The DNS as plugins see it: types, statuses, answers. A part of <filterd/plugin.h>, which is the
 * one header to include and has the functions that ask.
 */
#ifndef FILTERD_PLUGIN_DNS_H
#define FILTERD_PLUGIN_DNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- answers of the DNS ---- */

/* What can be asked for: the types' own numbers, RFC 1035 section 3.2.2 and RFC 3596. */
enum mf_dns_type {
	MF_DNS_A	= 1,
	MF_DNS_PTR	= 12,
	MF_DNS_MX	= 15,
	MF_DNS_TXT	= 16,
	MF_DNS_AAAA	= 28
};

/* What has become of a query. */
enum mf_dns_status {
	MF_DNS_FOUND,		/* there are records */
	/* the name exists, and has no record of this type; also when the name that it is an alias
	 * of has none */
	MF_DNS_NODATA,
	MF_DNS_NXDOMAIN,	/* neither the name exists nor any below it, RFC 8020 */
	/* no use could be made of an answer: SERVFAIL, REFUSED, not valid by DNSSEC, malformed,
	 * too many records or too long a chain of aliases, no resolver to be reached. Trying again
	 * later may help. */
	MF_DNS_SERVFAIL,
	MF_DNS_TIMEOUT,		/* no answer in time; see mf_dns_await() */
	/* not asked: queries-per-message or queries-per-filter of the config is reached */
	MF_DNS_LIMIT,
	/* not asked: an empty label, one of more than 63 bytes, a name of more than 253, a type
	 * that is not one of these, or a callback in which nothing can be asked. */
	MF_DNS_INVALID
};

/* One record. A zero byte stands behind the data, which size does not count. */
struct mf_dns_record {
	/* A: 4 bytes, AAAA: 16 bytes, network order. TXT: its strings joined, any bytes, NUL too.
	 * MX and PTR: a host name as text, in lower case, without final dot; "" is the root (a null
	 * MX, RFC 7505); in a label a dot, a backslash, and what is not printable ASCII are written
	 * as in RFC 1035 section 5.1, "\." and "\DDD". */
	const void *data;
	size_t size;
	uint16_t preference;	/* MX: RFC 1035 section 3.3.9; others: 0 */
	/* fixed: plugins step through arrays of it */
};

struct mf_dns_answer {
	enum mf_dns_status status;
	bool secure;			/* validated by DNSSEC, whether found or proven absent */
	uint32_t ttl;			/* seconds that the answer may be kept; 0 when not known */
	/* the name that has the records, once aliases (CNAME) are followed, written as that of an
	 * MX; NULL unless found */
	const char *canonical;
	size_t count;			/* 0 unless found */
	/* in no order that means anything: it may differ each time */
	const struct mf_dns_record *records;
	/* append only */
};

struct mf_dns_query;

#ifdef __cplusplus
}
#endif

#endif
