/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files that look into archives share. Private to archive_*.c. */
#ifndef FILTERD_MESSAGE_ARCHIVE_PARTS_H
#define FILTERD_MESSAGE_ARCHIVE_PARTS_H

#include <time.h>

#include "filterd/message/archive_view.h"

/* What goes through all levels. */
struct looking {
	struct arena *arena;
	const struct archive_limits *limits;
	struct archive_view *view;
	struct archive_member *members;
	size_t room;
	uint64_t unpacked;
	uint64_t packed;	/* bytes of the outermost archive */
	struct timespec end;
};

/* One level: the bytes of an archive, and whose they are. */
struct level {
	struct str name, bytes;
	unsigned depth;
	size_t parent;
	size_t first;		/* of its members */
	bool found;		/* it is of a format that is known */
};

/* ---- archive_view.c ---- */

/* Whether a limit has ended it all. */
bool archive_is_over(const struct looking *looking);

/* Counts bytes that are unpacked, or that a member says it has. */
void archive_count(struct looking *looking, uint64_t bytes);

/* NULL: there are too many. */
struct archive_member *archive_add(struct looking *looking, const struct level *level,
    struct str name);

/* A name as written, up to its NUL, in UTF-8. */
struct str archive_clean_name(struct arena *arena, const char *written);

/* Looks into the content of a member, whose archive has that depth, if it is an archive. */
void archive_look_into(struct looking *looking, size_t index, unsigned depth, struct str content);

/* ---- archive_cab.c ---- */

bool archive_is_cab(struct str bytes);

/* Lists a cabinet. */
void archive_read_cab(struct looking *looking, struct level *level);

/* ---- archive_rar5.c ---- */

bool archive_is_rar5(struct str bytes);

/* Lists it. */
void archive_read_rar5(struct looking *looking, struct level *level);

/* ---- archive_tnef.c ---- */

bool archive_is_tnef(struct str bytes);

/* Lists its files, and looks into them. */
void archive_read_tnef(struct looking *looking, struct level *level);

#endif
