/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The actions of rules: their option tables, their checks at start, and what they do. An edit that
 * the host refuses makes it end the filter in ERROR by itself, so the answers of the edit calls are
 * not looked at here.
 */
#include <string.h>

#include "plugins/rules/rules.h"

struct reply_options {
	int64_t code;
	const char *enhanced;
	const struct mf_template *text;
};

struct field_options {
	const char *name;
	const struct mf_template *value;
};

struct insert_options {
	int64_t index;
	const char *name;
	const struct mf_template *value;
};

struct delete_options {
	const char *name;
	int64_t nth;
};

struct replace_field_options {
	const char *name;
	const struct mf_regex *pattern;
	const struct mf_template *with;
};

struct replace_body_options {
	const struct mf_regex *pattern;
	const struct mf_template *with;
};

struct text_options {
	const struct mf_template *text;
};

struct score_options {
	double points;
};

struct symbol_options {
	const char *name;
	double points;
};

struct no_options {
	char unused;
};

/* ---- option tables ---- */

static const struct mf_option reply_table[] = {
	MF_OPTIONAL_ARGUMENT(struct reply_options, code, NULL,
	    "SMTP reply code; 550 for reject, 451 for tempfail"),
	MF_OPTIONAL_ARGUMENT(struct reply_options, enhanced, NULL,
	    "enhanced status code; 5.7.1 or 4.7.1"),
	MF_OPTIONAL_ARGUMENT(struct reply_options, text, NULL,
	    "text of the reply; \\n begins a new line"),
	MF_OPTION_END
};

static const struct mf_option field_table[] = {
	MF_ARGUMENT(struct field_options, name, "name of the header field"),
	MF_ARGUMENT(struct field_options, value, "its value"),
	MF_OPTION_END
};

static const struct mf_option insert_table[] = {
	MF_OPTIONAL_ARGUMENT(struct insert_options, index, "0",
	    "place among all header fields, 0 is the top"),
	MF_ARGUMENT(struct insert_options, name, "name of the header field"),
	MF_ARGUMENT(struct insert_options, value, "its value"),
	MF_OPTION_END
};

static const struct mf_option delete_table[] = {
	MF_ARGUMENT(struct delete_options, name, "name of the header field"),
	MF_OPTIONAL_ARGUMENT(struct delete_options, nth, NULL,
	    "which of that name, from 1; all when left out"),
	MF_OPTION_END
};

static const struct mf_option replace_field_table[] = {
	MF_ARGUMENT(struct replace_field_options, name, "name of the header field"),
	MF_ARGUMENT(struct replace_field_options, pattern,
	    "regex, matched against the decoded value"),
	MF_ARGUMENT(struct replace_field_options, with,
	    "what stands for the match; $1 is its first group"),
	MF_OPTION_END
};

static const struct mf_option replace_body_table[] = {
	MF_ARGUMENT(struct replace_body_options, pattern,
	    "regex, matched against the body as sent"),
	MF_ARGUMENT(struct replace_body_options, with,
	    "what stands for the match; $1 is its first group"),
	MF_OPTION_END
};

static const struct mf_option text_table[] = {
	MF_ARGUMENT(struct text_options, text, "text; may hold ${fields}"),
	MF_OPTION_END
};

static const struct mf_option optional_text_table[] = {
	MF_OPTIONAL_ARGUMENT(struct text_options, text, NULL, "text; may hold ${fields}"),
	MF_OPTION_END
};

static const struct mf_option score_table[] = {
	MF_ARGUMENT(struct score_options, points,
	    "points, also negative; the symbol is the rule's name"),
	MF_OPTION_END
};

static const struct mf_option symbol_table[] = {
	MF_ARGUMENT(struct symbol_options, name, "name of the symbol"),
	MF_OPTIONAL_ARGUMENT(struct symbol_options, points, "0",
	    "points that it adds to the score"),
	MF_OPTION_END
};

static const struct mf_option no_table[] = {
	MF_OPTION_END
};

#define ACTION(keyword, table, type, help) \
	MF_BLOCK(struct rule_options, actions, keyword, table, struct type, help)

