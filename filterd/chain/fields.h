/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files that give values of fields share. Private to chain/fields*.c. */
#ifndef FILTERD_CHAIN_FIELDS_H
#define FILTERD_CHAIN_FIELDS_H

#include "filterd/chain/state.h"
#include "filterd/message/mime.h"

/* A visit: of which session, and who is visited. */
struct visit {
	struct session *session;
	const struct field *field;
	field_visitor *visitor;
	void *argument;
};

static inline bool
give_text(const struct visit *visit, struct str text)
{
	const struct field_value value = { .text = text };

	return visit->visitor(visit->argument, &value);
}

static inline bool
give(const struct visit *visit, const char *text)
{
	return text && give_text(visit, str_of(text));
}

static inline bool
give_number(const struct visit *visit, double number)
{
	const struct field_value value = { .number = number };

	return visit->visitor(visit->argument, &value);
}

/* ---- fields_mime.c ---- */

/* The MIME view as the callback sees it. NULL: there is none, and why is noted. */
struct mime_view *fields_view(const struct visit *visit);

bool fields_body(const struct visit *visit);
bool fields_part(const struct visit *visit);	/* of attachments too */
bool fields_mime_defect(const struct visit *visit);

/* ---- fields_inspect.c ---- */

bool fields_url(const struct visit *visit);
bool fields_archive(const struct visit *visit);

#endif
