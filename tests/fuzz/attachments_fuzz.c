/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of attachments: what is read of them stays within its bounds, and a header field with
 * another name fits the room that was said. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/attachments/name.h"
#include "plugins/attachments/rename.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_name(const char *text, size_t length)
{
	struct name name;
	size_t plain;

	name_read(text, length, &name);
	plain = strlen(name.plain);
	assert(plain <= NAME_MAXIMUM);
	assert(!plain || (name.plain[plain - 1] != '.' && name.plain[plain - 1] != ' '));
	assert(!strpbrk(name.plain, "/\\"));
	assert(!*name.extension ||
	    (name.extension > name.plain && name.extension < name.plain + plain));
}

/* The first line is the value, the rest the name. */
static void
check_value(char *text)
{
	char *name = strchr(text, '\n');
	char *result;
	size_t room;

	if (!name)
		return;
	*name++ = '\0';
	room = rename_room(strlen(text), strlen(name));
	result = malloc(room);
	assert(result);
	rename_value(text, "filename", name, result);
	assert(strlen(result) < room);
	free(result);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	assert(text);
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	check_name(text, size);
	check_value(text);
	free(text);
	return 0;
}
