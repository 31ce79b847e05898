/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A body: bytes in memory up to a threshold, beyond it in an unlinked temporary file that is mapped
 * when it is read, so that a large message costs page cache and no more resident memory than the
 * threshold. Reference counted by its owner's arena clean-ups; immutable once sealed.
 */
#ifndef FILTERD_MESSAGE_BODY_H
#define FILTERD_MESSAGE_BODY_H

#include <stdbool.h>
#include <stddef.h>

#include "filterd/util/arena.h"
#include "filterd/util/str.h"

struct body;

struct body_limits {
	size_t threshold;		/* bytes kept in memory */
	size_t maximum;			/* bytes kept at all; 0: no limit */
	const char *directory;		/* for the temporary file */
};

/* Freed by a clean-up of the arena. */
struct body *body_create(struct arena *arena, const struct body_limits *limits);

/* False: the temporary file failed (errno) or the maximum is passed (EFBIG); the body then stays as
 * it was. The bytes may be its own. */
bool body_append(struct body *body, const void *bytes, size_t size);

size_t body_size(const struct body *body);

/* All bytes, contiguous; valid until the arena ends or the next append. {NULL, 0}… a mapping that
 * fails gives false and errno. */
bool body_bytes(struct body *body, struct str *bytes_r);

/* Those bytes will not be read for now: what is mapped of them leaves this process's memory, and
 * comes back from the file when it is. */
void body_let_go(struct body *body, size_t begin, size_t end);

/* Whether they hold the same bytes. One that cannot be read counts as another: whoever reads it
 * next meets the error. */
bool body_equal(struct body *a, struct body *b);

/* Whether it went to a file. */
bool body_spooled(const struct body *body);

#endif
