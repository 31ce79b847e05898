/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Content transfer encodings as a stream (RFC 2045 sections 6.7 and 6.8; uuencode as POSIX has it),
 * from bytes in memory into a window. What is not valid is passed over as most readers do, and
 * noted as a defect.
 */
#ifndef FILTERD_MESSAGE_MIME_DECODE_H
#define FILTERD_MESSAGE_MIME_DECODE_H

#include "filterd/message/mime.h"

struct mime_decoder {
	enum mime_encoding encoding;
	const struct mime_view *view;
	size_t from;			/* what was decoded from there on was not passed yet */
	struct str rest;		/* not decoded yet */
	uint64_t defects;		/* so far */
	unsigned bits, held;		/* base64: bits that make no octet yet, and how many */
	unsigned digits;		/* base64: of the quantum that is read */
	size_t blanks;			/* quoted-printable: that stay, from here on */
	bool padded;			/* base64: behind padding */
	bool blank;			/* base64: behind an empty line */
	/* base64: behind data, and another "=" is due; uuencode: behind "begin", behind "end" */
	bool started, ended;
};

void mime_decoder_begin(struct mime_decoder *decoder, const struct mime_view *view,
    const struct mime_part *part);

/* Decodes into a buffer of at least MIME_WINDOW bytes; the bytes that were made, 0: that was all.
 * Of content that is not encoded the window is the message's own: *window_r says where it is. */
size_t mime_decoder_next(struct mime_decoder *decoder, char *buffer, const char **window_r);

#define MIME_WINDOW	16384	/* bytes */

#endif
