/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The DMARC check of one Author Domain, RFC 9989 sections 4.10 and 5.3: policy discovery,
 * identifier alignment, and the policy that a message that fails is to be treated by. Pure: answers
 * of the DNS come through a small interface.
 */
#ifndef PLUGINS_DMARC_EVALUATE_H
#define PLUGINS_DMARC_EVALUATE_H

#include <stdbool.h>
#include <stddef.h>

#include "plugins/dmarc/walk.h"

/* Who answers. Domains are as dmarc_domain() makes them. */
struct dmarc_dns {
	/* The TXT records of "_dmarc." and the domain, each with its strings joined; they outlive
	 * the check. */
	enum dmarc_answer (*records)(void *owner, const char *domain, const struct str **texts_r,
	    size_t *count_r);
	/* Whether the domain exists, section 3.2.13. */
	enum dmarc_answer (*exists)(void *owner, const char *domain, bool *exists_r);
	/* Asks for the records of all these, so that records() need not wait long. */
	void (*prepare)(void *owner, const struct dmarc_walk *walk);
	void *owner;
};

enum dmarc_mechanism { DMARC_SPF, DMARC_DKIM };

/* A domain that SPF or DKIM has looked at. */
struct dmarc_identifier {
	enum dmarc_mechanism mechanism;
	const char *domain;
	/* the check passed: it is authenticated. Else it has met a temporary error, and might have
	 * been. */
	bool passed;
};

enum dmarc_result { DMARC_NO_RESULT, DMARC_PASS, DMARC_FAIL, DMARC_TEMPERROR, DMARC_PERMERROR };

struct dmarc_outcome {
	enum dmarc_result result;	/* DMARC_NO_RESULT: "none", no record applies */
	const char *why;		/* of an error; else NULL. A constant. */
	const char *author;
	const char *record_domain;	/* whose record it is; NULL: there is none */
	struct dmarc_record record;	/* with record_domain */
	const char *policy_tag;		/* "p", "sp" or "np": where the policy is from */
	enum dmarc_policy published;	/* DMARC_NONE or more, with record_domain */
	enum dmarc_policy policy;	/* the same one level lower when t=y */
	/* the identifiers that align; NULL: none does */
	const char *aligned_spf, *aligned_dkim;
};

/* What is borrowed in the outcome is the author's text and the identifiers'. */
void dmarc_evaluate(const struct dmarc_dns *dns, const char *author,
    const struct dmarc_identifier *identifiers, size_t count, struct dmarc_outcome *outcome_r);

/* "none", "pass", "fail", "temperror", "permerror". */
const char *dmarc_result_name(enum dmarc_result result);

#endif
