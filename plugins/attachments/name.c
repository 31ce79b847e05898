/* SPDX-License-Identifier: BSD-2-Clause */
/* File names as programs take them. Nothing fails. */
#include <stdint.h>
#include <string.h>

#include "plugins/attachments/name.h"

#define BLANKS_IN_A_ROW	8	/* that nobody writes */

/* Characters of UTF-8 that are not seen, RFC 5892 and the Unicode property Default_Ignorable; those
 * of three bytes with a first byte of E2 or EF stand as the range of their second and third. */
static size_t
unseen_size(const unsigned char *text, size_t length)
{
	unsigned point;

	if (length >= 2 && text[0] == 0xc2 && text[1] == 0xad)	/* soft hyphen */
		return 2;
	if (length < 3 || (text[0] & 0xf0) != 0xe0)
		return 0;
	point = (text[0] & 0x0fu) << 12 | (text[1] & 0x3fu) << 6 | (text[2] & 0x3fu);
	if ((point >= 0x200b && point <= 0x200f) || (point >= 0x202a && point <= 0x202e) ||
	    (point >= 0x2060 && point <= 0x206f) || point == 0xfeff || point == 0x061c ||
	    point == 0x180e)
		return 3;
	return 0;
}

/* Blanks that are seen as such: the no-break space, and those from U+2000 on. */
static size_t
blank_size(const unsigned char *text, size_t length)
{
	if (length && (*text == ' ' || *text == '\t'))
		return 1;
	if (length >= 2 && text[0] == 0xc2 && text[1] == 0xa0)
		return 2;
	if (length >= 3 && text[0] == 0xe2 && text[1] == 0x80 && text[2] >= 0x80 && text[2] <= 0x8a)
		return 3;
	return length >= 3 && memcmp(text, "\xe3\x80\x80", 3) == 0 ? 3 : 0;
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* The written name with what nobody sees left out, every blank as " ". */
static void
copy_seen(const char *written, size_t length, struct name *name)
{
	const unsigned char *text = (const unsigned char *)written;
	size_t i = 0, kept = 0, blanks = 0;

	while (i < length && kept < NAME_MAXIMUM) {
		size_t unseen = unseen_size(text + i, length - i);
		size_t blank = blank_size(text + i, length - i);

		blanks = blank ? blanks + 1 : 0;
		if (unseen || blanks >= BLANKS_IN_A_ROW)
			name->disguised = true;
		if (!unseen)
			name->plain[kept++] = blank ? ' ' : lower(written[i]);
		i += unseen ? unseen : blank ? blank : 1;
	}
	name->plain[kept] = '\0';
}

/* What stands behind the last "/" or "\". */
static void
keep_component(char *plain)
{
	char *slash = strrchr(plain, '/'), *other = strrchr(plain, '\\');
	char *last = !slash || (other && other > slash) ? other : slash;

	if (last)
		memmove(plain, last + 1, strlen(last + 1) + 1);
}

static void
trim_end(char *plain)
{
	char *stream = strstr(plain, "::$");
	size_t length;

	if (stream)
		*stream = '\0';
	length = strlen(plain);
	while (length && (plain[length - 1] == ' ' || plain[length - 1] == '.'))
		plain[--length] = '\0';
}

/* Whether the bytes are one of the words, which stand between blanks. */
static bool
is_one_of(const char *bytes, size_t length, const char *words)
{
	while (*words) {
		size_t size = strcspn(words, " ");

		if (size == length && memcmp(words, bytes, size) == 0)
			return true;
		words += size;
		words += strspn(words, " ");
	}
	return false;
}

/* The extension in front of the last one, blanks around it left out. */
static bool
is_twofold(const char *plain, const char *extension)
{
	static const char documents[] =
	    "pdf doc docx docm xls xlsx xlsm ppt pptx rtf txt csv odt ods "
	    "jpg jpeg png gif bmp tif tiff heic webp svg mp3 mp4 avi mov wav htm html xml eml msg";
	static const char behind[] = "gz bz2 xz zst zip 7z asc sig gpg pgp p7s p7m p7 bak";
	const char *end = extension - 1, *begin;

	while (end > plain && end[-1] == ' ')
		end--;
	for (begin = end; begin > plain && begin[-1] != '.'; begin--)
		;
	return begin > plain && is_one_of(begin, (size_t)(end - begin), documents) &&
	    !is_one_of(extension, strlen(extension), behind) &&
	    !is_one_of(extension, strlen(extension), documents);
}

void
name_read(const char *written, size_t length, struct name *name_r)
{
	char *dot;

	*name_r = (struct name){ .extension = "" };
	if (length > NAME_MAXIMUM) {
		written += length - NAME_MAXIMUM;
		length = NAME_MAXIMUM;
	}
	copy_seen(written, length, name_r);
	keep_component(name_r->plain);
	trim_end(name_r->plain);
	dot = strrchr(name_r->plain, '.');
	if (!dot)
		return;
	name_r->extension = dot + 1 + strspn(dot + 1, " ");
	name_r->twofold = is_twofold(name_r->plain, dot + 1);
}
