/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rules: conditions and actions from the config file. A rule is decided at the earliest stage at
 * which all that it reads is known: one that needs only the client at connect, one that needs the
 * recipient at RCPT, for that recipient. Within a stage rules are looked at in written order, and
 * so are the actions of a rule.
 *
 * A rule at RCPT may match several recipients. What concerns the whole message (a header field, the
 * score, …) is done for the first of them that the chain accepts, and not again.
 *
 * A rule in shadow is decided like the others, and what it would have done is noted. Nothing else
 * comes of it: neither edits nor answers are asked of the MTA for its sake, and the rules behind it
 * go on as if it had not matched.
 */
#include <string.h>

#include "plugins/rules/rules.h"

struct options {
	struct mf_blocks rules;
};

static const struct mf_option option_table[] = {
	MF_BLOCK(struct options, rules, "rule", rule_option_table, struct rule_options,
	    "a condition and what is done when it holds"),
	MF_OPTION_END
};

struct rule {
	const struct rule_options *options;
	const char *where;
	size_t number;			/* among all rules, from 0 */
	struct action *actions;
	size_t action_count;
	struct rule *next;		/* of the same stage, in written order */
};

/* What start leaves for all threads; immutable afterwards. */
struct rules {
	struct rule *at[MF_STAGE_COUNT];
	size_t count;
};

struct session_state {
	bool stopped;
};

struct message_state {
	bool stopped;
	/* a rule: number of recipients when its message-wide actions were done, 0: not yet */
	size_t *done_at;
};

/* ---- start ---- */

/* The stages that `at` names, in the order of its choices. */
static const enum mf_stage pinned_stages[] = {
	MF_STAGE_CONNECT, MF_STAGE_CONNECT, MF_STAGE_HELO, MF_STAGE_MAIL, MF_STAGE_RCPT,
	    MF_STAGE_DATA, MF_STAGE_EOH,
	MF_STAGE_MESSAGE
};
static const char *const stage_names[MF_STAGE_COUNT] = {
	[MF_STAGE_CONNECT] = "connect", [MF_STAGE_HELO] = "helo", [MF_STAGE_MAIL] = "mail",
	    [MF_STAGE_RCPT] = "rcpt",
	[MF_STAGE_DATA] = "data", [MF_STAGE_HEADER] = "eoh", [MF_STAGE_EOH] = "eoh",
	    [MF_STAGE_BODY] = "message",
	[MF_STAGE_MESSAGE] = "message"
};

/* The stages at which rules are decided: fields that come to be known in between wait for the next
 * of them. */
static enum mf_stage
decision_stage(enum mf_stage known)
{
	if (known == MF_STAGE_HEADER)
		return MF_STAGE_EOH;
	return known == MF_STAGE_BODY ? MF_STAGE_MESSAGE : known;
}

/* Whether an action before it ends the rule. */
static bool
is_out_of_reach(struct mf_context *c, const struct rule *rule, size_t i)
{
	const struct action *before = i ? &rule->actions[i - 1] : NULL;

	if (!before || !before->kind->ends)
		return false;
	mf_config_error(c, rule->actions[i].options,
	    "\"%s\" is never done: \"%s\" before it ends the rule", rule->actions[i].kind->keyword,
	    before->kind->keyword);
	return true;
}

static bool
load_actions(struct mf_context *c, struct rule *rule, enum mf_stage *stage_r, unsigned *uses_r)
{
	const struct mf_blocks *blocks = &rule->options->actions;
	bool good = true;
	size_t i;

	rule->actions = mf_alloc(c, blocks->count * sizeof(*rule->actions));
	rule->action_count = blocks->count;
	for (i = 0; i < blocks->count; i++) {
		struct action *action = &rule->actions[i];

		action->kind = action_kind_find(blocks->items[i].keyword);
		action->options = blocks->items[i].options;
		if (rule->options->mode == RULE_ENFORCE)
			*uses_r |= action->kind->uses;
		if (action->kind->earliest > *stage_r)
			*stage_r = action->kind->earliest;
		if (is_out_of_reach(c, rule, i) ||
		    (action->kind->check && !action->kind->check(c, action->options, stage_r)))
			good = false;
	}
	if (!blocks->count) {
		mf_config_error(c, &rule->options->name, "rule \"%s\" has no action",
		    rule->options->name);
		return false;
	}
	return good;
}

