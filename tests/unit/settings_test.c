/* SPDX-License-Identifier: BSD-2-Clause */
/* The daemon's settings: defaults, sockets, lists from files, checks across statements, depths. */
#include <grp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "filterd/config/condition.h"
#include "filterd/config/settings.h"
#include "tests/unit/mistakes.h"

/* ---- settings from text ---- */

#define FILTER "filter f { plugin rules; }\n"
#define LISTENER "listener in { socket unix:/run/filterd-test; chain f; }\n"

struct world {
	struct mistakes *mistakes;
	struct settings *settings;
	char folder[40];
};

static int
setup(void **state)
{
	struct world *world = test_calloc(1, sizeof(*world));

	mistakes_setup((void **)&world->mistakes);
	strcpy(world->folder, "/tmp/filterd-settings.XXXXXX");
	assert_non_null(mkdtemp(world->folder));
	assert_int_equal(chdir(world->folder), 0);
	*state = world;
	return 0;
}

static int
teardown(void **state)
{
	struct world *world = *state;

	assert_int_equal(system(arena_printf(world->mistakes->arena, "rm -rf %s", world->folder)),
	    0);
	settings_destroy(&world->settings);
	mistakes_teardown((void **)&world->mistakes);
	test_free(world);
	return chdir("/");
}

static void
write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static const struct settings *
read_text(struct world *world, const char *text, enum settings_depth depth)
{
	settings_destroy(&world->settings);
	world->settings = settings_read_text("t", str_of(text), depth, world->mistakes->errors);
	return world->settings;
}

static const struct settings *
read_well(void **state, const char *text, enum settings_depth depth)
{
	struct world *world = *state;
	const struct settings *settings = read_text(world, text, depth);

	assert_string_equal(mistakes_printed(world->mistakes), "");
	assert_non_null(settings);
	return settings;
}

static void
assert_mistakes_at(void **state, enum settings_depth depth, const char *text, const char *expected)
{
	struct world *world = *state;

	read_text(world, text, depth);
	assert_string_equal(mistakes_taken(world->mistakes), expected);
}

/* Those that have nothing to do with the machine. */
static void
assert_mistakes(void **state, const char *text, const char *expected)
{
	assert_mistakes_at(state, SETTINGS_ALONE, text, expected);
}

/* ---- addresses and modes ---- */

static void
assert_address(const char *text, int family, const char *printed, unsigned port)
{
	struct listener_address address;
	const char *error = NULL;
	char host[INET6_ADDRSTRLEN];

	assert_true(listener_address_parse(text, &address, &error));
	assert_int_equal(address.family, family);
	assert_int_equal(address.address.any.sa_family, family);
	if (family == AF_UNIX) {
		assert_string_equal(address.address.unix_path.sun_path, printed);
		assert_int_equal(address.length, sizeof(struct sockaddr_un));
	} else if (family == AF_INET) {
		assert_string_equal(inet_ntop(family, &address.address.inet.sin_addr, host,
		    sizeof(host)), printed);
		assert_int_equal(ntohs(address.address.inet.sin_port), port);
		assert_int_equal(address.length, sizeof(struct sockaddr_in));
	} else {
		assert_string_equal(inet_ntop(family, &address.address.inet6.sin6_addr, host,
		    sizeof(host)),
		    printed);
		assert_int_equal(ntohs(address.address.inet6.sin6_port), port);
		assert_int_equal(address.length, sizeof(struct sockaddr_in6));
	}
}

static void
assert_no_address(const char *text, const char *expected)
{
	struct listener_address address;
	const char *error = NULL;

	assert_false(listener_address_parse(text, &address, &error));
	assert_string_equal(error, expected);
}

