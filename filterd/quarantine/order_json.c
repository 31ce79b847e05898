/* SPDX-License-Identifier: BSD-2-Clause */
/* Orders as JSON. */
#include <string.h>

#include <jansson.h>

#include "filterd/quarantine/order.h"
#include "filterd/service/json.h"

/* Texts of an order, by their keys. */
static const struct {
	const char *key;
	size_t offset;
} texts[] = {
	{ "store", offsetof(struct order, store) },
	{ "sender", offsetof(struct order, query.sender) },
	{ "recipient", offsetof(struct order, query.recipient) },
	{ "subject", offsetof(struct order, query.subject) },
	{ "filter", offsetof(struct order, query.filter) },
	{ "rule", offsetof(struct order, query.rule) },
	{ "state", offsetof(struct order, query.state) },
	{ "to", offsetof(struct order, to) },
};

#define TEXTS (sizeof(texts) / sizeof(texts[0]))

void
order_write(const struct order *order, struct buffer *to)
{
	char *const *id;
	size_t i;

	buffer_add_char(to, '{');
	for (i = 0; i < TEXTS; i++) {
		const char *text;

		memcpy(&text, (const char *)order + texts[i].offset, sizeof(text));
		if (text)
			json_add_member(to, texts[i].key, text);
	}
	json_add_integer(to, "since", order->query.since);
	json_add_integer(to, "until", order->query.until);
	json_add_integer(to, "limit", (int64_t)order->query.limit);
	json_add_flag(to, "delete", order->deletes);
	json_add_flag(to, "again", order->again);
	json_add_key(to, "ids");
	buffer_add_char(to, '[');
	for (id = order->ids; *id; id++) {
		json_add_item(to);
		json_add_string(to, *id);
	}
	buffer_add_text(to, "]}");
}

static bool
read_texts(const json_t *root, struct arena *arena, struct order *order)
{
	size_t i;

	for (i = 0; i < TEXTS; i++) {
		const json_t *value = json_object_get(root, texts[i].key);
		const char *text;

		if (!value)
			continue;
		if (!json_is_string(value))
			return false;
		text = arena_strdup(arena, json_string_value(value));
		memcpy((char *)order + texts[i].offset, &text, sizeof(text));
	}
	return true;
}

static bool
read_ids(const json_t *list, struct arena *arena, struct order *order)
{
	size_t count = json_array_size(list), i;
	char **ids = arena_array(arena, count + 1, sizeof(*ids));

	if (!json_is_array(list))
		return false;
	for (i = 0; i < count; i++) {
		const json_t *value = json_array_get(list, i);

		if (!json_is_string(value))
			return false;
		ids[i] = arena_strdup(arena, json_string_value(value));
	}
	ids[count] = NULL;
	order->ids = ids;
	return true;
}

bool
order_read(const char *line, struct arena *arena, struct order *order_r)
{
	json_t *root = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
	bool good;

	*order_r = (struct order){ 0 };
	good = json_is_object(root) && read_texts(root, arena, order_r) &&
	    read_ids(json_object_get(root, "ids"), arena, order_r);
	if (good) {
		order_r->query.since = json_integer_value(json_object_get(root, "since"));
		order_r->query.until = json_integer_value(json_object_get(root, "until"));
		order_r->query.limit = (size_t)json_integer_value(json_object_get(root, "limit"));
		order_r->deletes = json_is_true(json_object_get(root, "delete"));
		order_r->again = json_is_true(json_object_get(root, "again"));
	}
	json_decref(root);
	return good;
}
