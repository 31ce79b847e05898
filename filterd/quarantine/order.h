/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An order to release or delete messages of a store: as the command line gives it, and as the
 * control socket carries it to the daemon, a JSON object in one line.
 */
#ifndef FILTERD_QUARANTINE_ORDER_H
#define FILTERD_QUARANTINE_ORDER_H

#include "filterd/config/settings.h"
#include "filterd/quarantine/store.h"

struct order {
	const char *store;		/* the folder that is meant; NULL: whichever it is */
	bool deletes;			/* else they are released */
	char *const *ids;		/* or their beginnings; ends with NULL */
	struct store_query query;	/* or what selects them */
	const char *to;			/* recipients that commas divide; NULL: those it had */
	bool again;			/* also what is released, or unsure */
};

/* Where to tell what was done, or not: a status of sysexits(3), a line without its end. */
struct order_told {
	void (*tell)(void *argument, int status, const char *line);
	void *argument;
};

/* Carries it out, message by message. release is the setting. The first failure's status, of
 * sysexits(3). */
int order_run(struct store *store, const struct order *order, const struct mf_strings *release,
    const struct order_told *told);

/* The ids of the messages that are named, or selected; to be freed with order_free_ids(). A status
 * other than EX_OK was told; what was found is there all the same. */
struct order_ids {
	char **items;
	size_t count;
};

int order_find(struct store *store, const struct order *order, const struct order_told *told,
    struct order_ids *ids);
void order_free_ids(struct order_ids *ids);

/* The line, without its end, and back into the arena. False: it is no order. */
void order_write(const struct order *order, struct buffer *to);
bool order_read(const char *line, struct arena *arena, struct order *order_r);

#endif
