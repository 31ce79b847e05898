/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The actions of rules: their option tables, their checks at start, and the table of their kinds.
 * What they do is in action_run.c.
 */
#include <string.h>

#include "plugins/rules/action_run.h"

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
	    "regex, matched against the decoded text"),
	MF_ARGUMENT(struct replace_body_options, with,
	    "what stands for the match; $1 is its first group"),
	MF_OPTION_END
};

static const struct mf_option text_table[] = {
	MF_ARGUMENT(struct text_options, text, "text; may hold ${fields}"),
	MF_OPTION_END
};

static const struct mf_option reason_table[] = {
	MF_OPTIONAL_ARGUMENT(struct reason_options, reason, NULL, "reason; the rule's name"),
	MF_OPTION_END
};

static const struct mf_option address_table[] = {
	MF_ARGUMENT(struct address_options, address, "envelope address"),
	MF_OPTION_END
};

static const struct mf_option optional_address_table[] = {
	MF_OPTIONAL_ARGUMENT(struct address_options, address, NULL, "envelope address"),
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
	MF_CHOICE(struct rule_options, mode, "enforce shadow", "enforce",
	    "shadow: what the rule would do is logged and counted, nothing is done"),
	ACTION("reject", reply_table, reply_options, "refuse"),
	ACTION("tempfail", reply_table, reply_options, "refuse for now"),
	ACTION("discard", no_table, no_options, "accept the message and drop it"),
	ACTION("accept", no_table, no_options, "end the chain here, with the edits made so far"),
	ACTION("quarantine", reason_table, reason_options,
	    "hold the message: in the MTA's queue, or in filterd's quarantine"),
	ACTION("add-header", field_table, field_options, "add a header field at the end"),
	ACTION("insert-header", insert_table, insert_options, "insert a header field"),
	ACTION("set-header", field_table, field_options,
	    "give the first field of that name a new value; add it when there is none"),
	ACTION("delete-header", delete_table, delete_options, "delete fields of a name"),
	ACTION("replace-header", replace_field_table, replace_field_options,
	    "replace every match of a regex in every field of a name"),
	ACTION("prefix-subject", text_table, text_options,
	    "put text before the subject, unless it is there"),
	ACTION("replace-body", replace_body_table, replace_body_options,
	    "replace every match of a regex in the text of every text part, HTML too"),
	ACTION("replace-text", replace_body_table, replace_body_options,
	    "replace every match of a regex in the text of every text/plain part"),
	ACTION("add-recipient", address_table, address_options, "add an envelope recipient"),
	ACTION("delete-recipient", optional_address_table, address_options,
	    "delete an envelope recipient; without address the one judged at rcpt"),
	ACTION("redirect", address_table, address_options,
	    "deliver there instead: at rcpt of the recipient judged, else of all"),
	ACTION("set-sender", address_table, address_options,
	    "change the envelope sender; \"\" is the null sender"),
	ACTION("score", score_table, score_options, "add to the score under the rule's name"),
	ACTION("symbol", symbol_table, symbol_options, "set a symbol"),
	ACTION("log", text_table, text_options, "write a line to the log"),
	ACTION("stop", no_table, no_options,
	    "look at no later rule: at rcpt for this recipient, else for this message"),
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

static bool
check_reason(struct mf_context *c, const void *options, enum mf_stage *stage_r)
{
	raise_stage(c, ((const struct reason_options *)options)->reason, stage_r);
	return true;
}

static bool
check_address(struct mf_context *c, const void *options, enum mf_stage *stage_r)
{
	raise_stage(c, ((const struct address_options *)options)->address, stage_r);
	return true;
}

#define EARLY	MF_STAGE_CONNECT
#define HEADERS	(MF_USE_ADD_HEADER | MF_USE_CHANGE_HEADER)
#define RECIPIENTS (MF_USE_ADD_RECIPIENT | MF_USE_DELETE_RECIPIENT)

/* What reads the message can be done only when it is whole. */
static const struct action_kind action_kinds[] = {
	{ "reject", 0, EARLY, false, ENDS_CHAIN, run_reject, check_reject },
	{ "tempfail", 0, EARLY, false, ENDS_CHAIN, run_tempfail, check_tempfail },
	{ "discard", 0, MF_STAGE_MAIL, false, ENDS_CHAIN, run_discard, NULL },
	{ "accept", 0, EARLY, false, ENDS_CHAIN, run_accept, NULL },
	{ "quarantine", MF_USE_QUARANTINE, EARLY, true, ENDS_NOTHING, run_quarantine,
	    check_reason },
	{ "add-header", MF_USE_ADD_HEADER, EARLY, true, ENDS_NOTHING, run_add_header,
	    check_field },
	{ "insert-header", MF_USE_ADD_HEADER, EARLY, true, ENDS_NOTHING, run_insert_header,
	    check_insert },
	{ "set-header", HEADERS, EARLY, true, ENDS_NOTHING, run_set_header, check_field },
	{ "delete-header", MF_USE_CHANGE_HEADER, MF_STAGE_MESSAGE, true, ENDS_NOTHING,
	    run_delete_header, check_delete },
	{ "replace-header", MF_USE_CHANGE_HEADER, MF_STAGE_MESSAGE, true, ENDS_NOTHING,
	    run_replace_header, check_replace_field },
	{ "prefix-subject", HEADERS, MF_STAGE_MESSAGE, true, ENDS_NOTHING, run_prefix_subject,
	    check_text },
	{ "replace-body", MF_USE_BODY | MF_USE_CHANGE_BODY | HEADERS, MF_STAGE_MESSAGE, true,
	    ENDS_NOTHING, run_replace_body, check_replace_body },
	{ "replace-text", MF_USE_BODY | MF_USE_CHANGE_BODY | HEADERS, MF_STAGE_MESSAGE, true,
	    ENDS_NOTHING, run_replace_text, check_replace_body },
	{ "add-recipient", MF_USE_ADD_RECIPIENT, EARLY, true, ENDS_NOTHING, run_add_recipient,
	    check_address },
	{ "delete-recipient", MF_USE_DELETE_RECIPIENT, EARLY, false, ENDS_NOTHING,
	    run_delete_recipient, check_address },
	{ "redirect", RECIPIENTS, EARLY, false, ENDS_NOTHING, run_redirect, check_address },
	{ "set-sender", MF_USE_CHANGE_SENDER, EARLY, true, ENDS_NOTHING, run_set_sender,
	    check_address },
	{ "score", 0, EARLY, true, ENDS_NOTHING, run_score, NULL },
	{ "symbol", 0, EARLY, true, ENDS_NOTHING, run_symbol, NULL },
	{ "log", 0, EARLY, false, ENDS_NOTHING, run_log, check_text },
	{ "stop", 0, EARLY, false, ENDS_RULES, run_stop, NULL },
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
