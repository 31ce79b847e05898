/* SPDX-License-Identifier: BSD-2-Clause */
/* Inside zones: what dns_zone.c, dns_zone_parse.c and dns_zone_data.c share. */
#ifndef FILTERD_SERVICE_DNS_ZONE_PARTS_H
#define FILTERD_SERVICE_DNS_ZONE_PARTS_H

#include "filterd/service/dns_zone.h"

#define DNS_TYPE_CNAME	5
#define DNS_TYPE_ANY	255		/* of a failure: whatever type is asked for */
#define DNS_DATA_MAXIMUM 65535		/* bytes of a record's data */

struct dns_zone_record {
	struct dns_name name;
	uint16_t type;
	enum mf_dns_status status;	/* FOUND, or the failure that its queries come to */
	uint32_t ttl;
	size_t place;			/* in the file */
	uint8_t *data;			/* names in it are not compressed */
	size_t size;
};

/* A word of the file as it is written there, quotes apart. */
struct dns_zone_word {
	struct str text;
	struct dns_zone_place at;
	bool quoted;
};

/* dns_zone.c: takes the record, and its data. */
void dns_zone_add(struct dns_zone *zone, const struct dns_zone_record *record);

/* dns_zone_parse.c: adds all that the text says. */
void dns_zone_read(struct dns_zone *zone, struct str text, dns_zone_mistake *mistake, void *data);

/* dns_zone_data.c: the data of a record from its words. The bytes are the caller's, with room for
 * DNS_DATA_MAXIMUM. NULL: fine; else what is wrong, with *wrong_r being the place of the word, or
 * count when one is missing. */
const char *dns_zone_data(uint16_t type, const struct dns_zone_word *words, size_t count,
    const struct dns_name *origin, uint8_t *bytes, size_t *size_r, size_t *wrong_r);

/* The number of a type; 0: there is none of that name. */
uint16_t dns_zone_type(struct str word);

/* A name, relative to the origin if it is. */
bool dns_zone_name(struct str text, const struct dns_name *origin, struct dns_name *name_r);

/* The decimal number of up to that much. */
bool dns_zone_number(struct str text, uint32_t maximum, uint32_t *number_r);

#endif
