/* SPDX-License-Identifier: BSD-2-Clause */
/* Inside the spf plugin: its options, and what it knows of a session and a message. */
#ifndef PLUGINS_SPF_SPF_H
#define PLUGINS_SPF_SPF_H

#include <filterd/plugin.h>

#include "plugins/spf/evaluate.h"

/* In the order of the option's choices. */
enum spf_identities { SPF_CHECK_BOTH, SPF_CHECK_MAILFROM, SPF_CHECK_HELO };
enum spf_action { SPF_ACCEPT, SPF_REJECT, SPF_TEMPFAIL, SPF_QUARANTINE };

struct spf_options {
	enum spf_identities check;
	enum spf_action fail;
	enum spf_action softfail;
	enum spf_action none;		/* neutral too: RFC 7208 section 8.2 */
	enum spf_action permerror;
	enum spf_action temperror;
	const struct mf_template *text;
	const struct mf_list *skip;
	bool skip_authenticated;
	bool received_spf;
	const char *hostname;
	int64_t void_lookups;
};

/* An identity of the client (RFC 7208 sections 2.3 and 2.4), and what became of its check. */
struct spf_identity {
	const char *name;		/* "helo" or "mailfrom" */
	const char *local;		/* "": postmaster */
	const char *said;		/* its domain, as the client said it */
	const char *text;		/* for results: a domain, or an address */
	struct spf_outcome outcome;
};

/* Starts the first query of a check; never waits. */
void spf_start_check(struct mf_context *c, const char *said);

/* Evaluates the identity and puts the result on the board. */
void spf_check(struct mf_context *c, struct spf_identity *identity);

/* Does what the options say about the result. */
enum mf_verdict spf_apply_policy(struct mf_context *c, const struct spf_identity *identity);

/* Adds a Received-SPF field for an identity that has been checked. */
void spf_record_result(struct mf_context *c, const struct spf_identity *identity);

#endif
