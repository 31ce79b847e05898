/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The members of a cabinet, as Microsoft's "Cabinet File Format" has them (sections 2.2 and 2.4).
 * They are not unpacked. Not by libarchive, whose reader a broken cabinet can crash.
 */
#include <string.h>

#include "filterd/message/archive_parts.h"

#define HEADER_SIZE	36	/* bytes of CFHEADER up to its optional fields */
#define FILE_SIZE	16	/* bytes of CFFILE in front of its name */

static uint32_t
number(struct str bytes, size_t at, size_t size)
{
	uint32_t value = 0;

	while (size-- > 0)
		value = value << 8 | (unsigned char)bytes.data[at + size];
	return value;
}

bool
archive_is_cab(struct str bytes)
{
	return bytes.length >= HEADER_SIZE && memcmp(bytes.data, "MSCF\0\0\0\0", 8) == 0;
}

/* Bytes of the entry at a place; 0: there is none. */
static size_t
read_file(struct looking *looking, const struct level *level, size_t at)
{
	struct str rest = { level->bytes.data + at, level->bytes.length - at };
	struct archive_member *member;
	struct str name;
	size_t length;

	if (rest.length <= FILE_SIZE)
		return 0;
	length = strnlen(rest.data + FILE_SIZE, rest.length - FILE_SIZE);
	if (length == 0 || length == rest.length - FILE_SIZE)
		return 0;
	name = archive_clean_name(looking->arena, rest.data + FILE_SIZE);
	member = archive_add(looking, level, name);
	if (member) {
		member->size = number(rest, 0, 4);
		archive_count(looking, member->size);
	}
	if (archive_likely_name(name))
		looking->view->defects |= ARCHIVE_TOO_DEEP;
	return FILE_SIZE + length + 1;
}

void
archive_read_cab(struct looking *looking, struct level *level)
{
	size_t at = number(level->bytes, 16, 4), left = number(level->bytes, 28, 2);

	level->found = true;
	while (left > 0 && !archive_is_over(looking)) {
		size_t size = at < level->bytes.length ? read_file(looking, level, at) : 0;

		if (size == 0) {
			looking->view->defects |= ARCHIVE_BROKEN;
			return;
		}
		at += size;
		left--;
	}
}
