/* SPDX-License-Identifier: BSD-2-Clause */
/* What the tests of the chain share. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "filterd/util/memory.h"
#include "tests/unit/chain_kit.h"

static const char *const no_arguments[] = { NULL };

/* ---- the log ---- */

static void
catch_log(struct kit *kit)
{
	kit->log_file = memfd_create("log", MFD_CLOEXEC);
	kit->saved_stderr = dup(STDERR_FILENO);
	dup2(kit->log_file, STDERR_FILENO);
	log_open(LOG_TO_STDERR, LOG_FORMAT_TEXT, MF_LOG_DEBUG, NULL);
}

const char *
kit_log(struct kit *kit)
{
	off_t size = lseek(kit->log_file, 0, SEEK_END);
	ssize_t got;

	free(kit->log);
	kit->log = memory_alloc((size_t)size + 1);
	got = pread(kit->log_file, kit->log, (size_t)size, 0);
	assert_int_equal(got, size);
	return kit->log;
}

void
kit_clear_log(struct kit *kit)
{
	assert_int_equal(ftruncate(kit->log_file, 0), 0);
	lseek(kit->log_file, 0, SEEK_SET);
}

void
kit_fail(const struct kit *kit, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vdprintf(kit->saved_stderr, format, arguments);
	va_end(arguments);
	dprintf(kit->saved_stderr, "\n");
	fail();
	abort();
}

void
kit_logged(struct kit *kit, const char *text)
{
	if (!strstr(kit_log(kit), text))
		kit_fail(kit, "not in the log: %s\nthe log:\n%s", text, kit->log);
}

void
kit_not_logged(struct kit *kit, const char *text)
{
	if (strstr(kit_log(kit), text))
		kit_fail(kit, "in the log: %s\nthe log:\n%s", text, kit->log);
}

/* ---- setup and teardown ---- */

int
kit_setup(void **state)
{
	struct kit *kit = memory_alloc(sizeof(*kit));
	char address[32];

	strcpy(kit->folder, "/tmp/filterd-unit-XXXXXX");
	if (!mkdtemp(kit->folder))
		return -1;
	snprintf(kit->config, sizeof(kit->config), "%s/filterd.conf", kit->folder);
	snprintf(address, sizeof(address), "%p", (void *)&kit->tally);
	setenv("TALLY", address, 1);
	kit->grant = (struct grant){ .uses = ~0u, .stages = ~0u, .leading_space = true };
	catch_log(kit);
	*state = kit;
	return 0;
}

int
kit_teardown(void **state)
{
	struct kit *kit = *state;

	kit_stop(kit);
	dup2(kit->saved_stderr, STDERR_FILENO);
	close(kit->saved_stderr);
	close(kit->log_file);
	unlink(kit->config);
	rmdir(kit->folder);
	unsetenv("TALLY");
	free(kit->mistakes);
	free(kit->log);
	free(kit);
	return 0;
}

/* ---- the configuration ---- */

static void
write_config(const struct kit *kit, const char *chain, const char *statements)
{
	const char *build = getenv("BUILD_DIR");
	FILE *file = fopen(kit->config, "w");

	assert_non_null(file);
	assert_non_null(build);
	fprintf(file, "plugin-path %s/tests/plugins;\n"
	    "listener test { socket unix:%s/socket; chain %s; }\n%s", build, kit->folder, chain,
	    statements);
	fclose(file);
}

static char *
print_mistakes(const struct config_errors *errors)
{
	char *text = NULL;
	size_t size = 0;
	FILE *to = open_memstream(&text, &size);

	config_errors_print(errors, to);
	fclose(to);
	return text;
}

bool
kit_load(struct kit *kit, const char *chain, const char *statements)
{
	struct config_errors *errors = config_errors_create();

	kit_stop(kit);
	write_config(kit, chain, statements);
	kit->generation = generation_load(kit->config, NULL, kit->removals, errors);
	free(kit->mistakes);
	kit->mistakes = print_mistakes(errors);
	assert_true((kit->generation == NULL) == (config_errors_count(errors) > 0));
	config_errors_destroy(&errors);
	if (kit->generation)
		kit->chain = generation_chain(kit->generation, "test");
	return kit->generation != NULL;
}

void
kit_start(struct kit *kit, const char *chain, const char *statements)
{
	if (!kit_load(kit, chain, statements))
		kit_fail(kit, "%s", kit->mistakes);
	kit_open(kit);
}

void
kit_stop(struct kit *kit)
{
	session_close(&kit->session);
	generation_destroy(&kit->generation);
}

/* ---- the front end ---- */

static const char *
kit_find_macro(void *front_data, const char *name)
{
	const struct kit *kit = front_data;
	size_t i;

	for (i = 0; i < KIT_MACROS && kit->macros[i][0]; i++)
		if (strcmp(kit->macros[i][0], name) == 0)
			return kit->macros[i][1];
	return NULL;
}

static void
kit_progress(void *front_data)
{
	((struct kit *)front_data)->progress++;
}

static int64_t
kit_monotonic(void *front_data)
{
	struct kit *kit = front_data;

	kit->clock += kit->step;
	return kit->clock * 1000;
}

static int64_t
kit_now(void *front_data)
{
	(void)front_data;
	return 1700000000;
}

static const struct front front = { kit_find_macro, kit_progress, kit_monotonic, kit_now, NULL };

