/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A message as it lies in a file, read without changing a byte: header fields with their raw bytes,
 * body, and which line ends the file has. Pure: text in, struct out; whatever comes in is a message
 * of some kind.
 */
#ifndef FILTERD_MTA_MESSAGE_FILE_H
#define FILTERD_MTA_MESSAGE_FILE_H

#include <stdbool.h>
#include <stdio.h>

#include "filterd/message/model.h"
#include "filterd/util/arena.h"
#include "filterd/util/str.h"

struct file_field {
	struct str name;	/* without blanks before the colon */
	/* as an MTA hands it over: behind the colon, folds as LF, no final line end */
	struct str value;
	struct str raw;		/* as in the file, with its line end */
};

struct message_file {
	const char *name;		/* for errors and reports */
	struct str text;		/* all of it; borrowed */
	struct file_field *fields;
	size_t field_count;
	struct str separator;		/* the empty line; length 0: none */
	struct str body;		/* as in the file */
	bool crlf;			/* lines end in CRLF, by the first of them */
};

/* The header section ends at the first empty line, or at the first line that is neither a field nor
 * a continuation. A line that begins with a blank and has no field before it is such a line. */
struct message_file message_file_parse(const char *name, struct str text, struct arena *arena);

/* Calls visit for each message of a mailbox (lines "From " at the start or behind an empty line;
 * ">From " unquoted as mboxrd has it). A text that does not begin with "From " is one message.
 * Stops when visit returns false. */
void mailbox_each(struct str text, struct arena *arena,
    bool (*visit)(void *argument, struct str message), void *argument);

/* The body as an MTA sends it, every line ended by CRLF, in pieces. Stops when take returns false.
 * */
bool message_file_body(const struct message_file *file,
    bool (*take)(void *argument, const void *bytes, size_t size),
    void *argument);

/* Writes the message as it would be delivered: what no filter touched byte for byte as in the file,
 * the rest with the file's line ends. `model` is what the session made of exactly this file. False:
 * errno. */
bool message_file_write(const struct message_file *file, struct model *model, FILE *to);

#endif
