/* SPDX-License-Identifier: BSD-2-Clause */
/* How a scenario has fared, as TAP on standard output. */
#ifndef FILTERD_SCENARIO_REPORT_H
#define FILTERD_SCENARIO_REPORT_H

#include <stdbool.h>

#include "filterd/util/buffer.h"

/* "ok NAME" or "not ok NAME", without the end of the line: the name is the file's without folder
 * and ".scn". */
void report_result(bool good, const char *path);

/* Every line as a comment. */
void report_comments(const struct buffer *text);

#endif
