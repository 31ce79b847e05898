/* SPDX-License-Identifier: BSD-2-Clause */
/* The message model: what arrives, what each edit does, and that transactions leave no trace
 * when rolled back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "filterd/message/model.h"
#include "filterd/util/buffer.h"

static const struct body_limits limits = { 16, 1000, "/tmp" };

struct fixture {
	struct arena *arena;
	struct model model;
};

static void
begin(struct fixture *f)
{
	static const char *const arguments[] = { "SIZE=1", "BODY=8BITMIME", NULL };

	f->arena = arena_create(0, 0);
	model_init(&f->model, f->arena, &limits, 8, 3);
	model_sender(&f->model, "<Sender@Example.ORG>", arguments);
	assert_true(model_recipient(&f->model, "<a@x>", NULL));
	assert_true(model_recipient(&f->model, "<b@x>", NULL));
	assert_true(model_field(&f->model, STR("Subject"), STR(" one")));
	assert_true(model_field(&f->model, STR("To"), STR(" a@x,\n b@x")));
	assert_true(model_field(&f->model, STR("subject"), STR(" two")));
	assert_true(model_body(&f->model, "body\r\n", 6));
}

static void
end(struct fixture *f)
{
	arena_destroy(&f->arena);
}

static bool
apply(struct fixture *f, enum edit_kind kind, size_t index, const char *name, const char *value)
{
	struct edit edit = { .kind = kind, .index = index, .name = name };

	if (value)
		edit.value = str_of(value);
	assert_null(edit_check(&edit));
	return model_apply(&f->model, edit_copy(f->arena, &edit));
}

/* What a filter sees, in one line. */
static const char *
view(struct fixture *f)
{
	const struct state *s = model_view(&f->model);
	struct buffer text = { 0 };
	struct str body;
	const char *copy;
	size_t i;

	buffer_printf(&text, "%s >", s->sender->text);
	for (i = 0; i < s->recipient_count; i++)
		buffer_printf(&text, " %s", s->recipients[i]->text);
	for (i = 0; i < s->field_count; i++)
		buffer_printf(&text, "|%s:%s", s->fields[i]->name.data, s->fields[i]->value.data);
	assert_true(body_bytes(s->body, &body));
	buffer_printf(&text, "||%.*s", (int)body.length, body.data);
	if (s->quarantine)
		buffer_printf(&text, "||%s", s->quarantine);
	copy = arena_strdup(f->arena, buffer_text(&text));
	buffer_free(&text);
	return copy;
}

#define ARRIVED "Sender@Example.ORG > a@x b@x|Subject: one|To: a@x,\n b@x|subject: two||body\r\n"

static void
what_arrives_is_kept(void **state)
{
	const struct state *s;
	struct fixture f;

	(void)state;
	begin(&f);
	s = model_view(&f.model);
	assert_ptr_equal(s, &f.model.original);
	assert_string_equal(view(&f), ARRIVED);
	assert_string_equal(s->sender->local, "Sender");
	assert_string_equal(s->sender->domain, "example.org");
	assert_string_equal(s->sender->arguments[1], "BODY=8BITMIME");
	assert_null(s->sender->arguments[2]);
	assert_null(s->recipients[0]->arguments[0]);
	assert_int_equal(f.model.header_bytes, 14 + 16 + 14);
	assert_int_equal(state_size(s), 14 + 16 + 14 + 2 + 6);
	end(&f);
}

static void
fields_are_found_by_name(void **state)
{
	const struct state *s;
	struct fixture f;

	(void)state;
	begin(&f);
	s = model_view(&f.model);
	assert_int_equal(state_field_count(s, (struct str){ NULL, 0 }), 3);
	assert_int_equal(state_field_count(s, STR("SUBJECT")), 2);
	assert_int_equal(state_field_count(s, STR("Sub")), 0);
	assert_int_equal(state_field_find(s, STR("SUBJECT"), 0), 0);
	assert_int_equal(state_field_find(s, STR("SUBJECT"), 1), 2);
	assert_int_equal(state_field_find(s, STR("SUBJECT"), 2), 3);
	end(&f);
}

