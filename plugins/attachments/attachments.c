/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * attachments: what a site takes as an attachment. Every part of a message, and every member of an
 * archive in it, is held against the rules in written order; the first one that holds decides about
 * the part. Then the strongest decision is carried out: a message that is refused, deferred or
 * dropped is not edited; else parts are stripped and renamed, and the message is held back if a
 * rule says so.
 *
 * Results: one of method "attachments" for each decision, its value the action; "pass" when there
 * is none.
 */
#include <string.h>

#include "plugins/attachments/act.h"
#include "plugins/attachments/gather.h"

static const char standard_notice[] =
    "An attachment of this message was removed.\n\nName: {name}\nType: {type}\nSize: {size}\n"
    "Why:  {why} (rule {rule})\n";
static const char standard_reply[] = "Attachment not accepted: {name}: {why}";
static const char standard_reason[] = "attachment {name}: {why}";

struct options {
	const struct mf_template *notice;
	struct mf_blocks rules;
};

static const struct mf_option reply_table[] = {
	MF_OPTIONAL_ARGUMENT(struct action_options, code, NULL,
	    "SMTP reply code; 550 for reject, 451 for tempfail"),
	MF_OPTIONAL_ARGUMENT(struct action_options, enhanced, NULL,
	    "enhanced status code; 5.7.1 or 4.7.1"),
	MF_OPTIONAL_ARGUMENT(struct action_options, text, NULL,
	    "text of the reply, with {name} {type} {size} {rule} {why}"),
	MF_OPTION_END
};

static const struct mf_option reason_table[] = {
	MF_OPTIONAL_ARGUMENT(struct action_options, text, NULL,
	    "reason, with {name} {type} {size} {rule} {why}"),
	MF_OPTION_END
};

static const struct mf_option rename_table[] = {
	MF_OPTIONAL_ARGUMENT(struct action_options, suffix, ".blocked", "put behind the name"),
	MF_OPTION_END
};

static const struct mf_option no_table[] = {
	MF_OPTION_END
};

#define ACTION(keyword, table, help) \
	MF_BLOCK(struct rule_options, actions, keyword, table, struct action_options, help)

const struct mf_option rule_option_table[] = {
	MF_ARGUMENT(struct rule_options, name, "name of the rule, for log and explanation"),
	MF_OPTION(struct rule_options, when, NULL,
	    "messages that the rule is for; all when left out"),
	MF_OPTION(struct rule_options, extension, NULL,
	    "last extensions of a name, without dot: `exe com scr`"),
	MF_OPTION(struct rule_options, file_name, NULL, "regex that a name matches"),
	MF_OPTION(struct rule_options, double_extension, "off",
	    "a name that has a document's extension in front of its last one: \"a.pdf.exe\""),
	MF_OPTION(struct rule_options, disguised, "off",
	    "a name with characters that change the direction of writing or are not seen"),
	MF_OPTION(struct rule_options, type, NULL,
	    "declared media types, `application/x-msdownload` or `video/*`"),
	MF_OPTION(struct rule_options, detected, NULL, "media types that the content speaks for"),
	MF_OPTION(struct rule_options, mismatch, "off", "the content is not of the declared type"),
	MF_OPTION(struct rule_options, larger, NULL, "more bytes than that, decoded"),
	MF_OPTION(struct rule_options, encrypted, "off", "an archive with encrypted members"),
	MF_OPTION(struct rule_options, defect, NULL,
	    "names of defects of the part or of the archive that it is"),
	MF_CHOICE(struct rule_options, within, "any message archive", "any",
	    "where it is: a part of the message, a member of an archive, or either"),
	ACTION("reject", reply_table, "refuse the message"),
	ACTION("tempfail", reply_table, "refuse it for now"),
	ACTION("discard", no_table, "accept the message and drop it"),
	ACTION("quarantine", reason_table, "hold the message in the MTA's queue"),
	ACTION("strip", no_table, "put the notice in the part's place"),
	ACTION("rename", rename_table, "give the part a name that nothing opens"),
	ACTION("keep", no_table, "take it, whatever later rules say"),
	MF_OPTION_END
};

