/* SPDX-License-Identifier: BSD-2-Clause */
/* What a milter sends, and how a scenario's answer lines write it. */
#ifndef TESTS_DRIVER_ANSWER_H
#define TESTS_DRIVER_ANSWER_H

#include <stdbool.h>
#include <stddef.h>

#include "filterd/util/buffer.h"
#include "filterd/util/str.h"

#include "tests/driver/wire.h"

/* Appends a frame as the answer line that would expect it; texts longer than most are cut where
 * most is not 0. */
void answer_print(struct buffer *out, const struct wire_frame *frame, size_t most);

/* Whether a reply ends the answer to an event: a verdict, not an edit and not progress. */
bool answer_ends(char command);

#endif
