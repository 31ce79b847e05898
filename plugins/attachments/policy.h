/* SPDX-License-Identifier: BSD-2-Clause */
/* Inside the attachments plugin: what a rule is, what it is asked about, and whether it holds. */
#ifndef PLUGINS_ATTACHMENTS_POLICY_H
#define PLUGINS_ATTACHMENTS_POLICY_H

#include <filterd/plugin.h>

#include "plugins/attachments/name.h"

/* In the order of the choices of `within`. */
enum within { WITHIN_ANY, WITHIN_MESSAGE, WITHIN_ARCHIVE };

/* A rule as the config gives it. All that it says must hold. */
struct rule_options {
	const char *name;
	const struct mf_condition *when;
	struct mf_strings extension;
	const struct mf_regex *file_name;
	struct mf_strings type;
	struct mf_strings detected;
	struct mf_strings defect;
	struct mf_size larger;
	bool double_extension;
	bool disguised;
	bool mismatch;
	bool encrypted;
	int within;			/* enum within */
	struct mf_blocks actions;
};

/* A part of the message, or a member of an archive in it. */
struct subject {
	size_t part;			/* its index, or that of the part the archive is in */
	bool member;
	const char *const *names;	/* every name it has, UTF-8 */
	size_t name_count;
	const char *type;		/* declared, in lower case; "": none, a member */
	const char *detected;		/* by its content; "": not known */
	uint64_t size;
	bool encrypted;
	const char *const *defects;	/* names of defects, MIME's and the archive's */
	size_t defect_count;
};

extern const struct mf_option rule_option_table[];

/* Whether a rule says anything about what it looks for. */
bool policy_asks(const struct rule_options *rule);

/* Whether all that a rule says, but for `when`, holds of the subject. *why_r: what was found, in
 * words, in the message's memory. */
bool policy_holds(struct mf_context *c, const struct rule_options *rule,
    const struct subject *subject, const char **why_r);

#endif
