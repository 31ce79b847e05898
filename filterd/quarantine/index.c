/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The index of the store, in SQLite: WAL, so that several processes read and write, and a
 * transaction is on the disk when it is committed. One connection a process, under the store's
 * lock. It is made anew, by one process at a time, when its file is new, when somebody distrusts it
 * (the file "stale") or when it cannot be read. Then its file is another one, which the others see
 * before they use theirs: what they still write into the old one is in messages/ already.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "filterd/quarantine/store_parts.h"

#define FORM	1	/* user_version: of the table */
#define PATIENCE	10000	/* milliseconds for others' transactions */

static const char table[] =
    "CREATE TABLE IF NOT EXISTS entry (id TEXT PRIMARY KEY, time INTEGER, state TEXT,"
    " sender TEXT, recipients TEXT, rules TEXT, filter TEXT, reason TEXT, subject TEXT,"
    " message_id TEXT, listener TEXT, queue TEXT, client TEXT, error TEXT, size INTEGER)"
    " WITHOUT ROWID; CREATE INDEX IF NOT EXISTS entry_time ON entry (time); PRAGMA user_version=1";

#define COLUMNS "id, time, state, sender, recipients, rules, filter, reason, subject, message_id," \
	" listener, queue, client, error, size"

static bool
run(sqlite3 *index, const char *sql)
{
	return sqlite3_exec(index, sql, NULL, NULL, NULL) == SQLITE_OK;
}

static void
close_index(struct store *store)
{
	sqlite3_close(store->index);
	store->index = NULL;
}

void
index_close(struct store *store)
{
	pthread_mutex_lock(&store->lock);
	close_index(store);
	pthread_mutex_unlock(&store->lock);
}