static void
limits_are_kept(void **state)
{
	struct fixture f;
	size_t i;

	(void)state;
	begin(&f);
	assert_true(model_recipient(&f.model, "c@x", NULL));
	errno = 0;
	assert_false(model_recipient(&f.model, "d@x", NULL));
	assert_int_equal(errno, EFBIG);
	model_recipient_refused(&f.model);
	assert_true(model_recipient(&f.model, "d@x", NULL));
	for (i = 3; i < 8; i++)
		assert_true(model_field(&f.model, STR("X"), STR("")));
	errno = 0;
	assert_false(model_field(&f.model, STR("X"), STR("")));
	assert_int_equal(errno, EFBIG);
	errno = 0;
	assert_false(apply(&f, EDIT_HEADER_ADD, 0, "X", ""));
	assert_int_equal(errno, EFBIG);
	model_rollback(&f.model);
	assert_false(apply(&f, EDIT_RECIPIENT_ADD, 0, NULL, "e@x"));
	assert_int_equal(errno, EFBIG);
	model_rollback(&f.model);
	assert_int_equal(model_view(&f.model)->recipient_count, 3);
	assert_string_equal(model_view(&f.model)->recipients[2]->text, "d@x");
	end(&f);
}

static void
each_edit_does_its_own(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	assert_true(apply(&f, EDIT_HEADER_ADD, 0, "X-Last", " l"));
	assert_true(apply(&f, EDIT_HEADER_INSERT, 0, "X-First", " f"));
	assert_true(apply(&f, EDIT_HEADER_INSERT, 99, "X-Past", " p"));
	assert_true(apply(&f, EDIT_HEADER_SET, 1, "SUBJECT", " zwei\r\n drei"));
	assert_true(apply(&f, EDIT_HEADER_SET, 5, "New", " n"));
	assert_true(apply(&f, EDIT_HEADER_DELETE, 0, "subject", NULL));
	assert_true(apply(&f, EDIT_HEADER_DELETE, 7, "subject", NULL));
	assert_string_equal(view(&f), "Sender@Example.ORG > a@x b@x|X-First: f|To: a@x,\n b@x"
	    "|subject: zwei\n drei|X-Last: l|X-Past: p|New: n||body\r\n");
	model_rollback(&f.model);
	assert_true(apply(&f, EDIT_BODY_APPEND, 0, NULL, "more\r\n"));
	assert_true(apply(&f, EDIT_BODY_APPEND, 0, NULL, "even more\r\n"));
	assert_true(apply(&f, EDIT_SENDER, 0, NULL, ""));
	assert_true(apply(&f, EDIT_RECIPIENT_ADD, 0, NULL, "c@x"));
	assert_true(apply(&f, EDIT_RECIPIENT_ADD, 0, NULL, "a@X"));
	assert_true(apply(&f, EDIT_RECIPIENT_DELETE, 0, NULL, "b@X"));
	assert_true(apply(&f, EDIT_QUARANTINE, 0, NULL, "why"));
	assert_string_equal(view(&f), " > a@x c@x|Subject: one|To: a@x,\n b@x|subject: two"
	    "||body\r\nmore\r\neven more\r\n||why");
	assert_true(apply(&f, EDIT_RECIPIENT_DELETE, 0, NULL, NULL));
	assert_true(apply(&f, EDIT_BODY_REPLACE, 0, NULL, "new"));
	assert_string_equal(view(&f),
	    " >|Subject: one|To: a@x,\n b@x|subject: two||new||why");
	end(&f);
}

static void
rollback_leaves_no_trace(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	assert_true(apply(&f, EDIT_HEADER_DELETE, 0, "To", NULL));
	assert_true(apply(&f, EDIT_HEADER_SET, 0, "Subject", " x"));
	assert_true(apply(&f, EDIT_BODY_APPEND, 0, NULL, "more"));
	assert_true(apply(&f, EDIT_RECIPIENT_DELETE, 0, NULL, NULL));
	assert_string_not_equal(view(&f), ARRIVED);
	model_rollback(&f.model);
	assert_string_equal(view(&f), ARRIVED);
	model_rollback(&f.model);
	model_commit(&f.model);
	assert_ptr_equal(f.model.current, &f.model.original);
	end(&f);
}

