/* SPDX-License-Identifier: BSD-2-Clause */
/* TAP of scenarios. */
#include <stdio.h>
#include <string.h>

#include "filterd/scenario/report.h"

void
report_result(bool good, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	const char *dot = strrchr(name, '.');

	printf("%s %.*s", good ? "ok" : "not ok", dot ? (int)(dot - name) : (int)strlen(name),
	    name);
}

void
report_comments(const struct buffer *text)
{
	const char *line = buffer_text(text);

	while (*line) {
		size_t length = strcspn(line, "\n");

		printf("#   %.*s\n", (int)length, line);
		line += length + (line[length] == '\n');
	}
}
