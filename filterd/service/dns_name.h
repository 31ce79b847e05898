/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names of the DNS in their two forms: text as RFC 1035 section 5.1 writes it, and the bytes of
 * section 3.1, each label behind its length and the root last. Pure.
 */
#ifndef FILTERD_SERVICE_DNS_NAME_H
#define FILTERD_SERVICE_DNS_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "filterd/util/str.h"

#define DNS_NAME_BYTES	255	/* of the binary form, RFC 1035 section 2.3.4 */
#define DNS_LABEL_BYTES	63
#define DNS_NAME_TEXT	1024	/* of the text with its NUL: up to four for each byte */

struct dns_name {
	size_t size;			/* with the root's byte */
	uint8_t bytes[DNS_NAME_BYTES];	/* letters in lower case */
};

/* An absolute name from text, with a final dot or without; "." is the root. Text that is not ASCII
 * is converted to A-labels first. False: it is no name. */
bool dns_name_parse(struct str text, struct dns_name *name_r);

/* The same of text of a master file: *absolute_r tells whether it has a final dot, and text that is
 * not ASCII is taken byte by byte. */
bool dns_name_parse_text(struct str text, struct dns_name *name_r, bool *absolute_r);

/* Puts the origin behind a name that is relative to it. False: it becomes too long. */
bool dns_name_append(struct dns_name *name, const struct dns_name *origin);

/* Reads a name from its binary form, which is not compressed. Returns the bytes that it takes; 0:
 * it is none. */
size_t dns_name_read(const uint8_t *bytes, size_t size, struct dns_name *name_r);

/* The text without final dot; that of the root is empty. Returns its length. */
size_t dns_name_print(const struct dns_name *name, char text_r[DNS_NAME_TEXT]);

bool dns_name_equal(const struct dns_name *a, const struct dns_name *b);

#endif
