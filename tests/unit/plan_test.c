/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Edit plans: single cases with the very actions that are expected, and random messages and
 * edits whose plans both simulated MTAs carry out. A failed random case is made smaller, then
 * printed with its seed; PLAN_SEED runs one seed, PLAN_RUNS sets how many there are.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "filterd/message/plan.h"
#include "filterd/util/buffer.h"
#include "tests/unit/mta_simulator.h"

static const struct body_limits limits = { 1 << 20, 0, "/tmp" };
static const struct plan_target postfix = { .leading_space = true };
static const struct plan_target sendmail = { .leading_space = true, .sendmail = true };

/* ---- single cases ---- */

struct message {
	struct arena *arena;
	struct model model;
};

/* fields: "Name:value" lines; recipients: addresses divided by blanks. */
static void
message_create(struct message *m, const char *fields, const char *recipients)
{
	char *line, *rest, *word;

	m->arena = arena_create(0, 0);
	model_init(&m->model, m->arena, &limits, 100, 100);
	model_sender(&m->model, "<sender@example.org>", NULL);
	rest = arena_strdup(m->arena, recipients);
	while ((word = strsep(&rest, " ")) && *word)
		assert_true(model_recipient(&m->model, word, NULL));
	rest = arena_strdup(m->arena, fields);
	while ((line = strsep(&rest, "|")) && *line) {
		char *value = strchr(line, ':');

		*value++ = '\0';
		assert_true(model_field(&m->model, str_of(line), str_of(value)));
	}
	assert_true(model_body(&m->model, "body\r\n", 6));
}

static void
edit(struct message *m, enum edit_kind kind, size_t index, const char *name, const char *value)
{
	struct edit e = { .kind = kind, .index = index, .name = name };

	if (value)
		e.value = str_of(value);
	assert_null(edit_check(&e));
	assert_true(model_apply(&m->model, &e));
}

static void
print_action(struct buffer *text, const struct action *a)
{
	static const char *const names[] = {
		"from", "delrcpt", "addrcpt", "change", "insert", "add", "body", "quarantine"
	};

	buffer_printf(text, "%s", names[a->kind]);
	if (a->kind == ACTION_CHANGE_HEADER || a->kind == ACTION_INSERT_HEADER)
		buffer_printf(text, " %u", a->index);
	if (a->name)
		buffer_printf(text, " %s", a->name);
	if (a->value.data)
		buffer_printf(text, ":%s", a->value.data);
	if (a->arguments)
		buffer_printf(text, " [%s]", a->arguments);
	buffer_add_text(text, "; ");
}

static const char *
plan_text(struct message *m, const struct plan_target *target)
{
	struct plan *plan = plan_make(&m->model, target);
	struct buffer text = { 0 };
	const char *copy;
	size_t i;

	for (i = 0; i < plan->count; i++)
		print_action(&text, &plan->actions[i]);
	copy = arena_strdup(m->arena, buffer_text(&text));
	buffer_free(&text);
	return copy;
}

/* Commits and compares the plan for both MTAs, then frees the message. */
static void
expect(struct message *m, const char *for_postfix, const char *for_sendmail)
{
	model_commit(&m->model);
	assert_string_equal(plan_text(m, &postfix), for_postfix);
	assert_string_equal(plan_text(m, &sendmail), for_sendmail);
	arena_destroy(&m->arena);
}

static void
unchanged_message_has_no_plan(void **state)
{
	struct message m;

	(void)state;
	message_create(&m, "A: 1|B: 2", "a@b");
	expect(&m, "", "");
	message_create(&m, "A: 1|B: 2", "a@b");
	edit(&m, EDIT_HEADER_SET, 0, "A", " 9");
	model_rollback(&m.model);
	expect(&m, "", "");
}

static void
edits_that_cancel_out_have_no_plan(void **state)
{
	struct message m;

	(void)state;
	message_create(&m, "A: 1|B: 2", "a@b");
	edit(&m, EDIT_HEADER_SET, 0, "A", " 9");
	edit(&m, EDIT_HEADER_DELETE, 0, "B", NULL);
	edit(&m, EDIT_HEADER_SET, 0, "a", " 1");
	edit(&m, EDIT_HEADER_ADD, 0, "B", " 2");
	edit(&m, EDIT_RECIPIENT_DELETE, 0, NULL, "a@b");
	edit(&m, EDIT_RECIPIENT_ADD, 0, NULL, "a@B");
	edit(&m, EDIT_SENDER, 0, NULL, "sender@example.org");
	edit(&m, EDIT_BODY_REPLACE, 0, NULL, "body\r\n");
	expect(&m, "", "");
}

