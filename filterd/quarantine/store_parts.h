/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of the store share. */
#ifndef FILTERD_QUARANTINE_STORE_PARTS_H
#define FILTERD_QUARANTINE_STORE_PARTS_H

#include <pthread.h>
#include <sys/stat.h>

#include <sqlite3.h>

#include "filterd/quarantine/store.h"

#define STORE_NAME	64		/* bytes of a file's name */

struct store {
	char *path;
	int folder, messages, fresh, spent;	/* descriptors */
	enum store_access access;
	unsigned char key[MARK_KEY];
	pthread_mutex_t lock;		/* of what follows */
	sqlite3 *index;			/* NULL: it is not open */
	struct stat index_file;		/* as it was opened */
};

/* The name of an entry's file. */
void store_name(char name_r[STORE_NAME], const char *id, const char *suffix);

/* All of a file below a descriptor; false: errno. */
bool store_slurp(int at, const char *name, struct buffer *text_r);

/* ---- index.c; the lock is taken there ---- */

/* False: it cannot be, and the index is to be made anew. */
bool index_put(struct store *store, const struct entry *entry);
bool index_drop(struct store *store, const char *id);

/* Total bytes; false: unknown. */
bool index_size(struct store *store, uint64_t *size_r);

/* What all entries come to. False: unknown. */
bool index_measure(struct store *store, struct store_holding *holding_r);

void index_close(struct store *store);

/* Has the next who looks make it anew. */
void index_distrust(struct store *store);

#endif
