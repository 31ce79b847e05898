/* SPDX-License-Identifier: BSD-2-Clause */
/* What filterd quarantine prints. Nothing that a mail says reaches a terminal as it is, but for
 * quarantine_print_message(), which is asked for that. */
#ifndef FILTERD_COMMAND_QUARANTINE_PRINT_H
#define FILTERD_COMMAND_QUARANTINE_PRINT_H

#include <stdio.h>

#include "filterd/quarantine/store.h"

void quarantine_print_heading(FILE *to);
/* A line of the list; as JSON an object. */
void quarantine_print_row(const struct store_row *row, bool json, FILE *to);

/* Everything that is known of a message, and its header. */
void quarantine_print_entry(struct store *store, const struct entry *entry, FILE *to);
void print_entry_json(const struct entry *entry, FILE *to);

/* Its bytes. False: errno. */
bool quarantine_print_message(struct store *store, const char *id, FILE *to);

#endif
