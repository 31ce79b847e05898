/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory of this process. */
#ifndef FILTERD_UTIL_RESIDENT_H
#define FILTERD_UTIL_RESIDENT_H

#include <stdint.h>

/* Bytes that are in memory, shared ones too; 0: there is no telling. */
uint64_t resident_bytes(void);

#endif
