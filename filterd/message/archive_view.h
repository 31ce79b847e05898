/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The members of an archive, through libarchive: zip (office documents too), 7z, rar, tar, iso,
 * cab, and what gzip, bzip2, xz and zstd have compressed; archives within archives as well. Only
 * these formats are tried. Nothing is written to disk.
 *
 * An archive comes from anybody: how much is unpacked, for how long and how deep is limited, and
 * what is broken or goes past a limit is a defect of the view, never a failure.
 *
 * Of rar and cab the members are listed but not unpacked, so that an archive among them is one that
 * was not looked into.
 *
 * Bytes in, structs out: knows nothing of mail.
 */
#ifndef FILTERD_MESSAGE_ARCHIVE_VIEW_H
#define FILTERD_MESSAGE_ARCHIVE_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "filterd/util/arena.h"
#include "filterd/util/str.h"

struct archive_limits {
	size_t members;		/* of the archive and all within it */
	unsigned depth;		/* of archives that are opened; the outermost has depth 1 */
	uint64_t bytes;		/* that are unpacked, and that members say they have, together */
	uint64_t nested;	/* bytes of an archive within an archive */
	unsigned ratio;		/* unpacked bytes for each packed one, beyond a megabyte of them */
	int64_t milliseconds;
};

enum archive_defect {
	ARCHIVE_BROKEN		= 1 << 0,	/* what it says of itself does not hold */
	ARCHIVE_BOMB		= 1 << 1,	/* `bytes`, `ratio` or `milliseconds` was passed */
	ARCHIVE_TOO_MANY	= 1 << 2,	/* more than `members` */
	/* an archive beyond `depth`, or longer than `nested` */
	ARCHIVE_TOO_DEEP	= 1 << 3,
	/* a member that its table of contents does not name */
	ARCHIVE_HIDDEN		= 1 << 4,
	ARCHIVE_SECRET_NAMES	= 1 << 5	/* its names are encrypted */
};

/* The name of the defect with that bit, "archive-bomb"; NULL past the last. */
const char *archive_defect_name(unsigned bit);

struct archive_member {
	struct str name;	/* as written, in UTF-8: folders too; without control characters */
	uint64_t size;		/* unpacked; 0 when it is not known */
	unsigned depth;		/* of the archive it is in, from 1 */
	size_t parent;		/* the member that is that archive; SIZE_MAX: the outermost one */
	bool encrypted;
	bool folder;
};

struct archive_view {
	bool archive;			/* the bytes are one */
	const struct archive_member *members;	/* a parent stands before its own */
	size_t count;
	unsigned depth;			/* of the deepest archive; 0: it is none */
	unsigned defects;		/* enum archive_defect, or'ed */
	bool encrypted;			/* a member, or the names */
};

/* Whether the bytes begin like one of the formats: says nothing for sure, and costs nothing. */
bool archive_likely(struct str bytes);

/* Whether a program would open a file of that name as an archive, whatever it begins like. */
bool archive_likely_name(struct str name);

/* Looks into an archive. name is the file's, for the member of a compressed file that has no
 * name of its own ("report.txt.gz"); may be empty. What the view has lives in the arena. */
void archive_read(struct arena *arena, const struct archive_limits *limits, struct str name,
    struct str bytes, struct archive_view *view_r);

#endif
