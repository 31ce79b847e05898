/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Allocation that never returns NULL. Out of memory is fatal here, in one place: the process logs
 * one line and aborts, and the master starts a new worker.
 */
#ifndef FILTERD_UTIL_MEMORY_H
#define FILTERD_UTIL_MEMORY_H

#include <stddef.h>

/* For a process that serves for years: what large messages needed goes back to the system when they
 * are gone, instead of staying in the heap of whichever thread judged them. Once, at its start. */
void memory_settle(void);

/* Ends the process as if memory had run out: for sizes that no machine has. */
_Noreturn void memory_exhausted(void);

/* Zeroed memory; the caller frees it with free(). A size of 0 is one byte. */
void *memory_alloc(size_t size);

/* count * size zeroed bytes; an overflow is fatal. */
void *memory_array(size_t count, size_t size);

/* As realloc(3); new bytes are not zeroed. */
void *memory_resize(void *old, size_t size);

/* A copy of size bytes and a NUL behind it. */
char *memory_copy(const void *bytes, size_t size);

/* The same of a C string. */
char *memory_strdup(const char *text);

#endif