/* `delete-recipient;` means the recipient at hand, and only at RCPT there is one. */
static bool
check_recipient_at_hand(struct mf_context *c, const struct rule *rule, enum mf_stage stage)
{
	size_t i;

	for (i = 0; i < rule->action_count; i++) {
		const struct mf_template *const *address = rule->actions[i].options;

		if (strcmp(rule->actions[i].kind->keyword, "delete-recipient") != 0 || *address ||
		    stage == MF_STAGE_RCPT)
			continue;
		mf_config_error(c, address,
		    "expected an address: this rule is decided at %s, where no single recipient is "
		    "judged",
		    stage_names[stage]);
		return false;
	}
	return true;
}

/* The log and the score know a rule by its name. */
static bool
check_unique(struct mf_context *c, const struct mf_blocks *rules, size_t i)
{
	const struct rule_options *rule = rules->items[i].options;
	size_t j;

	for (j = 0; j < i; j++) {
		const struct rule_options *other = rules->items[j].options;

		if (strcmp(rule->name, other->name) != 0)
			continue;
		mf_config_error(c, &rule->name, "there is a rule \"%s\" already: %s", rule->name,
		    rules->items[j].where);
		return false;
	}
	return true;
}

/* Finds the stage of the rule. False: a mistake, reported. */
static bool
load_rule(struct mf_context *c, struct rule *rule, enum mf_stage *stage_r, unsigned *uses_r)
{
	const struct rule_options *o = rule->options;
	enum mf_stage stage = mf_condition_stage(c, o->when);
	enum mf_stage pinned = pinned_stages[o->at];

	if (!load_actions(c, rule, &stage, uses_r))
		return false;
	if (mf_first_stage(c) > stage)
		stage = mf_first_stage(c);
	stage = decision_stage(stage);
	if (o->at && pinned < stage) {
		mf_config_error(c, &o->at,
		    "expected %s%s: not all that this rule reads or does is known before",
		    stage_names[stage], stage == MF_STAGE_MESSAGE ? "" : " or a later stage");
		return false;
	}
	*stage_r = pinned > stage ? pinned : stage;
	return check_recipient_at_hand(c, rule, *stage_r);
}

/* Whether the rule may end in a verdict, for which the MTA has to wait. */
static bool
decides(const struct rule *rule)
{
	return rule->options->mode == RULE_ENFORCE &&
	    rule->actions[rule->action_count - 1].kind->ends == ENDS_CHAIN;
}

static bool
start(struct mf_context *c)
{
	const struct options *o = c->options;
	struct rules *rules = mf_alloc(c, sizeof(*rules));
	struct rule **ends[MF_STAGE_COUNT];
	unsigned uses = 0, stages = 0, verdicts = 0;
	bool good = true;
	size_t i;

	for (i = 0; i < MF_STAGE_COUNT; i++)
		ends[i] = &rules->at[i];
	rules->count = o->rules.count;
	for (i = 0; i < o->rules.count; i++) {
		struct rule *rule = mf_alloc(c, sizeof(*rule));
		enum mf_stage stage;

		rule->options = o->rules.items[i].options;
		rule->where = o->rules.items[i].where;
		rule->number = i;
		good = check_unique(c, &o->rules, i) && good;
		if (!load_rule(c, rule, &stage, &uses)) {
			good = false;
			continue;
		}
		*ends[stage] = rule;
		ends[stage] = &rule->next;
		stages |= MF_AT(stage);
		if (decides(rule))
			verdicts |= MF_AT(stage);
	}
	c->instance = rules;
	mf_only_stages(c, stages);
	mf_only_verdicts(c, verdicts);
	mf_only_uses(c, uses);
	return good;
}

/* ---- running ---- */