void
index_distrust(struct store *store)
{
	int fd = openat(store->folder, "stale", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	if (fd >= 0)
		close(fd);
	index_close(store);
}

/* ---- opening; the store's lock is held ---- */

static bool
is_stale(const struct store *store)
{
	return faccessat(store->folder, "stale", F_OK, 0) == 0;
}

static int
read_form(sqlite3 *index)
{
	sqlite3_stmt *statement = NULL;
	int form = -1;

	if (sqlite3_prepare_v2(index, "PRAGMA user_version", -1, &statement, NULL) == SQLITE_OK &&
	    sqlite3_step(statement) == SQLITE_ROW)
		form = sqlite3_column_int(statement, 0);
	sqlite3_finalize(statement);
	return form;
}

/* Opens the file as it is. False: it cannot be, or is no database. */
static bool
connect_index(struct store *store)
{
	struct buffer path = { 0 };
	bool good;

	buffer_printf(&path, "%s/index.db", store->path);
	good = sqlite3_open_v2(buffer_text(&path), &store->index,
	    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL) == SQLITE_OK;
	buffer_free(&path);
	if (good)
		sqlite3_busy_timeout(store->index, PATIENCE);
	good = good && run(store->index, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL") &&
	    fstatat(store->folder, "index.db", &store->index_file, 0) == 0;
	if (!good)
		close_index(store);
	return good;
}

static bool
is_same_file(const struct store *store)
{
	struct stat now;

	return fstatat(store->folder, "index.db", &now, 0) == 0 &&
	    now.st_ino == store->index_file.st_ino && now.st_dev == store->index_file.st_dev;
}

/* ---- writing ---- */

static void
bind(sqlite3_stmt *statement, int place, const char *text)
{
	sqlite3_bind_text(statement, place, text, -1, SQLITE_TRANSIENT);
}

static void
join_recipients(const struct entry *entry, struct buffer *to)
{
	size_t i;

	buffer_add_text(to, "");
	for (i = 0; i < entry->recipient_count; i++)
		buffer_printf(to, "%s%s", i ? "\n" : "", entry->recipients[i].text);
}

static void
join_rules(const struct entry *entry, struct buffer *to)
{
	const char *const *rule;

	for (rule = entry->rules; rule && *rule; rule++)
		buffer_printf(to, "%s%s", rule == entry->rules ? "" : "\n", *rule);
}

static bool
insert(sqlite3 *index, const struct entry *entry)
{
	struct buffer recipients = { 0 }, rules = { 0 };
	const char *texts[] = { entry->filter, entry->reason, entry->subject, entry->message_id,
		entry->listener, entry->queue, entry->client_address, entry->release.error };
	sqlite3_stmt *statement;
	int i;
	bool good;

	if (sqlite3_prepare_v2(index, "INSERT OR REPLACE INTO entry (" COLUMNS ") VALUES"
	    " (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)", -1, &statement, NULL) != SQLITE_OK)
		return false;
	join_recipients(entry, &recipients);
	join_rules(entry, &rules);
	bind(statement, 1, entry->id);
	sqlite3_bind_int64(statement, 2, entry->time);
	bind(statement, 3, entry_state_name(entry->state));
	bind(statement, 4, entry->sender.text);
	bind(statement, 5, buffer_text(&recipients));
	bind(statement, 6, buffer_text(&rules));
	for (i = 0; i < 8; i++)
		bind(statement, 7 + i, texts[i]);
	sqlite3_bind_int64(statement, 15, (sqlite3_int64)entry->size);
	good = sqlite3_step(statement) == SQLITE_DONE;
	sqlite3_finalize(statement);
	buffer_free(&recipients);
	buffer_free(&rules);
	return good;
}

/* ---- making it anew ---- */

static void
insert_file(struct store *store, const char *name)
{
	struct arena *arena = arena_create(0, 0);
	char id[ENTRY_ID + 1] = "";
	struct entry entry;

	memcpy(id, name, ENTRY_ID);
	if (store_read(store, id, arena, &entry) == STORE_FOUND)
		insert(store->index, &entry);
	arena_destroy(&arena);
}

static bool
insert_files(struct store *store)
{
	int again = openat(store->messages, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *entries = again >= 0 ? fdopendir(again) : NULL;
	const struct dirent *entry;

	if (!entries) {
		if (again >= 0)
			close(again);
		return false;
	}
	while ((entry = readdir(entries)))
		if (strlen(entry->d_name) == ENTRY_ID + strlen(".json") &&
		    strcmp(entry->d_name + ENTRY_ID, ".json") == 0)
			insert_file(store, entry->d_name);
	closedir(entries);
	return true;
}

static bool
fill(struct store *store)
{
	if (connect_index(store) && run(store->index, "BEGIN IMMEDIATE") &&
	    run(store->index, table) && insert_files(store) && run(store->index, "COMMIT"))
		return true;
	close_index(store);
	return false;
}

static bool
make_anew(struct store *store)
{
	close_index(store);
	unlinkat(store->folder, "index.db", 0);
	unlinkat(store->folder, "index.db-wal", 0);
	unlinkat(store->folder, "index.db-shm", 0);
	unlinkat(store->folder, "stale", 0);
	return fill(store);
}

/* Waits for who does it already. */
static bool
make_anew_locked(struct store *store)
{
	int fd = openat(store->folder, "index.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	bool good;

	if (fd < 0 || flock(fd, LOCK_EX) != 0) {
		if (fd >= 0)
			close(fd);
		return false;
	}
	good = (!is_stale(store) && connect_index(store) && read_form(store->index) == FORM) ||
	    make_anew(store);
	close(fd);
	return good;
}

/* The index, ready for use. */
static bool
ready(struct store *store)
{
	if (store->index && (!is_same_file(store) || is_stale(store)))
		close_index(store);
	if (store->index)
		return true;
	if (!is_stale(store) && connect_index(store) && read_form(store->index) == FORM)
		return true;
	close_index(store);
	return make_anew_locked(store);
}

bool
index_put(struct store *store, const struct entry *entry)
{
	bool good;

	pthread_mutex_lock(&store->lock);
	good = ready(store) && insert(store->index, entry);
	pthread_mutex_unlock(&store->lock);
	return good;
}

bool
index_drop(struct store *store, const char *id)
{
	sqlite3_stmt *statement = NULL;
	bool good = false;

	pthread_mutex_lock(&store->lock);
	if (ready(store) && sqlite3_prepare_v2(store->index, "DELETE FROM entry WHERE id = ?", -1,
	    &statement, NULL) == SQLITE_OK) {
		bind(statement, 1, id);
		good = sqlite3_step(statement) == SQLITE_DONE;
	}
	sqlite3_finalize(statement);
	pthread_mutex_unlock(&store->lock);
	return good;
}

/* ---- reading ---- */

static const char where[] =
    " FROM entry WHERE (?1 IS NULL OR substr(id, 1, length(?1)) = ?1)"
    " AND (?2 IS NULL OR instr(lower(sender), lower(?2)))"
    " AND (?3 IS NULL OR instr(lower(recipients), lower(?3)))"
    " AND (?4 IS NULL OR instr(lower(subject), lower(?4)))"
    " AND (?5 IS NULL OR instr(char(10) || rules || char(10), char(10) || ?5 || char(10)))"
    " AND (?6 IS NULL OR filter = ?6)"
    " AND (?7 IS NULL OR state = ?7)"
    " AND (?8 = 0 OR time >= ?8) AND (?9 = 0 OR time <= ?9)";

static sqlite3_stmt *
prepare(sqlite3 *index, const char *what, const char *order, const struct store_query *query)
{
	const char *texts[] = { query->id, query->sender, query->recipient, query->subject,
		query->rule, query->filter, query->state };
	sqlite3_stmt *statement = NULL;
	struct buffer sql = { 0 };
	int i;

	buffer_printf(&sql, "SELECT %s%s%s", what, where, order);
	if (sqlite3_prepare_v2(index, buffer_text(&sql), -1, &statement, NULL) == SQLITE_OK) {
		for (i = 0; i < 7; i++)
			bind(statement, 1 + i, texts[i]);
		sqlite3_bind_int64(statement, 8, query->since);
		sqlite3_bind_int64(statement, 9, query->until);
	}
	buffer_free(&sql);
	return statement;
}

static const char *
column(sqlite3_stmt *statement, int place)
{
	return (const char *)sqlite3_column_text(statement, place);
}

static void
read_row(struct store *store, sqlite3_stmt *statement, struct store_row *row_r)
{
	const char *state = column(statement, 2);
	int64_t size = sqlite3_column_int64(statement, 14);

	*row_r = (struct store_row){
		.id = column(statement, 0), .time = sqlite3_column_int64(statement, 1),
		.sender = column(statement, 3), .recipients = column(statement, 4),
		.rules = column(statement, 5), .filter = column(statement, 6),
		.reason = column(statement, 7), .subject = column(statement, 8),
		.message_id = column(statement, 9), .listener = column(statement, 10),
		.queue = column(statement, 11), .client = column(statement, 12),
		.error = column(statement, 13), .size = (uint64_t)size,
	};
	while (state && row_r->state < ENTRY_RELEASED &&
	    strcmp(entry_state_name(row_r->state), state) != 0)
		row_r->state++;
	row_r->unsure = row_r->state == ENTRY_RELEASING && row_r->id &&
	    !store_busy(store, row_r->id);
}

bool
store_list(struct store *store, const struct store_query *query,
    bool (*visit)(void *argument, const struct store_row *row), void *argument,
    struct buffer *problem)
{
	sqlite3_stmt *statement = NULL;
	struct store_row row;
	int step = SQLITE_ERROR;

	pthread_mutex_lock(&store->lock);
	if (ready(store))
		statement = prepare(store->index, COLUMNS,
		    " ORDER BY time DESC, id DESC LIMIT ?10 OFFSET ?11", query);
	if (statement) {
		sqlite3_bind_int64(statement, 10, query->limit ? (int64_t)query->limit : -1);
		sqlite3_bind_int64(statement, 11, (int64_t)query->offset);
		while ((step = sqlite3_step(statement)) == SQLITE_ROW) {
			read_row(store, statement, &row);
			if (!row.id || !visit(argument, &row)) {
				step = SQLITE_DONE;
				break;
			}
		}
	}
	if (step != SQLITE_DONE)
		buffer_printf(problem, "the index of %s cannot be read: %s", store->path,
		    store->index ? sqlite3_errmsg(store->index) : strerror(errno));
	sqlite3_finalize(statement);
	pthread_mutex_unlock(&store->lock);
	if (step != SQLITE_DONE)
		index_distrust(store);
	return step == SQLITE_DONE;
}

static bool
read_number(struct store *store, const char *what, const struct store_query *query,
    int64_t *number_r)
{
	sqlite3_stmt *statement = NULL;
	bool good;

	pthread_mutex_lock(&store->lock);
	if (ready(store))
		statement = prepare(store->index, what, "", query);
	good = statement && sqlite3_step(statement) == SQLITE_ROW;
	if (good)
		*number_r = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	pthread_mutex_unlock(&store->lock);
	return good;
}

int64_t
store_count(struct store *store, const struct store_query *query)
{
	int64_t count;

	return read_number(store, "count(*)", query, &count) ? count : -1;
}

bool
index_measure(struct store *store, struct store_holding *holding_r)
{
	static const struct store_query all;
	unsigned state;

	for (state = 0; state <= ENTRY_RELEASED; state++) {
		const struct store_query query = { .state = entry_state_name(state) };
		int64_t count = store_count(store, &query);

		if (count < 0)
			return false;
		holding_r->messages[state] = (uint64_t)count;
	}
	return index_size(store, &holding_r->bytes) &&
	    read_number(store, "coalesce(min(time), 0)", &all, &holding_r->oldest);
}

bool
index_size(struct store *store, uint64_t *size_r)
{
	static const struct store_query all;
	int64_t size;

	if (!read_number(store, "coalesce(sum(size), 0)", &all, &size))
		return false;
	*size_r = size > 0 ? (uint64_t)size : 0;
	return true;
}
