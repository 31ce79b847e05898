/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the MIME view of a message costs, against GMime's parser on the same bytes:
 *	mime_bench ROUNDS <LIST, names of files, a line each
 * Messages are read before the clock starts. Each round measures all contenders in turn. Prints a
 * line a contender, its name and microseconds of CPU time a message, the medians of the rounds:
 * view, the view alone; all, with all defects and texts; gmime, GMime's parser alone; gmime-all,
 * with all content decoded. Before them "messages" and how many.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <gmime/gmime.h>

#include "filterd/message/mime.h"
#include "filterd/mta/message_file.h"
#include "filterd/util/buffer.h"
#include "filterd/util/memory.h"

struct message {
	struct buffer text, body;
	struct mime_field *fields;
	size_t field_count;
};

static const struct mime_limits limits = { 1000, 32, 32, 200, 4 << 20 };

static bool
take(void *argument, const void *bytes, size_t size)
{
	buffer_add(argument, bytes, size);
	return true;
}

static bool
read_message(const char *path, struct arena *arena, struct message *message)
{
	FILE *file = fopen(path, "rb");
	struct message_file parsed;
	char bytes[65536];
	size_t size, i;

	if (!file)
		return false;
	while ((size = fread(bytes, 1, sizeof(bytes), file)) > 0)
		buffer_add(&message->text, bytes, size);
	fclose(file);
	parsed = message_file_parse(path,
	    (struct str){ buffer_text(&message->text), message->text.length }, arena);
	message->fields = arena_array(arena, parsed.field_count + 1, sizeof(*message->fields));
	message->field_count = parsed.field_count;
	for (i = 0; i < parsed.field_count; i++) {
		message->fields[i].name = parsed.fields[i].name;
		message->fields[i].value = parsed.fields[i].value;
	}
	message_file_body(&parsed, take, &message->body);
	return true;
}

static void
view_message(const struct message *message, bool all)
{
	struct arena *arena = arena_create(0, 0);
	struct mime_view *view = mime_parse(arena, &limits, message->fields, message->field_count,
	    (struct str){ buffer_text(&message->body), message->body.length }, NULL);

	if (all)
		mime_defects(view);
	arena_destroy(&arena);
}

static void
decode_part(GMimeObject *parent, GMimeObject *part, gpointer unused)
{
	GMimeStream *null;

	(void)parent;
	(void)unused;
	if (!GMIME_IS_PART(part) || !g_mime_part_get_content(GMIME_PART(part)))
		return;
	null = g_mime_stream_null_new();
	g_mime_data_wrapper_write_to_stream(g_mime_part_get_content(GMIME_PART(part)), null);
	g_object_unref(null);
}

static void
gmime_message(const struct message *message, bool all)
{
	GMimeStream *stream = g_mime_stream_mem_new_with_buffer(buffer_text(&message->text),
	    message->text.length);
	GMimeParser *parser = g_mime_parser_new_with_stream(stream);
	GMimeMessage *parsed = g_mime_parser_construct_message(parser, NULL);

	if (parsed && all)
		g_mime_message_foreach(parsed, decode_part, NULL);
	if (parsed)
		g_object_unref(parsed);
	g_object_unref(parser);
	g_object_unref(stream);
}

static double
microseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static const struct contender {
	const char *name;
	void (*run)(const struct message *message, bool all);
	bool all;
} contenders[] = {
	{ "view", view_message, false }, { "all", view_message, true },
	{ "gmime", gmime_message, false }, { "gmime-all", gmime_message, true },
};

#define CONTENDERS	(sizeof(contenders) / sizeof(contenders[0]))

static double
measure(const struct contender *contender, const struct message *messages, size_t count)
{
	double begin = microseconds();
	size_t i;

	for (i = 0; i < count; i++)
		contender->run(&messages[i], contender->all);
	return (microseconds() - begin) / (double)count;
}

static int
compare(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void
measure_all(const struct message *messages, size_t count, size_t rounds)
{
	double *taken = calloc(rounds * CONTENDERS, sizeof(*taken));
	size_t round, i;

	for (round = 0; taken && round < rounds; round++)
		for (i = 0; i < CONTENDERS; i++)
			taken[i * rounds + round] = measure(&contenders[i], messages, count);
	printf("messages %zu\n", count);
	for (i = 0; taken && i < CONTENDERS; i++) {
		qsort(taken + i * rounds, rounds, sizeof(*taken), compare);
		printf("%s %.2f\n", contenders[i].name, taken[i * rounds + rounds / 2]);
	}
	free(taken);
}

int
main(int argc, char **argv)
{
	size_t rounds = argc == 2 ? strtoul(argv[1], NULL, 10) : 0, count = 0;
	struct message *messages = NULL;
	struct arena *arena = arena_create(0, 0);
	char name[4096];

	if (!rounds || rounds > 1000) {
		fprintf(stderr, "usage: mime_bench ROUNDS <LIST\n");
		return 2;
	}
	g_mime_init();
	while (fgets(name, sizeof(name), stdin)) {
		name[strcspn(name, "\n")] = '\0';
		messages = memory_resize(messages, (count + 1) * sizeof(*messages));
		messages[count] = (struct message){ .field_count = 0 };
		if (!read_message(name, arena, &messages[count++]))
			return 1;
	}
	if (!count)
		return 1;
	measure_all(messages, count, rounds);
	return 0;
}
