/* SPDX-License-Identifier: BSD-2-Clause */
/* Running another program and reading what it prints, with no shell between. */
#ifndef FILTERD_DOCTOR_PROGRAM_H
#define FILTERD_DOCTOR_PROGRAM_H

#include <stdbool.h>

#include "filterd/util/buffer.h"

/* Runs a program of PATH, /usr/sbin or /usr/local/sbin, with no input and for 20 seconds at most,
 * and adds what it prints to output_r, 8 MB at most. arguments[0] is its name; ends with NULL. What
 * it says on standard error is dropped unless it fails. False: it could not be run, did not end, or
 * ended with another status than 0; a line that says so was added to problem. */
bool program_run(const char *const *arguments, struct buffer *output_r, struct buffer *problem);

/* Whether there is such a program. */
bool program_exists(const char *name);

#endif
