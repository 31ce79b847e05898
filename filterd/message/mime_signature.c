/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Signatures of what mail carries: a table instead of a library of them, for what decides about
 * mail is a short list (programs, archives, documents, pictures), and hostile bytes pass through a
 * few comparisons only.
 */
#include <string.h>

#include "filterd/message/mime_signature.h"

static const struct signature {
	size_t offset;
	struct str bytes;
	const char *type;
} signatures[] = {
	{ 0, { "MZ", 2 }, "application/x-dosexec" },
	{ 0, { "\x7f" "ELF", 4 }, "application/x-executable" },
	{ 0, { "\xca\xfe\xba\xbe", 4 }, "application/java-vm" },
	{ 0, { "\xcf\xfa\xed\xfe", 4 }, "application/x-mach-binary" },
	{ 0, { "#!", 2 }, "text/x-script" },
	{ 0, { "L\0\0\0\x01\x14\x02\0", 8 }, "application/x-ms-shortcut" },
	{ 0, { "PK\x03\x04", 4 }, "application/zip" },
	{ 0, { "PK\x05\x06", 4 }, "application/zip" },
	{ 0, { "Rar!\x1a\x07", 6 }, "application/vnd.rar" },
	{ 0, { "7z\xbc\xaf\x27\x1c", 6 }, "application/x-7z-compressed" },
	{ 0, { "\x1f\x8b\x08", 3 }, "application/gzip" },
	{ 0, { "BZh", 3 }, "application/x-bzip2" },
	{ 0, { "\xfd" "7zXZ\0", 6 }, "application/x-xz" },
	{ 0, { "\x28\xb5\x2f\xfd", 4 }, "application/zstd" },
	{ 0, { "MSCF\0\0\0\0", 8 }, "application/vnd.ms-cab-compressed" },
	{ 0, { "ITSF", 4 }, "application/vnd.ms-htmlhelp" },
	{ 0, { "\x60\xea", 2 }, "application/x-arj" },
	{ 2, { "-lh", 3 }, "application/x-lzh-compressed" },
	{ 7, { "**ACE**", 7 }, "application/x-ace-compressed" },
	{ 257, { "ustar", 5 }, "application/x-tar" },
	{ 0, { "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8 }, "application/x-ole-storage" },
	{ 0, { "\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d", 8 }, "application/onenote" },
	{ 0, { "%PDF-", 5 }, "application/pdf" },
	{ 0, { "%!PS", 4 }, "application/postscript" },
	{ 0, { "{\\rtf", 5 }, "application/rtf" },
	{ 0, { "\x78\x9f\x3e\x22", 4 }, "application/ms-tnef" },
	{ 0, { "\x89PNG\r\n\x1a\n", 8 }, "image/png" },
	{ 0, { "\xff\xd8\xff", 3 }, "image/jpeg" },
	{ 0, { "GIF8", 4 }, "image/gif" },
	{ 0, { "BM", 2 }, "image/bmp" },
	{ 0, { "II*\0", 4 }, "image/tiff" },
	{ 0, { "MM\0*", 4 }, "image/tiff" },
	{ 8, { "WEBP", 4 }, "image/webp" },
	{ 0, { "ID3", 3 }, "audio/mpeg" },
	{ 0, { "OggS", 4 }, "application/ogg" },
	{ 4, { "ftyp", 4 }, "video/mp4" },
	{ 8, { "WAVE", 4 }, "audio/wav" },
};

/* Markup begins so behind blanks, in upper or lower case. */
static const struct {
	struct str begin;
	const char *type;
} markups[] = {
	{ { "<!doctype html", 14 }, "text/html" },
	{ { "<html", 5 }, "text/html" },
	{ { "<head", 5 }, "text/html" },
	{ { "<body", 5 }, "text/html" },
	{ { "<script", 7 }, "text/html" },
	{ { "<svg", 4 }, "image/svg+xml" },
	{ { "<?xml", 5 }, "text/xml" },
};

static struct str
markup(struct str bytes)
{
	struct str text = str_trim(bytes);
	size_t i;

	if (text.length > 3 && memcmp(text.data, "\xef\xbb\xbf", 3) == 0)
		text = str_trim((struct str){ text.data + 3, text.length - 3 });
	for (i = 0; i < sizeof(markups) / sizeof(markups[0]); i++) {
		if (str_has_prefix_nocase(text, markups[i].begin))
			return str_of(markups[i].type);
	}
	return STR("");
}

struct str
mime_signature(struct str bytes)
{
	size_t i;

	if (bytes.length > MIME_SIGNATURE_WINDOW)
		bytes.length = MIME_SIGNATURE_WINDOW;
	for (i = 0; i < sizeof(signatures) / sizeof(signatures[0]); i++) {
		const struct signature *signature = &signatures[i];

		if (bytes.length >= signature->offset + signature->bytes.length &&
		    memcmp(bytes.data + signature->offset, signature->bytes.data,
			signature->bytes.length) == 0)
			return str_of(signature->type);
	}
	return markup(bytes);
}
