/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Zone files: the answers of a DNS of one's own, from a master file (RFC 1035 section 5), for tests
 * and trials that ask no network. All names in it that are relative have the root for their origin
 * until $ORIGIN says otherwise; a record without TTL has that of $TTL, else an hour. Types that
 * plugins cannot ask for are passed over, though their names exist. Beside records there may be
 *
 *	!SERVFAIL NAME [TYPE]
 *	!TIMEOUT NAME [TYPE]
 *
 * lines: queries for that name, of that type or of any, come to that.
 *
 * The parser is pure; text in, zone out, and a call for each mistake.
 */
#ifndef FILTERD_SERVICE_DNS_ZONE_H
#define FILTERD_SERVICE_DNS_ZONE_H

#include "filterd/service/dns_answer.h"
#include "filterd/util/str.h"

struct dns_zone;

struct dns_zone_place {
	size_t offset, length;		/* bytes of the text */
	unsigned line, column;		/* from 1; in bytes */
};

/* Told each mistake; `what` is one line. */
typedef void dns_zone_mistake(void *data, struct dns_zone_place at, const char *what);

/* Never NULL; what is wrong is left out of it. Nothing of the text is borrowed. */
struct dns_zone *dns_zone_parse(struct str text, dns_zone_mistake *mistake, void *data);
void dns_zone_destroy(struct dns_zone **zone);

/* What the zone answers, following aliases; to be freed with free(3). Any number of threads may ask
 * at a time. */
struct mf_dns_answer *dns_zone_answer(const struct dns_zone *zone, const struct dns_name *name,
    enum mf_dns_type type);

#endif
