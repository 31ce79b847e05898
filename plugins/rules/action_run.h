/* SPDX-License-Identifier: BSD-2-Clause */
/* The options of each kind of action, and the functions that carry them out. */
#ifndef PLUGINS_RULES_ACTION_RUN_H
#define PLUGINS_RULES_ACTION_RUN_H

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

struct reason_options {
	const struct mf_template *reason;
};

struct address_options {
	const struct mf_template *address;
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

action_runner run_reject;
action_runner run_tempfail;
action_runner run_discard;
action_runner run_accept;
action_runner run_quarantine;
action_runner run_add_header;
action_runner run_insert_header;
action_runner run_set_header;
action_runner run_delete_header;
action_runner run_replace_header;
action_runner run_prefix_subject;
action_runner run_replace_body;		/* replace_text.c, as the next one */
action_runner run_replace_text;
action_runner run_add_recipient;
action_runner run_delete_recipient;
action_runner run_redirect;
action_runner run_set_sender;
action_runner run_score;
action_runner run_symbol;
action_runner run_log;
action_runner run_stop;

#endif
