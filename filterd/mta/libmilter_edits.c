/* SPDX-License-Identifier: BSD-2-Clause */
/* The edit plan as calls of libmilter, which are legal at end of message only. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libmilter/mfapi.h>

#include "filterd/mta/libmilter_parts.h"
#include "filterd/util/memory.h"

#define BODY_PIECE (1 << 20)	/* bytes a call; libmilter cuts them into frames */

/* An address in angle brackets: Sendmail would take a bare one for a list of addresses. */
static char *
bracketed(const char *address)
{
	char *text = memory_resize(NULL, strlen(address) + 3);

	sprintf(text, "<%s>", address);
	return text;
}

static int
change_sender(SMFICTX *context, const struct plan *plan, const struct action *action)
{
	char *address = bracketed(action->name);
	int result = smfi_chgfrom(context, address, (char *)action->arguments);

	(void)plan;
	free(address);
	return result;
}

static int
add_recipient(SMFICTX *context, const struct plan *plan, const struct action *action)
{
	char *address = bracketed(action->name);
	int result;

	(void)plan;
	if (action->arguments)
		result = smfi_addrcpt_par(context, address, (char *)action->arguments);
	else
		result = smfi_addrcpt(context, address);
	free(address);
	return result;
}

static int
delete_recipient(SMFICTX *context, const struct plan *plan, const struct action *action)
{
	char *address = bracketed(action->name);
	int result = smfi_delrcpt(context, address);

	(void)plan;
	free(address);
	return result;
}

static int
change_header(SMFICTX *context, const struct plan *plan, const struct action *action)
{
	(void)plan;
	return smfi_chgheader(context, (char *)action->name, (int)action->index,
	    (char *)action->value.data);
}

static int
insert_header(SMFICTX *context, const struct plan *plan, const struct action *action)
{
	(void)plan;
	return smfi_insheader(context, (int)action->index, (char *)action->name,
	    (char *)action->value.data);
}

static int
add_header(SMFICTX *context, const struct plan *plan, const struct action *action)
{
	(void)plan;
	return smfi_addheader(context, (char *)action->name, (char *)action->value.data);
}

static int
replace_body(SMFICTX *context, const struct plan *plan, const struct action *action)
{
	struct str bytes;
	size_t at = 0;

	(void)action;
	if (!body_bytes(plan->body, &bytes))
		return MI_FAILURE;
	do {
		size_t piece = bytes.length - at < BODY_PIECE ? bytes.length - at : BODY_PIECE;

		if (smfi_replacebody(context, (unsigned char *)bytes.data + at, (int)piece) !=
		    MI_SUCCESS)
			return MI_FAILURE;
		at += piece;
	} while (at < bytes.length);
	return MI_SUCCESS;
}

static int
quarantine(SMFICTX *context, const struct plan *plan, const struct action *action)
{
	(void)plan;
	return smfi_quarantine(context, (char *)action->value.data);
}

static const struct {
	const char *name;
	int (*carry_out)(SMFICTX *context, const struct plan *plan, const struct action *action);
} actions[] = {
	[ACTION_CHANGE_SENDER] = { "change the sender", change_sender },
	[ACTION_DELETE_RECIPIENT] = { "delete a recipient", delete_recipient },
	[ACTION_ADD_RECIPIENT] = { "add a recipient", add_recipient },
	[ACTION_CHANGE_HEADER] = { "change a header field", change_header },
	[ACTION_INSERT_HEADER] = { "insert a header field", insert_header },
	[ACTION_ADD_HEADER] = { "add a header field", add_header },
	[ACTION_REPLACE_BODY] = { "replace the body", replace_body },
	[ACTION_QUARANTINE] = { "quarantine the message", quarantine }
};

const char *
libmilter_carry_out(SMFICTX *context, const struct plan *plan)
{
	size_t i;

	for (i = 0; plan && i < plan->count; i++) {
		const struct action *action = &plan->actions[i];

		if (actions[action->kind].carry_out(context, plan, action) != MI_SUCCESS)
			return actions[action->kind].name;
	}
	return NULL;
}