static void
test_addresses(void **state)
{
	(void)state;
	assert_address("unix:/run/filterd/in.sock", AF_UNIX, "/run/filterd/in.sock", 0);
	assert_address("inet:8891@127.0.0.1", AF_INET, "127.0.0.1", 8891);
	assert_address("inet:65535@0.0.0.0", AF_INET, "0.0.0.0", 65535);
	assert_address("inet6:1@::1", AF_INET6, "::1", 1);
	assert_address("inet6:8891@[2001:db8::1]", AF_INET6, "2001:db8::1", 8891);
}

static void
test_addresses_that_are_wrong(void **state)
{
	static const char shape[] = "expected unix:/PATH, inet:PORT@ADDRESS or inet6:PORT@ADDRESS";
	static const char port[] = "expected a port from 1 to 65535 and \"@\" after \"inet:\"";
	static const char port6[] = "expected a port from 1 to 65535 and \"@\" after \"inet6:\"";
	static const char inet[] = "expected an IPv4 address such as 127.0.0.1 after \"@\"";
	static const char inet6[] = "expected an IPv6 address such as ::1 or [::1] after \"@\"";
	char path[120] = "unix:/";

	(void)state;
	assert_no_address("", shape);
	assert_no_address("/run/x", shape);
	assert_no_address("8891@127.0.0.1", shape);
	assert_no_address("inet:8891", port);
	assert_no_address("inet:0@127.0.0.1", port);
	assert_no_address("inet:65536@127.0.0.1", port);
	assert_no_address("inet:99999999999999999999@127.0.0.1", port);
	assert_no_address("inet:x@127.0.0.1", port);
	assert_no_address("inet:1@localhost", inet);
	assert_no_address("inet:1@", inet);
	assert_no_address("inet:1@127.0.0.1 ", inet);
	assert_no_address("inet:1@::1", inet);
	assert_no_address("inet6:1@127.0.0.1", inet6);
	assert_no_address("inet6:1@[::1", inet6);
	assert_no_address("inet6:1@[", inet6);
	assert_no_address("inet6:1@[]", inet6);
	assert_no_address("inet6:1@0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000",
	    inet6);
	assert_no_address("inet6:@::1", port6);
	assert_no_address("unix:run/x", "expected an absolute path after \"unix:\"");
	assert_no_address("unix:/", "expected an absolute path after \"unix:\"");
	memset(path + 6, 'x', 106);
	assert_address(path, AF_UNIX, path + 5, 0);
	strcat(path, "x");
	assert_no_address(path, "the path of a unix socket has at most 107 bytes");
}

