/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The quarantine store: entries read as they were written, whatever bytes they hold; what is stored
 * is found, by several connections at a time; a lost or spoilt index is made anew; limits hold; a
 * release happens once; marks are nobody else's.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include <cmocka.h>

#include "filterd/quarantine/order.h"
#include "filterd/quarantine/release.h"
#include "filterd/quarantine/store.h"

#define NOW	1700000000	/* seconds since 1970 */

static const char *const no_words[] = { NULL };
static const char *const rules[] = { "first", "second", NULL };
static const char *const arguments[] = { "SIZE=100", "BODY=8BITMIME", NULL };
static const struct entry_address recipients[] = {
	{ "bob@example.com", no_words }, { "b\xfc@example.com", arguments }
};
static const char digest[] =
    "7aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

static struct entry
example(const char *id)
{
	return (struct entry){
		.id = id, .time = NOW, .reason = "looks strange", .filter = "rules",
		.rules = rules, .listener = "inbound", .session = "s1", .queue = "Q1",
		.client_name = "client.example", .client_address = "192.0.2.1",
		.subject = "Gr\xc3\xbc\xc3\x9f" "e", .message_id = "<1@example>",
		.sender = { "alice@example.org", arguments }, .recipients = recipients,
		.recipient_count = 2, .digest = digest,
		.explanation = "{\"verdict\":\"quarantine\"}"
	};
}

/* ---- entries ---- */

static void
an_entry_reads_as_it_was_written(void **state)
{
	struct arena *arena = arena_create(0, 0);
	struct buffer text = { 0 }, again = { 0 };
	struct entry entry = example("20240101T000000-0123456789abcdef"), read;
	const char *error;

	(void)state;
	entry.state = ENTRY_RELEASING;
	entry.release = (struct entry_release){ NOW, "00", "smtp x", "4\xff" "5" };
	entry_write(&entry, &text);
	assert_true(entry_read((struct str){ text.data, text.length }, arena, &read, &error));
	assert_string_equal(read.recipients[1].text, "b\xfc@example.com");
	assert_string_equal(read.recipients[1].arguments[1], "BODY=8BITMIME");
	assert_string_equal(read.release.error, "4\xff" "5");
	assert_string_equal(read.rules[1], "second");
	assert_int_equal(read.state, ENTRY_RELEASING);
	entry_write(&read, &again);
	assert_string_equal(again.data, text.data);
	buffer_free(&text);
	buffer_free(&again);
	arena_destroy(&arena);
}

static void
what_is_no_entry_is_refused(void **state)
{
	static const char *const wrong[] = {
		"", "[]", "{}", "{\"version\":2}", "{\"version\":1,\"id\":\"../../etc/passwd\"}",
		"{\"version\":1,\"id\":\"20240101T000000-0123456789abcdef\",\"state\":\"gone\"}",
		"{\"version\":1,\"id\":\"20240101T000000-0123456789abcdef\",\"state\":\"held\","
		"\"rules\":[1]}",
		"{\"version\":1,\"id\":\"20240101T000000-0123456789abcdef\",\"state\":\"held\","
		"\"rules\":[],\"digest\":\"7\"}",
	};
	struct arena *arena = arena_create(0, 0);
	struct buffer text = { 0 };
	struct entry entry;
	const char *error;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_false(entry_read(str_of(wrong[i]), arena, &entry, &error));
		assert_non_null(error);
	}
	entry = example("20240101T000000-0123456789abcdef");
	entry.sender.text = "a@example>\r\nRCPT TO:<b";
	entry_write(&entry, &text);
	assert_false(entry_read((struct str){ text.data, text.length }, arena, &entry, &error));
	assert_string_equal(error, "it has no envelope");
	buffer_free(&text);
	arena_destroy(&arena);
}

/* ---- marks ---- */

