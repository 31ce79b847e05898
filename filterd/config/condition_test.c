/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Conditions: evaluation. Allocates nothing, but for the captures of a regex that matched and while
 * it looks at a domain that is not ASCII. The depth of the recursion is that of the tree, which the
 * parser limits.
 */
#include "filterd/config/condition_tree.h"
#include "filterd/util/domain.h"

/* ---- one value against an operand ---- */

static bool
value_exists(const struct test *test, const struct field_value *value)
{
	(void)test;
	(void)value;
	return true;
}

static bool
value_true(const struct test *test, const struct field_value *value)
{
	if (test->field.type == FIELD_NUMBER)
		return value->number != 0;
	return value->text.length > 0 && !str_equal(value->text, STR("0"));
}

static bool
value_text(const struct test *test, const struct field_value *value)
{
	return str_equal(value->text, test->operand.text);
}

static bool
value_domain(const struct test *test, const struct field_value *value)
{
	return domain_equal(value->text, test->operand.text);
}

static bool
value_mailbox(const struct test *test, const struct field_value *value)
{
	return domain_mailbox_equal(value->text, test->operand.text);
}

static bool
value_equal(const struct test *test, const struct field_value *value)
{
	return value->number == test->operand.number;
}

static bool
value_less(const struct test *test, const struct field_value *value)
{
	return value->number < test->operand.number;
}

static bool
value_less_equal(const struct test *test, const struct field_value *value)
{
	return value->number <= test->operand.number;
}

static bool
value_more(const struct test *test, const struct field_value *value)
{
	return value->number > test->operand.number;
}

static bool
value_more_equal(const struct test *test, const struct field_value *value)
{
	return value->number >= test->operand.number;
}

static bool
value_in_network(const struct test *test, const struct field_value *value)
{
	return value->ip && network_has(&test->operand.network, value->ip);
}

static bool
value_in_list(const struct test *test, const struct field_value *value)
{
	if (test->field.type == FIELD_ADDRESS)
		return value->ip && list_has_ip(test->operand.list, value->ip);
	return list_has(test->operand.list, value->text);
}

static bool (*const checks[])(const struct test *test, const struct field_value *value) = {
	[TEST_EXISTS] = value_exists,
	[TEST_TRUE] = value_true,
	[TEST_TEXT] = value_text,
	[TEST_DOMAIN] = value_domain,
	[TEST_MAILBOX] = value_mailbox,
	[TEST_EQUAL] = value_equal,
	[TEST_LESS] = value_less,
	[TEST_LESS_EQUAL] = value_less_equal,
	[TEST_MORE] = value_more,
	[TEST_MORE_EQUAL] = value_more_equal,
	[TEST_NETWORK] = value_in_network,
	[TEST_LIST] = value_in_list,
};

static bool
passes(void *argument, const struct field_value *value)
{
	const struct test *test = argument;

	return checks[test->kind](test, value);
}

/* ---- the tree ---- */

static bool
node_test(const struct node *node, struct field_source *source)
{
	const struct node *child;

	switch (node->kind) {
	case NODE_AND:
		for (child = node->first; child && node_test(child, source); child = child->next)
			;
		return !child;
	case NODE_OR:
		for (child = node->first; child && !node_test(child, source); child = child->next)
			;
		return child != NULL;
	case NODE_NOT:
		return !node_test(node->first, source);
	case NODE_PATTERN:
		return pattern_group_test(node->group, node->pattern, node->quantifier, source);
	case NODE_TEST:
		break;
	}
	return field_quantify(source, &node->test->field, node->quantifier, passes,
	    (void *)node->test);
}

/* A command unknown to the MTA may come at any time: no more is sure than that there is a
 * client. */
static enum mf_stage
reached(enum mf_stage stage)
{
	return stage == MF_STAGE_UNKNOWN ? MF_STAGE_CONNECT : stage;
}

bool
condition_test(const struct mf_condition *condition, struct field_source *source)
{
	if (!condition)
		return true;
	return reached(source->stage) >= condition->stage && node_test(condition->root, source);
}

enum mf_stage
condition_stage(const struct mf_condition *condition)
{
	return condition ? condition->stage : MF_STAGE_CONNECT;
}