static const struct mf_option option_table[] = {
	MF_OPTION(struct options, notice, NULL,
	    "text in the place of a stripped part, with {name} {type} {size} {rule} {why}"),
	MF_BLOCK(struct options, rules, "rule", rule_option_table, struct rule_options,
	    "what to look for, and what is done about it"),
	MF_OPTION_END
};

/* ---- start ---- */

static bool
check_reply(struct mf_context *c, const struct mf_block *action)
{
	const struct action_options *o = action->options;
	char class = strcmp(action->keyword, "tempfail") == 0 ? '4' : '5';

	if (o->code && o->code / 100 != class - '0') {
		mf_config_error(c, &o->code, "expected a reply code %c00 to %c99", class, class);
		return false;
	}
	if (o->enhanced && (o->enhanced[0] != class || o->enhanced[1] != '.')) {
		mf_config_error(c, &o->enhanced,
		    "expected an enhanced status code such as %c.7.1; text stands in quotes",
		    class);
		return false;
	}
	return true;
}

static bool
is_defect(const char *word)
{
	static const char all[] = MF_MIME_DEFECTS " " MF_ARCHIVE_DEFECTS;
	size_t length = strlen(word), each;
	const char *at;

	for (at = all; *at; at += each + strspn(at + each, " ")) {
		each = strcspn(at, " ");
		if (each == length && memcmp(at, word, length) == 0)
			return true;
	}
	return false;
}

static bool
check_defects(struct mf_context *c, const struct mf_strings *defects)
{
	bool good = true;
	size_t i;

	for (i = 0; i < defects->count; i++) {
		if (is_defect(defects->items[i]))
			continue;
		mf_config_error(c, &defects->items[i], "expected the name of a defect, such as"
		    " base64-padding or archive-bomb, found \"%s\"", defects->items[i]);
		good = false;
	}
	return good;
}

static bool
check_rule(struct mf_context *c, const struct rule_options *rule)
{
	if (!policy_asks(rule)) {
		mf_config_error(c, &rule->name, "rule \"%s\" does not say what it looks for",
		    rule->name);
		return false;
	}
	if (rule->actions.count != 1) {
		mf_config_error(c, &rule->name, "expected one action in rule \"%s\", not %zu",
		    rule->name, rule->actions.count);
		return false;
	}
	return check_defects(c, &rule->defect) && check_reply(c, &rule->actions.items[0]);
}

static bool
start(struct mf_context *c)
{
	const struct options *o = c->options;
	unsigned uses = MF_USE_BODY;
	bool good = true;
	size_t i;

	for (i = 0; i < o->rules.count; i++) {
		const struct rule_options *rule = o->rules.items[i].options;

		if (!check_rule(c, rule))
			good = false;
		else
			uses |= act_uses(*act_find(rule->actions.items[0].keyword));
	}
	mf_only_uses(c, uses);
	return good;
}

/* ---- deciding ---- */

/* Whether the rule holds of the part or of something in it. */
static const struct subject *
find_subject(struct mf_context *c, const struct rule_options *rule,
    const struct subjects *subjects, const char **why_r)
{
	size_t i;

	for (i = 0; i < subjects->count; i++) {
		if (policy_holds(c, rule, &subjects->items[i], why_r))
			return &subjects->items[i];
	}
	return NULL;
}

/* A uuencoded file has no header that could name it anew. */
static enum action
action_for(struct mf_context *c, size_t part, enum action action)
{
	bool nameless = mf_part(c, part)->flags & MF_PART_UUENCODED;

	return action == ACT_RENAME && nameless ? ACT_STRIP : action;
}

static void
decide(struct mf_context *c, const struct mf_block *block, const struct subject *part,
    const struct subject *subject, const char *why, struct decision *decision)
{
	const struct rule_options *rule = block->options;
	const char *name = part->name_count && *part->names[0] ? part->names[0] : "unnamed";

	*decision = (struct decision){
		.action = action_for(c, part->part, *act_find(rule->actions.items[0].keyword)),
		.options = rule->actions.items[0].options,
		.rule = rule->name,
		.where = block->where,
		.why = subject->member ? mf_printf(c, "in the archive: %s", why) : why,
		.name = mf_printf(c, "%s", name),
		.type = mf_printf(c, "%s", part->type),
		.size = mf_printf(c, "%llu bytes", (unsigned long long)part->size),
	};
	mf_matched(c, decision->rule, decision->where);
}

