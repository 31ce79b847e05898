/* SPDX-License-Identifier: BSD-2-Clause */
/* The results in an Authentication-Results or ARC-Authentication-Results field, RFC 8601 section
 * 2.2: one at a time, with the properties asked for. Nothing here allocates. */
#ifndef PLUGINS_ARC_AUTHRES_H
#define PLUGINS_ARC_AUTHRES_H

#include "plugins/dkim/text.h"

/* One result. Views into the text. */
struct authres {
	struct dkim_text method;
	struct dkim_text value;
	struct dkim_text properties;	/* all behind them, up to the ";" */
};

/* Takes the authserv-id with its version off the payload, section 2.2: "id [version]". False: there
 * is none. */
bool authres_id(struct dkim_text *payload, struct dkim_text *id_r);

/* Takes the next result off the payload; what is no result is passed over. False: there is none
 * left. */
bool authres_next(struct dkim_text *payload, struct authres *result_r);

/* The value of a property, "smtp.mailfrom" say; a quoted string without its quotes. False: it has
 * none. */
bool authres_property(const struct authres *result, const char *name, struct dkim_text *value_r);

#endif
