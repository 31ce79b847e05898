/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Conditions: tokens to a tree. Nothing here is fatal. A mistake in the grammar ends the parse of
 * that condition; one in what its names and values mean is noted and the parse goes on, so that all
 * are found in one run.
 */
#include <assert.h>
#include <string.h>

#include "filterd/config/condition_tree.h"
#include "filterd/config/condition_value.h"
#include "filterd/util/domain.h"

struct parse {
	struct config_scope *scope;
	const struct config_token *next;	/* the token at hand */
	const struct config_token *stop;	/* behind the last */
	const struct config_token *end;		/* stands for the one at stop */
	unsigned depth;				/* of brackets and "not" */
	unsigned tests;
	bool bare;				/* the last field stood without operator */
	enum mf_stage stage;
	bool flawed;				/* a mistake was noted */
};

static struct node *parse_condition(struct parse *parse);

/* ---- tokens ---- */

static const struct config_token *
token(const struct parse *parse)
{
	return parse->next < parse->stop ? parse->next : parse->end;
}

static bool
is_word(const struct config_token *token, const char *word)
{
	return token->kind == CONFIG_WORD && str_equal(token->text, str_of(word));
}

/* Passes over a word when it comes next. */
static bool
accept_word(struct parse *parse, const char *word)
{
	if (parse->next == parse->stop || !is_word(parse->next, word))
		return false;
	parse->next++;
	return true;
}

/* Passes over a token of that kind when it comes next. */
static bool
accept_kind(struct parse *parse, enum config_token_kind kind)
{
	if (parse->next == parse->stop || parse->next->kind != kind)
		return false;
	parse->next++;
	return true;
}

/* Notes that something else was expected than the token at hand. */
static void
expected(struct parse *parse, const char *what)
{
	parse->flawed = true;
	config_error(parse->scope->errors, token(parse)->at, "expected %s, found %s", what,
	    config_shown(token(parse), parse->scope->arena));
}

/* ---- nodes ---- */

static struct node *
node_create(struct parse *parse, enum node_kind kind)
{
	struct node *node = arena_alloc(parse->scope->arena, sizeof(*node));

	node->kind = kind;
	return node;
}

static struct node *
negate(struct parse *parse, struct node *child)
{
	struct node *node = node_create(parse, NODE_NOT);

	node->first = child;
	return node;
}

/* ---- comparisons ---- */

enum operator_class {
	OPERATOR_TRUTH,		/* a field alone */
	OPERATOR_EXISTS,
	OPERATOR_EQUAL,
	OPERATOR_ORDER,
	OPERATOR_PATTERN,
	OPERATOR_LIST
};

struct operator {
	const char *spelled;
	enum operator_class class;
	enum test_kind number;		/* how it compares numbers */
	bool negated;
};

static const struct operator operators[] = {
	{ "==", OPERATOR_EQUAL, TEST_EQUAL, false },
	{ "!=", OPERATOR_EQUAL, TEST_EQUAL, true },
	{ "<", OPERATOR_ORDER, TEST_LESS, false },
	{ "<=", OPERATOR_ORDER, TEST_LESS_EQUAL, false },
	{ ">", OPERATOR_ORDER, TEST_MORE, false },
	{ ">=", OPERATOR_ORDER, TEST_MORE_EQUAL, false },
	{ "~", OPERATOR_PATTERN, TEST_TRUE, false },
	{ "!~", OPERATOR_PATTERN, TEST_TRUE, true },
};

#define OPERATOR_COUNT (sizeof(operators) / sizeof(operators[0]))

static const struct operator operator_truth = { "", OPERATOR_TRUTH, TEST_TRUE, false };
static const struct operator operator_exists = { "exists", OPERATOR_EXISTS, TEST_EXISTS, false };
static const struct operator operator_in = { "in", OPERATOR_LIST, TEST_LIST, false };
static const struct operator operator_not_in = { "not in", OPERATOR_LIST, TEST_LIST, true };

/* One comparison: as it stands in the config, and what becomes of it. */
struct comparison {
	enum { SOME, ANY, ALL } quantifier;
	bool known;			/* the field is */
	struct field field;
	const struct operator *operator;
	const struct config_token *operator_token;
	const struct config_token *value;
	struct node *node;
	struct test *test;
};

