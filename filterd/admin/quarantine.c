/* SPDX-License-Identifier: BSD-2-Clause */
/* The quarantine store in the API. An MTA may let a release wait, and this process must not: so a
 * grandchild does it, which nobody waits for. */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <microhttpd.h>

#include "filterd/admin/quarantine.h"
#include "filterd/quarantine/release.h"
#include "filterd/quarantine/row_json.h"
#include "filterd/service/json.h"
#include "filterd/service/log.h"

#define LISTED		100		/* rows, when nothing else is asked for */
#define LISTED_MOST	500

bool
quarantine_shown(const struct settings *settings)
{
	return settings->quarantine.store && settings->history.addresses == HISTORY_PLAIN &&
	    settings->history.subject;
}

/* False: the answer says why. */
static bool
open_store(const struct settings *settings, struct store **store, struct answer *answer)
{
	struct buffer problem = { 0 };

	if (!quarantine_shown(settings)) {
		answer_error(answer, MHD_HTTP_NOT_FOUND,
		    "there is no quarantine store, or it is not to be shown");
		return false;
	}
	if (!*store)
		*store = store_open(settings->quarantine.store, STORE_READ, &problem);
	if (!*store)
		answer_error(answer, MHD_HTTP_SERVICE_UNAVAILABLE, buffer_text(&problem));
	buffer_free(&problem);
	return *store != NULL;
}

/* ---- the list ---- */

struct listing {
	struct buffer *to;
	size_t left;
	bool more;
};

static bool
put_row(void *argument, const struct store_row *row)
{
	struct listing *listing = argument;

	listing->more = listing->left == 0;
	if (listing->more)
		return false;
	listing->left--;
	json_add_item(listing->to);
	row_json_add(row, listing->to);
	return true;
}

static size_t
read_number(const struct request *request, const char *name, size_t otherwise, size_t most)
{
	const char *text = request_parameter(request, name);
	unsigned long number = text ? strtoul(text, NULL, 10) : otherwise;

	return number < most ? number : most;
}

void
quarantine_list(const struct settings *settings, struct store **store,
    const struct request *request, struct answer *answer_r)
{
	struct listing listing = { .to = &answer_r->body,
		.left = read_number(request, "limit", LISTED, LISTED_MOST) };
	const struct store_query query = {
		.sender = request_parameter(request, "sender"),
		.recipient = request_parameter(request, "recipient"),
		.subject = request_parameter(request, "subject"),
		.rule = request_parameter(request, "rule"),
		.filter = request_parameter(request, "filter"),
		.state = request_parameter(request, "state"),
		.offset = read_number(request, "offset", 0, INT32_MAX),
		.limit = listing.left + 1,
	};
	struct buffer problem = { 0 };

	if (!open_store(settings, store, answer_r))
		return;
	buffer_add_char(listing.to, '{');
	json_add_integer(listing.to, "total", store_count(*store, &query));
	json_add_key(listing.to, "messages");
	buffer_add_char(listing.to, '[');
	if (store_list(*store, &query, put_row, &listing, &problem)) {
		buffer_add_char(listing.to, ']');
		json_add_bool(listing.to, "more", listing.more);
		buffer_add_text(listing.to, "}\n");
	} else {
		answer_r->body.length = 0;
		answer_error(answer_r, MHD_HTTP_SERVICE_UNAVAILABLE, buffer_text(&problem));
	}
	buffer_free(&problem);
}

void
quarantine_show(const struct settings *settings, struct store **store, const char *id,
    struct answer *answer_r)
{
	struct arena *arena;
	struct entry entry;

	if (!open_store(settings, store, answer_r))
		return;
	arena = arena_create(0, 0);
	if (store_read(*store, id, arena, &entry) == STORE_FOUND)
		entry_write(&entry, &answer_r->body);
	else
		answer_error(answer_r, MHD_HTTP_NOT_FOUND, "there is no such message, or no more");
	arena_destroy(&arena);
}

/* ---- releasing ---- */

/* With nothing of the parent's but its standard error. */
static _Noreturn void
release_apart(const struct settings *settings, const char *id)
{
	const struct mf_strings *release = &settings->quarantine.release;
	const struct release_order order = {
		.sendmail = strcmp(release->items[0], "sendmail") == 0, .target = release->items[1]
	};
	struct buffer said = { 0 };
	struct store *store;

	close_range(STDERR_FILENO + 1, ~0u, 0);
	store = store_open(settings->quarantine.store, STORE_WRITE, &said);
	if (store)
		release_message(store, id, &order, &said);
	store_close(&store);
	_exit(0);
}

void
quarantine_release(const struct settings *settings, struct store **store, const char *id,
    struct answer *answer_r)
{
	pid_t child;

	if (!quarantine_shown(settings) || !entry_id_valid(id)) {
		answer_error(answer_r, MHD_HTTP_NOT_FOUND, "there is no such message, or no more");
		return;
	}
	log_event(MF_LOG_NOTICE, "a release was asked for",
	    &(struct log_field){ "id", str_of(id), false }, 1);
	store_close(store);
	child = fork();
	if (child == 0) {
		if (fork() == 0)
			release_apart(settings, id);
		_exit(0);
	}
	if (child < 0) {
		answer_error(answer_r, MHD_HTTP_SERVICE_UNAVAILABLE, "there is no process for it");
		return;
	}
	waitpid(child, NULL, 0);
	answer_r->status = MHD_HTTP_ACCEPTED;
	buffer_add_char(&answer_r->body, '{');
	json_add_member(&answer_r->body, "begun", id);
	buffer_add_text(&answer_r->body, "}\n");
}
