/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The quarantine store: a folder that several processes use at the same time.
 *
 *	messages/ID.eml		a message as it was received: lines end in CRLF
 *	messages/ID.json	its entry, written last: with it the message is held
 *	new/			what is being written
 *	spent/NONCE		marks that have been used
 *	key			the key of marks, 32 bytes
 *	lock			whoever removes surplus, or makes the index anew, holds its lock
 *	index.db		for lists and searches (SQLite); made anew from messages/ when it
 *				is lost or cannot be read
 *
 * The files are the truth. A message that store_add() has taken is on the disk: message, entry and
 * their names. Everything belongs to the folder's owner and to nobody else. Whoever changes an
 * entry, or removes it, holds a lock on ID.eml meanwhile, so that it is never released twice at the
 * same time.
 */
#ifndef FILTERD_QUARANTINE_STORE_H
#define FILTERD_QUARANTINE_STORE_H

#include <sys/types.h>

#include "filterd/quarantine/entry.h"
#include "filterd/quarantine/mark.h"

struct store;

enum store_access {
	STORE_READ,		/* changes nothing but an index that is to be made anew */
	STORE_WRITE		/* makes what the folder lacks, and the folder */
};

/* NULL: a line without its end was added to problem. Threads may share a store; a process that is
 * forked may not use it. */
struct store *store_open(const char *folder, enum store_access access, struct buffer *problem);
void store_close(struct store **store);

const char *store_folder(const struct store *store);
const unsigned char *store_key(const struct store *store);
/* The descriptor of the folder. */
int store_fd(const struct store *store);

/* ---- taking a message ---- */

/* The bytes of a message, given piece by piece to add(). False: they cannot be read; errno. */
struct store_source {
	bool (*write)(void *argument, bool (*add)(void *sink, const void *bytes, size_t size),
	    void *sink);
	void *argument;
};

/* An id that no other message has. */
void store_make_id(int64_t now, char id_r[ENTRY_ID + 1]);

/* Puts the message with its entry, whose size is set, on the disk. False: nothing of it is left
 * there; errno. An index that cannot be written is no failure: it is made anew. */
bool store_add(struct store *store, struct entry *entry, const struct store_source *source);

/* Uses up the nonce of a mark. False: it was used before (EEXIST), or errno. */
bool store_spend(struct store *store, const char *nonce);
bool store_spent(struct store *store, const char *nonce);

/* ---- an entry ---- */

enum store_found {
	STORE_FOUND,
	STORE_ABSENT,
	STORE_BUSY,		/* another process is at work on it */
	STORE_BROKEN		/* errno, or 0: its entry cannot be read */
};

/* Reads an entry, into the arena. */
enum store_found store_read(struct store *store, const char *id, struct arena *arena,
    struct entry *entry_r);

/* The same with the lock: *message_r is the descriptor of its message, to read from; closing it
 * gives the lock back. */
enum store_found store_take(struct store *store, const char *id, struct arena *arena,
    struct entry *entry_r, int *message_r);

/* The descriptor of its message, to read from and to be closed, without the lock. -1: errno. */
int store_message(struct store *store, const char *id);

/* Whether another process holds the lock. */
bool store_busy(struct store *store, const char *id);

/* Writes the entry anew, durably; its lock is held. False: errno. */
bool store_update(struct store *store, const struct entry *entry);

/* Removes message and entry; the lock is held. */
bool store_remove(struct store *store, const char *id);

/* ---- all of them: index.c ---- */

/* What to list; NULL and 0: any. Texts are looked for in texts, without case. */
struct store_query {
	const char *id;			/* the whole, or its beginning */
	const char *sender, *recipient, *subject;
	const char *rule, *filter;	/* the whole name */
	const char *state;		/* entry_state_name() */
	int64_t since, until;		/* seconds since 1970 */
	size_t offset, limit;		/* limit 0: none */
};

/* An entry as lists have it; texts are borrowed for the call. */
struct store_row {
	const char *id;
	int64_t time;
	enum entry_state state;
	const char *sender, *recipients, *rules;	/* several: divided by "\n" */
	const char *filter, *reason, *subject, *message_id, *listener, *queue, *client, *error;
	uint64_t size;
	bool unsure;			/* a release began, and nobody is at work on it */
};

/* Visits those that match, the newest first, until visit returns false. False: the index cannot be
 * read, and a line without its end was added to problem. */
bool store_list(struct store *store, const struct store_query *query,
    bool (*visit)(void *argument, const struct store_row *row), void *argument,
    struct buffer *problem);

/* How many match; -1: there is no telling. */
int64_t store_count(struct store *store, const struct store_query *query);

/* ---- limits: sweep.c ---- */

struct store_limits {
	uint64_t size;			/* bytes of all messages */
	int64_t age;			/* seconds */
};

/* What is in it. */
struct store_holding {
	uint64_t messages[ENTRY_RELEASED + 1];	/* by state */
	uint64_t bytes;
	int64_t oldest;			/* seconds since 1970; 0: there is none */
};

struct store_swept {
	uint64_t old, surplus;		/* entries removed for their age, and for want of room */
	bool measured;			/* holding is set: what is left */
	struct store_holding holding;
};

/* Removes what is too old, and while all are too large the oldest, released ones first; an entry
 * that somebody is at work on stays. Nothing is done while another process does this. */
void store_sweep(struct store *store, const struct store_limits *limits, int64_t now,
    struct store_swept *swept_r);

#endif
