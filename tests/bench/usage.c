/* SPDX-License-Identifier: BSD-2-Clause */
/* CPU time and memory of a tree of processes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/bench/usage.h"

#define PROCESSES	256	/* of one tree */

/* The whole of a small file; false when it cannot be read. */
static int
read_proc(const char *format, long pid, char *text_r, size_t size)
{
	char path[64];
	size_t got;
	FILE *file;

	snprintf(path, sizeof(path), format, pid, pid);
	file = fopen(path, "re");
	if (!file)
		return 0;
	got = fread(text_r, 1, size - 1, file);
	text_r[got] = '\0';
	fclose(file);
	return got > 0;
}

/* The number behind a label at the start of a line; 0 when there is none. */
static uint64_t
labelled(const char *text, const char *label)
{
	const char *line = strstr(text, label);

	return line ? strtoull(line + strlen(label), NULL, 10) : 0;
}

static void
add_process(struct usage *usage, long pid)
{
	unsigned long long user, system;
	char text[4096];
	const char *behind_name;

	if (!read_proc("/proc/%ld/stat", pid, text, sizeof(text)))
		return;
	behind_name = strrchr(text, ')');
	if (!behind_name || sscanf(behind_name,
	    ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu", &user, &system) != 2)
		return;
	usage->cpu += (user + system) * (1000000ull / (unsigned long)sysconf(_SC_CLK_TCK));
	usage->processes++;
	if (!read_proc("/proc/%ld/smaps_rollup", pid, text, sizeof(text)))
		return;
	usage->resident += labelled(text, "\nRss:");
	usage->share += labelled(text, "\nPss:");
}

struct usage
usage_of(pid_t pid)
{
	long pids[PROCESSES] = { pid };
	struct usage usage = { 0 };
	size_t count = 1;

	for (size_t i = 0; i < count; i++) {
		char text[4096], *rest = text;

		add_process(&usage, pids[i]);
		if (!read_proc("/proc/%ld/task/%ld/children", pids[i], text, sizeof(text)))
			continue;
		for (;;) {
			char *end;
			long child = strtol(rest, &end, 10);

			if (end == rest || count == PROCESSES)
				break;
			pids[count++] = child;
			rest = end;
		}
	}
	return usage;
}
