/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Crashes of a process that runs plugin code: what its threads were doing stands in memory shared
 * with the process that forked it, which says so in the log.
 */
#ifndef FILTERD_SUPERVISE_CRASH_H
#define FILTERD_SUPERVISE_CRASH_H

#include "filterd/chain/crash_note.h"
#include "filterd/util/buffer.h"

/* Threads of a process that can be told apart. libmilter makes hundreds when sessions are busy. */
#define CRASH_NOTES 1024

/* Memory for the notes of one process, shared with children; never NULL. */
struct crash_note *crash_notes_create(void);
void crash_notes_destroy(struct crash_note **notes);

/* In the child, before any plugin code runs: notes go there from now on, and a fatal signal marks
 * the note of the thread that it hit before it does what it would have done. */
void crash_notes_keep(struct crash_note *notes);

/* In the parent, when the child is dead: the nth note of a thread that died in plugin code; NULL
 * past the last. A thread that the signal hit comes alone. If no thread is marked (stack overflow,
 * SIGKILL), every one that was in plugin code is a suspect. */
const struct crash_note *crash_suspect(const struct crash_note *notes, size_t n);

/* Adds `was killed by signal 11 (Segmentation fault)` or `left with status 70`. */
void crash_describe_status(struct buffer *to, int status);

#endif
