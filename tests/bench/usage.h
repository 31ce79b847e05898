/* SPDX-License-Identifier: BSD-2-Clause */
/* What a process and all its descendants use, from /proc. Zero for a process that is not there. */
#ifndef TESTS_BENCH_USAGE_H
#define TESTS_BENCH_USAGE_H

#include <stdint.h>
#include <sys/types.h>

struct usage {
	uint64_t cpu;		/* user and system time, in microseconds */
	uint64_t resident;	/* kB, pages shared by several counted once each (Rss) */
	uint64_t share;		/* kB, shared pages counted in parts (Pss) */
	unsigned processes;
};

struct usage usage_of(pid_t pid);

#endif