static bool
parse_field(struct parse *parse, struct comparison *comparison)
{
	struct config_scope *scope = parse->scope;
	const struct config_token *at = token(parse);
	const char *error;

	if (at->kind != CONFIG_WORD || condition_reserved(at->text)) {
		expected(parse, "a field, \"not\", \"any\", \"all\", \"exists\" or \"(\"");
		return false;
	}
	if (++parse->tests > CONDITION_TESTS_MAXIMUM) {
		config_error(scope->errors, at->at, "the condition has more than %d comparisons",
		    CONDITION_TESTS_MAXIMUM);
		return false;
	}
	parse->next++;
	comparison->known = field_parse(at->text, scope->arena, &comparison->field, &error);
	if (!comparison->known) {
		config_error(scope->errors, at->at, "%s", error);
		parse->flawed = true;
		return true;
	}
	if (comparison->field.stage > parse->stage)
		parse->stage = comparison->field.stage;
	if (scope->field_used)
		scope->field_used(scope->argument, &comparison->field);
	return true;
}

static const struct operator *
find_operator(struct str spelled)
{
	size_t i;

	for (i = 0; i < OPERATOR_COUNT; i++)
		if (str_equal(spelled, str_of(operators[i].spelled)))
			return &operators[i];
	assert(!"an operator that the lexer knows and the condition does not");
	return NULL;
}

/* The operator behind a field; operator_truth when none stands there. False: a mistake. */
static bool
parse_operator(struct parse *parse, struct comparison *comparison)
{
	comparison->operator_token = token(parse);
	comparison->operator = &operator_truth;
	if (accept_word(parse, "in")) {
		comparison->operator = &operator_in;
	} else if (accept_word(parse, "not")) {
		comparison->operator = &operator_not_in;
		if (!accept_word(parse, "in")) {
			expected(parse, "\"in\" behind \"not\"");
			return false;
		}
	} else if (accept_kind(parse, CONFIG_OPERATOR)) {
		comparison->operator = find_operator(comparison->operator_token->text);
	}
	parse->bare = comparison->operator == &operator_truth;
	return true;
}

/* Whether a token can be the operand of that kind of operator. */
static bool
is_operand(const struct config_token *token, enum operator_class class)
{
	if (class == OPERATOR_PATTERN)
		return token->kind == CONFIG_REGEX;
	if (class == OPERATOR_LIST)
		return token->kind == CONFIG_WORD && token->text.length > 1 &&
		    token->text.data[0] == '@';
	return token->kind == CONFIG_WORD || token->kind == CONFIG_STRING;
}

static bool
parse_operand(struct parse *parse, struct comparison *comparison)
{
	static const char *const wanted[] = {
		[OPERATOR_EQUAL] = "a value",
		[OPERATOR_ORDER] = "a number",
		[OPERATOR_PATTERN] = "a regex such as /text/i",
		[OPERATOR_LIST] = "a list such as @name",
	};
	enum operator_class class = comparison->operator->class;

	if (class == OPERATOR_TRUTH)
		return true;
	if (parse->next == parse->stop || !is_operand(parse->next, class)) {
		expected(parse, wanted[class]);
		return false;
	}
	comparison->value = parse->next++;
	return true;
}

/* Notes that an operator does not go with the type of its field. */
static bool
mismatch(struct parse *parse, const struct comparison *comparison, const char *what)
{
	static const char *const types[] = {
		[FIELD_TEXT] = "text", [FIELD_NUMBER] = "a number", [FIELD_ADDRESS] = "an address"
	};

	config_error(parse->scope->errors, comparison->operator_token->at,
	    "\"%s\" %s, and %s is %s", comparison->operator->spelled, what,
	    comparison->field.spelled, types[comparison->field.type]);
	return false;
}

/* ---- what a comparison means; false: a mistake was noted ---- */

static bool
bind_alone(struct parse *parse, struct comparison *comparison)
{
	(void)parse;
	comparison->test->kind = comparison->operator->number;
	return true;
}

static bool
bind_number(struct parse *parse, struct comparison *comparison)
{
	struct test *test = comparison->test;

	test->kind = comparison->operator->number;
	return condition_number(parse->scope, comparison->value, &test->operand.number);
}

static bool
bind_network(struct parse *parse, struct comparison *comparison)
{
	struct test *test = comparison->test;

	test->kind = TEST_NETWORK;
	return condition_network(parse->scope, comparison->value, &test->operand.network);
}

