/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The way of records from workers to the admin process: a socket pair, which keeps records apart
 * and which the master holds, so that what has been sent outlives both. Sending never waits: what
 * does not fit is lost, and the sender is told. With it goes the key of this start, by which both
 * sides make the same pseudonym of an address.
 */
#ifndef FILTERD_SERVICE_HISTORY_LINK_H
#define FILTERD_SERVICE_HISTORY_LINK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "filterd/util/str.h"

#define HISTORY_RECORD_BYTES	65536u	/* the largest record */
#define HISTORY_KEY_BYTES	32
#define PSEUDONYM_BYTES		18	/* "#", 16 hexadecimal digits, NUL */

struct history_link {
	int to, from;			/* its ends; -1: closed */
	uint8_t key[HISTORY_KEY_BYTES];
};

/* What a record begins with; its parts follow. Written by a worker, so to be trusted in nothing. */
struct history_head {
	uint32_t magic;
	uint32_t summary;		/* bytes of the first part; the rest is the second */
};

#define HISTORY_MAGIC	0x48495331u

/* False: there can be none; errno. */
bool history_link_open(struct history_link *link_r);
void history_link_close(struct history_link *link);

/* Sends a record. False: it is lost. */
bool history_link_send(const struct history_link *link, const void *record, size_t size);

/* Takes the next record. 0: there is none; more than room: it was too large, or empty, and is gone.
 * -1: there will be none any more. */
ssize_t history_link_take(const struct history_link *link, void *record, size_t room);

/* What stands for a text, whatever the case of its letters: its keyed hash (HMAC-SHA-256,
 * RFC 2104), cut. Who has no key learns nothing but which texts were equal. */
void history_pseudonym(const struct history_link *link, struct str text,
    char pseudonym_r[PSEUDONYM_BYTES]);

#endif
