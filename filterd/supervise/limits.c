/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Limits of a worker, by setrlimit(2). Memory is bounded by what can be written to, beyond what the
 * process has by then: so neither code nor files nor a sanitizer's shadow count.
 */
#include <pthread.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "filterd/supervise/limits.h"

/* descriptors: the connection, its spool file, its recording, one of a filter's */
#define OF_SESSION	4
#define OF_PROCESS	256	/* the resolver's sockets among them */
#define STACK_BYTES	(2u << 20)

bool
limits_set_descriptors(const struct listener_settings *listener, struct buffer *problem)
{
	rlim_t wanted = (rlim_t)listener->maximum_sessions * OF_SESSION + OF_PROCESS;
	struct rlimit limit, raised;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= wanted)
		return true;
	raised = limit;
	raised.rlim_cur = wanted;
	if (raised.rlim_max < wanted)
		raised.rlim_max = wanted;
	if (setrlimit(RLIMIT_NOFILE, &raised) == 0)
		return true;
	buffer_printf(problem, "%s: maximum-sessions %lld of listener \"%s\" needs %llu descriptors"
	    " and only %llu are allowed: lower it, or raise the limit (LimitNOFILE of systemd,"
	    " ulimit -n)\n", listener->where, (long long)listener->maximum_sessions, listener->name,
	    (unsigned long long)wanted, (unsigned long long)limit.rlim_max);
	return false;
}

void
limits_set_stacks(void)
{
	pthread_attr_t attributes;
	size_t size;

	if (pthread_getattr_default_np(&attributes) != 0)
		return;
	if (pthread_attr_getstacksize(&attributes, &size) == 0 && size > STACK_BYTES &&
	    pthread_attr_setstacksize(&attributes, STACK_BYTES) == 0)
		pthread_setattr_default_np(&attributes);
	pthread_attr_destroy(&attributes);
}

/* Bytes of memory that can be written to and is not shared: what RLIMIT_DATA counts. */
static rlim_t
data_bytes(void)
{
	unsigned long long pages = 0;
	FILE *file = fopen("/proc/self/statm", "re");

	if (!file)
		return 0;
	if (fscanf(file, "%*u %*u %*u %*u %*u %llu", &pages) != 1)
		pages = 0;
	fclose(file);
	return (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE);
}

void
limits_set_memory(const struct listener_settings *listener)
{
	rlim_t stacks = (rlim_t)listener->maximum_sessions * STACK_BYTES;
	rlim_t has = data_bytes();
	struct rlimit limit;

	if (!listener->memory_maximum.bytes || !has || getrlimit(RLIMIT_DATA, &limit) < 0)
		return;
	limit.rlim_cur = has + stacks + (rlim_t)listener->memory_maximum.bytes;
	if (limit.rlim_cur > limit.rlim_max)
		limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_DATA, &limit);
}