static void
fields_are_changed_from_the_bottom(void **state)
{
	struct message m;

	(void)state;
	message_create(&m, "X: 1|Received: r|x: 2|X: 3", "");
	edit(&m, EDIT_HEADER_SET, 2, "x", " c");
	edit(&m, EDIT_HEADER_DELETE, 1, "x", NULL);
	edit(&m, EDIT_HEADER_SET, 0, "x", " a");
	expect(&m, "change 3 X: c; change 2 x; change 1 X: a; ",
	    "change 3 X: c; change 2 x; change 1 X: a; ");
}

static void
fields_are_added_at_both_ends(void **state)
{
	struct message m;

	(void)state;
	message_create(&m, "A: 1|B: 2", "");
	edit(&m, EDIT_HEADER_INSERT, 0, "X", " x");
	edit(&m, EDIT_HEADER_INSERT, 1, "Y", " y");
	edit(&m, EDIT_HEADER_ADD, 0, "A", " 3");
	edit(&m, EDIT_HEADER_ADD, 0, "Z", " 4");
	expect(&m, "insert 1 X: x; insert 2 Y: y; add A: 3; add Z: 4; ",
	    "insert 1 Y: y; insert 1 X: x; insert 1073741824 A: 3; insert 1073741824 Z: 4; ");
}

static void
a_field_comes_between_others(void **state)
{
	struct message m;

	(void)state;
	message_create(&m, "A: 1|B: 2|C: 3|D: 4", "");
	edit(&m, EDIT_HEADER_INSERT, 1, "X", " x");
	expect(&m, "insert 2 X: x; ", "change 1 A; insert 1 X: x; insert 1 A: 1; ");
	message_create(&m, "A: 1|B: 2|C: 3|D: 4", "");
	edit(&m, EDIT_HEADER_INSERT, 3, "X", " x");
	expect(&m, "insert 4 X: x; ",
	    "change 1 D; insert 1073741824 X: x; insert 1073741824 D: 4; ");
}

static void
a_renamed_field_is_replaced(void **state)
{
	struct message m;

	(void)state;
	message_create(&m, "subject: s|B: 2", "");
	edit(&m, EDIT_HEADER_DELETE, 0, "subject", NULL);
	edit(&m, EDIT_HEADER_INSERT, 0, "Subject", " s");
	expect(&m, "change 1 subject; insert 1 Subject: s; ",
	    "change 1 subject; insert 1 Subject: s; ");
}

static void
an_empty_value_is_not_a_deletion(void **state)
{
	struct message m;

	(void)state;
	message_create(&m, "A: 1", "");
	edit(&m, EDIT_HEADER_SET, 0, "A", "");
	expect(&m, "change 1 A; add A:; ", "change 1 A; insert 1073741824 A:; ");
}

static void
sendmails_own_field_gives_way(void **state)
{
	struct plan_target unseen = {
		.leading_space = true, .sendmail = true, .headers_unseen = true
	};
	struct message m;

	(void)state;
	message_create(&m, "A: 1", "");
	edit(&m, EDIT_HEADER_ADD, 0, "message-id", " <i>");
	edit(&m, EDIT_HEADER_ADD, 0, "Received", " r");
	model_commit(&m.model);
	assert_string_equal(plan_text(&m, &unseen),
	    "insert 1073741824 message-id: <i>; insert 1073741824 Received: r; ");
	expect(&m, "add message-id: <i>; add Received: r; ",
	    "change 1 Message-Id; insert 1073741824 message-id: <i>; "
	    "insert 1073741824 Received: r; ");
}

static void
without_leading_space_one_blank_is_cut(void **state)
{
	struct plan_target old = { .leading_space = false };
	struct message m;

	(void)state;
	message_create(&m, "A: 1|B: 2", "");
	edit(&m, EDIT_HEADER_SET, 0, "A", "  x");
	edit(&m, EDIT_HEADER_SET, 0, "B", " ");
	edit(&m, EDIT_HEADER_ADD, 0, "C", "\ty");
	model_commit(&m.model);
	assert_string_equal(plan_text(&m, &old), "change 1 B; change 1 A: x; add B:; add C:\ty; ");
	arena_destroy(&m.arena);
}