static enum test_kind
text_comparison(const struct field *field)
{
	bool mailbox = field->id == FIELD_SENDER || field->id == FIELD_RECIPIENT;

	if (field->nocase)
		return TEST_DOMAIN;
	return mailbox && field->part == FIELD_WHOLE ? TEST_MAILBOX : TEST_TEXT;
}

/* With A-labels, once and for all, where that is how the text is compared. */
static struct str
operand_form(enum test_kind kind, struct str text, char buffer[DOMAIN_TEXT])
{
	if (kind == TEST_DOMAIN)
		return domain_ascii(text, buffer);
	if (kind == TEST_MAILBOX && text.length && memchr(text.data, '@', text.length))
		return domain_ascii_in(text, buffer);
	return text;
}

static bool
bind_text(struct parse *parse, struct comparison *comparison)
{
	struct test *test = comparison->test;
	char buffer[DOMAIN_TEXT];

	test->kind = text_comparison(&comparison->field);
	if (!condition_text(parse->scope, comparison->value, &test->operand.text) ||
	    !condition_value(parse->scope, comparison->value, &test->field,
	    test->operand.text.data))
		return false;
	test->operand.text = arena_str(
	    parse->scope->arena, operand_form(test->kind, test->operand.text, buffer));
	return true;
}

static bool
bind_list(struct parse *parse, struct comparison *comparison)
{
	struct test *test = comparison->test;

	test->kind = TEST_LIST;
	return condition_list(parse->scope, comparison->value, &test->operand.list) &&
	    condition_values(parse->scope, comparison->value, &test->field,
	    test->operand.list);
}

static bool
bind_pattern(struct parse *parse, struct comparison *comparison)
{
	struct config_scope *scope = parse->scope;
	struct node *node = comparison->node;
	struct pattern_group *group;
	struct pattern pattern = { .label = scope->label ? scope->label : "" };

	pattern.regex = condition_regex(scope, comparison->value, comparison->field.decoded);
	if (!pattern.regex)
		return false;
	pattern.where = config_where(comparison->value->at, scope->arena);
	group = pattern_group_for(scope->patterns, &comparison->field, scope->arena);
	node->kind = NODE_PATTERN;
	node->group = group;
	node->pattern = pattern_group_add(group, pattern, scope->arena);
	return true;
}

/* By operator and type of the field; NULL: they do not go together. */
static const struct {
	bool (*text)(struct parse *parse, struct comparison *comparison);
	bool (*number)(struct parse *parse, struct comparison *comparison);
	bool (*address)(struct parse *parse, struct comparison *comparison);
	const char *mismatch;
} binders[] = {
	[OPERATOR_TRUTH] = { bind_alone, bind_alone, bind_alone, NULL },
	[OPERATOR_EXISTS] = { bind_alone, bind_alone, bind_alone, NULL },
	[OPERATOR_EQUAL] = { bind_text, bind_number, bind_network, NULL },
	[OPERATOR_ORDER] = { NULL, bind_number, NULL, "compares numbers" },
	[OPERATOR_PATTERN] = { bind_pattern, NULL, bind_pattern, "matches text" },
	[OPERATOR_LIST] = { bind_list, NULL, bind_list, "looks up text or an address" },
};

static bool
bind_operand(struct parse *parse, struct comparison *comparison)
{
	enum operator_class class = comparison->operator->class;
	bool (*binder)(struct parse *, struct comparison *) = binders[class].text;

	if (comparison->field.type == FIELD_NUMBER)
		binder = binders[class].number;
	else if (comparison->field.type == FIELD_ADDRESS)
		binder = binders[class].address;
	if (!binder)
		return mismatch(parse, comparison, binders[class].mismatch);
	return binder(parse, comparison);
}

/* `any f != x`: one value differs; `all f != x`: all do; `f != x`: not (any f == x). */
static struct node *
bind(struct parse *parse, struct comparison *comparison)
{
	struct node *node = node_create(parse, NODE_TEST);
	bool negated = comparison->operator->negated;

	comparison->node = node;
	comparison->test = arena_alloc(parse->scope->arena, sizeof(*comparison->test));
	comparison->test->field = comparison->field;
	node->test = comparison->test;
	node->quantifier = FIELD_ANY;
	if (comparison->quantifier == ALL)
		node->quantifier = negated ? FIELD_ALL_NOT : FIELD_ALL;
	else if (comparison->quantifier == ANY && negated)
		node->quantifier = FIELD_ANY_NOT;
	if (comparison->known && !bind_operand(parse, comparison))
		parse->flawed = true;
	return comparison->quantifier == SOME && negated ? negate(parse, node) : node;
}

