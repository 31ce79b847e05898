/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Crashes of a process that runs plugin code: what its threads were doing, and where the one that
 * crashed was, stands in memory shared with the process that forked it, which says so in the log.
 * What the dead process has left there may be anything: what is handed out here is bounded.
 */
#ifndef FILTERD_SUPERVISE_CRASH_H
#define FILTERD_SUPERVISE_CRASH_H

#include "filterd/chain/crash_note.h"
#include "filterd/util/buffer.h"

/* What one process leaves. */
struct crash_memory;

/* Memory shared with children; never NULL. */
struct crash_memory *crash_memory_create(void);
void crash_memory_destroy(struct crash_memory **memory);

/* Whether children that are forked from now on have it; at first they have. */
void crash_memory_inherit(struct crash_memory *memory, bool inherit);

/* Forgets what a process has left there, before the next one writes. */
void crash_memory_clear(struct crash_memory *memory);

/* In the child, before any plugin code runs: notes go there from now on, and a fatal signal marks
 * the note of the thread that it hit and writes a backtrace before it does what it would have done.
 * A plugin that calls exit(3) is marked as well. */
void crash_memory_keep(struct crash_memory *memory);

/* In the parent, when the child is dead: the nth note of a thread that died in plugin code, copied;
 * false past the last. A thread that is marked comes alone. If none is (SIGKILL, _exit(2)), every
 * one that was in plugin code is a suspect. */
bool crash_suspect(const struct crash_memory *memory, size_t n, struct crash_note *note_r);

/* The filter that brought the process down, unless there is doubt: it was killed from outside, or
 * several are suspect. */
bool crash_culprit(const struct crash_memory *memory, int status, struct crash_note *note_r);

/* Adds "symbol (object+0x12ab) < caller (…) < …" of the thread that a signal hit, innermost first;
 * nothing when there is none. A symbol that is not known is left out: stripped objects have few. */
void crash_backtrace(const struct crash_memory *memory, struct buffer *to);

/* Adds `was killed by signal 11 (Segmentation fault)` or `left with status 70`. */
void crash_describe_status(struct buffer *to, int status);

#endif
