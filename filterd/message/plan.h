/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The edit plan: the smallest list of milter actions that turns the original state into the current
 * one, in an order that Postfix and Sendmail both carry out exactly. Rules of the two MTAs that it
 * follows stand in plan.c, each with where it was read.
 */
#ifndef FILTERD_MESSAGE_PLAN_H
#define FILTERD_MESSAGE_PLAN_H

#include "filterd/message/model.h"

enum action_kind {
	ACTION_CHANGE_SENDER,		/* smfi_chgfrom */
	ACTION_DELETE_RECIPIENT,	/* smfi_delrcpt */
	ACTION_ADD_RECIPIENT,		/* smfi_addrcpt_par */
	/* smfi_chgheader: index = nth of the name from 1; value.data NULL deletes */
	ACTION_CHANGE_HEADER,
	ACTION_INSERT_HEADER,		/* smfi_insheader: index as the MTA counts */
	ACTION_ADD_HEADER,		/* smfi_addheader */
	ACTION_REPLACE_BODY,		/* smfi_replacebody; bytes from plan->body */
	ACTION_QUARANTINE		/* smfi_quarantine */
};

struct action {
	enum action_kind kind;
	unsigned index;
	const char *name;		/* header name; address without the MTA's brackets */
	struct str value;		/* header value (leading blank kept), reason */
	const char *arguments;		/* ESMTP arguments or NULL */
};

/* How the MTA at hand does things. */
struct plan_target {
	/* SMFIP_HDR_LEADSPC was negotiated: values go as they are; else one leading blank is cut,
	 * for the MTA adds it */
	bool leading_space;
	/* Sendmail's header indexes count otherwise than Postfix's; see plan.c. The plan for
	 * Sendmail holds in Postfix too, but needs more actions to insert between fields. */
	bool sendmail;
	/* The MTA was not asked for header fields: the original state has none of those that
	 * the message has */
	bool headers_unseen;
};

struct plan {
	struct action *actions;
	size_t count;
	struct body *body;		/* ACTION_REPLACE_BODY */
};

/* In the model's arena. An unchanged message gives an empty plan. */
struct plan *plan_make(struct model *model, const struct plan_target *target);

#endif
