/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines of OpenDKIM's flat files, opendkim(8) "DATA SETS", file: and refile:. A line has a key,
 * white space and a value, whose fields colons divide; "#" begins a comment; blank lines are
 * nothing. */
#ifndef PLUGINS_DKIM_SIGN_OPEN_TABLE_H
#define PLUGINS_DKIM_SIGN_OPEN_TABLE_H

#include "plugins/dkim/text.h"

struct open_line {
	struct dkim_text key;
	struct dkim_text value;		/* length 0: there is none */
	unsigned number;		/* from 1 */
};

/* Where reading stands. Begin with the whole file and number 0. */
struct open_cursor {
	struct dkim_text rest;
	unsigned number;		/* of the line read last */
};

/* The next line that has a key; views into the file. False: there is none left. */
bool open_table_next(struct open_cursor *cursor, struct open_line *line_r);

/* Takes the next field off a value, without white space around it; of the last one that is wanted
 * `whole` takes all that is left. False: there is none left. */
bool open_field(struct dkim_text *rest, bool whole, struct dkim_text *field_r);

#endif
