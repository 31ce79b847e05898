/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The files of a TNEF, "winmail.dat" (MS-OXTNEF), as members of an archive: a stream of attributes,
 * of which some name a file and some are one. All names that a program may show count. A message
 * that is attached is a TNEF again. Our own, for the libraries that read it have a history of
 * errors with memory, and nothing more than this is wanted of them.
 */
#include <stdio.h>
#include <string.h>

#include "filterd/message/archive_parts.h"
#include "filterd/message/charset.h"
#include "filterd/util/buffer.h"

#define HEADER_SIZE	6	/* bytes of signature and key */
#define GUID_SIZE	16
#define NAME_BYTES	2048	/* of a name; what is beyond is not seen */
#define NAMES		8	/* of a file */
#define CONTENTS	4	/* that a file may claim to have */

/* Attributes, MS-OXTNEF section 2.1.3.2. */
enum attribute {
	ATTRIBUTE_CODEPAGE = 0x00069007, ATTRIBUTE_BEGIN = 0x00069002,
	ATTRIBUTE_TITLE = 0x00018010, ATTRIBUTE_TRANSPORT_NAME = 0x00069001,
	ATTRIBUTE_DATA = 0x0006800f, ATTRIBUTE_PROPERTIES = 0x00069005
};

/* Properties, MS-OXPROPS; and their types, MS-OXCDATA section 2.11.1. */
enum property {
	PROPERTY_DISPLAY_NAME = 0x3001, PROPERTY_DATA = 0x3701, PROPERTY_NAME = 0x3704,
	PROPERTY_LONG_NAME = 0x3707, PROPERTY_NAMED = 0x8000
};
enum type {
	TYPE_OBJECT = 0x0d, TYPE_STRING8 = 0x1e, TYPE_UNICODE = 0x1f, TYPE_BINARY = 0x102,
	TYPE_SEVERAL = 0x1000
};

struct cursor {
	struct str rest;
	bool bad;		/* it ended too early, or is of no known kind */
};

struct file {
	bool begun;
	struct str names[NAMES];
	size_t name_count;
	struct str label;	/* a name to show where there is no other */
	struct str contents[CONTENTS];
	size_t content_count;
};

struct tnef {
	struct looking *looking;
	const struct level *level;
	struct file file;
	unsigned codepage;
};

/* ---- bytes ---- */

static struct str
take(struct cursor *cursor, size_t size)
{
	struct str taken = cursor->rest;

	if (size > taken.length)
		cursor->bad = true;
	else
		taken.length = size;
	cursor->rest.data += taken.length;
	cursor->rest.length -= taken.length;
	return taken;
}

/* What is shorter than a multiple of four bytes is filled up. */
static struct str
take_padded(struct cursor *cursor, size_t size)
{
	struct str taken = take(cursor, size);

	take(cursor, cursor->bad ? 0 : -size % 4);
	return taken;
}

static uint32_t
number(struct cursor *cursor, size_t size)
{
	struct str bytes = take(cursor, size);
	uint32_t value = 0;

	while (!cursor->bad && size-- > 0)
		value = value << 8 | (unsigned char)bytes.data[size];
	return value;
}

/* ---- names ---- */

static struct str
read_name(const struct tnef *tnef, struct str bytes, bool wide)
{
	struct arena *arena = tnef->looking->arena;
	struct buffer buffer = { 0 };
	size_t step = wide ? 2 : 1, length;
	char charset[16];
	struct str name;

	archive_count(tnef->looking, 0);	/* it takes time if not bytes */
	for (length = 0; length + step <= bytes.length && length < NAME_BYTES &&
	     memcmp(bytes.data + length, "\0\0", step) != 0; length += step)
		;
	bytes.length = length;
	snprintf(charset, sizeof(charset), wide ? "utf-16le" : "cp%u", tnef->codepage);
	if (!charset_add(&buffer, str_of(charset), bytes))
		charset_add(&buffer, STR("windows-1252"), bytes);
	name = archive_clean_name(arena, buffer_text(&buffer));
	buffer_free(&buffer);
	return name;
}

