/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The members of a rar, as "RAR 5.0 archive format" of its author has them. They are not unpacked.
 * Not by libarchive, which takes encrypted members for plain ones, and an archive whose names are
 * encrypted for a broken one. Older rars are libarchive's.
 */
#include <string.h>

#include "filterd/message/archive_parts.h"

#define VINT_BYTES	10	/* of a number, at most */

enum header { HEADER_FILE = 2, HEADER_ENCRYPTION = 4, HEADER_END = 5 };
enum header_flag { HAS_EXTRA = 1, HAS_DATA = 2 };
enum file_flag { IS_FOLDER = 1, HAS_TIME = 2, HAS_CHECKSUM = 4, SIZE_UNKNOWN = 8 };
enum record { RECORD_ENCRYPTION = 1 };

/* A block's header as it is read. */
struct reading {
	struct str rest;	/* of the header */
	struct str extra;	/* its records */
	uint64_t data;		/* bytes that follow the header */
	bool bad;		/* it ended too early */
};

static void
pass(struct reading *reading, size_t size)
{
	if (size > reading->rest.length) {
		reading->bad = true;
		size = reading->rest.length;
	}
	reading->rest.data += size;
	reading->rest.length -= size;
}

/* Seven bits a byte, the lowest first; the highest bit says that there are more. 0: bad. */
static uint64_t
number(struct reading *reading)
{
	uint64_t value = 0;
	size_t i;

	for (i = 0; i < VINT_BYTES && i < reading->rest.length; i++) {
		unsigned char byte = (unsigned char)reading->rest.data[i];

		value |= (uint64_t)(byte & 0x7f) << (7 * i);
		if (byte & 0x80)
			continue;
		pass(reading, i + 1);
		return value;
	}
	reading->bad = true;
	return 0;
}

/* Whether the records of a file say that it is encrypted. */
static bool
is_encrypted(struct str extra)
{
	struct reading records = { .rest = extra };

	while (records.rest.length && !records.bad) {
		uint64_t size = number(&records);
		struct reading record = { .rest = records.rest };

		if (!records.bad && size <= record.rest.length) {
			record.rest.length = (size_t)size;
			if (number(&record) == RECORD_ENCRYPTION && !record.bad)
				return true;
		}
		pass(&records, size > records.rest.length ? SIZE_MAX : (size_t)size);
	}
	return false;
}

static void
read_file(struct looking *looking, const struct level *level, struct reading *header)
{
	uint64_t flags = number(header), size = number(header), length;
	struct archive_member *member;
	struct str name;

	number(header);			/* attributes */
	pass(header, (flags & HAS_TIME ? 4 : 0) + (flags & HAS_CHECKSUM ? 4 : 0));
	number(header);			/* how it is compressed */
	number(header);			/* by which system */
	length = number(header);
	if (header->bad || length > header->rest.length) {
		header->bad = true;
		return;
	}
	name = archive_clean_name(looking->arena,
	    arena_copy(looking->arena, header->rest.data, (size_t)length));
	member = archive_add(looking, level, name);
	if (!member)
		return;
	member->folder = flags & IS_FOLDER;
	member->size = flags & SIZE_UNKNOWN ? 0 : size;
	member->encrypted = is_encrypted(header->extra);
	looking->view->encrypted |= member->encrypted;
	archive_count(looking, member->size);
	if (!member->folder && archive_likely_name(name))
		looking->view->defects |= ARCHIVE_TOO_DEEP;
}

/* The header of the block at the beginning of the bytes, behind its checksum. Its type; the bytes
 * then begin behind it. */
static uint64_t
read_header(struct str *bytes, struct reading *header_r)
{
	struct reading block = { .rest = *bytes };
	uint64_t size, type, flags, extra;

	pass(&block, 4);
	size = number(&block);
	*header_r = (struct reading){ .rest = block.rest };
	header_r->bad = block.bad || size > block.rest.length;
	if (header_r->bad)
		return 0;
	header_r->rest.length = (size_t)size;
	pass(&block, (size_t)size);
	*bytes = block.rest;
	type = number(header_r);
	flags = number(header_r);
	extra = flags & HAS_EXTRA ? number(header_r) : 0;
	header_r->data = flags & HAS_DATA ? number(header_r) : 0;
	if (extra > header_r->rest.length) {
		header_r->bad = true;
		return 0;
	}
	header_r->rest.length -= (size_t)extra;
	header_r->extra = (struct str){ header_r->rest.data + header_r->rest.length,
		(size_t)extra };
	return type;
}

bool
archive_is_rar5(struct str bytes)
{
	return bytes.length >= 8 && memcmp(bytes.data, "Rar!\x1a\7\1\0", 8) == 0;
}

void
archive_read_rar5(struct looking *looking, struct level *level)
{
	struct str rest = { level->bytes.data + 8, level->bytes.length - 8 };
	struct archive_view *view = looking->view;

	level->found = true;
	while (!archive_is_over(looking)) {
		struct reading header;
		uint64_t type = read_header(&rest, &header);

		if (type == HEADER_FILE)
			read_file(looking, level, &header);
		if (type == HEADER_END)
			return;
		if (type == HEADER_ENCRYPTION) {
			view->encrypted = true;
			view->defects |= ARCHIVE_SECRET_NAMES;
			return;
		}
		if (header.bad || header.data > rest.length) {
			view->defects |= ARCHIVE_BROKEN;
			return;
		}
		rest.data += header.data;
		rest.length -= (size_t)header.data;
	}
}
