/* SPDX-License-Identifier: BSD-2-Clause */
/* Test data of others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/suites.h"

json_t *
suites_load(const char *path)
{
	const char *suites = getenv("SUITES"), *source = getenv("SRC_DIR");
	json_error_t error;
	char file[4096];
	json_t *list;

	if (suites)
		snprintf(file, sizeof(file), "%s/%s", suites, path);
	else
		snprintf(file, sizeof(file), "%s/../shared/suites/%s", source ? source : ".", path);
	list = json_load_file(file, JSON_ALLOW_NUL, &error);
	if (!list) {
		print_message("%s: %s; skipped\n", file, error.text);
		skip();
	}
	return list;
}

const struct difference *
suites_difference(const struct difference *differences, size_t count, const char *header)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (!strcmp(differences[i].header, header))
			return &differences[i];
	}
	return NULL;
}

struct str
suites_value(struct arena *arena, const char *header)
{
	const char *end = header;

	while ((end = strchr(end, '\n')) && (end[1] == ' ' || end[1] == '\t'))
		end++;
	if (!end)
		end = header + strlen(header);
	return arena_str(arena, (struct str){ header, (size_t)(end - header) });
}
