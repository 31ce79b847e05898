/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the history gets of each message that has ended: a record of two JSON objects. The first,
 * the summary, is what is searched and listed:
 *
 *	time session queue listener generation client{name,address} helo sender recipients
 *	recipient_count verdict reply stage decided_by size subject rules
 *
 * The second is the detail: the explanation, and the diff of envelope and header fields, or null.
 * Never a byte of a body. What the settings do not let out is left out here, before a record leaves
 * the worker.
 */
#ifndef FILTERD_CHAIN_HISTORY_H
#define FILTERD_CHAIN_HISTORY_H

#include "filterd/config/settings.h"
#include "filterd/service/history_link.h"
#include "filterd/util/buffer.h"

struct explanation;
struct model;

/* Has this process send records from now on, if the settings of its chains want it. The link is
 * borrowed. To be called before there are threads. */
void history_attach(const struct history_link *link, unsigned generation);

/* Sends the record of a message, or of a connection that was decided before any; model NULL: there
 * is no message. Without a link, or with settings that keep nothing, nothing is done. */
void history_record(const struct explanation *explanation, struct model *model,
    const struct settings *settings);

/* ---- its parts, for tests ---- */

struct record_maker {
	const struct history_settings *settings;
	const struct history_link *link;	/* for its key */
	unsigned generation;
	int64_t time;				/* milliseconds since 1970 */
};

/* Makes the record; false: only its summary, as the whole would be too large. */
bool record_write(const struct record_maker *maker, const struct explanation *explanation,
    struct model *model, struct buffer *record);

/* ---- history_privacy.c ---- */

/* The explanation as it may be seen; itself when all may be. The copy lives in the arena. */
const struct explanation *privacy_apply(const struct record_maker *maker,
    const struct explanation *explanation, struct arena *arena);

/* An address, or a client's name, as it may be seen; NULL: not at all. */
const char *privacy_address(const struct record_maker *maker, const char *text,
    struct arena *arena);

/* Free text, in which addresses and what the client is called are made unknown. */
const char *privacy_text(const struct record_maker *maker, const struct explanation *explanation,
    struct str text, struct arena *arena);

#endif
