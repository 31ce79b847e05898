/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Loading: what is refused of a plugin and why, options and start, the order of a chain, and what
 * a chain wants of its MTA.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "filterd/chain/crash_note.h"
#include "filterd/chain/module.h"
#include "tests/unit/chain_kit.h"

#define STAGES_ALWAYS (MF_AT(MF_STAGE_CONNECT) | MF_AT(MF_STAGE_HELO) | MF_AT(MF_STAGE_MAIL) | \
	MF_AT(MF_STAGE_RCPT) | MF_AT(MF_STAGE_MESSAGE))

/* ---- what is refused ---- */

struct refusal {
	const char *plugin;
	const char *expected;		/* part of the error */
};

static const struct refusal refusals[] = {
	{ "other-major",
	    "other-major.so was built for plugin interface 2.0; this filterd takes 1.0 to 1.8" },
	{ "newer-minor",
	    "newer-minor.so was built for plugin interface 1.9; this filterd takes 1.0 to 1.8" },
	{ "too-small", "its descriptor says that it has " },
	{ "too-large", "its descriptor says that it has 1073741824 bytes" },
	{ "cut-off", "its descriptor says that it has " },
	{ "function", "its symbol filterd_plugin is too small to be a descriptor" },
	{ "no-symbol", "no-symbol.so is no plugin: it has no symbol filterd_plugin" },
	{ "misnamed",
	    "the plugin calls itself \"somebody-else\"; file and plugin must have one name" },
	{ "nameless", "its name is not one" },
	{ "no-callback", "it has no callback for any stage" },
	{ "bad-table", "its option table is not valid" },
	{ "other-stride", "an entry of its option tables has 72 bytes; expected 80" },
	{ "argument", "option \"number\": an argument is for blocks; a filter has its name alone" },
	{ "taken-name", "option \"mode\": every filter has one of that name, of other values" },
	{ "greedy", "it asks for more than 1048576 bytes of options or state" },
	{ "binary-summary", "its version or summary is not a line of text" },
	{ "nowhere", "nowhere.so: No such file or directory" },
};

static void
test_refusals(void **state)
{
	struct kit *kit = *state;
	char statements[128], place[200];
	size_t i;

	snprintf(place, sizeof(place), "%s:3:19: cannot load plugin \"", kit->config);
	for (i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		snprintf(statements, sizeof(statements), "filter x { plugin %s; }",
		    refusals[i].plugin);
		assert_false(kit_load(kit, "x", statements));
		if (!strstr(kit->mistakes, refusals[i].expected) ||
		    strncmp(kit->mistakes, place, strlen(place)) != 0)
			kit_fail(kit, "%s: expected %s%s: ... %s, got\n%s", refusals[i].plugin,
			    place, refusals[i].plugin, refusals[i].expected, kit->mistakes);
	}
}

static void
test_hint(void **state)
{
	struct kit *kit = *state;

	assert_false(kit_load(kit, "x", "filter x { plugin scritp; }"));
	assert_non_null(strstr(kit->mistakes, "did you mean \"script\"?"));
}

static void
test_not_an_object(void **state)
{
	struct kit *kit = *state;
	char path[128], statements[200];
	FILE *file;

	snprintf(path, sizeof(path), "%s/text.so", kit->folder);
	file = fopen(path, "w");
	fputs("this is no shared object\n", file);
	fclose(file);
	snprintf(statements, sizeof(statements), "filter x { plugin %s; }", path);
	assert_false(kit_load(kit, "x", statements));
	unlink(path);
	assert_non_null(strstr(kit->mistakes, "cannot load it: "));
}

static void
test_by_path(void **state)
{
	struct kit *kit = *state;
	char statements[400];

	snprintf(statements, sizeof(statements),
	    "filter x { plugin %s/tests/plugins/provider.so; }", getenv("BUILD_DIR"));
	kit_start(kit, "x", statements);
}