static void
a_mark_is_of_its_key_and_message(void **state)
{
	unsigned char key[MARK_KEY] = { 1 }, other[MARK_KEY] = { 2 };
	struct mark mark = { "20240101T000000-0123456789abcdef",
		"0123456789abcdef0123456789abcdef", "", NOW }, read;
	char value[MARK_BYTES], spoilt[MARK_BYTES];
	size_t i;

	(void)state;
	memcpy(mark.digest, digest, sizeof(digest));
	mark_make(key, &mark, value);
	assert_true(mark_read(key, str_of(value), &read));
	assert_string_equal(read.id, mark.id);
	assert_string_equal(read.nonce, mark.nonce);
	assert_string_equal(read.digest, digest);
	assert_int_equal(read.expires, NOW);
	assert_int_equal(mark_fields(read.digest), 7);
	assert_false(mark_read(other, str_of(value), &read));
	for (i = 0; value[i]; i++) {
		memcpy(spoilt, value, sizeof(value));
		spoilt[i] = spoilt[i] == '0' ? '1' : '0';
		if (mark_read(key, str_of(spoilt), &read))
			fail_msg("%zu: %s", i, spoilt);
		assert_false(mark_read(key, (struct str){ value, i }, &read));
	}
}

static void
digest_of(unsigned fields, const char *subject, const char *body, char digest_r[ENTRY_DIGEST + 1])
{
	struct mark_digest *made = mark_digest_begin(fields);

	mark_digest_field(made, STR("Received"), STR(" from somewhere"));
	mark_digest_field(made, STR("SUBJECT"), str_of(subject));
	mark_digest_body(made, body, strlen(body));
	mark_digest_end(&made, digest_r);
}

static void
a_digest_leaves_out_what_mtas_change(void **state)
{
	char a[ENTRY_DIGEST + 1], b[ENTRY_DIGEST + 1];

	(void)state;
	digest_of(MARK_SUBJECT, " one two", "body", a);
	digest_of(MARK_SUBJECT, " one\n\ttwo ", "body", b);
	assert_string_equal(a, b);
	digest_of(MARK_SUBJECT, " one three", "body", b);
	assert_string_not_equal(a, b);
	digest_of(MARK_SUBJECT, " one two", "Body", b);
	assert_string_not_equal(a, b);
	digest_of(0, " one two", "body", a);
	digest_of(0, " anything", "body", b);
	assert_string_equal(a, b);
}

/* ---- the store ---- */

static char folder[64];

static int
make_folder(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/quarantine-test-XXXXXX");
	return mkdtemp(folder) ? 0 : -1;
}

static int
remove_folder(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command);
}

static struct store *
open_store(void)
{
	struct buffer problem = { 0 };
	struct store *store = store_open(folder, STORE_WRITE, &problem);

	if (!store)
		fail_msg("%s", buffer_text(&problem));
	return store;
}

static bool
write_bytes(void *argument, bool (*add)(void *sink, const void *bytes, size_t size), void *sink)
{
	struct str *bytes = argument;

	return add(sink, bytes->data, bytes->length);
}

/* Its id stays in id_r. */
static void
add(struct store *store, int64_t time, size_t size, char id_r[ENTRY_ID + 1])
{
	char *text = malloc(size);
	struct str bytes = { text, size };
	const struct store_source source = { write_bytes, &bytes };
	struct entry entry;

	memset(text, 'x', size);
	store_make_id(time, id_r);
	entry = example(id_r);
	entry.time = time;
	assert_true(store_add(store, &entry, &source));
	free(text);
}

static int64_t
count(struct store *store)
{
	return store_count(store, &(struct store_query){ .id = NULL });
}