static void
recipients_are_deleted_then_added(void **state)
{
	struct message m;

	(void)state;
	message_create(&m, "", "a@x b@x A@x");
	edit(&m, EDIT_RECIPIENT_ADD, 0, NULL, "new@x");
	edit(&m, EDIT_RECIPIENT_DELETE, 0, NULL, "a@X");
	edit(&m, EDIT_RECIPIENT_ADD, 0, NULL, "b@x");
	expect(&m, "delrcpt a@x; addrcpt new@x; ", "delrcpt a@x; addrcpt new@x; ");
	message_create(&m, "", "a@x a@X b@x");
	edit(&m, EDIT_RECIPIENT_DELETE, 0, NULL, NULL);
	edit(&m, EDIT_RECIPIENT_ADD, 0, NULL, "c@x");
	expect(&m, "delrcpt a@x; delrcpt a@X; delrcpt b@x; addrcpt c@x; ",
	    "delrcpt a@x; delrcpt a@X; delrcpt b@x; addrcpt c@x; ");
}

static void
edit_arguments(struct message *m, enum edit_kind kind, const char *address, const char *arguments)
{
	struct edit e = { .kind = kind, .value = str_of(address), .arguments = arguments };

	assert_null(edit_check(&e));
	assert_true(model_apply(&m->model, &e));
}

static void
changed_arguments_replace_a_recipient(void **state)
{
	struct message m;

	(void)state;
	message_create(&m, "", "a@x b@x");
	edit(&m, EDIT_RECIPIENT_DELETE, 0, NULL, "a@x");
	edit_arguments(&m, EDIT_RECIPIENT_ADD, "a@x", "NOTIFY=NEVER  ORCPT=rfc822;a@x");
	expect(&m, "delrcpt a@x; addrcpt a@x [NOTIFY=NEVER ORCPT=rfc822;a@x]; ",
	    "delrcpt a@x; addrcpt a@x [NOTIFY=NEVER ORCPT=rfc822;a@x]; ");
	message_create(&m, "", "a@x b@x");
	edit_arguments(&m, EDIT_RECIPIENT_ADD, "a@x", "NOTIFY=NEVER");
	expect(&m, "", "");
}

static void
the_sender_changes(void **state)
{
	struct message m;

	(void)state;
	message_create(&m, "", "");
	edit(&m, EDIT_SENDER, 0, NULL, "");
	expect(&m, "from ; ", "from ; ");
	message_create(&m, "", "");
	edit_arguments(&m, EDIT_SENDER, "sender@example.org", "RET=HDRS");
	expect(&m, "from sender@example.org [RET=HDRS]; ", "from sender@example.org [RET=HDRS]; ");
}

static void
body_and_quarantine_come_last(void **state)
{
	struct message m;

	(void)state;
	message_create(&m, "A: 1", "");
	edit(&m, EDIT_QUARANTINE, 0, NULL, "why");
	edit(&m, EDIT_BODY_APPEND, 0, NULL, "more\r\n");
	edit(&m, EDIT_HEADER_DELETE, 0, "A", NULL);
	expect(&m, "change 1 A; body; quarantine:why; ", "change 1 A; body; quarantine:why; ");
}

/* ---- random cases ---- */

struct dice {
	uint64_t state;
};

static uint64_t
throw(struct dice *dice, uint64_t sides)
{
	uint64_t z = dice->state += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return (z ^ (z >> 31)) % sides;
}

#define PICK(dice, array) ((array)[throw(dice, sizeof(array) / sizeof((array)[0]))])

/* A case is its seed and the numbers of fields and edits that are made from it. */
struct trial {
	uint64_t seed;
	size_t fields, edits;
	bool leading_space;
};

static const char *
random_name(struct dice *dice)
{
	static const char *const names[] = {
		"A", "a", "B", "C", "Received", "Date", "From", "X-Foo", "Message-ID", "Subject"
	};

	return PICK(dice, names);
}

static const char *
random_value(struct dice *dice, bool leading_space)
{
	static const char *const values[] = { " ", " 1", " 2", " x\n y", "  2", "\t1", "", "1" };

	return values[throw(dice, leading_space ? 8 : 5)];
}

static const char *
random_address(struct dice *dice)
{
	static const char *const addresses[] = { "a@x", "b@x", "c@y", "d@y" };

	return PICK(dice, addresses);
}