static void
test_all_mistakes_at_once(void **state)
{
	struct kit *kit = *state;

	assert_false(kit_load(kit, "a b c",
	    "log { level loud; }\n"
	    "filter a { plugin no-symbol; }\n"
	    "filter b { plugin script; on connect { ad-header X y; } }\n"
	    "filter c { plugin fail-start; how config; }"));
	assert_non_null(strstr(kit->mistakes, ":3:13: "));
	assert_non_null(strstr(kit->mistakes, ":4:19: cannot load plugin \"no-symbol\""));
	assert_non_null(strstr(kit->mistakes, ":5:40: "));
	assert_non_null(strstr(kit->mistakes, "did you mean \"add-header\"?"));
	assert_non_null(strstr(kit->mistakes, ":6:35: expected something better than config"));
}

static void
test_unknown_listener(void **state)
{
	struct kit *kit = *state;
	struct config_errors *errors = config_errors_create();

	kit_start(kit, "x", "filter x { plugin provider; }");
	assert_null(generation_load(kit->config, "nobody", NULL, errors));
	assert_int_equal(config_errors_count(errors), 1);
	config_errors_destroy(&errors);
}

/* A worker loads only what its listener needs. */
static void
test_one_listener(void **state)
{
	struct kit *kit = *state;
	struct config_errors *errors = config_errors_create();
	struct generation *generation;

	assert_false(kit_load(kit, "x",
	    "listener other { socket unix:/nowhere/s; chain y; }\n"
	    "filter x { plugin provider; }\nfilter y { plugin nowhere; }"));
	generation = generation_load(kit->config, "test", NULL, errors);
	assert_non_null(generation);
	assert_non_null(generation_chain(generation, "test"));
	assert_null(generation_chain(generation, "other"));
	assert_null(generation_chain(generation, "nobody"));
	generation_destroy(&generation);
	assert_null(generation_load(kit->config, "other", NULL, errors));
	config_errors_destroy(&errors);
}

/* ---- start ---- */

static void
test_start_fails(void **state)
{
	struct kit *kit = *state;

	assert_false(kit_load(kit, "x", "filter x { plugin fail-start; how error; }"));
	assert_non_null(strstr(kit->mistakes, ":3:1: filter \"x\" does not start: no room for 17"));
	assert_false(kit_load(kit, "x", "filter x { plugin fail-start; how config; }"));
	assert_non_null(strstr(kit->mistakes, ":3:35: expected something better than config"));
	assert_false(kit_load(kit, "x", "filter x { plugin fail-start; how silent; }"));
	assert_non_null(strstr(kit->mistakes, "does not start: its plugin does not say why"));
}

/* Those that had started are stopped when another cannot. */
static void
test_start_is_undone(void **state)
{
	struct kit *kit = *state;

	assert_false(kit_load(kit, "a b c", "filter a { plugin script; }\n"
	    "filter b { plugin fail-start; }\nfilter c { plugin script; }"));
	assert_int_equal(kit->tally.starts, 2);
	assert_int_equal(kit->tally.stops, 2);
	assert_int_equal(kit->tally.wrong, 0);
}

/* A crash in start is for who supervises the process: its note says who it was. */
static void
test_start_crashes(void **state)
{
	struct kit *kit = *state;
	struct crash_note *notes = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	char text[128];
	int status;
	pid_t child = fork();

	if (child == 0) {
		signal(SIGSEGV, SIG_DFL);
		crash_notes_place(notes, 2);
		kit_load(kit, "good bad", "filter good { plugin script; }\n"
		    "filter bad { plugin crash-start; }");
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGSEGV);
	assert_true(notes[0].taken);
	crash_note_describe(&notes[0], text, sizeof(text));
	assert_string_equal(text, "filter \"bad\" in its start callback");
	munmap(notes, 4096);
}

/* ---- crash notes ---- */

