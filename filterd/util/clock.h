/* SPDX-License-Identifier: BSD-2-Clause */
/* The clock by which time limits are measured. */
#ifndef FILTERD_UTIL_CLOCK_H
#define FILTERD_UTIL_CLOCK_H

#include <stdint.h>

/* Microseconds of CLOCK_MONOTONIC. */
int64_t clock_monotonic(void);

#endif