static void
add_name(struct tnef *tnef, struct str name)
{
	struct file *file = &tnef->file;
	size_t i;

	file->begun = true;
	for (i = 0; i < file->name_count; i++)
		if (str_equal(file->names[i], name))
			return;
	if (file->name_count == NAMES)
		tnef->looking->view->defects |= ARCHIVE_BROKEN;
	else if (name.length)
		file->names[file->name_count++] = name;
}

/* Which one a program takes is not known: all are looked into. */
static void
add_content(struct tnef *tnef, struct str content)
{
	struct file *file = &tnef->file;

	file->begun = true;
	if (file->content_count == CONTENTS)
		tnef->looking->view->defects |= ARCHIVE_BROKEN;
	else
		file->contents[file->content_count++] = content;
}

/* ---- properties ---- */

static void
take_value(struct tnef *tnef, unsigned property, unsigned type, struct str value)
{
	switch (property) {
	case PROPERTY_LONG_NAME:
	case PROPERTY_NAME:
		add_name(tnef, read_name(tnef, value, type == TYPE_UNICODE));
		break;
	case PROPERTY_DISPLAY_NAME:
		tnef->file.label = read_name(tnef, value, type == TYPE_UNICODE);
		break;
	case PROPERTY_DATA:
		if (type == TYPE_OBJECT && value.length >= GUID_SIZE)
			value = (struct str){ value.data + GUID_SIZE, value.length - GUID_SIZE };
		add_content(tnef, value);
	}
}

/* Bytes of one value; 0: it says so itself. */
static size_t
width_of(unsigned type, struct cursor *cursor)
{
	switch (type) {
	case 0x02: case 0x03: case 0x04: case 0x0a: case 0x0b:
		return 4;
	case 0x05: case 0x06: case 0x07: case 0x14: case 0x40:
		return 8;
	case 0x48:
		return GUID_SIZE;
	case TYPE_OBJECT: case TYPE_STRING8: case TYPE_UNICODE: case TYPE_BINARY:
		return 0;
	default:
		cursor->bad = true;
		return 0;
	}
}

static void
read_property(struct tnef *tnef, struct cursor *cursor)
{
	unsigned type = number(cursor, 2), property = number(cursor, 2), base;
	size_t width, count;

	if (property >= PROPERTY_NAMED) {
		take(cursor, GUID_SIZE);
		if (number(cursor, 4) == 0)
			take(cursor, 4);
		else
			take_padded(cursor, number(cursor, 4));
	}
	base = type & ~(unsigned)TYPE_SEVERAL;
	width = width_of(base, cursor);
	count = !width || type != base ? number(cursor, 4) : 1;
	for (; count > 0 && !cursor->bad && !archive_is_over(tnef->looking); count--) {
		struct str value = width ? take(cursor, width) :
		    take_padded(cursor, number(cursor, 4));

		if (!width)
			take_value(tnef, property, base, value);
	}
}

static void
read_properties(struct tnef *tnef, struct str bytes)
{
	struct cursor cursor = { .rest = bytes };
	uint32_t count = number(&cursor, 4);

	for (; count > 0 && !cursor.bad && !archive_is_over(tnef->looking); count--)
		read_property(tnef, &cursor);
	if (cursor.bad)
		tnef->looking->view->defects |= ARCHIVE_BROKEN;
}

/* ---- files ---- */

static struct str
extension_of(struct str name)
{
	const char *dot = name.length ? memrchr(name.data, '.', name.length) : NULL;

	return dot ? (struct str){ dot + 1, (size_t)(name.data + name.length - dot - 1) } :
	    STR("");
}

/* "REPORT~1.DOC" is "report of may.docx", but nothing hides behind that: only what is known to be
 * cut so, for a program that shows "A.EXE" of "a.exe_" runs it. */
