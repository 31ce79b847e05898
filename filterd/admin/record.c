/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading records. Types and sizes are checked; what is said is not for us to judge. */
#include <string.h>

#include "filterd/admin/record.h"
#include "filterd/service/history_link.h"

#define FLAGS (JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL)

/* Milliseconds around 1970 that a date of ECMAScript can hold, 21.4.1.1 of its standard: the page
 * shows no others. */
#define TIME_MAXIMUM 8640000000000000

enum kind { TEXT, TEXT_OR_NULL, NUMBER, TIME, TEXTS, CLIENT };

static const struct {
	const char *name;
	enum kind kind;
} members[] = {
	{ "time", TIME }, { "session", TEXT }, { "queue", TEXT_OR_NULL }, { "listener", TEXT },
	{ "generation", NUMBER }, { "client", CLIENT }, { "helo", TEXT_OR_NULL },
	{ "sender", TEXT_OR_NULL }, { "recipients", TEXTS }, { "recipient_count", NUMBER },
	{ "verdict", TEXT }, { "reply", TEXT_OR_NULL }, { "stage", TEXT },
	{ "decided_by", TEXT_OR_NULL }, { "size", NUMBER }, { "subject", TEXT_OR_NULL },
	{ "rules", TEXTS },
};

#define MEMBERS (sizeof(members) / sizeof(members[0]))

static bool
is_text_or_null(const json_t *value)
{
	return json_is_string(value) || json_is_null(value);
}

static bool
is_texts(const json_t *value)
{
	const json_t *item;
	size_t i;

	if (!json_is_array(value))
		return false;
	json_array_foreach(value, i, item)
		if (!json_is_string(item))
			return false;
	return true;
}

static bool
is_client(const json_t *value)
{
	return json_is_object(value) && json_object_size(value) == 2 &&
	    is_text_or_null(json_object_get(value, "name")) &&
	    is_text_or_null(json_object_get(value, "address"));
}

static bool
is_of_kind(const json_t *value, enum kind kind)
{
	switch (kind) {
	case TEXT:
		return json_is_string(value);
	case TEXT_OR_NULL:
		return value && is_text_or_null(value);
	case NUMBER:
		return json_is_integer(value);
	case TIME:
		return json_is_integer(value) && json_integer_value(value) >= 0 &&
		    json_integer_value(value) <= TIME_MAXIMUM;
	case TEXTS:
		return is_texts(value);
	case CLIENT:
		return is_client(value);
	}
	return false;
}

/* The two parts. False: they are not there. */
static bool
divide(struct str record, struct str *summary_r, struct str *detail_r)
{
	struct history_head head;

	if (record.length < sizeof(head))
		return false;
	memcpy(&head, record.data, sizeof(head));
	if (head.magic != HISTORY_MAGIC || head.summary > record.length - sizeof(head))
		return false;
	*summary_r = (struct str){ record.data + sizeof(head), head.summary };
	*detail_r = (struct str){ summary_r->data + head.summary,
		record.length - sizeof(head) - head.summary };
	return true;
}

json_t *
record_summary(struct str record)
{
	struct str summary, detail;
	json_t *object;
	size_t i;

	if (!divide(record, &summary, &detail))
		return NULL;
	object = json_loadb(summary.data, summary.length, FLAGS, NULL);
	for (i = 0; object && i < MEMBERS; i++)
		if (!is_of_kind(json_object_get(object, members[i].name), members[i].kind))
			break;
	if (!object || i < MEMBERS || json_object_size(object) != MEMBERS) {
		json_decref(object);
		return NULL;
	}
	return object;
}

json_t *
record_detail(struct str record)
{
	struct str summary, detail;
	json_t *object, *explanation, *diff;

	if (!divide(record, &summary, &detail))
		return NULL;
	if (!detail.length)
		return json_pack("{s:n,s:n}", "explanation", "diff");
	object = json_loadb(detail.data, detail.length, FLAGS, NULL);
	explanation = json_object_get(object, "explanation");
	diff = json_object_get(object, "diff");
	if (json_is_object(explanation) && diff && is_text_or_null(diff) &&
	    json_object_size(object) == 2)
		return object;
	json_decref(object);
	return NULL;
}
