/* SPDX-License-Identifier: BSD-2-Clause */
/* What becomes of a message that has failed: the policy, and what this site makes of it. */
#include "plugins/dmarc/dmarc.h"

/* In the order of the option's choices, and as RFC 9990 names them. */
static const char *const override_types[] = {
	"local_policy", "mailing_list", "trusted_forwarder", "other"
};

/* The first override whose condition holds; NULL: none does. */
static const struct override *
find_override(struct mf_context *c)
{
	const struct options *o = c->options;
	size_t i;

	for (i = 0; i < o->overrides.count; i++) {
		const struct override *override = o->overrides.items[i].options;

		if (!mf_test(c, override->when))
			continue;
		mf_matched(c, override->name, o->overrides.items[i].where);
		return override;
	}
	return NULL;
}

static void
apply_override(struct mf_context *c, const struct override *override, struct decision *decision)
{
	const char *comment = mf_expand(c, override->comment);

	if (override->disposition == 0)
		decision->disposition = DMARC_NONE;
	else if (decision->disposition > DMARC_QUARANTINE)
		decision->disposition = DMARC_QUARANTINE;
	decision->override_type = override_types[override->type];
	decision->override_comment = *comment ? comment : override->name;
}

struct decision
dmarc_decide(struct mf_context *c, enum dmarc_policy policy, bool testing)
{
	const struct options *o = c->options;
	struct decision decision = { .disposition = policy };
	const struct override *override = policy > DMARC_NONE ? find_override(c) : NULL;

	if (testing)
		decision.override_type = "policy_test_mode";
	if (override) {
		apply_override(c, override, &decision);
	} else if (policy > DMARC_NONE && o->policy == HANDLE_REPORT) {
		decision = (struct decision){ DMARC_NONE, "local_policy",
			"policies are not applied" };
	} else if (policy == DMARC_REJECT && o->policy == HANDLE_QUARANTINE) {
		decision = (struct decision){ DMARC_QUARANTINE, "local_policy",
			"nothing is rejected" };
	}
	return decision;
}