void
kit_macro(struct kit *kit, const char *name, const char *value)
{
	size_t i;

	for (i = 0; kit->macros[i][0] && strcmp(kit->macros[i][0], name) != 0; i++)
		;
	assert_true(i < KIT_MACROS - 1);
	kit->macros[i][0] = name;
	kit->macros[i][1] = value;
}

void
kit_open(struct kit *kit)
{
	session_close(&kit->session);
	kit->session = session_open(kit->chain, &front, kit);
	session_granted(kit->session, &kit->grant);
}

/* ---- events ---- */

void
kit_greet(struct kit *kit)
{
	static const uint8_t ip[16] = { [10] = 0xff, 0xff, 192, 0, 2, 1 };
	struct decision decision;

	decision = session_connect(kit->session, "client.example", "192.0.2.1", ip, 4, 4321);
	assert_int_equal(decision.outcome, OUTCOME_CONTINUE);
	decision = session_helo(kit->session, "helo.example");
	assert_int_equal(decision.outcome, OUTCOME_CONTINUE);
}

void
kit_mail(struct kit *kit)
{
	struct decision decision = session_mail(kit->session, "<a@example.org>", no_arguments);

	assert_int_equal(decision.outcome, OUTCOME_CONTINUE);
}

enum outcome
kit_rcpt(struct kit *kit, const char *recipient)
{
	return session_rcpt(kit->session, recipient, no_arguments).outcome;
}

enum outcome
kit_header(struct kit *kit, const char *name, const char *value)
{
	return session_header(kit->session, str_of(name), str_of(value)).outcome;
}

enum outcome
kit_body(struct kit *kit, const char *bytes)
{
	return session_body(kit->session, bytes, strlen(bytes)).outcome;
}

void
kit_content(struct kit *kit)
{
	assert_int_equal(session_data(kit->session).outcome, OUTCOME_CONTINUE);
	assert_int_equal(kit_header(kit, "From", " a@example.org"), OUTCOME_CONTINUE);
	assert_int_equal(kit_header(kit, "Subject", " hello"), OUTCOME_CONTINUE);
	assert_int_equal(session_eoh(kit->session).outcome, OUTCOME_CONTINUE);
	assert_int_equal(kit_body(kit, "body\r\n"), OUTCOME_CONTINUE);
}

struct decision
kit_end(struct kit *kit)
{
	return session_end_of_message(kit->session);
}

struct decision
kit_message(struct kit *kit)
{
	kit_mail(kit);
	assert_int_equal(kit_rcpt(kit, "<b@example.org>"), OUTCOME_CONTINUE);
	kit_content(kit);
	return kit_end(kit);
}

/* ---- what came of it ---- */

static const char *const action_names[] = {
	[ACTION_CHANGE_SENDER] = "sender", [ACTION_DELETE_RECIPIENT] = "-rcpt",
	[ACTION_ADD_RECIPIENT] = "+rcpt", [ACTION_CHANGE_HEADER] = "change",
	[ACTION_INSERT_HEADER] = "insert", [ACTION_ADD_HEADER] = "add",
	[ACTION_REPLACE_BODY] = "body", [ACTION_QUARANTINE] = "quarantine"
};

const char *
kit_plan(const struct plan *plan)
{
	static char text[4096];
	size_t i, length = 0;
	struct str body = { "", 0 };

	text[0] = '\0';
	for (i = 0; plan && i < plan->count; i++) {
		const struct action *action = &plan->actions[i];

		if (action->kind == ACTION_REPLACE_BODY)
			assert_true(body_bytes(plan->body, &body));
		length += (size_t)snprintf(text + length, sizeof(text) - length, "%s %u %s:%.*s\n",
		    action_names[action->kind], action->index, action->name ? action->name : "",
		    (int)(body.length ? body.length : action->value.length),
		    body.length ? body.data : action->value.data ? action->value.data : "");
		assert_true(length < sizeof(text));
		body.length = 0;
	}
	return text;
}

const char *
kit_reply(struct decision decision)
{
	static char text[4096];
	size_t i, length;

	if (!decision.reply)
		return "none";
	length = (size_t)snprintf(text, sizeof(text), "%d %s", decision.reply->code,
	    decision.reply->enhanced);
	for (i = 0; i < decision.reply->line_count; i++)
		length += (size_t)snprintf(text + length, sizeof(text) - length, "%s%s",
		    i ? " / " : " ", decision.reply->lines[i]);
	assert_true(length < sizeof(text));
	return text;
}

struct json_t *
kit_explanation(struct kit *kit)
{
	char *text = NULL;
	size_t size = 0;
	FILE *to = open_memstream(&text, &size);
	json_error_t error;
	json_t *json;

	assert_non_null(session_explanation(kit->session));
	explanation_json(session_explanation(kit->session), to);
	fclose(to);
	assert_int_equal(text[size - 1], '\n');
	json = json_loads(text, JSON_REJECT_DUPLICATES, &error);
	if (!json)
		kit_fail(kit, "%s: %s", error.text, text);
	free(text);
	return json;
}

void
kit_check_tally(const struct kit *kit)
{
	assert_int_equal(kit->tally.wrong, 0);
	assert_int_equal(kit->tally.messages, kit->tally.message_ends);
	assert_int_equal(kit->tally.sessions, kit->tally.session_ends);
	assert_int_equal(kit->tally.starts, kit->tally.stops);
}
