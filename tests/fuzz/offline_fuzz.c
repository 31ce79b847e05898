/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Message files and mailboxes through the offline front end and a chain of puppets, which do what
 * the message says. A message that no filter changed comes out as it went in.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "filterd/mta/offline.h"
#include "tests/fuzz/puppets.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MESSAGES_MAXIMUM 20	/* of a mailbox */

static struct tally counts;
static const struct chain *chain;

struct run {
	struct arena *arena;
	const struct message_file *file;
	unsigned messages;
};

/* Whether the chain changed nothing. */
static bool
untouched(const struct model *model)
{
	const struct state *a = &model->original, *b = model->current;

	return a->body == b->body && a->field_count == b->field_count &&
	    (a->field_count == 0 ||
	    memcmp(a->fields, b->fields, a->field_count * sizeof(*a->fields)) == 0);
}

static void
check(void *argument, struct session *session)
{
	const struct run *run = argument;
	struct model *model = session_model(session);
	char *text = NULL;
	size_t size = 0;
	FILE *to;

	puppets_check_explanation(session);
	if (!model)
		return;
	to = open_memstream(&text, &size);
	if (!message_file_write(run->file, model, to))
		abort();
	fclose(to);
	if (untouched(model) &&
	    (size != run->file->text.length || memcmp(text, run->file->text.data, size) != 0))
		puppets_broken("what nobody touched is as it was");
	free(text);
}

static bool
judge(void *argument, struct str message)
{
	static const struct offline_scene scene = { .client_name = "client.example",
		.client_address = "192.0.2.1", .client_version = 4, .helo = "s" };
	struct run *run = argument;
	struct message_file file = message_file_parse("fuzz", message, run->arena);

	run->file = &file;
	offline_judge(chain, &scene, &file, check, run);
	return ++run->messages < MESSAGES_MAXIMUM;
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	chain = puppets_load(&counts, "fuzz");
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct run run = { .arena = arena_create(0, 0) };

	mailbox_each((struct str){ (const char *)data, size }, run.arena, judge, &run);
	puppets_check(&counts);
	arena_destroy(&run.arena);
	return 0;
}