static struct message_state *
message_state(struct mf_context *c, const struct rules *rules)
{
	struct message_state *state = c->message;

	if (state && !state->done_at)
		state->done_at = mf_alloc(c, rules->count * sizeof(*state->done_at));
	return state;
}

/* Whether the message-wide actions of this rule are still to be done. At RCPT they were done only
 * if the recipient for whom they were done has been accepted since: the number of recipients has
 * grown. */
static bool
still_to_do(struct mf_context *c, const struct rule *rule, struct message_state *state)
{
	size_t now = mf_recipient_count(c) + 1;

	if (c->stage != MF_STAGE_RCPT)
		return true;
	if (state->done_at[rule->number] && state->done_at[rule->number] < now)
		return false;
	state->done_at[rule->number] = now;
	return true;
}

static enum mf_verdict
run_actions(const struct rule *rule, const struct action_run *run, bool whole_message,
    bool *ended_r)
{
	size_t i;

	for (i = 0; i < rule->action_count; i++) {
		const struct action *action = &rule->actions[i];
		enum mf_verdict verdict;

		if (action->kind->once && !whole_message)
			continue;
		verdict = action->kind->run(run, action->options);
		if (action->kind->ends) {
			*ended_r = true;
			return verdict;
		}
	}
	return MF_CONTINUE;
}

/* Notes what the rule would have done. */
static void
note_shadow(struct mf_context *c, const struct rule *rule)
{
	const char *would = describe_action(c, &rule->actions[0]);
	size_t i;

	for (i = 1; i < rule->action_count; i++)
		would = mf_printf(c, "%s; %s", would, describe_action(c, &rule->actions[i]));
	mf_matched_shadow(c, rule->options->name, rule->where, would);
}

static void
note_stop(struct mf_context *c, struct message_state *state)
{
	struct session_state *session = c->session;

	if (!state)
		session->stopped = true;
	else if (c->stage != MF_STAGE_RCPT)
		state->stopped = true;
}

static enum mf_verdict
run_stage(struct mf_context *c, const struct mf_address *recipient)
{
	const struct rules *rules = c->instance;
	struct message_state *state = message_state(c, rules);
	const struct session_state *session = c->session;
	const struct rule *rule;
	bool ended = false;

	if (session->stopped || (state && state->stopped))
		return MF_CONTINUE;
	for (rule = rules->at[c->stage]; rule; rule = rule->next) {
		struct action_run run = { c, rule->options->name, recipient };
		enum mf_verdict verdict;

		if (!mf_test(c, rule->options->when))
			continue;
		if (rule->options->mode == RULE_SHADOW) {
			note_shadow(c, rule);
			continue;
		}
		mf_matched(c, rule->options->name, rule->where);
		verdict = run_actions(rule, &run, !state || still_to_do(c, rule, state), &ended);
		if (!ended)
			continue;
		note_stop(c, state);
		return verdict;
	}
	return MF_CONTINUE;
}

static enum mf_verdict
at_connect(struct mf_context *c, const struct mf_client *client)
{
	(void)client;
	return run_stage(c, NULL);
}

static enum mf_verdict
at_helo(struct mf_context *c, const char *name)
{
	(void)name;
	return run_stage(c, NULL);
}

static enum mf_verdict
at_mail(struct mf_context *c, const struct mf_address *sender)
{
	(void)sender;
	return run_stage(c, NULL);
}

static enum mf_verdict
at_rcpt(struct mf_context *c, const struct mf_address *recipient)
{
	return run_stage(c, recipient);
}

static enum mf_verdict
at_other(struct mf_context *c)
{
	return run_stage(c, NULL);
}

MF_PLUGIN(
	.name = "rules",
	.version = "1.0",
	.summary = "Conditions and actions from the config file",
	.options = option_table,
	.options_size = sizeof(struct options),
	.session_size = sizeof(struct session_state),
	.message_size = sizeof(struct message_state),
	.start = start,
	.connect = at_connect,
	.helo = at_helo,
	.mail = at_mail,
	.rcpt = at_rcpt,
	.data = at_other,
	.eoh = at_other,
	.message = at_other,
);
