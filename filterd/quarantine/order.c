/* SPDX-License-Identifier: BSD-2-Clause */
/* Which messages an order means, and what becomes of them. */
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "filterd/quarantine/entry.h"
#include "filterd/quarantine/order.h"
#include "filterd/quarantine/release.h"
#include "filterd/util/memory.h"

static int
tell(const struct order_told *told, int status, const char *line)
{
	told->tell(told->argument, status, line);
	return status;
}

/* ---- which messages ---- */

static bool
take_id(void *argument, const struct store_row *row)
{
	struct order_ids *ids = argument;

	ids->items = memory_resize(ids->items, (ids->count + 1) * sizeof(*ids->items));
	ids->items[ids->count++] = memory_strdup(row->id);
	return true;
}

void
order_free_ids(struct order_ids *ids)
{
	while (ids->count)
		free(ids->items[--ids->count]);
	free(ids->items);
	ids->items = NULL;
}

static int
select_ids(struct store *store, const struct store_query *query, const struct order_told *told,
    struct order_ids *ids)
{
	struct buffer problem = { 0 };
	int status = EX_OK;

	if (!store_list(store, query, take_id, ids, &problem))
		status = tell(told, EX_IOERR, buffer_text(&problem));
	buffer_free(&problem);
	return status;
}

/* The one message whose id begins so. */
static int
find_id(struct store *store, const char *word, const struct order_told *told,
    struct order_ids *ids)
{
	const struct store_query query = { .id = word, .limit = 2 };
	struct buffer problem = { 0 };
	size_t before = ids->count;
	int status = *word ? select_ids(store, &query, told, ids) : EX_OK;

	if (status != EX_OK || ids->count == before + 1)
		return status;
	status = ids->count == before ? EX_NOINPUT : EX_USAGE;
	buffer_printf(&problem, "%s: %s", word, status == EX_NOINPUT ?
	    "there is no such message" : "several messages' ids begin so");
	tell(told, status, buffer_text(&problem));
	buffer_free(&problem);
	return status;
}

static bool
is_selection(const struct store_query *query)
{
	return query->sender || query->recipient || query->subject || query->rule ||
	    query->filter || query->state || query->since || query->until;
}

int
order_find(struct store *store, const struct order *order, const struct order_told *told,
    struct order_ids *ids)
{
	char *const *word = order->ids;
	int status = EX_OK;

	if (order->to && !entry_is_plain(order->to))
		return tell(told, EX_USAGE, "expected addresses without control characters");
	if (!*word && !is_selection(&order->query))
		return tell(told, EX_USAGE, "expected an ID, or a selection");
	if (*word && is_selection(&order->query))
		return tell(told, EX_USAGE, "expected either IDs or a selection");
	if (!*word)
		return select_ids(store, &order->query, told, ids);
	for (; *word && status == EX_OK; word++)
		status = find_id(store, *word, told, ids);
	return status;
}

/* ---- what becomes of them ---- */

/* The words of a list that commas divide; ends with NULL. */
static const char **
split_addresses(char *text)
{
	const char **words = memory_array(strlen(text) + 2, sizeof(*words));
	size_t count = 0;
	char *word, *rest = NULL;

	for (word = strtok_r(text, ",", &rest); word; word = strtok_r(NULL, ",", &rest))
		words[count++] = word;
	return words;
}

static int
release_one(struct store *store, const char *id, const struct order *order,
    const struct mf_strings *release, struct buffer *said)
{
	char *text = order->to ? memory_strdup(order->to) : NULL;
	const char **to = text ? split_addresses(text) : NULL;
	const struct release_order one = {
		.sendmail = strcmp(release->items[0], "sendmail") == 0,
		.target = release->items[1], .to = to, .again = order->again
	};
	int status = release_message(store, id, &one, said);

	free(to);
	free(text);
	return status;
}

int
order_run(struct store *store, const struct order *order, const struct mf_strings *release,
    const struct order_told *told)
{
	struct order_ids ids = { 0 };
	int status = order_find(store, order, told, &ids), one;
	size_t i;

	for (i = 0; status != EX_USAGE && i < ids.count; i++) {
		struct buffer said = { 0 };

		one = order->deletes ? release_delete(store, ids.items[i], &said) :
		    release_one(store, ids.items[i], order, release, &said);
		tell(told, one, buffer_text(&said));
		buffer_free(&said);
		if (status == EX_OK)
			status = one;
	}
	order_free_ids(&ids);
	return status;
}
