/* SPDX-License-Identifier: BSD-2-Clause */
/* Replies of clamd. */
#include <stdbool.h>
#include <string.h>

#include "plugins/clamav/reply.h"

struct text {
	const char *bytes;
	size_t length;
};

static bool
ends_with(struct text text, const char *end)
{
	size_t length = strlen(end);

	return text.length >= length &&
	    memcmp(text.bytes + text.length - length, end, length) == 0;
}

static bool
begins_with(struct text text, const char *begin)
{
	size_t length = strlen(begin);

	return text.length >= length && memcmp(text.bytes, begin, length) == 0;
}

static bool
holds(struct text text, const char *what)
{
	return memmem(text.bytes, text.length, what, strlen(what)) != NULL;
}

static struct text
trim(struct text text)
{
	while (text.length && strchr(" \t\r\n", text.bytes[text.length - 1]))
		text.length--;
	return text;
}

static void
copy_printable(struct reply *reply, struct text text, char instead)
{
	size_t i;

	for (i = 0; i < text.length && i < sizeof(reply->text) - 1; i++) {
		char c = text.bytes[i];

		reply->text[i] = c > ' ' && c <= '~' ? c : instead;
	}
	reply->text[i] = '\0';
}

struct reply
reply_read(const char *bytes, size_t length)
{
	struct text text = trim((struct text){ bytes, length });
	struct reply reply = { .kind = REPLY_UNKNOWN };

	if (length <= REPLY_BYTES && begins_with(text, "stream: ") && ends_with(text, " FOUND") &&
	    text.length > strlen("stream:  FOUND")) {
		reply.kind = REPLY_INFECTED;
		text.bytes += strlen("stream: ");
		text.length -= strlen("stream:  FOUND");
		copy_printable(&reply, text, '?');
		return reply;
	}
	if (length <= REPLY_BYTES && text.length == strlen("stream: OK") &&
	    begins_with(text, "stream: OK"))
		reply.kind = REPLY_CLEAN;
	else if (ends_with(text, "ERROR"))
		reply.kind = holds(text, "size limit exceeded") ? REPLY_TOO_LARGE : REPLY_ERROR;
	copy_printable(&reply, text, ' ');
	return reply;
}
