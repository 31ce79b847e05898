/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The DNS tree walk, RFC 9989 section 4.10: which names are asked for DMARC Policy Records, and
 * what follows from the answers. Pure: who walks asks the DNS and hands in what it said.
 */
#ifndef PLUGINS_DMARC_WALK_H
#define PLUGINS_DMARC_WALK_H

#include <stdbool.h>
#include <stddef.h>

#include "plugins/dmarc/record.h"

#define DMARC_WALK_QUERIES	8	/* section 4.10 */
#define DMARC_RECORDS_MAXIMUM	100	/* TXT records of a name that are looked at */

/* What the DNS said of a name. */
enum dmarc_answer {
	DMARC_ANSWER,		/* records, or that there are none */
	DMARC_NO_ANSWER		/* it failed; later it may not */
};

/* What was found at a name. */
enum dmarc_found {
	DMARC_NOTHING,		/* no DMARC Policy Record, or more than one */
	DMARC_RECORD,
	DMARC_FAILED		/* the DNS failed */
};

struct dmarc_step {
	/* a suffix of the walk's domain; asked for with "_dmarc." before it */
	const char *domain;
	enum dmarc_found found;
	struct dmarc_record record;	/* with DMARC_RECORD */
};

/* A walk: its names from the longest to the shortest. */
struct dmarc_walk {
	const char *domain;
	struct dmarc_step steps[DMARC_WALK_QUERIES];
	size_t planned;		/* names that may be asked for */
	size_t count;		/* those that were */
	bool over;		/* psd=y or psd=n ended it before its last name */
};

/* Plans a walk. The domain is borrowed: with A-labels, in lower case, without a dot at its end. */
void dmarc_walk_begin(struct dmarc_walk *walk, const char *domain);

/* The domain whose record is wanted next; NULL: the walk is over. */
const char *dmarc_walk_next(const struct dmarc_walk *walk);

/* The answer for it: the TXT records of "_dmarc." and the domain, the strings of each joined, which
 * must outlive the walk. */
void dmarc_walk_answer(struct dmarc_walk *walk, enum dmarc_answer answer, const struct str *texts,
    size_t count);

/* The organizational domain, section 4.10.2; NULL: the DNS has failed, so it is not known. For a
 * walk that is over. */
const char *dmarc_walk_organization(const struct dmarc_walk *walk);

/* The step whose record is to be applied to the walk's domain, section 4.10.1; NULL: there is none.
 * *failed_r: the DNS has failed, so it is not known. */
const struct dmarc_step *dmarc_walk_policy(const struct dmarc_walk *walk, bool *failed_r);

#endif
