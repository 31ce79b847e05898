/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A file's name as the program takes it that opens the file: whatever it looks like on the screen.
 * Text in, struct out; knows nothing of plugins.
 */
#ifndef PLUGINS_ATTACHMENTS_NAME_H
#define PLUGINS_ATTACHMENTS_NAME_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes of a name, as file systems have it; of longer ones the end. */
#define NAME_MAXIMUM	255

struct name {
	/* The last component, ASCII letters in lower case, without characters that nobody sees
	 * (joiners, marks of direction), and without blanks and dots at its end, which Windows
	 * drops ("a.exe. "), nor the name of a stream ("a.exe::$DATA"). */
	char plain[NAME_MAXIMUM + 1];
	const char *extension;	/* in plain, behind its last dot; "": none */
	/* "invoice.pdf.exe": a document's extension stands before the last one, which is none of
	 * those that go behind another (gz, asc, p7m, …) */
	bool twofold;
	/* it has characters that change the direction of writing or that nobody sees, or so many
	 * blanks that its end is out of sight */
	bool disguised;
};

/* The name, UTF-8, as MIME or an archive has it. */
void name_read(const char *written, size_t length, struct name *name_r);

#endif