static void
what_is_stored_is_found(void **state)
{
	struct store *store = open_store();
	const struct store_query queries[] = {
		{ .sender = "ALICE" }, { .recipient = "b\xfc@" }, { .rule = "second" },
		{ .filter = "rules" }, { .state = "held" }, { .since = NOW, .until = NOW + 1 },
		{ .subject = "gr\xc3\xbc" }
	}, none[] = {
		{ .sender = "bob" }, { .recipient = "alice" }, { .rule = "sec" },
		{ .filter = "rule" },
		{ .state = "released" }, { .since = NOW + 2 }, { .until = NOW - 1 }
	};
	char id[ENTRY_ID + 1], other[ENTRY_ID + 1];
	size_t i;

	(void)state;
	add(store, NOW, 100, id);
	add(store, NOW + 1, 100, other);
	assert_string_not_equal(id, other);
	for (i = 0; i < 7; i++)
		assert_int_equal(store_count(store, &queries[i]), 2);
	for (i = 0; i < 7; i++)
		assert_int_equal(store_count(store, &none[i]), 0);
	assert_int_equal(store_count(store, &(struct store_query){ .id = id }), 1);
	store_close(&store);
}

/* Spoils the index in one of several ways. */
static void
spoil(int way)
{
	static const char *const ways[] = {
		"rm index.db*", "rm index.db-*; echo nonsense >index.db",
		"dd if=/dev/urandom of=index.db bs=4096 count=4 conv=notrunc 2>&1; rm -f index.db-*"
	};
	char command[256];

	snprintf(command, sizeof(command), "cd %s && { %s; }", folder, ways[way]);
	assert_int_equal(system(command), 0);
}

static void
a_lost_index_is_made_anew(void **state)
{
	char id[ENTRY_ID + 1];
	int way;

	(void)state;
	for (way = 0; way < 3; way++) {
		struct store *store = open_store(), *idle = open_store();

		add(store, NOW, 10, id);
		assert_int_equal(count(idle), 2 * way + 1);
		store_close(&store);
		spoil(way);
		store = open_store();
		assert_int_equal(count(store), 2 * way + 1);
		/* One that had the old file open sees the new one. */
		add(idle, NOW, 10, id);
		assert_int_equal(count(store), 2 * way + 2);
		store_close(&idle);
		store_close(&store);
	}
}

