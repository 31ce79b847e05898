/* SPDX-License-Identifier: BSD-2-Clause */
/* Inside the dmarc plugin: its options, and what its parts hand to each other. */
#ifndef PLUGINS_DMARC_DMARC_H
#define PLUGINS_DMARC_DMARC_H

#include <filterd/plugin.h>

#include "plugins/dmarc/author.h"
#include "plugins/dmarc/evaluate.h"

#define DMARC_IDENTIFIERS	40	/* results of SPF and DKIM that are looked at */

/* In the order of the options' choices. */
enum handling { HANDLE_REPORT, HANDLE_QUARANTINE, HANDLE_HONOUR };
enum quarantine { QUARANTINE_HOLD, QUARANTINE_MARK };
enum bad_from { BAD_FROM_REPORT, BAD_FROM_QUARANTINE, BAD_FROM_REJECT };
enum temperror { TEMPERROR_ACCEPT, TEMPERROR_TEMPFAIL };

/* A local override: what is done instead of what the policy says. */
struct override {
	const char *name;
	const struct mf_condition *when;
	int type;			/* index into override_types */
	int disposition;		/* 0 none, 1 quarantine */
	const struct mf_template *comment;
};

struct options {
	int policy;			/* enum handling */
	int quarantine;			/* enum quarantine */
	int bad_from;			/* enum bad_from */
	int temperror;			/* enum temperror */
	int64_t maximum_authors;
	struct mf_blocks overrides;
	const char *report_file;
	struct mf_size report_size;
	struct mf_duration report_age;
	int64_t report_keep;
};

/* What SPF and DKIM have said, from the results board. */
struct checked {
	struct dmarc_identifier identifier;
	const char *value;		/* "pass", "fail", … */
	const char *selector;		/* DKIM; NULL: not known */
	const char *reason;		/* NULL: none */
	bool helo;			/* SPF of the HELO identity */
};

struct identifiers {
	size_t count;
	struct checked items[DMARC_IDENTIFIERS];
};

/* What is done with a message, and why it is not what the policy says. */
struct decision {
	enum dmarc_policy disposition;	/* DMARC_NONE or more */
	/* of RFC 9990's policy override types; NULL: it is what the policy says */
	const char *override_type;
	const char *override_comment;
};

/* The DNS of the running message. */
struct dmarc_dns dmarc_look_up(struct mf_context *c);

/* Sends the queries for a domain's records, and waits for none. */
void dmarc_look_up_early(struct mf_context *c, const char *domain);

/* Gathers results of spf and dkim. */
void dmarc_identifiers(struct mf_context *c, struct identifiers *identifiers_r);

/* What is to be done with a message that has failed under a policy; or has not, then DMARC_NONE. */
struct decision dmarc_decide(struct mf_context *c, enum dmarc_policy policy, bool testing);

/* A line of JSON about the check of one Author Domain, with its line end. In the message's memory,
 * *length_r bytes. */
const char *dmarc_report_line(struct mf_context *c, const struct dmarc_outcome *outcome,
    const struct identifiers *identifiers, const struct decision *decision, size_t *length_r);

#endif