static void
test_crash_note(void **state)
{
	static const char filter[CRASH_NOTE_FILTER] = "rules";
	static const char session[CRASH_NOTE_SESSION] = "abc";
	static const char queue_id[CRASH_NOTE_QUEUE_ID] = "4Q";
	struct crash_note *note = crash_note_mine();
	char text[128], small[12];

	(void)state;
	crash_note_describe(note, text, sizeof(text));
	assert_string_equal(text, "no filter");
	crash_note_begin(note, filter, session, queue_id, MF_STAGE_MESSAGE);
	crash_note_describe(note, text, sizeof(text));
	assert_string_equal(text,
	    "filter \"rules\" in its message callback, session abc, queue id 4Q");
	crash_note_describe(note, small, sizeof(small));
	assert_string_equal(small, "filter \"rul");
	crash_note_end(note);
	crash_note_describe(note, text, sizeof(text));
	assert_string_equal(text, "no filter");
	assert_ptr_equal(crash_note_mine(), note);
}

/* ---- the order of a chain ---- */

static void
test_needs(void **state)
{
	struct kit *kit = *state;

	assert_true(kit_load(kit, "p c",
	    "filter p { plugin provider; }\nfilter c { plugin consumer; }"));
	assert_false(kit_load(kit, "c p",
	    "filter p { plugin provider; }\nfilter c { plugin consumer; }"));
	assert_non_null(strstr(kit->mistakes,
	    "filter \"c\" needs results of \"demo\", which filter "
	    "\"p\" provides: put \"p\" before \"c\" in the chain of listener \"test\""));
	assert_false(kit_load(kit, "c",
	    "filter p { plugin provider; }\nfilter c { plugin consumer; }"));
	assert_non_null(strstr(kit->mistakes, "put a filter that provides them, e.g. \"p\", before "
	    "it in the chain of listener \"test\""));
	assert_false(kit_load(kit, "c", "filter c { plugin consumer; }"));
	assert_non_null(strstr(kit->mistakes, "put a filter whose plugin provides them before it"));
}

static void
test_when_too_late(void **state)
{
	struct kit *kit = *state;

	assert_false(kit_load(kit, "x", "filter x { plugin at-connect; when sender == \"a\"; }"));
	assert_non_null(strstr(kit->mistakes, "filter \"x\" would never be called"));
	assert_non_null(strstr(kit->mistakes, ":3:36: "));
}

/* ---- what a chain wants ---- */

static void
check_wants(struct kit *kit, const char *chain, const char *statements, unsigned events,
    unsigned replies, unsigned uses)
{
	const struct chain_wants *wants;

	kit_start(kit, chain, statements);
	wants = chain_wants(kit->chain);
	assert_int_equal(wants->events, STAGES_ALWAYS | events);
	assert_int_equal(wants->replies, MF_AT(MF_STAGE_MESSAGE) | replies);
	assert_int_equal(wants->uses, uses);
}

static void
test_wants_no_more(void **state)
{
	struct kit *kit = *state;
	unsigned header = MF_AT(MF_STAGE_HEADER), body = MF_AT(MF_STAGE_BODY);

	check_wants(kit, "x", "filter x { plugin at-connect; }", 0, MF_AT(MF_STAGE_CONNECT), 0);
	check_wants(kit, "x", "filter x { plugin at-connect; mode shadow; }", 0, 0, 0);
	check_wants(kit, "x", "filter x { plugin script; on message { add-header X y; } "
	    "uses add-header; }", header, 0, MF_USE_ADD_HEADER);
	check_wants(kit, "x", "filter x { plugin script; on message reject { } uses body; }",
	    header | body, 0, 0);
	/* Without a word from the plugin all is assumed. */
	check_wants(kit, "x", "filter x { plugin script; on rcpt { } }", header | body,
	    MF_AT(MF_STAGE_RCPT), 0xff & ~MF_USE_BODY);
	check_wants(kit, "x", "filter x { plugin script; on data { } on eoh { } on unknown { } "
	    "uses none; }", MF_AT(MF_STAGE_DATA) | MF_AT(MF_STAGE_EOH) | MF_AT(MF_STAGE_UNKNOWN),
	    MF_AT(MF_STAGE_DATA) | MF_AT(MF_STAGE_EOH) | MF_AT(MF_STAGE_UNKNOWN), 0);
	/* What conditions read. */
	check_wants(kit, "x", "filter x { plugin script; uses none; "
	    "on eoh { when subject == \"x\"; } }", header | MF_AT(MF_STAGE_EOH),
	    MF_AT(MF_STAGE_EOH), 0);
	check_wants(kit, "x", "filter x { plugin script; uses none; "
	    "on message { when size > 10; } }", header | body, 0, 0);
	/* A filter is not called before its condition is known. */
	check_wants(kit, "x", "filter x { plugin script; uses none; when sender == \"a\"; "
	    "on connect { } on mail { } on rcpt { } }", 0,
	    MF_AT(MF_STAGE_MAIL) | MF_AT(MF_STAGE_RCPT), 0);
	/* One that has no part to play wants nothing. */
	check_wants(kit, "x", "filter x { plugin script; }", 0, 0, 0);
}

