/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where a piece of configuration stands, and the list of mistakes found in one run. Every mistake is noted with its
 * place; the caller prints all of them at the end, in the order file, line, column:
 *
 *	conf/filterd.conf:12:9: unknown option "wrokers" in listener; did you mean "workers"?
 *	        wrokers 4;
 *	        ^~~~~~~
 */
#ifndef FILTERD_CONFIG_ERRORS_H
#define FILTERD_CONFIG_ERRORS_H

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include "filterd/util/arena.h"
#include "filterd/util/str.h"

/* One file of configuration, whole in memory; lives as long as the tree made from it. */
struct config_source {
	const char *name;	/* as shown in errors */
	struct str text;	/* ends in NUL */
};

struct config_position {
	const struct config_source *source;	/* NULL: no place, e.g. a command line option */
	size_t offset;				/* into source->text */
	size_t length;				/* bytes to underline; 0 or 1: the caret alone */
	unsigned line, column;			/* from 1; column counts bytes, a tab is one */
};

struct config_errors;

/* Errors past 100 are counted, not kept. */
struct config_errors *config_errors_create(void);
void config_errors_destroy(struct config_errors **errors);

void config_error(struct config_errors *errors, struct config_position at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void config_verror(struct config_errors *errors, struct config_position at, const char *format, va_list arguments)
    __attribute__((format(printf, 3, 0)));

size_t config_errors_count(const struct config_errors *errors);
void config_errors_print(const struct config_errors *errors, FILE *to);

/* "file:line", in the arena. */
char *config_where(struct config_position at, struct arena *arena);

#endif
