/* SPDX-License-Identifier: BSD-2-Clause */
/* A growing byte buffer on the heap. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "filterd/util/buffer.h"
#include "filterd/util/memory.h"

static void
make_room(struct buffer *buffer, size_t more)
{
	size_t room = buffer->room ? buffer->room : 256;

	if (more < buffer->room - buffer->length)
		return;
	while (room - buffer->length <= more)
		room *= 2;
	buffer->data = memory_resize(buffer->data, room);
	buffer->room = room;
}

void
buffer_add(struct buffer *buffer, const void *bytes, size_t size)
{
	make_room(buffer, size);
	if (size)
		memcpy(buffer->data + buffer->length, bytes, size);
	buffer->length += size;
	buffer->data[buffer->length] = '\0';
}

void
buffer_add_str(struct buffer *buffer, struct str text)
{
	buffer_add(buffer, text.data, text.length);
}

void
buffer_add_text(struct buffer *buffer, const char *text)
{
	buffer_add(buffer, text, strlen(text));
}

void
buffer_add_char(struct buffer *buffer, char c)
{
	make_room(buffer, 1);
	buffer->data[buffer->length++] = c;
	buffer->data[buffer->length] = '\0';
}

void
buffer_vprintf(struct buffer *buffer, const char *format, va_list arguments)
{
	va_list again;
	int length;

	va_copy(again, arguments);
	length = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (length < 0)
		return;
	make_room(buffer, (size_t)length);
	vsnprintf(buffer->data + buffer->length, (size_t)length + 1, format, arguments);
	buffer->length += (size_t)length;
}

void
buffer_printf(struct buffer *buffer, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	buffer_vprintf(buffer, format, arguments);
	va_end(arguments);
}

const char *
buffer_text(const struct buffer *buffer)
{
	return buffer->data ? buffer->data : "";
}

void
buffer_free(struct buffer *buffer)
{
	free(buffer->data);
	*buffer = (struct buffer){ 0 };
}