static struct edit
random_edit(struct dice *dice, bool leading_space)
{
	static const enum edit_kind kinds[] = {
		EDIT_HEADER_ADD, EDIT_HEADER_INSERT, EDIT_HEADER_INSERT, EDIT_HEADER_SET,
		EDIT_HEADER_SET, EDIT_HEADER_DELETE, EDIT_HEADER_DELETE, EDIT_RECIPIENT_ADD,
		EDIT_RECIPIENT_DELETE, EDIT_SENDER, EDIT_BODY_APPEND
	};
	static const char *const arguments[] = { NULL, NULL, "NOTIFY=NEVER", "NOTIFY=SUCCESS" };
	struct edit e = { .kind = PICK(dice, kinds), .index = throw(dice, 4) };

	if (e.kind <= EDIT_HEADER_DELETE) {
		e.name = random_name(dice);
		e.value = str_of(random_value(dice, leading_space));
		if (e.kind == EDIT_HEADER_INSERT)
			e.index = throw(dice, 12);
	} else {
		e.value = str_of(random_address(dice));
		if (e.kind == EDIT_RECIPIENT_ADD)
			e.arguments = PICK(dice, arguments);
	}
	return e;
}

static void
random_message(struct dice *dice, const struct trial *trial, struct model *model)
{
	size_t i, recipients = throw(dice, 4);

	model_sender(model, "<s@x>", NULL);
	for (i = 0; i < recipients; i++)
		model_recipient(model, random_address(dice), NULL);
	for (i = 0; i < trial->fields; i++) {
		const char *name = random_name(dice);

		model_field(model, str_of(name),
		    str_of(random_value(dice, trial->leading_space)));
	}
}

/* The most header actions that the edits need in Postfix when each is carried out by itself. */
static size_t
random_edits(struct dice *dice, const struct trial *trial, struct model *model)
{
	size_t i, most = 0, kept_most = 0;

	for (i = 0; i < trial->edits; i++) {
		struct edit e = random_edit(dice, trial->leading_space);

		model_apply(model, &e);
		if (e.kind <= EDIT_HEADER_DELETE)
			most += e.kind == EDIT_HEADER_SET ? 2 : 1;
		switch (throw(dice, 5)) {
		case 0:
			model_commit(model);
			kept_most = most;
			break;
		case 1:
			model_rollback(model);
			most = kept_most;
			break;
		default:
			break;
		}
	}
	model_commit(model);
	return most;
}

static size_t
header_actions(const struct plan *plan)
{
	size_t i, count = 0;

	for (i = 0; i < plan->count; i++) {
		count += plan->actions[i].kind == ACTION_CHANGE_HEADER ||
		    plan->actions[i].kind == ACTION_INSERT_HEADER ||
		    plan->actions[i].kind == ACTION_ADD_HEADER;
	}
	return count;
}

static void
print_case(const struct trial *trial, struct model *model, const struct plan *plan, struct mta *mta)
{
	struct buffer text = { 0 };
	size_t i;

	for (i = 0; i < plan->count; i++)
		print_action(&text, &plan->actions[i]);
	print_message("seed %llu, %zu fields, %zu edits\noriginal:\n",
	    (unsigned long long)trial->seed, trial->fields, trial->edits);
	for (i = 0; i < model->original.field_count; i++) {
		print_message("  %s:%s\n", model->original.fields[i]->name.data,
		    model->original.fields[i]->value.data);
	}
	print_message("current:\n");
	for (i = 0; i < model->current->field_count; i++) {
		print_message("  %s:%s\n", model->current->fields[i]->name.data,
		    model->current->fields[i]->value.data);
	}
	print_message("plan: %s\ndelivered:\n%s", buffer_text(&text), mta_text(mta));
	buffer_free(&text);
}

/* One MTA with one kind of plan. */
static const char *
run_target(const struct trial *trial, struct model *model, enum mta_kind kind, bool for_sendmail,
    size_t most, bool print)
{
	struct plan_target target = {
		.leading_space = trial->leading_space, .sendmail = for_sendmail
	};
	struct mta *mta = mta_create(model->arena, kind, &model->original, trial->leading_space,
	    trial->seed % 3);
	struct plan *plan = plan_make(model, &target);
	const char *fault;

	mta_carry_out(mta, plan);
	fault = mta_fault(mta, model->current);
	if (!fault && !for_sendmail && header_actions(plan) > most)
		fault = "more actions than edits";
	if (fault && print)
		print_case(trial, model, plan, mta);
	return fault;
}

