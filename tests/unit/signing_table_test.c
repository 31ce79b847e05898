/* SPDX-License-Identifier: BSD-2-Clause */
/* OpenDKIM's KeyTable and SigningTable: lines, fields, and which lines an address finds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "plugins/dkim-sign/key_table.h"
#include "plugins/dkim-sign/signing_table.h"

#define MOST 32

static void
assert_text(struct dkim_text text, const char *expected)
{
	assert_int_equal(text.length, strlen(expected));
	assert_memory_equal(text.data, expected, text.length);
}

/* ---- lines ---- */

static void
test_lines(void **state)
{
	struct open_cursor cursor = { dkim_text_of("# all\n\n  \t\n key \t one : two # three\r\n"
	    "alone\nlast value"), 0 };
	struct open_line line;

	(void)state;
	assert_true(open_table_next(&cursor, &line));
	assert_text(line.key, "key");
	assert_text(line.value, "one : two");
	assert_int_equal(line.number, 4);
	assert_true(open_table_next(&cursor, &line));
	assert_text(line.key, "alone");
	assert_int_equal(line.value.length, 0);
	assert_true(open_table_next(&cursor, &line));
	assert_text(line.key, "last");
	assert_text(line.value, "value");
	assert_int_equal(line.number, 6);
	assert_false(open_table_next(&cursor, &line));
}

static void
test_fields(void **state)
{
	struct dkim_text rest = dkim_text_of(" a : b:c:d"), field;

	(void)state;
	assert_true(open_field(&rest, false, &field));
	assert_text(field, "a");
	assert_true(open_field(&rest, false, &field));
	assert_text(field, "b");
	assert_true(open_field(&rest, true, &field));
	assert_text(field, "c:d");
	assert_false(open_field(&rest, false, &field));
}

/* ---- KeyTable ---- */

static const char *
parse_key(const char *text, struct key_entry *entry_r)
{
	struct open_cursor cursor = { dkim_text_of(text), 0 };
	struct open_line line;

	assert_true(open_table_next(&cursor, &line));
	return key_entry_parse(&line, entry_r);
}

static void
test_key_entries(void **state)
{
	struct key_entry entry;

	(void)state;
	assert_null(parse_key("main example.org:2026:/etc/dkim/main.private", &entry));
	assert_text(entry.name, "main");
	assert_text(entry.domain, "example.org");
	assert_text(entry.selector, "2026");
	assert_text(entry.key, "/etc/dkim/main.private");
	assert_true(key_entry_is_path(&entry));
	assert_null(parse_key("any %:mail:./keys/%.pem", &entry));
	assert_true(open_is_percent(entry.domain));
	assert_true(key_entry_is_path(&entry));
	assert_null(parse_key("inline example.org:s:MC4CAQAwBQYDK2Vw", &entry));
	assert_false(key_entry_is_path(&entry));
	assert_string_equal(parse_key("main", &entry),
	    "expected DOMAIN:SELECTOR:KEY behind the name of the key");
	assert_non_null(strstr(parse_key("main example.org", &entry), "a selector"));
	assert_non_null(strstr(parse_key("main example.org:2026", &entry), "a key"));
	assert_non_null(parse_key("main :2026:/key", &entry));
}

/* ---- SigningTable ---- */

struct table {
	struct signing_table table;
	struct signing_entry entries[MOST];
};

static void
load(struct table *t, bool wildcards, const char *text)
{
	struct open_cursor cursor = { dkim_text_of(text), 0 };
	struct open_line line;

	t->table = (struct signing_table){ .entries = t->entries, .wildcards = wildcards };
	while (open_table_next(&cursor, &line))
		assert_null(signing_entry_parse(&line, &t->entries[t->table.count++]));
	signing_table_prepare(&t->table);
}

/* The keys that an address finds, in order, divided by blanks. */
static void
assert_found(const struct table *t, const char *address, const char *expected)
{
	struct signing_search search = { 0 };
	const struct signing_entry *entry;
	char found[256] = "";
	size_t length = 0;

	while ((entry = signing_table_next(&t->table, dkim_text_of(address), &search)))
		length += (size_t)snprintf(found + length, sizeof(found) - length, "%s%.*s",
		    length ? " " : "", (int)entry->key.length, entry->key.data);
	assert_string_equal(found, expected);
}

/* opendkim.conf(5), SigningTable: "the full user@host is checked first, then …". */
static void
test_forms(void **state)
{
	struct table t;

	(void)state;
	load(&t, false,
	    "* star\n"
	    "joe@* user-star\n"
	    ".com dot-com\n"
	    ".example.com dot-example\n"
	    "joe@.com user-dot-com\n"
	    "joe@.example.com user-dot-example\n"
	    "foo.example.com host\n"
	    "Joe@Foo.example.com full\n"
	    "joe@foo.example.com full-again\n");
	assert_found(&t, "joe@foo.example.com", "full full-again host user-dot-example "
	    "user-dot-com dot-example dot-com user-star star");
	assert_found(&t, "JOE@FOO.EXAMPLE.COM", "full full-again host user-dot-example "
	    "user-dot-com dot-example dot-com user-star star");
	assert_found(&t, "ann@foo.example.com", "host dot-example dot-com star");
	assert_found(&t, "joe@example.com", "user-dot-com dot-com user-star star");
	assert_found(&t, "joe@localhost", "user-star star");
	assert_found(&t, "joe", "");
	assert_found(&t, "@", "star");
}

static void
test_wildcards(void **state)
{
	struct table t;

	(void)state;
	load(&t, true,
	    "president@example.com preskey\n"
	    "*@example.com comkey\n"
	    "*@*.example.com subkey:@%\n"
	    "*@example.net netkey\n");
	assert_found(&t, "president@example.com", "preskey comkey");
	assert_found(&t, "Ann@Example.com", "comkey");
	assert_found(&t, "ann@a.b.example.com", "subkey");
	assert_found(&t, "ann@example.org", "");
	assert_found(&t, "ann@example.net.org", "");
	assert_text(t.entries[2].signer, "@%");
}

static void
test_patterns(void **state)
{
	static const struct { const char *pattern, *text; bool matches; } samples[] = {
		{ "", "", true }, { "", "a", false }, { "*", "", true }, { "*", "abc", true },
		{ "a*", "abc", true }, { "*c", "abc", true }, { "a*c", "abc", true },
		{ "a*d", "abc", false }, { "*b*", "abc", true }, { "**", "x", true },
		{ "*ab", "aab", true }, { "*aab", "aaab", true }, { "a.c", "abc", false },
		{ "*a*b*c", "xaybzc", true }, { "*a*b*c", "xaybz", false }, { "abc", "ab", false }
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(samples) / sizeof(samples[0]); i++)
		assert_int_equal(signing_pattern_matches(dkim_text_of(samples[i].pattern),
		    dkim_text_of(samples[i].text)), samples[i].matches);
}

static void
test_long_address(void **state)
{
	static char address[SIGNING_ADDRESS_MAX + 2];
	struct table t;

	(void)state;
	load(&t, false, "* star\n");
	memset(address, '.', sizeof(address) - 1);
	memcpy(address, "@a", 2);
	assert_found(&t, address, "");
	address[SIGNING_ADDRESS_MAX] = '\0';
	assert_found(&t, address, "star");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines), cmocka_unit_test(test_fields),
		cmocka_unit_test(test_key_entries), cmocka_unit_test(test_forms),
		cmocka_unit_test(test_wildcards), cmocka_unit_test(test_patterns),
		cmocka_unit_test(test_long_address)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