const struct mf_option rule_option_table[] = {
	MF_ARGUMENT(struct rule_options, name, "name of the rule, for log and explanation"),
	MF_OPTION(struct rule_options, when, NULL,
	    "messages that the rule is for; all when left out"),
	MF_CHOICE(struct rule_options, at, "earliest connect helo mail rcpt data eoh message",
	    "earliest",
	    "stage at which the rule is decided; the earliest at which all it reads is known"),
	ACTION("reject", reply_table, reply_options, "refuse: reject [CODE] [ENHANCED] [TEXT]"),
	ACTION("tempfail", reply_table, reply_options,
	    "refuse for now: tempfail [CODE] [ENHANCED] [TEXT]"),
	ACTION("discard", no_table, no_options, "accept the message and drop it"),
	ACTION("accept", no_table, no_options, "end the chain here, with the edits made so far"),
	ACTION("quarantine", optional_text_table, text_options,
	    "hold the message in the MTA's queue; the text is the reason"),
	ACTION("add-header", field_table, field_options, "add a header field at the end"),
	ACTION("insert-header", insert_table, insert_options,
	    "insert a header field: insert-header [INDEX] NAME VALUE"),
	ACTION("set-header", field_table, field_options,
	    "give the first field of that name a new value; add it when there is none"),
	ACTION("delete-header", delete_table, delete_options, "delete fields of a name"),
	ACTION("replace-header", replace_field_table, replace_field_options,
	    "replace what a regex matches in every field of a name"),
	ACTION("prefix-subject", text_table, text_options, "put text before the subject, once"),
	ACTION("replace-body", replace_body_table, replace_body_options,
	    "replace what a regex matches in the body"),
	ACTION("add-recipient", text_table, text_options, "add an envelope recipient"),
	ACTION("delete-recipient", optional_text_table, text_options,
	    "delete an envelope recipient; without address the one judged at RCPT"),
	ACTION("redirect", text_table, text_options,
	    "deliver to this address instead: at RCPT of the recipient judged, else of all"),
	ACTION("set-sender", text_table, text_options,
	    "change the envelope sender; \"\" is the null sender"),
	ACTION("score", score_table, score_options,
	    "add points to the score under the rule's name"),
	ACTION("symbol", symbol_table, symbol_options, "set a symbol: symbol NAME [POINTS]"),
	ACTION("log", text_table, text_options, "write a line to the log"),
	ACTION("stop", no_table, no_options,
	    "look at no later rule: at RCPT for this recipient, else for this message"),
	MF_OPTION_END
};

/* ---- checks ---- */

static void
raise_stage(struct mf_context *c, const struct mf_template *text, enum mf_stage *stage_r)
{
	enum mf_stage known = text ? mf_template_stage(c, text) : MF_STAGE_CONNECT;

	if (known > *stage_r)
		*stage_r = known;
}

/* RFC 3463 section 2: class "." subject "." detail, one digit and up to three each. */
static bool
enhanced_valid(const char *text, char class)
{
	int part;

	if (text[0] != class || text[1] != '.')
		return false;
	text += 2;
	for (part = 0; part < 2; part++) {
		size_t digits = strspn(text, "0123456789");

		if (digits < 1 || digits > 3 || text[digits] != (part ? '\0' : '.'))
			return false;
		text += digits + 1;
	}
	return true;
}

static bool
check_reply(struct mf_context *c, const struct reply_options *o, char class, enum mf_stage *stage_r)
{
	raise_stage(c, o->text, stage_r);
	if (o->code && o->code / 100 != class - '0') {
		mf_config_error(c, &o->code, "expected a reply code %c00 to %c99", class, class);
		return false;
	}
	if (o->enhanced && !enhanced_valid(o->enhanced, class)) {
		mf_config_error(c, &o->enhanced,
		    "expected an enhanced status code such as %c.7.1; text stands in quotes",
		    class);
		return false;
	}
	return true;
}

static bool
check_reject(struct mf_context *c, const void *options, enum mf_stage *stage_r)
{
	return check_reply(c, options, '5', stage_r);
}