static bool
is_short_for(struct str name, struct str other)
{
	static const char *const cut[] = { "docx", "docm", "dotx", "dotm", "xlsx", "xlsm", "xlsb",
		"xltx", "xltm", "pptx", "pptm", "potx", "potm", "ppsx", "ppsm", "html", "jpeg",
		"tiff", "mpeg" };
	struct str extension = extension_of(name), longer = extension_of(other);
	size_t i;

	if (str_equal_nocase(extension, longer))
		return true;
	for (i = 0; i < sizeof(cut) / sizeof(cut[0]); i++)
		if (extension.length == 3 && str_equal_nocase(longer, str_of(cut[i])))
			return str_has_prefix_nocase(longer, extension);
	return false;
}

static size_t
add_member(struct tnef *tnef, struct str name)
{
	struct archive_member *member = archive_add(tnef->looking, tnef->level, name);
	const struct file *file = &tnef->file;
	size_t i;

	for (i = 0; member && i < file->content_count; i++)
		if (file->contents[i].length > member->size)
			member->size = file->contents[i].length;
	return tnef->looking->view->count - 1;
}

/* The file so far: under its longest name, and under each that makes another file of it. */
static void
end_file(struct tnef *tnef)
{
	struct file *file = &tnef->file;
	struct looking *looking = tnef->looking;
	size_t longest = 0, i, index;

	if (file->begun && !archive_is_over(looking)) {
		if (!file->name_count)
			file->names[file->name_count++] =
			    file->label.data ? file->label : STR("");
		for (i = 1; i < file->name_count; i++)
			if (file->names[i].length > file->names[longest].length)
				longest = i;
		index = add_member(tnef, file->names[longest]);
		for (i = 0; i < file->name_count; i++)
			if (!is_short_for(file->names[i], file->names[longest]))
				add_member(tnef, file->names[i]);
		for (i = 0; i < file->content_count && !archive_is_over(looking); i++) {
			archive_count(looking, file->contents[i].length);
			if (!archive_is_over(looking))
				archive_look_into(
				    looking, index, tnef->level->depth, file->contents[i]);
		}
	}
	*file = (struct file){ .begun = false };
}

static void
take_attribute(struct tnef *tnef, uint32_t attribute, struct str data)
{
	struct cursor cursor = { .rest = data };

	switch (attribute) {
	case ATTRIBUTE_CODEPAGE:
		tnef->codepage = number(&cursor, 4);
		break;
	case ATTRIBUTE_BEGIN:
		end_file(tnef);
		tnef->file.begun = true;
		break;
	case ATTRIBUTE_TITLE:
	case ATTRIBUTE_TRANSPORT_NAME:
		add_name(tnef, read_name(tnef, data, false));
		break;
	case ATTRIBUTE_DATA:
		add_content(tnef, data);
		break;
	case ATTRIBUTE_PROPERTIES:
		read_properties(tnef, data);
	}
}

bool
archive_is_tnef(struct str bytes)
{
	return bytes.length >= HEADER_SIZE && memcmp(bytes.data, "\x78\x9f\x3e\x22", 4) == 0;
}

void
archive_read_tnef(struct looking *looking, struct level *level)
{
	struct tnef tnef = { .looking = looking, .level = level, .codepage = 1252 };
	struct cursor cursor = { .rest = level->bytes };

	level->found = true;
	take(&cursor, HEADER_SIZE);
	while (cursor.rest.length && !cursor.bad && !archive_is_over(looking)) {
		uint32_t attribute;
		struct str data;

		number(&cursor, 1);		/* of the message, or of a file */
		attribute = number(&cursor, 4);
		data = take(&cursor, number(&cursor, 4));
		take_attribute(&tnef, attribute, data);
		take(&cursor, 2);		/* a checksum, which programs pass over */
	}
	end_file(&tnef);
	if (cursor.bad)
		looking->view->defects |= ARCHIVE_BROKEN;
}
