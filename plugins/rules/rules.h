/* SPDX-License-Identifier: BSD-2-Clause */
/* Inside the rules plugin: what a rule is, and the table of actions. */
#ifndef PLUGINS_RULES_RULES_H
#define PLUGINS_RULES_RULES_H

#include <filterd/plugin.h>

/* In the order of the option's choices. */
enum rule_mode { RULE_ENFORCE, RULE_SHADOW };

/* A rule as the config gives it. */
struct rule_options {
	const char *name;
	const struct mf_condition *when;
	int at;				/* index into "earliest connect helo …" */
	int mode;			/* enum rule_mode */
	struct mf_blocks actions;
};

/* What an action works on. */
struct action_run {
	struct mf_context *c;
	const char *rule;			/* its name */
	const struct mf_address *recipient;	/* the one judged, at RCPT; NULL elsewhere */
};

struct action_kind;

/* An action of a rule. */
struct action {
	const struct action_kind *kind;
	const void *options;		/* of the kind's own type */
};

/* Carries an action out. The options are of the kind's own type. */
typedef enum mf_verdict action_runner(const struct action_run *run, const void *options);

/* What an action ends. */
enum action_end {
	ENDS_NOTHING,
	ENDS_RULES,	/* no later rule is looked at */
	ENDS_CHAIN	/* nor any later filter: there is a verdict, for which the MTA waits */
};

/* A kind of action: the phase table that options, checks and running share. */
struct action_kind {
	const char *keyword;
	unsigned uses;			/* enum mf_use */
	enum mf_stage earliest;		/* the first stage at which it can be done */
	/* concerns the whole message: done once, also when several recipients match */
	bool once;
	enum action_end ends;
	action_runner *run;
	/* Checks the options and raises *stage_r to where its templates are known; NULL: nothing to
	 * do. False: reported. */
	bool (*check)(struct mf_context *c, const void *options, enum mf_stage *stage_r);
};

/* NULL: no such keyword. */
const struct action_kind *action_kind_find(const char *keyword);

/* What the action would do now, in words. In the message's memory. */
const char *describe_action(struct mf_context *c, const struct action *action);

/* The options of a rule and its actions. */
extern const struct mf_option rule_option_table[];

#endif
