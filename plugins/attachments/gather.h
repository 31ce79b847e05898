/* SPDX-License-Identifier: BSD-2-Clause */
/* What a part is to the policy: the part itself, and each member of an archive in it. */
#ifndef PLUGINS_ATTACHMENTS_GATHER_H
#define PLUGINS_ATTACHMENTS_GATHER_H

#include "plugins/attachments/policy.h"

struct subjects {
	const struct subject *items;	/* the part first */
	size_t count;
};

/* In the message's memory; valid until the message is edited. */
struct subjects gather(struct mf_context *c, const struct mf_part *part);

#endif
