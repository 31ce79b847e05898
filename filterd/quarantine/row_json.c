/* SPDX-License-Identifier: BSD-2-Clause */
/* Rows of the store's list as JSON. */
#include <string.h>

#include "filterd/quarantine/row_json.h"
#include "filterd/service/json.h"

static void
add_several(struct buffer *to, const char *key, const char *texts)
{
	const char *end;

	json_add_key(to, key);
	buffer_add_char(to, '[');
	for (; texts && *texts; texts = *end ? end + 1 : end) {
		end = texts + strcspn(texts, "\n");
		json_add_item(to);
		json_text(to, (struct str){ texts, (size_t)(end - texts) });
	}
	buffer_add_char(to, ']');
}

void
row_json_add(const struct store_row *row, struct buffer *to)
{
	buffer_add_char(to, '{');
	json_add_member(to, "id", row->id);
	json_add_integer(to, "time", row->time);
	json_add_member(to, "state", row->unsure ? "unsure" : entry_state_name(row->state));
	json_add_member(to, "sender", row->sender);
	add_several(to, "recipients", row->recipients);
	json_add_member(to, "filter", row->filter);
	add_several(to, "rules", row->rules);
	json_add_member(to, "reason", row->reason);
	json_add_member(to, "subject", row->subject);
	json_add_member(to, "message_id", row->message_id);
	json_add_member(to, "listener", row->listener);
	json_add_member(to, "queue", row->queue);
	json_add_member(to, "client", row->client);
	json_add_member(to, "error", row->error);
	json_add_integer(to, "size", (int64_t)row->size);
	buffer_add_char(to, '}');
}
