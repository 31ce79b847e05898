/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Authentication-Results fields, RFC 8601 section 2.2, and what stands behind the instance of an
 * ARC-Authentication-Results field, RFC 8617 section 4.1.1: text to struct and back. Pure, and it
 * knows nothing of plugins; memory comes from whoever asks.
 */
#ifndef PLUGINS_AUTHRES_H
#define PLUGINS_AUTHRES_H

#include <stdbool.h>
#include <stddef.h>

#define AUTHRES_TEXT_MAXIMUM	65536	/* bytes of a field that is parsed */
#define AUTHRES_RESULTS		200	/* results of a field */
#define AUTHRES_PROPERTIES	100	/* properties of a result */
#define AUTHRES_COMMENT_DEPTH	20	/* of comments in comments */
#define AUTHRES_WRITTEN_MAXIMUM	16384	/* bytes of a field that is written */

/* Zeroed memory that is never NULL and outlives what is made in it. */
struct authres_memory {
	void *(*alloc)(void *owner, size_t size);
	void *owner;
};

struct authres_property {
	const char *ptype, *property;	/* "header", "d": in lower case when parsed */
	const char *value;
	struct authres_property *next;
};

struct authres_result {
	const char *method;		/* in lower case when parsed */
	unsigned version;		/* of the method; 0: none is given, which means 1 */
	const char *value;		/* likewise: "pass" */
	const char *reason;		/* NULL: none */
	struct authres_property *properties;
	struct authres_result *next;
};

struct authres {
	unsigned instance;		/* of an ARC-Authentication-Results field; else 0 */
	const char *authserv_id;
	unsigned version;		/* 0: none is given, which means 1 */
	struct authres_result *results;	/* NULL: "none" */
};

/* Parses a field's value, folds and all. What is wrong beyond doubt is an error; what is common
 * and clear is taken: values that should have been quoted, a ";" at the end, a word with "=" that
 * names no property, which is dropped. Comments are dropped. False: *error_r, which may be NULL,
 * is why, a constant; what could be read is in *parsed_r, without the results that are in error.
 * Texts live in the memory. */
bool authres_parse(const struct authres_memory *memory, const char *text, size_t length, bool arc,
    struct authres *parsed_r, const char **error_r);

/* The value of a property of that name, in lower case as what is parsed; NULL: there is none. */
const char *authres_get(const struct authres_result *result, const char *ptype, const char *name);

/* The field's value: a leading blank, each result on a line of its own, folded before column 78
 * where it can be, name_length being the bytes before it, colon included. Values are quoted where
 * they must be, and cut where a line would pass 998 bytes; control characters are blanks. With
 * `utf8` (RFC 6532) valid UTF-8 is kept, else what is not ASCII is "?". Results that are no longer
 * within AUTHRES_WRITTEN_MAXIMUM, and what is no keyword, are left out. */
char *authres_format(const struct authres_memory *memory, const struct authres *results,
    size_t name_length, bool utf8);

#endif
