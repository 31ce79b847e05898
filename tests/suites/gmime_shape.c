/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A message file as GMime reads it: a line for each part, its type and its decoded content in
 * hexadecimal, "-" for a part that holds others. tests/suites/mime builds it.
 */
#include <stdio.h>

#include <gmime/gmime.h>

static void
show(GMimeObject *parent, GMimeObject *part, gpointer unused)
{
	GMimeContentType *type = g_mime_object_get_content_type(part);
	GMimeStream *stream = g_mime_stream_mem_new();
	GByteArray *bytes;
	guint i;

	(void)parent;
	(void)unused;
	printf("%s/%s ", g_mime_content_type_get_media_type(type),
	    g_mime_content_type_get_media_subtype(type));
	if (GMIME_IS_PART(part)) {
		g_mime_data_wrapper_write_to_stream(g_mime_part_get_content(GMIME_PART(part)),
		    stream);
		bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
		for (i = 0; i < bytes->len; i++)
			printf("%02x", bytes->data[i]);
	} else {
		putchar('-');
	}
	putchar('\n');
	g_object_unref(stream);
}

int
main(int argc, char **argv)
{
	GMimeMessage *message;
	GMimeParser *parser;
	GMimeStream *stream;

	g_mime_init();
	stream = argc > 1 ? g_mime_stream_file_open(argv[1], "r", NULL) : NULL;
	if (!stream)
		return 1;
	parser = g_mime_parser_new_with_stream(stream);
	message = g_mime_parser_construct_message(parser, NULL);
	if (!message)
		return 1;
	g_mime_message_foreach(message, show, NULL);
	return 0;
}