static struct node *
parse_comparison(struct parse *parse)
{
	struct comparison comparison = { .quantifier = SOME };

	if (accept_word(parse, "any"))
		comparison.quantifier = ANY;
	else if (accept_word(parse, "all"))
		comparison.quantifier = ALL;
	if (!parse_field(parse, &comparison) || !parse_operator(parse, &comparison) ||
	    !parse_operand(parse, &comparison))
		return NULL;
	return bind(parse, &comparison);
}

static struct node *
parse_exists(struct parse *parse)
{
	struct comparison comparison = { .quantifier = SOME, .operator = &operator_exists };

	if (!parse_field(parse, &comparison))
		return NULL;
	parse->bare = false;
	return bind(parse, &comparison);
}

/* ---- and, or, not, brackets ---- */

/* What can stand behind a comparison. */
static const char *
continuation(const struct parse *parse)
{
	return parse->bare ? "an operator, \"and\", \"or\"" : "\"and\", \"or\"";
}

static struct node *
parse_brackets(struct parse *parse)
{
	const struct config_token *open = &parse->next[-1];
	struct node *node = parse_condition(parse);

	if (!node || accept_kind(parse, CONFIG_CLOSE))
		return node;
	expected(parse, arena_printf(parse->scope->arena,
	    "%s or the \")\" for the \"(\" in column %u", continuation(parse), open->at.column));
	return NULL;
}

static struct node *
parse_factor(struct parse *parse)
{
	const struct config_token *at = token(parse);
	struct node *node = NULL;

	if (parse->depth == CONDITION_DEPTH_MAXIMUM) {
		config_error(parse->scope->errors, at->at,
		    "brackets and \"not\" are more than %d deep here", CONDITION_DEPTH_MAXIMUM);
		return NULL;
	}
	parse->depth++;
	if (accept_word(parse, "not")) {
		node = parse_factor(parse);
		node = node ? negate(parse, node) : NULL;
	} else if (accept_word(parse, "exists")) {
		node = parse_exists(parse);
	} else if (accept_kind(parse, CONFIG_OPEN)) {
		node = parse_brackets(parse);
	} else {
		node = parse_comparison(parse);
	}
	parse->depth--;
	return node;
}

/* One or more operands with a word between them. */
static struct node *
parse_chain(struct parse *parse, const char *word, enum node_kind kind,
    struct node *(*operand)(struct parse *parse))
{
	struct node *first = operand(parse), *last = first, *node;

	while (last && accept_word(parse, word)) {
		last->next = operand(parse);
		last = last->next;
	}
	if (!last || first == last)
		return last;
	node = node_create(parse, kind);
	node->first = first;
	return node;
}

static struct node *
parse_term(struct parse *parse)
{
	return parse_chain(parse, "and", NODE_AND, parse_factor);
}

static struct node *
parse_condition(struct parse *parse)
{
	return parse_chain(parse, "or", NODE_OR, parse_term);
}

/* What stands behind a whole condition: it belongs to nothing. */
static void
unexpected(struct parse *parse)
{
	static const char *const candidates[] = { "==", "and", "or", "in", "not" };
	struct arena *arena = parse->scope->arena;
	const struct config_token *at = token(parse);
	bool misspelled = at->kind == CONFIG_WORD && !condition_reserved(at->text);

	config_error(parse->scope->errors, at->at, "expected %s or %s, found %s%s",
	    continuation(parse), config_shown(parse->end, arena), config_shown(at, arena),
	    misspelled ? config_hint(arena, at->text.data, candidates, 5) : "");
}

struct mf_condition *
condition_parse(struct config_scope *scope, const struct config_token *tokens, size_t count,
    const struct config_token *end)
{
	struct parse parse = { .scope = scope, .next = tokens, .stop = tokens + count, .end = end,
		.stage = MF_STAGE_CONNECT };
	struct node *root = parse_condition(&parse);
	struct mf_condition *condition;

	if (root && parse.next < parse.stop) {
		unexpected(&parse);
		return NULL;
	}
	if (!root || parse.flawed)
		return NULL;
	condition = arena_alloc(scope->arena, sizeof(*condition));
	condition->root = root;
	condition->stage = parse.stage;
	return condition;
}
