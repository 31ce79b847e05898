/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the MIME view of a message costs, against GMime's parser on the same bytes:
 *	mime_bench ROUNDS FILE…
 * Messages are read before the clock starts. Prints microseconds a message: the view alone, the
 * view with all defects and texts, GMime's parser alone, GMime's with all content decoded.
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

static double
measure(void (*what)(const struct message *message, bool all), bool all,
    const struct message *messages, size_t count, int rounds)
{
	double begin = microseconds();
	size_t i;
	int round;

	for (round = 0; round < rounds; round++) {
		for (i = 0; i < count; i++)
			what(&messages[i], all);
	}
	return (microseconds() - begin) / ((double)count * rounds);
}

int
main(int argc, char **argv)
{
	int rounds = argc > 2 ? atoi(argv[1]) : 0;
	size_t count = argc > 2 ? (size_t)argc - 2 : 0, i;
	struct message *messages;
	struct arena *arena = arena_create(0, 0);

	if (rounds < 1) {
		fprintf(stderr, "usage: mime_bench ROUNDS FILE...\n");
		return 2;
	}
	g_mime_init();
	messages = calloc(count, sizeof(*messages));
	for (i = 0; messages && i < count; i++) {
		if (!read_message(argv[i + 2], arena, &messages[i]))
			return 1;
	}
	printf("view %.1f us, view with defects and text %.1f us, GMime %.1f us, "
	    "GMime with content decoded %.1f us; %zu messages\n",
	    measure(view_message, false, messages, count, rounds),
	    measure(view_message, true, messages, count, rounds),
	    measure(gmime_message, false, messages, count, rounds),
	    measure(gmime_message, true, messages, count, rounds), count);
	return 0;
}