static bool
has_macro(const struct kit *kit, const char *macro)
{
	const char *const *macros = chain_wants(kit->chain)->macros;
	unsigned found = 0;

	for (; *macros; macros++)
		found += strcmp(*macros, macro) == 0;
	assert_true(found <= 1);
	return found;
}

static void
test_wants_macros(void **state)
{
	struct kit *kit = *state;

	kit_start(kit, "p c s", "filter p { plugin provider; }\nfilter c { plugin consumer; }\n"
	    "filter s { plugin script; when macro.cert_subject == \"x\";\n"
	    "on message { when auth.mechanism == \"x\"; expand \"${macro.v} ${tls.cipher}\"; } }");
	assert_true(has_macro(kit, "i"));
	assert_true(has_macro(kit, "{auth_authen}"));
	assert_true(has_macro(kit, "{demo}"));
	assert_true(has_macro(kit, "j"));
	assert_true(has_macro(kit, "{cert_subject}"));
	assert_true(has_macro(kit, "{auth_type}"));
	assert_true(has_macro(kit, "v"));
	assert_true(has_macro(kit, "{cipher}"));
	assert_false(has_macro(kit, "{tls_version}"));
}

/* ---- one plugin, several filters ---- */

static void
test_several_filters(void **state)
{
	struct kit *kit = *state;

	kit_start(kit, "a b", "filter a { plugin script; on message { add-header X-A 1; } }\n"
	    "filter b { plugin script; on message { add-header X-B 2; } }");
	assert_int_equal(kit->tally.starts, 2);
	kit_greet(kit);
	assert_string_equal(kit_plan(kit_message(kit).plan), "add 0 X-A: 1\nadd 0 X-B: 2\n");
	kit_stop(kit);
	kit_check_tally(kit);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_refusals, kit_setup, kit_teardown),
		cmocka_unit_test_setup_teardown(test_hint, kit_setup, kit_teardown),
		cmocka_unit_test_setup_teardown(test_not_an_object, kit_setup, kit_teardown),
		cmocka_unit_test_setup_teardown(test_by_path, kit_setup, kit_teardown),
		cmocka_unit_test_setup_teardown(test_all_mistakes_at_once, kit_setup, kit_teardown),
		cmocka_unit_test_setup_teardown(test_unknown_listener, kit_setup, kit_teardown),
		cmocka_unit_test_setup_teardown(test_one_listener, kit_setup, kit_teardown),
		cmocka_unit_test_setup_teardown(test_start_fails, kit_setup, kit_teardown),
		cmocka_unit_test_setup_teardown(test_start_is_undone, kit_setup, kit_teardown),
		cmocka_unit_test_setup_teardown(test_start_crashes, kit_setup, kit_teardown),
		cmocka_unit_test(test_crash_note),
		cmocka_unit_test_setup_teardown(test_needs, kit_setup, kit_teardown),
		cmocka_unit_test_setup_teardown(test_when_too_late, kit_setup, kit_teardown),
		cmocka_unit_test_setup_teardown(test_wants_no_more, kit_setup, kit_teardown),
		cmocka_unit_test_setup_teardown(test_wants_macros, kit_setup, kit_teardown),
		cmocka_unit_test_setup_teardown(test_several_filters, kit_setup, kit_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