static bool
check_tempfail(struct mf_context *c, const void *options, enum mf_stage *stage_r)
{
	return check_reply(c, options, '4', stage_r);
}

/* RFC 5322 section 2.2: printable ASCII without colon. */
static bool
check_name(struct mf_context *c, const char *const *name)
{
	const char *p;

	for (p = *name; *p > 32 && *p < 127 && *p != ':'; p++)
		;
	if (*p || p == *name) {
		mf_config_error(c, name,
		    "expected a header field name: printable ASCII without blanks and colon");
		return false;
	}
	return true;
}

static bool
check_field(struct mf_context *c, const void *options, enum mf_stage *stage_r)
{
	const struct field_options *o = options;

	raise_stage(c, o->value, stage_r);
	return check_name(c, &o->name);
}

static bool
check_insert(struct mf_context *c, const void *options, enum mf_stage *stage_r)
{
	const struct insert_options *o = options;

	raise_stage(c, o->value, stage_r);
	if (o->index < 0) {
		mf_config_error(c, &o->index, "expected a place from 0 on");
		return false;
	}
	return check_name(c, &o->name);
}

static bool
check_delete(struct mf_context *c, const void *options, enum mf_stage *stage_r)
{
	const struct delete_options *o = options;

	(void)stage_r;
	if (o->nth < 0) {
		mf_config_error(c, &o->nth, "expected a number from 1 on");
		return false;
	}
	return check_name(c, &o->name);
}

static bool
check_replace_field(struct mf_context *c, const void *options, enum mf_stage *stage_r)
{
	const struct replace_field_options *o = options;

	raise_stage(c, o->with, stage_r);
	return check_name(c, &o->name);
}

static bool
check_replace_body(struct mf_context *c, const void *options, enum mf_stage *stage_r)
{
	const struct replace_body_options *o = options;

	raise_stage(c, o->with, stage_r);
	return true;
}

static bool
check_text(struct mf_context *c, const void *options, enum mf_stage *stage_r)
{
	raise_stage(c, ((const struct text_options *)options)->text, stage_r);
	return true;
}

/* ---- what they do ---- */

static enum mf_verdict
run_reject(const struct action_run *run, const void *options)
{
	const struct reply_options *o = options;

	return mf_reject(run->c, o->code ? (int)o->code : 550, o->enhanced ? o->enhanced : "5.7.1",
	    "%s",
	    o->text ? mf_expand(run->c, o->text) : "Refused by local policy");
}

static enum mf_verdict
run_tempfail(const struct action_run *run, const void *options)
{
	const struct reply_options *o = options;

	return mf_tempfail(run->c, o->code ? (int)o->code : 451,
	    o->enhanced ? o->enhanced : "4.7.1", "%s",
	    o->text ? mf_expand(run->c, o->text) : "Try again later");
}

static enum mf_verdict
run_discard(const struct action_run *run, const void *options)
{
	(void)run;
	(void)options;
	return MF_DISCARD;
}

static enum mf_verdict
run_accept(const struct action_run *run, const void *options)
{
	(void)run;
	(void)options;
	return MF_ACCEPT;
}

static enum mf_verdict
run_quarantine(const struct action_run *run, const void *options)
{
	const struct text_options *o = options;

	mf_quarantine(run->c, o->text ? mf_expand(run->c, o->text) : run->rule);
	return MF_CONTINUE;
}

static const char *
expand_value(const struct action_run *run, const struct mf_template *value)
{
	return mf_encoded(run->c, mf_expand(run->c, value));
}

static enum mf_verdict
run_add_header(const struct action_run *run, const void *options)
{
	const struct field_options *o = options;

	mf_header_add(run->c, o->name, expand_value(run, o->value));
	return MF_CONTINUE;
}

static enum mf_verdict
run_insert_header(const struct action_run *run, const void *options)
{
	const struct insert_options *o = options;

	mf_header_insert(run->c, (size_t)o->index, o->name, expand_value(run, o->value));
	return MF_CONTINUE;
}

