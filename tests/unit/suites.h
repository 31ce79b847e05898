/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Test data of others, which is not part of this project: found in the folder that $SUITES
 * names, else in ../shared/suites beside the sources ($SRC_DIR, else the current folder). A
 * test whose data is not there is skipped with a notice. Where our reading of an entry differs
 * on purpose, the test lists it with the reason.
 */
#ifndef TESTS_UNIT_SUITES_H
#define TESTS_UNIT_SUITES_H

#include <jansson.h>

#include "filterd/util/arena.h"

struct difference {
	const char *header;	/* as in the suite */
	const char *ours;	/* what we read */
	const char *reason;
};

/* A JSON file of the suites; skips the running test when there is none. The caller drops the
 * reference. */
json_t *suites_load(const char *path);

/* The entry for a header; NULL: we read it as the suite does. */
const struct difference *suites_difference(const struct difference *differences, size_t count,
    const char *header);

/* The value of the field that the text begins with, without the line end behind it. */
struct str suites_value(struct arena *arena, const char *header);

#endif
