/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Backtraces from a signal handler of a process that is about to die: nothing here allocates or
 * takes a lock. It reads the files of the objects that the process is made of.
 */
#ifndef FILTERD_SUPERVISE_BACKTRACE_H
#define FILTERD_SUPERVISE_BACKTRACE_H

#include <stddef.h>
#include <stdint.h>

#define BACKTRACE_FRAMES	32	/* at most; the innermost ones */
#define BACKTRACE_NAME		64	/* bytes, the NUL included; longer names are cut */

struct backtrace_frame {
	char object[BACKTRACE_NAME];	/* file name without its folder; "" when it is not known */
	char symbol[BACKTRACE_NAME];	/* the function; "" when it is not known */
	uint64_t offset;		/* of the instruction in the object, for addr2line(1) */
};

/* To be called once before: the first use of the unwinder and of the linker may allocate. */
void backtrace_prepare(void);

/* In a signal handler: the frames that the signal has interrupted, innermost first. Writes *count_r
 * after each frame, so that what was found stays if the rest cannot be. */
void backtrace_take(struct backtrace_frame frames_r[BACKTRACE_FRAMES], volatile size_t *count_r);

#endif
