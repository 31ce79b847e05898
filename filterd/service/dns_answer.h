/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Answers of the DNS: from the data of records as it is sent (RFC 1035 section 3.3) to what plugins
 * see. Pure: data in, struct out. All of it is hostile.
 */
#ifndef FILTERD_SERVICE_DNS_ANSWER_H
#define FILTERD_SERVICE_DNS_ANSWER_H

#include <filterd/plugin.h>

#include "filterd/service/dns_name.h"

#define DNS_RECORDS_MAXIMUM	512	/* of an answer */
#define DNS_ALIASES_MAXIMUM	11	/* that are followed, one after the other */

/* What stands in a record, names in it not compressed. */
struct dns_data {
	const uint8_t *bytes;
	size_t size;
};

/* An answer with records, in memory of its own, which the caller frees with free(3). The status is
 * FOUND, or SERVFAIL when there are more than DNS_RECORDS_MAXIMUM or one is malformed. With no
 * record it is NODATA. */
struct mf_dns_answer *dns_answer_make(enum mf_dns_type type, const struct dns_data *data,
    size_t count, const struct dns_name *canonical);

/* One without records. */
struct mf_dns_answer *dns_answer_empty(enum mf_dns_status status);

/* A static one. */
const struct mf_dns_answer *dns_answer_of(enum mf_dns_status status);

bool dns_type_known(enum mf_dns_type type);
const char *dns_type_name(enum mf_dns_type type);	/* "TXT" */
const char *dns_status_name(enum mf_dns_status status);	/* "nxdomain" */

#endif