static void
test_modes(void **state)
{
	static const char *const wrong[] = { "", "66", "0o660", "06600", "0668", "1777", "-660" };
	mode_t mode;
	size_t i;

	(void)state;
	assert_true(listener_mode_parse("0660", &mode) && mode == 0660);
	assert_true(listener_mode_parse("777", &mode) && mode == 0777);
	assert_true(listener_mode_parse("000", &mode) && mode == 0);
	for (i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_false(listener_mode_parse(wrong[i], &mode));
}

/* ---- what is right ---- */

static void
test_defaults(void **state)
{
	const struct settings *settings = read_well(state, "", SETTINGS_ALONE);

	assert_null(settings->user);
	assert_null(settings->pid_file);
	assert_string_equal(settings->plugin_path, PLUGIN_DIR);
	assert_int_equal(settings->log.to, LOG_TO_STDERR);
	assert_int_equal(settings->log.format, LOG_FORMAT_TEXT);
	assert_int_equal(settings->log.level, MF_LOG_INFO);
	assert_string_equal(settings->log.facility, "mail");
	assert_int_equal(settings->message.spool_threshold.bytes, 1 << 20);
	assert_int_equal(settings->message.memory_limit.bytes, 16 << 20);
	assert_int_equal(settings->message.maximum_size.bytes, 100 << 20);
	assert_int_equal(settings->scope.limits.match, 100000);
	assert_int_equal(settings->scope.limits.depth, 10000);
	assert_int_equal(settings->scope.limits.heap, 20 << 10);
	assert_int_equal(settings->listener_count, 0);
}

static void
test_whole(void **state)
{
	const struct settings *settings = read_well(state,
	    "user root; group root; pid-file /run/x.pid; plugin-path /opt/plugins;\n"
	    "log { to journal; level debug; format json; facility local3; }\n"
	    "regex { match-limit 5000; heap-limit 1m; }\n"
	    "listener in { socket inet:8891@127.0.0.1; chain one two; workers 3;\n"
	    "    maximum-sessions 20; overload accept; memory-limit 100m; memory-maximum 0; }\n"
	    "filter one { plugin rules; rule x { never looked at; } timeout 3s; }\n"
	    "listener out { socket unix:/run/x.sock; owner root; group root; mode 0600; chain two; "
	    "}\n"
	    "filter two { plugin hello; when client.ip in @nets; on-error skip; mode shadow; }\n"
	    "list nets { entries 192.0.2.0/24 198.51.100.7; }\n", SETTINGS_WHOLE);
	const struct listener_settings *out = settings_listener(settings, "out");
	const struct filter_settings *two = settings_filter(settings, "two");

	assert_string_equal(settings->user, "root");
	assert_string_equal(settings->pid_file, "/run/x.pid");
	assert_string_equal(settings->plugin_path, "/opt/plugins");
	assert_int_equal(settings->log.to, LOG_TO_JOURNAL);
	assert_int_equal(settings->log.level, MF_LOG_DEBUG);
	assert_int_equal(settings->scope.limits.match, 5000);
	assert_int_equal(settings->scope.limits.heap, 1024);
	assert_int_equal(settings->listener_count, 2);
	assert_int_equal(settings->listeners[0].workers, 3);
	assert_string_equal(settings->listeners[0].chain.items[1], "two");
	assert_ptr_equal(out, &settings->listeners[1]);
	assert_int_equal(out->workers, 0);
	assert_string_equal(out->mode, "0600");
	assert_int_equal(settings->listeners[0].maximum_sessions, 20);
	assert_int_equal(settings->listeners[0].overload, OVERLOAD_ACCEPT);
	assert_int_equal(settings->listeners[0].memory_limit.bytes, 100 << 20);
	assert_int_equal(settings->listeners[0].memory_maximum.bytes, 0);
	assert_int_equal(out->overload, OVERLOAD_TEMPFAIL);
	assert_int_equal(settings->crash_limit, 3);
	assert_int_equal(settings->crash_window.milliseconds, 600000);
	assert_string_equal(out->where, "t:7");
	assert_int_equal(settings->filter_count, 2);
	assert_int_equal(settings->filters[0].timeout.milliseconds, 3000);
	assert_int_equal(settings->filters[0].on_error, ON_ERROR_TEMPFAIL);
	assert_string_equal(settings->filters[0].statement->block->next->name.text.data, "rule");
	assert_ptr_equal(two, &settings->filters[1]);
	assert_int_equal(two->on_error, ON_ERROR_SKIP);
	assert_int_equal(two->mode, MODE_SHADOW);
	assert_int_equal(condition_stage(two->when), MF_STAGE_CONNECT);
	assert_int_equal(settings->list_count, 1);
	assert_true(list_has(settings->lists[0], STR("192.0.2.200")));
	assert_null(settings_filter(settings, "three"));
	assert_null(settings_listener(settings, "three"));
}

/* ---- lists ---- */

static void
test_lists_from_files(void **state)
{
	const struct settings *settings;

	assert_int_equal(mkdir("lists", 0700), 0);
	write_file("lists/a.txt", "# comment\n\n  one.example  # note\r\ntwo.example#not-a-note\n");
	write_file("lists/b.txt", "2001:db8::/32");
	settings = read_well(state,
	    FILTER LISTENER "list x { file lists/*.txt none*; entries three.example; }",
	    SETTINGS_WHOLE);
	assert_int_equal(list_count(settings->lists[0]), 4);
	assert_true(list_has(settings->lists[0], STR("ONE.example")));
	assert_true(list_has(settings->lists[0], STR("two.example#not-a-note")));
	assert_true(list_has(settings->lists[0], STR("2001:db8::5")));
	assert_true(list_has(settings->lists[0], STR("three.example")));
	assert_false(list_has(settings->lists[0], STR("comment")));
}

static void
test_lists_with_mistakes(void **state)
{
	struct world *world = *state;

	write_file("l", "good.example\n# fine\n  192.0.2.1/24 # bits\n");
	read_text(world, "list x { file l none; entries 10.0.0.0/33; }\n" FILTER LISTENER,
	    SETTINGS_WHOLE);
	assert_string_equal(mistakes_printed(world->mistakes),
	    "l:3:3: in list \"x\": the network has bits set behind its prefix length\n"
	    "      192.0.2.1/24 # bits\n"
	    "      ^~~~~~~~~~~~\n"
	    "t:1:17: cannot read \"none\": No such file or directory\n"
	    "    list x { file l none; entries 10.0.0.0/33; }\n"
	    "                    ^~~~\n"
	    "t:1:31: in list \"x\": expected a prefix length from 0 to 32 behind the \"/\"\n"
	    "    list x { file l none; entries 10.0.0.0/33; }\n"
	    "                                  ^~~~~~~~~~~\n");
}

/* ---- mistakes ---- */

static void
test_names(void **state)
{
	assert_mistakes(state, FILTER "filter f { plugin hello; }",
	    "2:8: there is a filter \"f\" already: t:1\n");
	assert_mistakes(state, "list a { } filter a { plugin x; } list a { }",
	    "1:40: there is a list \"a\" already: t:1\n");
	assert_mistakes(state, "filter \"a b\" { plugin x; }",
	    "1:8: expected a name of at most 64 letters, digits, \".\", \"_\" and \"-\"\n");
	assert_mistakes(state, "list @a { }",
	    "1:6: expected a name of at most 64 letters, digits, \".\", \"_\" and \"-\"\n");
	assert_mistakes(state, "listener { socket unix:/x; chain f; }\n" FILTER,
	    "1:10: expected NAME of \"listener\", found \"{\"\n");
}

static void
test_listeners(void **state)
{
	assert_mistakes(state, FILTER "listener a { socket inet:1@localhost; chain f; }",
	    "2:21: expected an IPv4 address such as 127.0.0.1 after \"@\", found "
	    "\"inet:1@localhost\"\n");
	assert_mistakes(state,
	    FILTER "listener a { socket inet:1@::1; chain f; mode 0660; owner root; group root; }",
	    "2:21: expected an IPv4 address such as 127.0.0.1 after \"@\", found \"inet:1@::1\"\n");
	assert_mistakes(state,
	    FILTER "listener a { socket inet:1@127.0.0.1; chain f; mode 0660; owner root; }",
	    "2:53: \"mode\" is for unix sockets alone\n"
	    "2:65: \"owner\" is for unix sockets alone\n");
	assert_mistakes(state, FILTER "listener a { socket unix:/x; mode 999; chain f; }",
	    "2:35: expected an octal mode such as 0660, found \"999\"\n");
	assert_mistakes(state,
	    FILTER "listener a { socket inet6:1@::1; chain f; }\n"
		   "listener b { socket inet6:01@[0::1]; chain f; }",
	    "3:21: listener a has this socket already: t:2\n");
	assert_mistakes(state, FILTER "listener a { }",
	    "2:1: \"socket\" is missing in listener a\n2:1: \"chain\" is missing in listener a\n");
	assert_mistakes(state, FILTER "listener a { socket unix:/x; chain ~ f; }",
	    "2:36: expected words or strings in quotes for \"chain\", found \"~\"\n");
	assert_mistakes(state, FILTER "listener a { socket unix:/x; chain; }",
	    "2:35: expected words or strings in quotes after \"chain\", found \";\"\n");
}

static void
test_chains(void **state)
{
	assert_mistakes(state,
	    "filter rules { plugin rules; }\nlistener a { socket unix:/x; chain rules ruels spf "
	    "rules; }",
	    "2:42: unknown filter \"ruels\" in the chain of listener a; did you mean \"rules\"?\n"
	    "2:48: unknown filter \"spf\" in the chain of listener a\n"
	    "2:52: filter \"rules\" stands twice in the chain of listener a\n");
}

static void
test_machine(void **state)
{
	static const char text[] = "user no-such-user; group no-such-group;\n" FILTER
	    "listener a { socket unix:/x; chain f; owner nobody-here; group nobodies; }";

	assert_mistakes_at(state, SETTINGS_WHOLE, text,
	    "1:6: there is no user \"no-such-user\" on this machine\n"
	    "1:26: there is no group \"no-such-group\" on this machine\n"
	    "3:45: there is no user \"nobody-here\" on this machine\n"
	    "3:64: there is no group \"nobodies\" on this machine\n");
	assert_mistakes(state, text, "");
	assert_mistakes_at(state, SETTINGS_WHOLE, "user 65534; group 65534;\n" FILTER LISTENER, "");
	assert_mistakes_at(state, SETTINGS_WHOLE,
	    FILTER LISTENER "message { spool-directory /no/such/folder; }",
	    "3:27: cannot write to the spool-directory \"/no/such/folder\": "
	    "No such file or directory\n");
	assert_mistakes_at(state, SETTINGS_DAEMON,
	    FILTER LISTENER "message { spool-directory /no/such/folder; }", "");
}

static void
test_paths_and_words(void **state)
{
	assert_mistakes(state,
	    "pid-file x.pid; plugin-path plugins; message { spool-directory tmp; }",
	    "1:10: expected an absolute path for \"pid-file\", found \"x.pid\"\n"
	    "1:29: expected an absolute path for \"plugin-path\", found \"plugins\"\n"
	    "1:64: expected an absolute path for \"spool-directory\", found \"tmp\"\n");
	assert_mistakes(state, "log { facility lcoal1; }",
	    "1:16: unknown facility \"lcoal1\"; did you mean \"local1\"?\n");
	assert_mistakes(state, "message { maximum-size 5; maximum-headers 0; }",
	    "1:24: expected 64k to 4g for \"maximum-size\", found \"5\"\n"
	    "1:43: expected 10 to 100000 for \"maximum-headers\", found \"0\"\n");
}

static void
test_filters(void **state)
{
	assert_mistakes(state,
	    "list nets { }\nfilter f { when client.ip in @net; timeout 0s; own-option x; }",
	    "2:1: \"plugin\" is missing in filter f\n"
	    "2:30: unknown list \"@net\"; did you mean \"@nets\"?\n"
	    "2:44: expected 10ms to 1h for \"timeout\", found \"0s\"\n");
	assert_mistakes(state, "filter f;",
	    "1:9: expected \"{\" after the value of \"filter\", found \";\"\n");
}

static void
test_braces_that_do_not_match(void **state)
{
	struct world *world = *state;

	assert_null(read_text(world, "filter a {\n plugin x;\nfilter b { plugin y; }\nusr x;",
	    SETTINGS_WHOLE));
	assert_string_equal(mistakes_taken(world->mistakes),
	    "1:10: the block of \"filter\" opened here is never closed; is a \"}\" missing before "
	    "line 3?\n");
}

static void
test_blocks_are_limited(void **state)
{
	struct world *world = *state;
	char *text = test_malloc(1100 * 16);
	size_t i, length = 0;

	for (i = 0; i < 1001; i++)
		length += (size_t)sprintf(text + length, "list l%zu { }\n", i);
	assert_int_equal(read_text(world, text, SETTINGS_ALONE)->list_count, 1000);
	assert_string_equal(mistakes_taken(world->mistakes),
	    "1001:1: there are more than 1000 blocks \"list\"\n");
	test_free(text);
}

/* ---- depths and files ---- */

static void
test_depth_of_the_daemon(void **state)
{
	static const char text[] = "listener a { socket unix:/x; chain f; }\n"
	    "filter f { no-plugin; when client.ip in @unknown; timeout x; }\nlist l { file none; }";
	struct world *world = *state;
	const struct settings *settings = read_text(world, text, SETTINGS_DAEMON);

	assert_string_equal(mistakes_taken(world->mistakes), "");
	assert_string_equal(settings->filters[0].name, "f");
	assert_int_equal(settings->list_count, 0);
	read_text(world, text, SETTINGS_WHOLE);
	assert_int_equal(config_errors_count(world->mistakes->errors), 4);
}

static void
test_listener_is_needed_to_run(void **state)
{
	struct world *world = *state;

	assert_non_null(read_text(world, FILTER, SETTINGS_DAEMON));
	assert_string_equal(mistakes_printed(world->mistakes),
	    "t: there is no listener: expected a block \"listener NAME { … }\"\n");
	mistakes_taken(world->mistakes);
	read_text(world, FILTER, SETTINGS_WHOLE);
	assert_int_equal(config_errors_count(world->mistakes->errors), 1);
}

static void
test_load(void **state)
{
	struct world *world = *state;
	struct settings *settings;

	write_file("c", "include f;\nlistener a { socket unix:/x; chain f; }");
	write_file("f", FILTER);
	settings = settings_load("c", SETTINGS_DAEMON, world->mistakes->errors);
	assert_non_null(settings);
	assert_string_equal(settings->filters[0].where, "f:1");
	settings_destroy(&settings);
	assert_null(settings);
	write_file("f", "filter other { plugin x; }");
	assert_null(settings_load("c", SETTINGS_DAEMON, world->mistakes->errors));
	assert_string_equal(mistakes_printed(world->mistakes),
	    "c:2:36: unknown filter \"f\" in the chain of listener a\n"
	    "    listener a { socket unix:/x; chain f; }\n"
	    "                                       ^\n");
	mistakes_taken(world->mistakes);
	assert_null(settings_load("none", SETTINGS_DAEMON, world->mistakes->errors));
	assert_string_equal(mistakes_printed(world->mistakes),
	    "none: cannot be read: No such file or directory\n");
}

/* ---- documentation and what is installed ---- */

static void
test_reference(void **state)
{
	char *text = NULL;
	size_t size;
	FILE *to = open_memstream(&text, &size);

	(void)state;
	settings_print_reference(to);
	fclose(to);
	assert_non_null(strstr(text, "- `pid-file` (string): "));
	assert_non_null(strstr(text, "- `log { … }`: "));
	assert_non_null(strstr(text,
	    "    - `workers` (integer or `auto`, 1 to 256, default `auto`): "));
	assert_non_null(strstr(text, "- `filter NAME { … }` (any number of times): "));
	assert_non_null(strstr(text,
	    "    - `on-error` (`tempfail` or `reject` or `accept` or `skip`, default `tempfail`)"));
	free(text);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_addresses),
		TEST(test_addresses_that_are_wrong),
		TEST(test_modes),
		TEST(test_defaults),
		TEST(test_whole),
		TEST(test_lists_from_files),
		TEST(test_lists_with_mistakes),
		TEST(test_names),
		TEST(test_listeners),
		TEST(test_chains),
		TEST(test_machine),
		TEST(test_paths_and_words),
		TEST(test_filters),
		TEST(test_braces_that_do_not_match),
		TEST(test_blocks_are_limited),
		TEST(test_depth_of_the_daemon),
		TEST(test_listener_is_needed_to_run),
		TEST(test_load),
		TEST(test_reference),
	};

	return cmocka_run_group_tests_name("settings", tests, NULL, NULL);
}