static void
processes_store_at_the_same_time(void **state)
{
	enum { PROCESSES = 4, EACH = 25 };
	struct store *store;
	char id[ENTRY_ID + 1];
	int i, j, status;

	(void)state;
	for (i = 0; i < PROCESSES; i++)
		if (fork() == 0) {
			store = open_store();
			for (j = 0; j < EACH; j++)
				add(store, NOW, 1000, id);
			store_close(&store);
			_exit(0);
		}
	for (i = 0; i < PROCESSES; i++) {
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	store = open_store();
	assert_int_equal(count(store), PROCESSES * EACH);
	store_close(&store);
}

static bool
write_half(void *argument, bool (*add_bytes)(void *sink, const void *bytes, size_t size),
    void *sink)
{
	(void)argument;
	add_bytes(sink, "half", 4);
	errno = EIO;
	return false;
}

static void
a_failure_leaves_nothing(void **state)
{
	static const struct store_source half = { write_half, NULL };
	struct store *store = open_store();
	char id[ENTRY_ID + 1], command[192];
	struct entry entry;

	(void)state;
	store_make_id(NOW, id);
	entry = example(id);
	assert_false(store_add(store, &entry, &half));
	assert_int_equal(errno, EIO);
	snprintf(command, sizeof(command), "cd %s && test -z \"$(ls new messages | grep eml)\"",
	    folder);
	assert_int_equal(system(command), 0);
	assert_int_equal(count(store), 0);
	store_close(&store);
}

static void
limits_are_kept(void **state)
{
	const struct store_limits limits = { .size = 5000, .age = 100 };
	struct store *store = open_store();
	struct store_swept swept;
	struct arena *arena = arena_create(0, 0);
	struct entry entry;
	char old[ENTRY_ID + 1], first[ENTRY_ID + 1], id[ENTRY_ID + 1];
	int i, message;

	(void)state;
	add(store, NOW - 101, 10, old);
	add(store, NOW, 1000, first);
	for (i = 1; i < 7; i++)
		add(store, NOW + i, 1000, id);
	/* Who is at work on the oldest keeps it. */
	assert_int_equal(store_take(store, first, arena, &entry, &message), STORE_FOUND);
	store_sweep(store, &limits, NOW, &swept);
	assert_int_equal(swept.old, 1);
	assert_int_equal(swept.surplus, 2);
	assert_int_equal(count(store), 5);
	assert_true(swept.measured);
	assert_int_equal(swept.holding.messages[ENTRY_HELD], 5);
	assert_int_equal(swept.holding.messages[ENTRY_RELEASED], 0);
	assert_int_equal(swept.holding.bytes, 5000);
	assert_int_equal(swept.holding.oldest, NOW);
	close(message);
	assert_int_equal(store_read(store, old, arena, &entry), STORE_ABSENT);
	assert_int_equal(store_read(store, first, arena, &entry), STORE_FOUND);
	assert_int_equal(store_read(store, id, arena, &entry), STORE_FOUND);
	arena_destroy(&arena);
	store_close(&store);
}

/* As if a process had died between the entry's file and the index. */
static void
what_the_index_lacks_is_found(void **state)
{
	static const struct store_limits limits = { .size = 1 << 20, .age = 1 << 30 };
	struct store *store = open_store();
	struct store_swept swept;
	char id[ENTRY_ID + 1], other[ENTRY_ID + 1], command[512];

	(void)state;
	add(store, NOW, 10, id);
	store_make_id(NOW, other);
	store_sweep(store, &limits, NOW, &swept);
	snprintf(command, sizeof(command), "cd %s/messages && cp %s.eml %s.eml && "
	    "sed s/%s/%s/ %s.json >%s.json", folder, id, other, id, other, id, other);
	assert_int_equal(system(command), 0);
	assert_int_equal(count(store), 1);
	snprintf(command, sizeof(command), "touch -d @%d %s/lock", NOW - 601, folder);
	assert_int_equal(system(command), 0);
	store_sweep(store, &limits, NOW, &swept);
	assert_int_equal(count(store), 2);
	store_close(&store);
}

/* ---- releasing ---- */

static int
release_by(struct store *store, const char *id, const char *command, bool again)
{
	const struct release_order order = { .sendmail = true, .target = command, .again = again };
	struct buffer said = { 0 };
	int status = release_message(store, id, &order, &said);

	assert_true(said.length > 0);
	buffer_free(&said);
	return status;
}

static enum entry_state
state_of(struct store *store, const char *id)
{
	struct arena *arena = arena_create(0, 0);
	struct entry entry;

	assert_int_equal(store_read(store, id, arena, &entry), STORE_FOUND);
	arena_destroy(&arena);
	return entry.state;
}

/* A command that ends like that. */
static const char *
script(const char *name, const char *text)
{
	static char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "w");
	fprintf(file, "#!/bin/sh\n%s\n", text);
	fclose(file);
	chmod(path, 0700);
	return path;
}

static void
a_release_happens_once(void **state)
{
	struct store *store = open_store();
	char id[ENTRY_ID + 1];

	(void)state;
	add(store, NOW, 100000, id);
	assert_int_equal(release_by(store, id, script("no", "cat >/dev/null; exit 75"), false),
	    EX_TEMPFAIL);
	assert_int_equal(state_of(store, id), ENTRY_HELD);
	assert_int_equal(release_by(store, id, "/nonexistent", false), EX_TEMPFAIL);
	assert_int_equal(state_of(store, id), ENTRY_HELD);
	assert_int_equal(release_by(store, id, script("dies", "cat >/dev/null; kill -9 $$"), false),
	    EX_UNAVAILABLE);
	assert_int_equal(state_of(store, id), ENTRY_RELEASING);
	assert_int_equal(release_by(store, id, script("yes", "cat >/dev/null"), false),
	    EX_UNAVAILABLE);
	assert_int_equal(release_by(store, id, script("yes", "cat >/dev/null"), true), EX_OK);
	assert_int_equal(state_of(store, id), ENTRY_RELEASED);
	assert_int_equal(release_by(store, id, script("yes", "cat >/dev/null"), false),
	    EX_UNAVAILABLE);
	assert_int_equal(release_by(store, "20240101T000000-0123456789abcdef", "/bin/true", false),
	    EX_NOINPUT);
	store_close(&store);
}

