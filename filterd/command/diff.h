/* SPDX-License-Identifier: BSD-2-Clause */
/* What the filters changed of a message, for a person: envelope, header fields, body, line by line.
 * */
#ifndef FILTERD_COMMAND_DIFF_H
#define FILTERD_COMMAND_DIFF_H

#include <stdio.h>

#include "filterd/message/model.h"

/* Writes nothing when nothing changed. Control characters of the message are shown as \xNN. */
void diff_print(struct model *model, FILE *to);

#endif
