/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A file of lines that several processes and their threads write to. Each line is one write(2) at
 * the file's end, so that lines never mix. Past a size or an age the file is renamed to PATH.1,
 * that to PATH.2 and so on; who does so holds a lock on PATH.lock, whose time is that of the last
 * renaming. Nobody waits for it.
 */
#ifndef PLUGINS_DMARC_REPORT_FILE_H
#define PLUGINS_DMARC_REPORT_FILE_H

#include <stddef.h>
#include <stdint.h>

struct report_file;

struct report_file_limits {
	uint64_t size;		/* bytes that the file may have */
	int64_t age;		/* seconds */
	unsigned keep;		/* renamed files */
};

/* What is wrong with a path, for the config; NULL: nothing that can be known before it is
 * written. */
const char *report_file_wrong(const char *path);

/* Opens nothing yet. The path is copied. NULL: out of memory. */
struct report_file *report_file_create(const char *path, const struct report_file_limits *limits);

/* Clears the pointer; NULL is none. */
void report_file_destroy(struct report_file **file);

const char *report_file_path(const struct report_file *file);

/* Appends a line, which ends in its line end. NULL: done; else why not, a text that lasts, told
 * once a minute at most: in between failures are silent. For any thread. */
const char *report_file_write(struct report_file *file, const char *line, size_t length);

#endif