/* Whoever is killed in the middle leaves it unsure; meanwhile nobody else gets at it. */
static void
a_release_that_is_killed_is_unsure(void **state)
{
	struct store *store = open_store();
	char id[ENTRY_ID + 1], ready[128];
	pid_t child;
	int status;

	(void)state;
	add(store, NOW, 10, id);
	snprintf(ready, sizeof(ready), "cat >/dev/null; echo >%s/ready; exec sleep 60", folder);
	script("slow", ready);
	snprintf(ready, sizeof(ready), "%s/ready", folder);
	child = fork();
	if (child == 0) {
		char path[128];

		setpgid(0, 0);
		snprintf(path, sizeof(path), "%s/slow", folder);
		store = open_store();
		release_by(store, id, path, false);
		_exit(0);
	}
	while (access(ready, F_OK) != 0)
		usleep(10000);
	assert_int_equal(release_by(store, id, "/bin/true", true), EX_TEMPFAIL);
	assert_true(store_busy(store, id));
	assert_int_equal(kill(-child, SIGKILL), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_false(store_busy(store, id));
	assert_int_equal(state_of(store, id), ENTRY_RELEASING);
	assert_int_equal(release_by(store, id, "/bin/true", false), EX_UNAVAILABLE);
	store_close(&store);
}

static void
a_nonce_is_used_once(void **state)
{
	struct store *store = open_store();
	static const char nonce[] = "0123456789abcdef0123456789abcdef";

	(void)state;
	assert_false(store_spent(store, nonce));
	assert_true(store_spend(store, nonce));
	assert_true(store_spent(store, nonce));
	assert_false(store_spend(store, nonce));
	assert_int_equal(errno, EEXIST);
	store_close(&store);
}

/* ---- orders ---- */

static void
an_order_reads_as_it_was_written(void **state)
{
	char first[] = "20240101T", second[] = "x \"\n";
	char *const ids[] = { first, second, NULL };
	const struct order orders[] = {
		{ .store = "/a b", .ids = ids, .to = "a@example.com,b@example.com", .again = true },
		{ .deletes = true, .ids = ids + 2, .query = { .sender = "gr\xc3\xbc\xc3\x9f",
		    .recipient = "bob@", .subject = "", .filter = "rules", .rule = "first",
		    .state = "held", .since = NOW, .until = NOW + 1, .limit = 7 } }
	};
	struct arena *arena = arena_create(0, 0);
	struct order read;
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		struct buffer text = { 0 }, again = { 0 };

		order_write(&orders[i], &text);
		assert_null(strchr(text.data, '\n'));
		assert_true(order_read(text.data, arena, &read));
		order_write(&read, &again);
		assert_string_equal(text.data, again.data);
		assert_int_equal(read.deletes, orders[i].deletes);
		assert_int_equal(read.again, orders[i].again);
		assert_int_equal(read.query.limit, orders[i].query.limit);
		buffer_free(&text);
		buffer_free(&again);
	}
	assert_string_equal(read.query.state, "held");
	assert_null(read.ids[0]);
	arena_destroy(&arena);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_entry_reads_as_it_was_written),
		cmocka_unit_test(what_is_no_entry_is_refused),
		cmocka_unit_test(a_mark_is_of_its_key_and_message),
		cmocka_unit_test(an_order_reads_as_it_was_written),
		cmocka_unit_test(a_digest_leaves_out_what_mtas_change),
		IN_FOLDER(what_is_stored_is_found),
		IN_FOLDER(a_lost_index_is_made_anew),
		IN_FOLDER(processes_store_at_the_same_time),
		IN_FOLDER(a_failure_leaves_nothing),
		IN_FOLDER(limits_are_kept),
		IN_FOLDER(what_the_index_lacks_is_found),
		IN_FOLDER(a_release_happens_once),
		IN_FOLDER(a_release_that_is_killed_is_unsure),
		IN_FOLDER(a_nonce_is_used_once),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
