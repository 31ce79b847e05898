/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * For tests of the SPF evaluator: a DNS that is a text. A line is a name, a type and data divided
 * by one blank each: "example.org TXT v=spf1 -all", "example.org MX mail.example.org",
 * "example.org A 192.0.2.1"; "\NNN" in TXT data is a byte by its decimal number. The types
 * SERVFAIL, TIMEOUT and LIMIT make every query for a name end so.
 */
#ifndef TESTS_UNIT_SPF_KIT_H
#define TESTS_UNIT_SPF_KIT_H

#include "filterd/util/arena.h"
#include "plugins/spf/evaluate.h"

struct spf_kit {
	struct arena *arena;		/* of all that the evaluator is given */
	struct spf_resolver resolver;
	struct spf_query query;		/* 192.0.2.1, user@example.org, explanations wanted */
	const char *zone;
	unsigned asked;			/* queries waited for */
	unsigned expected;		/* queries started ahead */
};

/* The zone is borrowed. */
void spf_kit_create(struct spf_kit *kit, const char *zone);
void spf_kit_destroy(struct spf_kit *kit);

/* Sets the client's address; the text is one. */
void spf_kit_client(struct spf_kit *kit, const char *address);

struct spf_outcome spf_kit_evaluate(struct spf_kit *kit);

#endif
