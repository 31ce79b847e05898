/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading parameters, and comparing summaries with them. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "filterd/admin/search.h"
#include "filterd/util/str.h"

/* ---- reading ---- */

/* A number from 1 on, in digits alone. */
static bool
read_number(const char *text, uint64_t most, uint64_t *number_r)
{
	uint64_t number = 0;

	if (!*text)
		return false;
	for (; *text >= '0' && *text <= '9' && number <= most; text++)
		number = number * 10 + (uint64_t)(*text - '0');
	*number_r = number;
	return !*text && number >= 1 && number <= most;
}

/* A parameter without a value is as none. */
static const char *
read_text(search_parameter *parameter, const void *argument, const char *name)
{
	const char *text = parameter(argument, name);

	return text && *text ? text : NULL;
}

/* One that begins like a pseudonym is taken for one. */
static void
hide(const char **text, const struct history_link *hashed_by, char pseudonym[PSEUDONYM_BYTES])
{
	if (!*text || !hashed_by || **text == '#')
		return;
	history_pseudonym(hashed_by, str_of(*text), pseudonym);
	*text = pseudonym;
}

static bool
is_verdict(const char *text)
{
	static const char *const verdicts[] = { "accept", "reject", "tempfail", "discard",
		"quarantine", "aborted" };
	size_t i;

	for (i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++)
		if (strcmp(text, verdicts[i]) == 0)
			return true;
	return false;
}

bool
search_read(struct search *search_r, search_parameter *parameter, const void *argument,
    const struct history_link *hashed_by, const char **mistake_r)
{
	const char *before = read_text(parameter, argument, "before");
	const char *limit = read_text(parameter, argument, "limit");
	uint64_t number = SEARCH_LIMIT;

	*search_r = (struct search){
		.queue = read_text(parameter, argument, "queue"),
		.sender = read_text(parameter, argument, "sender"),
		.recipient = read_text(parameter, argument, "recipient"),
		.client = read_text(parameter, argument, "client"),
		.verdict = read_text(parameter, argument, "verdict"),
		.rule = read_text(parameter, argument, "rule"),
		.text = read_text(parameter, argument, "text"),
	};
	hide(&search_r->sender, hashed_by, search_r->pseudonyms[0]);
	hide(&search_r->recipient, hashed_by, search_r->pseudonyms[1]);
	hide(&search_r->client, hashed_by, search_r->pseudonyms[2]);
	*mistake_r = "verdict: expected accept, reject, tempfail, discard, quarantine or aborted";
	if (search_r->verdict && !is_verdict(search_r->verdict))
		return false;
	*mistake_r = "before: expected the id of a message";
	if (before && !read_number(before, INT64_MAX / 10, &search_r->before))
		return false;
	*mistake_r = "limit: expected a number from 1 to 500";
	if (limit && !read_number(limit, SEARCH_LIMIT_MAXIMUM, &number))
		return false;
	search_r->limit = (unsigned)number;
	return true;
}

/* ---- comparing ---- */

static bool
has_part(const json_t *value, const char *part)
{
	const char *text = json_string_value(value);

	return text && strcasestr(text, part);
}

static bool
any_has_part(const json_t *values, const char *part)
{
	const json_t *value;
	size_t i;

	json_array_foreach(values, i, value)
		if (has_part(value, part))
			return true;
	return false;
}

static bool
client_has_part(const json_t *summary, const char *part)
{
	const json_t *client = json_object_get(summary, "client");

	return has_part(json_object_get(client, "name"), part) ||
	    has_part(json_object_get(client, "address"), part);
}

static bool
begins(const json_t *value, const char *beginning)
{
	const char *text = json_string_value(value);

	return text && strncasecmp(text, beginning, strlen(beginning)) == 0;
}

static bool
anything_has_part(const json_t *summary, const char *part)
{
	static const char *const names[] = { "session", "queue", "helo", "sender", "reply",
		"decided_by", "subject", "listener" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (has_part(json_object_get(summary, names[i]), part))
			return true;
	return client_has_part(summary, part) ||
	    any_has_part(json_object_get(summary, "recipients"), part) ||
	    any_has_part(json_object_get(summary, "rules"), part);
}

bool
search_matches(const struct search *search, const json_t *summary)
{
	const char *verdict = json_string_value(json_object_get(summary, "verdict"));

	if (search->verdict && (!verdict || strcmp(verdict, search->verdict) != 0))
		return false;
	if (search->queue && !begins(json_object_get(summary, "queue"), search->queue))
		return false;
	if (search->sender && !has_part(json_object_get(summary, "sender"), search->sender))
		return false;
	if (search->recipient &&
	    !any_has_part(json_object_get(summary, "recipients"), search->recipient))
		return false;
	if (search->client && !client_has_part(summary, search->client))
		return false;
	if (search->rule && !any_has_part(json_object_get(summary, "rules"), search->rule))
		return false;
	return !search->text || anything_has_part(summary, search->text);
}
