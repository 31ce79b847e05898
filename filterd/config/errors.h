/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where a piece of configuration stands, and the list of mistakes found in one run. Every mistake
 * is noted with its place; the caller prints all of them at the end, in the order file, line,
 * column:
 *
 *	filterd.conf:12:3: unknown option "wrokers" in listener in; did you mean "workers"?
 *	      wrokers 4;
 *	      ^~~~~~~
 *
 * The source line and the marks below it begin with a blank, a mistake does not.
 */
#ifndef FILTERD_CONFIG_ERRORS_H
#define FILTERD_CONFIG_ERRORS_H

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include "filterd/util/arena.h"
#include "filterd/util/buffer.h"
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
	/* from 1; column counts bytes, a tab is one; line 0: the file as a whole */
	unsigned line, column;
};

struct config_errors;

/* Errors past 100 are counted, not kept. The same text at the same place counts once. */
struct config_errors *config_errors_create(void);
void config_errors_destroy(struct config_errors **errors);

/* The text is one line without final stop. Nothing of the source is borrowed beyond the call.
 * Control bytes in it and in the source are shown as \xNN; what is very long is cut. */
void config_error(struct config_errors *errors, struct config_position at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void config_verror(struct config_errors *errors, struct config_position at, const char *format,
    va_list arguments) __attribute__((format(printf, 3, 0)));

size_t config_errors_count(const struct config_errors *errors);

/* All of them, as they are printed; behind what the buffer holds. */
void config_errors_add(const struct config_errors *errors, struct buffer *to);
void config_errors_print(const struct config_errors *errors, FILE *to);

/* "file:line", in the arena. */
char *config_where(struct config_position at, struct arena *arena);

/* A place inside a token: skip bytes behind its beginning. */
struct config_position config_position_inside(struct config_position at, size_t skip,
    size_t length);

/* The empty place right behind a token of one line, where something was expected. */
struct config_position config_position_behind(struct config_position at);

/* "; did you mean "x"?" for the nearest of the candidates, else ""; in the arena. See
 * str_nearest(). */
const char *config_hint(struct arena *arena, const char *word, const char *const *candidates,
    size_t count);

#endif