static enum mf_verdict
run_set_header(const struct action_run *run, const void *options)
{
	const struct field_options *o = options;

	mf_header_set(run->c, o->name, 0, expand_value(run, o->value));
	return MF_CONTINUE;
}

static enum mf_verdict
run_delete_header(const struct action_run *run, const void *options)
{
	const struct delete_options *o = options;
	size_t n;

	if (o->nth) {
		mf_header_delete(run->c, o->name, (size_t)o->nth - 1);
		return MF_CONTINUE;
	}
	for (n = mf_header_count(run->c, o->name); n > 0; n--)
		mf_header_delete(run->c, o->name, n - 1);
	return MF_CONTINUE;
}

static bool
is_ascii(const char *text)
{
	while (*text && (unsigned char)*text < 0x80)
		text++;
	return !*text;
}

/* The field's new value; NULL: nothing matches. A value that holds no encoded word is changed in
 * its own bytes, so that folds and blanks around the match stay; else the decoded text is. */
static const char *
replace_value(const struct action_run *run, const struct replace_field_options *o,
    const struct mf_header *field)
{
	size_t blanks = strspn(field->value, " \t\r\n");
	const char *text, *changed;

	if (!strstr(field->value, "=?")) {
		changed = mf_replace(run->c, o->pattern, o->with, field->value + blanks,
		    field->value_length - blanks, NULL);
		if (changed && is_ascii(changed))
			return mf_printf(run->c, "%.*s%s", (int)blanks, field->value, changed);
	}
	text = mf_decoded(run->c, field);
	changed = mf_replace(run->c, o->pattern, o->with, text, strlen(text), NULL);
	return changed ? mf_encoded(run->c, changed) : NULL;
}

static enum mf_verdict
run_replace_header(const struct action_run *run, const void *options)
{
	const struct replace_field_options *o = options;
	struct mf_header field;
	size_t n;

	for (n = 0; mf_header_find(run->c, o->name, n, &field); n++) {
		const char *changed = replace_value(run, o, &field);

		if (changed)
			mf_header_set(run->c, o->name, n, changed);
	}
	return MF_CONTINUE;
}

/* The bytes behind the prefix stay as they were received. A subject that already begins with the
 * prefix is left. */
static enum mf_verdict
run_prefix_subject(const struct action_run *run, const void *options)
{
	const struct text_options *o = options;
	const char *prefix = mf_expand(run->c, o->text);
	struct mf_header subject;
	const char *value;

	if (!mf_header_find(run->c, "Subject", 0, &subject)) {
		mf_header_add(run->c, "Subject", mf_encoded(run->c, prefix));
		return MF_CONTINUE;
	}
	if (strncmp(mf_decoded(run->c, &subject), prefix, strlen(prefix)) == 0)
		return MF_CONTINUE;
	value = subject.value + strspn(subject.value, " \t\r\n");
	mf_header_set(run->c, "Subject", 0, mf_printf(run->c, "%s %s", mf_encoded(run->c, prefix),
	    value));
	return MF_CONTINUE;
}

static enum mf_verdict
run_replace_body(const struct action_run *run, const void *options)
{
	const struct replace_body_options *o = options;
	size_t size, changed_size;
	const char *body = mf_body(run->c, &size);
	const char *changed = mf_replace(run->c, o->pattern, o->with, body, size, &changed_size);

	if (changed)
		mf_body_replace(run->c, changed, changed_size);
	return MF_CONTINUE;
}

static enum mf_verdict
run_add_recipient(const struct action_run *run, const void *options)
{
	mf_recipient_add(run->c, mf_expand(run->c, ((const struct text_options *)options)->text),
	    NULL);
	return MF_CONTINUE;
}

static enum mf_verdict
run_delete_recipient(const struct action_run *run, const void *options)
{
	const struct text_options *o = options;

	mf_recipient_delete(run->c, o->text ? mf_expand(run->c, o->text) : run->recipient->text);
	return MF_CONTINUE;
}