static const char *
run(const struct trial *trial, bool print)
{
	struct dice dice = { trial->seed }, edit_dice = { trial->seed ^ 0x5bd1e995u };
	struct arena *arena = arena_create(0, 0);
	struct model model;
	const char *fault;
	size_t most;

	model_init(&model, arena, &limits, 1000, 1000);
	random_message(&dice, trial, &model);
	most = random_edits(&edit_dice, trial, &model);
	fault = run_target(trial, &model, MTA_POSTFIX, false, most, print);
	if (!fault)
		fault = run_target(trial, &model, MTA_SENDMAIL, true, most, print);
	if (!fault)
		fault = run_target(trial, &model, MTA_POSTFIX, true, most, print);
	arena_destroy(&arena);
	return fault;
}

/* Takes away fields and edits as long as the case still fails. */
static void
shrink(struct trial *trial)
{
	bool smaller = true;

	while (smaller) {
		struct trial fewer_fields = *trial, fewer_edits = *trial;

		fewer_fields.fields--;
		fewer_edits.edits--;
		smaller = false;
		if (trial->fields && run(&fewer_fields, false)) {
			*trial = fewer_fields;
			smaller = true;
		} else if (trial->edits && run(&fewer_edits, false)) {
			*trial = fewer_edits;
			smaller = true;
		}
	}
}

static void
run_seed(uint64_t seed)
{
	struct dice dice = { seed ^ 0x1234567u };
	struct trial trial = {
		seed, throw(&dice, 14), 1 + throw(&dice, 10), throw(&dice, 2) == 0
	};
	const char *fault = run(&trial, false);

	if (!fault)
		return;
	shrink(&trial);
	fault = run(&trial, true);
	fail_msg("%s", fault);
}

static void
random_plans_are_exact(void **state)
{
	const char *seed = getenv("PLAN_SEED"), *runs = getenv("PLAN_RUNS");
	uint64_t i, count = runs ? strtoull(runs, NULL, 10) : 20000;

	(void)state;
	if (seed) {
		run_seed(strtoull(seed, NULL, 10));
		return;
	}
	for (i = 0; i < count; i++)
		run_seed(i);
}

/* Too many fields for the quadratic search: still exact. */
static void
large_messages_are_planned_too(void **state)
{
	struct arena *arena = arena_create(0, 0);
	struct model model;
	size_t i;

	(void)state;
	model_init(&model, arena, &limits, 10000, 10);
	for (i = 0; i < 5000; i++) {
		char value[16];

		snprintf(value, sizeof(value), " %zu", i);
		assert_true(model_field(&model, STR("X"), str_of(value)));
	}
	for (i = 0; i < 2000; i++) {
		struct edit e = {
			.kind = i % 2 ? EDIT_HEADER_DELETE : EDIT_HEADER_INSERT,
			.index = 1000 + i, .name = i % 2 ? "X" : "Y", .value = STR(" new")
		};

		assert_true(model_apply(&model, &e));
	}
	model_commit(&model);
	for (i = 0; i < 2; i++) {
		struct plan_target target = { .leading_space = true, .sendmail = i };
		struct mta *mta = mta_create(arena, i ? MTA_SENDMAIL : MTA_POSTFIX, &model.original,
		    true, 0);

		mta_carry_out(mta, plan_make(&model, &target));
		assert_null(mta_fault(mta, model.current));
	}
	arena_destroy(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unchanged_message_has_no_plan),
		cmocka_unit_test(edits_that_cancel_out_have_no_plan),
		cmocka_unit_test(fields_are_changed_from_the_bottom),
		cmocka_unit_test(fields_are_added_at_both_ends),
		cmocka_unit_test(a_field_comes_between_others),
		cmocka_unit_test(a_renamed_field_is_replaced),
		cmocka_unit_test(an_empty_value_is_not_a_deletion),
		cmocka_unit_test(sendmails_own_field_gives_way),
		cmocka_unit_test(without_leading_space_one_blank_is_cut),
		cmocka_unit_test(recipients_are_deleted_then_added),
		cmocka_unit_test(changed_arguments_replace_a_recipient),
		cmocka_unit_test(the_sender_changes),
		cmocka_unit_test(body_and_quarantine_come_last),
		cmocka_unit_test(random_plans_are_exact),
		cmocka_unit_test(large_messages_are_planned_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
