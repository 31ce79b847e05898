/* SPDX-License-Identifier: BSD-2-Clause */
/* What the admin process answers: the page, the metrics, and the API that docs/admin.md
 * describes. */
#ifndef FILTERD_ADMIN_API_H
#define FILTERD_ADMIN_API_H

#include "filterd/admin/history.h"
#include "filterd/admin/quarantine.h"
#include "filterd/admin/server.h"

/* Ends with a NULL path. Their argument is a struct api. */
extern const struct resource api_resources[];

struct api {
	const struct admin_duty *duty;
	const struct history *history;
	struct store *store;		/* of the quarantine; NULL: it is not open */
	/* Passes the wish for a reload on to the master. False: there is none any more. */
	bool (*reload)(const struct admin_duty *duty);
};

/* chains.c: the listeners, and the chain of each, as far as the settings say. */
void chains_json(const struct settings *settings, struct buffer *to);

#endif