static enum mf_verdict
run_redirect(const struct action_run *run, const void *options)
{
	mf_recipient_delete(run->c, run->recipient ? run->recipient->text : NULL);
	return run_add_recipient(run, options);
}

static enum mf_verdict
run_set_sender(const struct action_run *run, const void *options)
{
	mf_sender_set(run->c, mf_expand(run->c, ((const struct text_options *)options)->text),
	    NULL);
	return MF_CONTINUE;
}

static enum mf_verdict
run_score(const struct action_run *run, const void *options)
{
	mf_symbol_add(run->c, run->rule, ((const struct score_options *)options)->points);
	return MF_CONTINUE;
}

static enum mf_verdict
run_symbol(const struct action_run *run, const void *options)
{
	const struct symbol_options *o = options;

	mf_symbol_add(run->c, o->name, o->points);
	return MF_CONTINUE;
}

static enum mf_verdict
run_log(const struct action_run *run, const void *options)
{
	mf_log(run->c, MF_LOG_NOTICE, "rule %s: %s", run->rule,
	    mf_expand(run->c, ((const struct text_options *)options)->text));
	return MF_CONTINUE;
}

static enum mf_verdict
run_stop(const struct action_run *run, const void *options)
{
	(void)run;
	(void)options;
	return MF_CONTINUE;
}

#define EARLY	MF_STAGE_CONNECT
#define HEADERS	(MF_USE_ADD_HEADER | MF_USE_CHANGE_HEADER)
#define RECIPIENTS (MF_USE_ADD_RECIPIENT | MF_USE_DELETE_RECIPIENT)

/* What reads the message can be done only when it is whole. */
static const struct action_kind action_kinds[] = {
	{ "reject", 0, EARLY, false, true, run_reject, check_reject },
	{ "tempfail", 0, EARLY, false, true, run_tempfail, check_tempfail },
	{ "discard", 0, MF_STAGE_MAIL, false, true, run_discard, NULL },
	{ "accept", 0, EARLY, false, true, run_accept, NULL },
	{ "quarantine", MF_USE_QUARANTINE, EARLY, true, false, run_quarantine, check_text },
	{ "add-header", MF_USE_ADD_HEADER, EARLY, true, false, run_add_header, check_field },
	{ "insert-header", MF_USE_ADD_HEADER, EARLY, true, false, run_insert_header, check_insert },
	{ "set-header", HEADERS, EARLY, true, false, run_set_header, check_field },
	{ "delete-header", MF_USE_CHANGE_HEADER, MF_STAGE_MESSAGE, true, false, run_delete_header,
	    check_delete },
	{ "replace-header", MF_USE_CHANGE_HEADER, MF_STAGE_MESSAGE, true, false, run_replace_header,
	    check_replace_field },
	{ "prefix-subject", HEADERS, MF_STAGE_MESSAGE, true, false, run_prefix_subject,
	    check_text },
	{ "replace-body", MF_USE_BODY | MF_USE_CHANGE_BODY, MF_STAGE_MESSAGE, true, false,
	    run_replace_body, check_replace_body },
	{ "add-recipient", MF_USE_ADD_RECIPIENT, EARLY, true, false, run_add_recipient,
	    check_text },
	{ "delete-recipient", MF_USE_DELETE_RECIPIENT, EARLY, false, false, run_delete_recipient,
	    check_text },
	{ "redirect", RECIPIENTS, EARLY, false, false, run_redirect, check_text },
	{ "set-sender", MF_USE_CHANGE_SENDER, EARLY, true, false, run_set_sender, check_text },
	{ "score", 0, EARLY, true, false, run_score, NULL },
	{ "symbol", 0, EARLY, true, false, run_symbol, NULL },
	{ "log", 0, EARLY, false, false, run_log, check_text },
	{ "stop", 0, EARLY, false, true, run_stop, NULL },
};

const struct action_kind *
action_kind_find(const char *keyword)
{
	size_t i;

	for (i = 0; i < sizeof(action_kinds) / sizeof(action_kinds[0]); i++)
		if (strcmp(action_kinds[i].keyword, keyword) == 0)
			return &action_kinds[i];
	return NULL;
}
