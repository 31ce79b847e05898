/* SPDX-License-Identifier: BSD-2-Clause */
/* Keeping and showing records. A record that is none is left out, as if it had never come. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <microhttpd.h>

#include "filterd/admin/history.h"
#include "filterd/admin/record.h"
#include "filterd/admin/search.h"
#include "filterd/service/json.h"
#include "filterd/service/log.h"
#include "filterd/util/memory.h"

#define TAKEN_AT_ONCE 1000	/* records, before requests have their turn */
#define LISTED_BYTES (1u << 20)	/* of a list: many may be on their way to slow readers */

struct history {
	const struct history_settings *settings;
	const struct history_link *link;
	struct ring *ring;		/* NULL: none */
	bool ended;			/* the link brings no more */
	char record[HISTORY_RECORD_BYTES];
};

/* ---- keeping ---- */

struct history *
history_open(const struct history_settings *settings, const struct history_link *link,
    struct ring_memory *memory)
{
	struct history *history = memory_alloc(sizeof(*history));

	history->settings = settings;
	history->link = link;
	history->ended = link->from < 0;
	if (memory)
		history->ring = ring_open(memory, (size_t)settings->keep);
	return history;
}

void
history_close(struct history **history)
{
	if ((*history)->ring)
		ring_close(&(*history)->ring);
	free(*history);
	*history = NULL;
}

int
history_descriptor(const struct history *history)
{
	return history->ended ? -1 : history->link->from;
}

static int64_t
wall_clock(void)
{
	struct timespec time;

	clock_gettime(CLOCK_REALTIME, &time);
	return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

void
history_tend(struct history *history)
{
	int64_t now = wall_clock();
	ssize_t size = 0;
	size_t i;

	for (i = 0; i < TAKEN_AT_ONCE && !history->ended; i++) {
		size = history_link_take(history->link, history->record, sizeof(history->record));
		if (size <= 0)
			break;
		if ((size_t)size <= sizeof(history->record) && history->ring)
			ring_add(history->ring, history->record, (size_t)size, now);
	}
	if (size < 0) {
		history->ended = true;
		log_text(MF_LOG_ERROR, "the history gets no more records: a worker has closed its"
		    " end for all; a restart mends that");
	}
	if (history->ring)
		ring_expire(history->ring, now - history->settings->duration.milliseconds);
}

/* ---- showing ---- */

static bool
find_summary(const struct history *history, uint64_t id, struct ring_record *record_r,
    json_t **summary_r)
{
	if (!history->ring || !ring_find(history->ring, id, record_r))
		return false;
	*summary_r = record_summary((struct str){ record_r->bytes, record_r->size });
	if (*summary_r)
		json_object_set_new(*summary_r, "id", json_integer((json_int_t)id));
	return *summary_r != NULL;
}

static int
add_dumped(const char *bytes, size_t size, void *to)
{
	buffer_add(to, bytes, size);
	return 0;
}

static void
put(const json_t *object, struct buffer *to)
{
	json_dump_callback(object, add_dumped, to, JSON_COMPACT);
}

static void
put_listed(json_t *summary, struct buffer *to)
{
	json_t *recipients = json_object_get(summary, "recipients");

	while (json_array_size(recipients) > RECORD_RECIPIENTS_LISTED)
		json_array_remove(recipients, json_array_size(recipients) - 1);
	json_add_item(to);
	put(summary, to);
}

/* The newest first. True: there are more than the limit, or than a list takes. */
static bool
put_found(const struct history *history, const struct search *search, struct buffer *to)
{
	size_t end = to->length + LISTED_BYTES;
	uint64_t oldest = history->ring ? ring_oldest(history->ring) : 1;
	uint64_t id = history->ring ? ring_newest(history->ring) + 1 : 1;
	struct ring_record record;
	unsigned found = 0;
	bool more = false;
	json_t *summary;

	if (search->before && search->before < id)
		id = search->before;
	while (id > oldest && !more) {
		if (!find_summary(history, --id, &record, &summary))
			continue;
		if (search_matches(search, summary)) {
			more = found == search->limit || to->length >= end;
			if (!more)
				put_listed(summary, to);
			found++;
		}
		json_decref(summary);
	}
	return more;
}

static const char *
parameter_of(const void *request, const char *name)
{
	return request_parameter(request, name);
}

void
history_list(const struct history *history, const struct request *request, int64_t dropped,
    struct answer *answer_r)
{
	bool hashed = history->settings->addresses == HISTORY_HASHED;
	struct buffer *to = &answer_r->body;
	struct search search;
	const char *mistake;
	uint64_t total = 0;
	bool more;

	if (!search_read(&search, parameter_of, request, hashed ? history->link : NULL, &mistake)) {
		answer_error(answer_r, MHD_HTTP_BAD_REQUEST, mistake);
		return;
	}
	if (history->ring)
		total = ring_newest(history->ring) + 1 - ring_oldest(history->ring);
	buffer_add_char(to, '{');
	json_add_integer(to, "total", (int64_t)total);
	json_add_key(to, "dropped");
	if (dropped >= 0)
		buffer_printf(to, "%lld", (long long)dropped);
	else
		json_add_string(to, NULL);
	json_add_key(to, "messages");
	buffer_add_char(to, '[');
	more = put_found(history, &search, to);
	buffer_add_char(to, ']');
	json_add_bool(to, "more", more);
	buffer_add_text(to, "}\n");
}

void
history_show(const struct history *history, const char *id, struct answer *answer_r)
{
	unsigned long long number = strtoull(id, NULL, 10);
	struct ring_record record;
	json_t *summary, *detail;

	if (id[strspn(id, "0123456789")] || !find_summary(history, number, &record, &summary)) {
		answer_error(answer_r, MHD_HTTP_NOT_FOUND, "there is no such message, or no more");
		return;
	}
	detail = record_detail((struct str){ record.bytes, record.size });
	if (!detail)
		detail = json_pack("{s:n,s:n}", "explanation", "diff");
	json_object_set_new(detail, "summary", summary);
	put(detail, &answer_r->body);
	buffer_add_char(&answer_r->body, '\n');
	json_decref(detail);
}

void
history_json(const struct history *history, struct buffer *to)
{
	static const char *const addresses[] = { "plain", "hashed", "none" };
	const struct history_settings *settings = history->settings;

	buffer_add_char(to, '{');
	json_add_integer(to, "keep", settings->keep);
	json_add_integer(to, "for_s", settings->duration.milliseconds / 1000);
	json_add_member(to, "addresses", addresses[settings->addresses]);
	json_add_bool(to, "subject", settings->subject);
	json_add_bool(to, "edits", settings->edits);
	buffer_add_char(to, '}');
}