static void
transactions_stand_on_each_other(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	assert_true(apply(&f, EDIT_HEADER_ADD, 0, "A", " 1"));
	model_commit(&f.model);
	assert_true(apply(&f, EDIT_HEADER_ADD, 0, "B", " 2"));
	assert_true(apply(&f, EDIT_BODY_APPEND, 0, NULL, "lost"));
	model_rollback(&f.model);
	assert_true(apply(&f, EDIT_HEADER_SET, 0, "A", " 3"));
	assert_true(apply(&f, EDIT_BODY_APPEND, 0, NULL, "kept"));
	model_commit(&f.model);
	assert_string_equal(view(&f), "Sender@Example.ORG > a@x b@x|Subject: one|To: a@x,\n b@x"
	    "|subject: two|A: 3||body\r\nkept");
	assert_int_equal(f.model.original.field_count, 3);
	assert_int_equal(body_size(f.model.original.body), 6);
	end(&f);
}

static void
edits_copy_no_more_than_they_touch(void **state)
{
	struct fixture f;
	const struct state *s;

	(void)state;
	begin(&f);
	assert_true(apply(&f, EDIT_SENDER, 0, NULL, "x@y"));
	s = model_view(&f.model);
	assert_ptr_equal(s->fields, f.model.original.fields);
	assert_ptr_equal(s->recipients, f.model.original.recipients);
	assert_ptr_equal(s->body, f.model.original.body);
	assert_true(apply(&f, EDIT_HEADER_SET, 0, "To", " x"));
	assert_ptr_not_equal(s->fields, f.model.original.fields);
	assert_ptr_equal(s->fields[0], f.model.original.fields[0]);
	assert_ptr_not_equal(s->fields[1], f.model.original.fields[1]);
	assert_ptr_equal(s->recipients, f.model.original.recipients);
	end(&f);
}

static void
decoded_values_are_kept(void **state)
{
	struct fixture f;
	struct field_node *field;
	struct str first;

	(void)state;
	begin(&f);
	assert_true(model_field(&f.model, STR("X"), STR(" =?utf-8?q?a=62?=\n c")));
	field = f.model.original.fields[3];
	first = field_decoded(&f.model, field);
	assert_string_equal(first.data, "ab c");
	assert_ptr_equal(field_decoded(&f.model, field).data, first.data);
	end(&f);
}

/* A long list of addresses must not cost its memory once more for each condition on it. */
static void
lines_and_domains_are_made_once(void **state)
{
	struct fixture f;
	struct field_node *field;
	const struct str *domains;
	size_t count, used;

	(void)state;
	begin(&f);
	assert_true(model_field(
	    &f.model, STR("Cc"), STR(" \"=?utf-8?q?c?=\" <c@X.Example>, d@y, e")));
	field = f.model.original.fields[3];
	assert_string_equal(field_line(&f.model, field).data, "Cc: \"c\" <c@X.Example>, d@y, e");
	domains = field_domains(&f.model, field, &count);
	assert_int_equal(count, 3);
	assert_string_equal(domains[0].data, "x.example");
	assert_string_equal(domains[1].data, "y");
	assert_string_equal(domains[2].data, "");
	used = arena_used(f.arena);
	assert_ptr_equal(field_domains(&f.model, field, &count), domains);
	assert_int_equal(count, 3);
	assert_string_equal(field_line(&f.model, field).data, "Cc: \"c\" <c@X.Example>, d@y, e");
	field = f.model.original.fields[0];
	assert_non_null(field_domains(&f.model, field, &count));
	assert_int_equal(count, 1);
	assert_true(arena_used(f.arena) <= used + 100);
	end(&f);
}

static void
a_large_body_is_spooled_when_appended_to(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	assert_true(apply(&f, EDIT_BODY_APPEND, 0, NULL, "past the threshold"));
	assert_true(body_spooled(model_view(&f.model)->body));
	assert_false(body_spooled(f.model.original.body));
	model_commit(&f.model);
	assert_true(apply(&f, EDIT_BODY_APPEND, 0, NULL, "!"));
	assert_non_null(strstr(view(&f), "||body\r\npast the threshold!"));
	end(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_arrives_is_kept),
		cmocka_unit_test(fields_are_found_by_name),
		cmocka_unit_test(limits_are_kept),
		cmocka_unit_test(each_edit_does_its_own),
		cmocka_unit_test(rollback_leaves_no_trace),
		cmocka_unit_test(transactions_stand_on_each_other),
		cmocka_unit_test(edits_copy_no_more_than_they_touch),
		cmocka_unit_test(decoded_values_are_kept),
		cmocka_unit_test(lines_and_domains_are_made_once),
		cmocka_unit_test(a_large_body_is_spooled_when_appended_to),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