/* The first rule that holds of the part. False: none does. */
static bool
decide_part(struct mf_context *c, const struct mf_part *part, struct decision *decision)
{
	const struct options *o = c->options;
	struct subjects subjects = gather(c, part);
	size_t i;

	for (i = 0; i < o->rules.count; i++) {
		const struct rule_options *rule = o->rules.items[i].options;
		const struct subject *subject;
		const char *why;

		if (!mf_test(c, rule->when))
			continue;
		subject = find_subject(c, rule, &subjects, &why);
		if (!subject)
			continue;
		decide(c, &o->rules.items[i], &subjects.items[0], subject, why, decision);
		return true;
	}
	return false;
}

/* Whether the part goes with one that is stripped. */
static bool
is_gone(struct mf_context *c, const struct mf_part *part, const struct decision *decisions)
{
	while (part->parent != MF_NO_PART) {
		if (decisions[part->parent].action == ACT_STRIP)
			return true;
		part = mf_part(c, part->parent);
	}
	return false;
}

/* One decision a part, in the order of the parts; ACT_KEEP where no rule holds. */
static struct decision *
decide_all(struct mf_context *c, size_t count)
{
	struct decision *decisions = mf_alloc(c, count * sizeof(*decisions));
	size_t i;

	for (i = 0; i < count; i++) {
		const struct mf_part *part = mf_part(c, i);

		if (!is_gone(c, part, decisions))
			decide_part(c, part, &decisions[i]);
	}
	return decisions;
}

/* ---- acting ---- */

/* Puts the results on the board; the strongest decision. NULL: there is none. */
static const struct decision *
report(struct mf_context *c, const struct decision *decisions, size_t count)
{
	const struct decision *strongest = NULL;
	size_t i;

	for (i = 0; i < count; i++) {
		const struct decision *decision = &decisions[i];
		struct mf_result *result;

		if (!decision->rule)
			continue;
		result = mf_result_add(c, "attachments", act_word(decision->action), decision->why);
		mf_result_property(c, result, "policy.rule", decision->rule);
		mf_result_property(c, result, "policy.name", decision->name);
		if (!strongest || decision->action > strongest->action)
			strongest = decision;
	}
	if (!strongest)
		mf_result_add(c, "attachments", "pass", NULL);
	return strongest;
}

/* From the last part to the first: an edit moves only what stands behind. */
static void
edit_parts(struct mf_context *c, const struct decision *decisions, size_t count)
{
	const struct options *o = c->options;
	size_t i;

	for (i = count; i-- > 0;) {
		if (decisions[i].action == ACT_STRIP)
			act_strip(c, i, act_text(c, o->notice, standard_notice, &decisions[i]));
		else if (decisions[i].action == ACT_RENAME)
			act_rename(c, i, &decisions[i]);
	}
}

static enum mf_verdict
judge(struct mf_context *c)
{
	size_t count = mf_part_count(c);
	const struct decision *decisions = decide_all(c, count);
	const struct decision *strongest = report(c, decisions, count);
	const struct action_options *o = strongest ? strongest->options : NULL;

	if (!strongest)
		return MF_CONTINUE;
	switch (strongest->action) {
	case ACT_REJECT:
		return mf_reject(c, (int)o->code, o->enhanced, "%s",
		    act_text(c, o->text, standard_reply, strongest));
	case ACT_TEMPFAIL:
		return mf_tempfail(c, (int)o->code, o->enhanced, "%s",
		    act_text(c, o->text, standard_reply, strongest));
	case ACT_DISCARD:
		return MF_DISCARD;
	case ACT_QUARANTINE:
		mf_quarantine(c, act_text(c, o->text, standard_reason, strongest));
		break;
	default:
		break;
	}
	edit_parts(c, decisions, count);
	return MF_CONTINUE;
}

MF_PLUGIN(
	.name = "attachments",
	.version = "1.0",
	.summary = "What is taken as an attachment, and what is done about the rest",
	.provides = (const char *const[]){ "attachments", NULL },
	.options = option_table,
	.options_size = sizeof(struct options),
	.start = start,
	.message = judge,
);
