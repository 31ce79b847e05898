/* SPDX-License-Identifier: BSD-2-Clause */
/* Records of the history: whatever the bytes, what is read of them is of its types, can be
 * searched, and is JSON again. The first byte divides the record's two parts. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "filterd/admin/record.h"
#include "filterd/admin/search.h"
#include "filterd/util/memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *
give(const void *argument, const char *name)
{
	if (strcmp(name, "verdict") == 0)
		return "accept";
	return strcmp(name, "before") == 0 || strcmp(name, "limit") == 0 ? NULL : argument;
}

static void
check_written(const json_t *object)
{
	char *text = json_dumps(object, JSON_COMPACT);
	json_t *again;

	assert(text);
	again = json_loads(text, JSON_ALLOW_NUL, NULL);
	assert(again && json_equal(object, again));
	json_decref(again);
	free(text);
}

static void
check_record(struct str record)
{
	json_t *summary = record_summary(record), *detail = record_detail(record);
	struct search search;
	const char *mistake;

	if (summary) {
		assert(json_is_array(json_object_get(summary, "recipients")));
		assert(json_is_object(json_object_get(summary, "client")));
		assert(search_read(&search, give, "a", NULL, &mistake));
		search_matches(&search, summary);
		check_written(summary);
	}
	if (detail) {
		assert(json_object_size(detail) == 2);
		check_written(detail);
	}
	json_decref(summary);
	json_decref(detail);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct history_head head = { .magic = HISTORY_MAGIC };
	char *record;

	check_record((struct str){ (const char *)data, size });
	if (size < 2)
		return 0;
	head.summary = (uint32_t)((size - 1) * data[0] / 255);
	record = memory_alloc(sizeof(head) + size - 1);
	memcpy(record, &head, sizeof(head));
	memcpy(record + sizeof(head), data + 1, size - 1);
	check_record((struct str){ record, sizeof(head) + size - 1 });
	free(record);
	return 0;
}
