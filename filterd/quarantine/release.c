/* SPDX-License-Identifier: BSD-2-Clause */
/* The states of a message that is released. */
#include <errno.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "filterd/quarantine/deliver.h"
#include "filterd/quarantine/release.h"

struct releasing {
	struct store *store;
	const struct release_order *order;
	struct arena *arena;
	struct entry entry;
	int message;
};

/* What keeps anybody from working on an entry. */
static int
explain(enum store_found found, const char *id, struct buffer *said)
{
	if (found == STORE_ABSENT) {
		buffer_printf(said, "%s: there is no such message", id);
		return EX_NOINPUT;
	}
	if (found == STORE_BUSY) {
		buffer_printf(said, "%s: somebody else is at work on it", id);
		return EX_TEMPFAIL;
	}
	buffer_printf(said, "%s: its entry cannot be read%s%s", id, errno ? ": " : "",
	    errno ? strerror(errno) : "");
	return EX_IOERR;
}

static int
refuse_again(const struct entry *entry, struct buffer *said)
{
	if (entry->state == ENTRY_RELEASED)
		buffer_printf(said, "%s: it has been released; --again sends it once more",
		    entry->id);
	else
		buffer_printf(said, "%s: unsure: a release was begun and not ended, so the MTA may"
		    " have it; --again sends it once more", entry->id);
	return EX_UNAVAILABLE;
}

static const struct entry_address *
take_recipients(struct releasing *releasing, size_t *count_r)
{
	static const char *const none[] = { NULL };
	const char *const *to = releasing->order->to;
	struct entry_address *recipients;
	size_t i;

	*count_r = releasing->entry.recipient_count;
	if (!to || !*to)
		return releasing->entry.recipients;
	for (*count_r = 0; to[*count_r]; (*count_r)++)
		;
	recipients = arena_array(releasing->arena, *count_r, sizeof(*recipients));
	for (i = 0; i < *count_r; i++)
		recipients[i] = (struct entry_address){ to[i], none };
	return recipients;
}

static enum delivered
deliver(struct releasing *releasing, const char *nonce, struct buffer *problem)
{
	const struct entry *entry = &releasing->entry;
	struct mark mark = { .expires = (int64_t)time(NULL) + MARK_SECONDS };
	struct delivery delivery = { .sender = entry->sender, .message = releasing->message };
	char value[MARK_BYTES];

	memcpy(mark.id, entry->id, ENTRY_ID);
	memcpy(mark.nonce, nonce, ENTRY_NONCE);
	memcpy(mark.digest, entry->digest, ENTRY_DIGEST);
	mark_make(store_key(releasing->store), &mark, value);
	delivery.mark = value;
	delivery.recipients = take_recipients(releasing, &delivery.recipient_count);
	if (releasing->order->sendmail)
		return deliver_sendmail(&delivery, releasing->order->target, problem);
	return deliver_smtp(&delivery, releasing->order->target, problem);
}

/* What the entry says from now on. */
static int
settle(struct releasing *releasing, enum delivered delivered, const char *problem,
    struct buffer *said)
{
	struct entry *entry = &releasing->entry;

	entry->state = delivered == DELIVERED ? ENTRY_RELEASED :
	    delivered == NOT_DELIVERED ? ENTRY_HELD : ENTRY_RELEASING;
	entry->release.error = delivered == DELIVERED ? NULL : problem;
	if (!store_update(releasing->store, entry))
		buffer_printf(said, "%s: its entry cannot be written, and is unsure: %s; ",
		    entry->id, strerror(errno));
	if (delivered == DELIVERED) {
		buffer_printf(said, "%s: released", entry->id);
		return EX_OK;
	}
	buffer_printf(said, "%s: %s: %s", entry->id,
	    delivered == NOT_DELIVERED ? "not released" : "unsure", problem);
	return delivered == NOT_DELIVERED ? EX_TEMPFAIL : EX_UNAVAILABLE;
}

static int
release(struct releasing *releasing, struct buffer *said)
{
	const struct release_order *order = releasing->order;
	struct entry *entry = &releasing->entry;
	struct buffer problem = { 0 };
	char nonce[ENTRY_NONCE + 1];
	enum delivered delivered;
	int status;

	if (entry->state != ENTRY_HELD && !order->again)
		return refuse_again(entry, said);
	mark_random(nonce, ENTRY_NONCE);
	entry->state = ENTRY_RELEASING;
	entry->release = (struct entry_release){
		.time = (int64_t)time(NULL), .nonce = nonce,
		.by = arena_printf(releasing->arena, "%s %s", order->sendmail ? "sendmail" : "smtp",
		    order->target)
	};
	if (!store_update(releasing->store, entry)) {
		buffer_printf(said, "%s: its entry cannot be written: %s", entry->id,
		    strerror(errno));
		return EX_IOERR;
	}
	delivered = deliver(releasing, nonce, &problem);
	status = settle(releasing, delivered, buffer_text(&problem), said);
	buffer_free(&problem);
	return status;
}

int
release_message(struct store *store, const char *id, const struct release_order *order,
    struct buffer *said)
{
	struct releasing releasing = { .store = store, .order = order,
		.arena = arena_create(0, 0) };
	enum store_found found = store_take(store, id, releasing.arena, &releasing.entry,
	    &releasing.message);
	int status;

	status = found == STORE_FOUND ? release(&releasing, said) : explain(found, id, said);
	if (releasing.message >= 0)
		close(releasing.message);
	arena_destroy(&releasing.arena);
	return status;
}

int
release_delete(struct store *store, const char *id, struct buffer *said)
{
	struct arena *arena = arena_create(0, 0);
	struct entry entry;
	int message, status;
	enum store_found found = store_take(store, id, arena, &entry, &message);

	if (found != STORE_FOUND && found != STORE_BROKEN) {
		status = explain(found, id, said);
	} else if (store_remove(store, id)) {
		buffer_printf(said, "%s: deleted", id);
		status = EX_OK;
	} else {
		buffer_printf(said, "%s: cannot be deleted: %s", id, strerror(errno));
		status = EX_IOERR;
	}
	if (message >= 0)
		close(message);
	arena_destroy(&arena);
	return status;
}
