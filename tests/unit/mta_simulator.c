/* SPDX-License-Identifier: BSD-2-Clause */
/* Postfix and Sendmail, as far as milter edits go. */
#include <assert.h>
#include <string.h>
#include <strings.h>

#include "filterd/util/buffer.h"
#include "tests/unit/mta_simulator.h"

/* A header field of Postfix's queue file, or a node of Sendmail's e_header. */
struct node {
	struct node *next;
	const char *name;
	const char *value;	/* NULL: deleted (Sendmail) */
	bool user;		/* H_USER */
	bool trace;		/* H_TRACE */
};

struct recipient {
	struct recipient *next;
	const char *text;
	const char *arguments;
	bool removed;
};

struct mta {
	struct arena *arena;
	enum mta_kind kind;
	bool leading_space;
	struct node *fields;
	struct recipient *recipients;
	struct recipient *seen;		/* Postfix: the duplicate filter */
	const char *sender;
	struct str body;
	const char *quarantine;
};

static struct node *
node_create(struct mta *mta, const char *name, const char *value, bool user)
{
	struct node *node = arena_alloc(mta->arena, sizeof(*node));

	node->name = name;
	node->value = value;
	node->user = user;
	node->trace = !strcasecmp(name, "Received");
	return node;
}

static void
node_append(struct mta *mta, struct node *node)
{
	struct node **link = &mta->fields;

	while (*link)
		link = &(*link)->next;
	*link = node;
}

/* A value as it comes from the filter. */
static const char *
sent_value(struct mta *mta, struct str value)
{
	return arena_printf(mta->arena, "%s%.*s", mta->leading_space ? "" : " ", (int)value.length,
	    value.data);
}

static void
append_sent(struct mta *mta, const struct action *action)
{
	node_append(mta, node_create(mta, action->name, sent_value(mta, action->value), true));
}

/* ---- Postfix ---- */

/* cleanup_find_header_start: the link to the index-th field of a name (NULL: any), after some. */
static struct node **
postfix_find(struct mta *mta, unsigned index, const char *name, size_t skip)
{
	struct node **link;

	for (link = &mta->fields; *link; link = &(*link)->next) {
		if (skip) {
			skip--;
			continue;
		}
		if ((!name || !strcasecmp(name, (*link)->name)) && --index == 0)
			return link;
	}
	return NULL;
}

static void
postfix_insert(struct mta *mta, const struct action *action)
{
	struct node **link = postfix_find(mta, action->index + 1, NULL, 0);
	struct node *node = node_create(mta, action->name, sent_value(mta, action->value), true);

	if (!link) {
		node_append(mta, node);
		return;
	}
	node->next = *link;
	*link = node;
}

static void
postfix_change(struct mta *mta, const struct action *action)
{
	struct node **link = postfix_find(mta, action->index ? action->index : 1, action->name, 1);

	if (!action->value.data || !action->value.length) {
		if (link)
			*link = (*link)->next;
	} else if (link) {
		(*link)->name = action->name;
		(*link)->value = sent_value(mta, action->value);
	} else {
		append_sent(mta, action);
	}
}

/* ---- Sendmail ---- */

static void
sendmail_insert(struct mta *mta, const struct action *action)
{
	struct node *node = node_create(mta, action->name, sent_value(mta, action->value), true);
	struct node *at = mta->fields;
	unsigned index = action->index;

	while (at && index > 0) {
		at = at->next;
		index--;
	}
	if (!at) {
		node_append(mta, node);
		return;
	}
	node->next = at->next;
	at->next = node;
}

/* addheader: before the first of that name. */
static void
sendmail_put(struct mta *mta, const char *name, const char *value)
{
	struct node *node = node_create(mta, name, value, true);
	struct node **link = &mta->fields;

	while (*link && strcasecmp((*link)->name, name) != 0)
		link = &(*link)->next;
	node->next = *link;
	*link = node;
}

static void
sendmail_add(struct mta *mta, const struct action *action)
{
	struct node *node;

	for (node = mta->fields; node; node = node->next) {
		if (!strcasecmp(node->name, action->name) && !node->user && !node->trace) {
			node->value = sent_value(mta, action->value);
			node->user = true;
			return;
		}
	}
	sendmail_put(mta, action->name, sent_value(mta, action->value));
}

static struct node *
sendmail_find(struct mta *mta, const char *name, int index)
{
	struct node *node, *system = NULL;

	for (node = mta->fields; node; node = node->next) {
		if (strcasecmp(node->name, name) != 0)
			continue;
		if (node->user && --index <= 0)
			return node;
		if (!node->user && !node->trace)
			system = node;
	}
	return system;
}

static void
sendmail_change(struct mta *mta, const struct action *action)
{
	struct node *node = sendmail_find(mta, action->name, (int)action->index);
	bool delete = !action->value.data || !action->value.length;

	if (!node && !delete) {
		sendmail_put(mta, action->name, sent_value(mta, action->value));
	} else if (node && delete) {
		node->value = NULL;
	} else if (node) {
		node->value = sent_value(mta, action->value);
		node->user = true;
	}
}

/* ---- recipients ---- */

static bool
same_recipient(const struct recipient *recipient, const char *text, const char *arguments)
{
	return !strcmp(recipient->text, text) && !strcasecmp(recipient->arguments, arguments);
}

static void
add_recipient(struct mta *mta, const char *text, const char *arguments)
{
	struct recipient *recipient = arena_alloc(mta->arena, sizeof(*recipient));
	struct recipient *seen;

	arguments = arguments ? arguments : "";
	for (seen = mta->seen; mta->kind == MTA_POSTFIX && seen; seen = seen->next) {
		if (same_recipient(seen, text, arguments))
			return;
	}
	*recipient = (struct recipient){ mta->recipients, text, arguments, false };
	mta->recipients = recipient;
	seen = arena_alloc(mta->arena, sizeof(*seen));
	*seen = (struct recipient){ mta->seen, text, arguments, false };
	mta->seen = seen;
}

static void
delete_recipient(struct mta *mta, const char *text)
{
	struct recipient *recipient;

	for (recipient = mta->recipients; recipient; recipient = recipient->next) {
		if (!strcmp(recipient->text, text))
			recipient->removed = true;
	}
}

static const char *
join(struct arena *arena, const struct mf_address *address)
{
	const char *joined = "";
	size_t i;

	for (i = 0; address->arguments[i]; i++)
		joined = arena_printf(arena, "%s%s%s", joined, i ? " " : "", address->arguments[i]);
	return joined;
}

static bool
holds(struct mta *mta, const struct mf_address *address)
{
	struct recipient *recipient;

	for (recipient = mta->recipients; recipient; recipient = recipient->next) {
		if (!recipient->removed &&
		    same_recipient(recipient, address->text, join(mta->arena, address)))
			return true;
	}
	return false;
}

static size_t
count_wanted(const struct state *current, const char *text)
{
	size_t i, count = 0;

	for (i = 0; i < current->recipient_count; i++)
		count += !strcmp(current->recipients[i]->text, text);
	return count;
}

static size_t
count_held(const struct mta *mta, const char *text)
{
	const struct recipient *recipient;
	size_t count = 0;

	for (recipient = mta->recipients; recipient; recipient = recipient->next)
		count += !recipient->removed && !strcmp(recipient->text, text);
	return count;
}

/* ---- both ---- */

static void
hide_defaults(struct mta *mta, size_t hidden)
{
	static const char *const stock[] = {
		"Return-Path", "Received", "Resent-Date", "Date", "Resent-From", "From",
		"Full-Name", "Resent-Message-Id", "Message-Id"
	};
	size_t i;

	for (i = 0; i < sizeof(stock) / sizeof(stock[0]); i++)
		node_append(mta, node_create(mta, stock[i], " default", false));
	for (i = 0; i < hidden; i++)
		node_append(mta, node_create(mta, "X-Authentication-Warning", " own", false));
}

/* dochompheader: a field of the client's voids the default of its name, but for those with
 * H_FORCE. */
static void
void_default(struct mta *mta, const char *name)
{
	struct node *node;

	for (node = mta->fields; node; node = node->next) {
		if (!strcasecmp(node->name, name) && !node->user && !node->trace &&
		    strcasecmp(name, "Return-Path") != 0)
			node->value = NULL;
	}
}

struct mta *
mta_create(struct arena *arena, enum mta_kind kind, const struct state *original,
    bool leading_space, size_t hidden)
{
	struct mta *mta = arena_alloc(arena, sizeof(*mta));
	size_t i;

	*mta = (struct mta){ .arena = arena, .kind = kind, .leading_space = leading_space };
	if (kind == MTA_SENDMAIL)
		hide_defaults(mta, hidden);
	else
		node_append(mta, node_create(mta, "Received", " own", false));
	for (i = 0; i < original->field_count; i++) {
		const struct field_node *field = original->fields[i];

		if (kind == MTA_SENDMAIL)
			void_default(mta, field->name.data);
		node_append(mta, node_create(mta, field->name.data, field->value.data, true));
	}
	for (i = 0; i < original->recipient_count; i++) {
		const struct mf_address *recipient = original->recipients[i];

		add_recipient(mta, recipient->text, join(arena, recipient));
	}
	mta->sender = original->sender->text;
	body_bytes(original->body, &mta->body);
	return mta;
}

static void
carry_out_header(struct mta *mta, const struct action *action)
{
	bool postfix = mta->kind == MTA_POSTFIX;

	if (action->kind == ACTION_CHANGE_HEADER)
		(postfix ? postfix_change : sendmail_change)(mta, action);
	else if (action->kind == ACTION_INSERT_HEADER)
		(postfix ? postfix_insert : sendmail_insert)(mta, action);
	else if (postfix)
		append_sent(mta, action);
	else
		sendmail_add(mta, action);
}

void
mta_carry_out(struct mta *mta, const struct plan *plan)
{
	size_t i;

	for (i = 0; i < plan->count; i++) {
		const struct action *action = &plan->actions[i];

		switch (action->kind) {
		case ACTION_CHANGE_SENDER:
			mta->sender = action->name;
			break;
		case ACTION_DELETE_RECIPIENT:
			delete_recipient(mta, action->name);
			break;
		case ACTION_ADD_RECIPIENT:
			add_recipient(mta, action->name, action->arguments);
			break;
		case ACTION_REPLACE_BODY:
			body_bytes(plan->body, &mta->body);
			break;
		case ACTION_QUARANTINE:
			mta->quarantine = action->value.data;
			break;
		default:
			carry_out_header(mta, action);
		}
	}
}

/* A field of the MTA's own that goes out: a hidden one is not in the model. */
static bool
is_own(const struct node *node)
{
	return !node->user;
}

static bool
goes_out_twice(const struct mta *mta, const struct node *own)
{
	const struct node *node;

	for (node = mta->fields; node && own->value && !own->trace; node = node->next) {
		if (node->user && node->value && !strcasecmp(node->name, own->name) &&
		    strcasecmp(own->name, "Return-Path") != 0 &&
		    strcasecmp(own->name, "X-Authentication-Warning") != 0 &&
		    strcasecmp(own->name, "Full-Name") != 0)
			return true;
	}
	return false;
}

static const char *
field_fault(struct mta *mta, const struct state *current)
{
	const struct node *node;
	size_t i = 0;

	for (node = mta->fields; node; node = node->next) {
		if (is_own(node) && goes_out_twice(mta, node))
			return "a default field goes out beside one of its name";
		if (is_own(node) && node->trace && i > 0)
			return "a field stands before the MTA's own Received";
		if (is_own(node) || !node->value)
			continue;
		if (i == current->field_count)
			return "too many fields";
		if (strcmp(node->name, current->fields[i]->name.data) != 0)
			return "another name";
		if (strcmp(node->value, current->fields[i]->value.data) != 0)
			return "another value";
		i++;
	}
	return i < current->field_count ? "too few fields" : NULL;
}

static const char *
recipient_fault(struct mta *mta, const struct state *current)
{
	struct recipient *recipient;
	size_t i;

	for (i = 0; i < current->recipient_count; i++) {
		if (!holds(mta, current->recipients[i]))
			return "a recipient is lost";
	}
	for (recipient = mta->recipients; recipient; recipient = recipient->next) {
		size_t wanted = count_wanted(current, recipient->text);

		if (!recipient->removed && !wanted)
			return "a recipient is left";
		if (mta->kind == MTA_POSTFIX && count_held(mta, recipient->text) > wanted)
			return "a recipient gets it twice";
	}
	return NULL;
}

const char *
mta_fault(struct mta *mta, const struct state *current)
{
	const char *fault = field_fault(mta, current);
	struct str body = { "", 0 };

	if (fault || (fault = recipient_fault(mta, current)))
		return fault;
	if (strcmp(mta->sender, current->sender->text) != 0)
		return "another sender";
	if (!body_bytes(current->body, &body) || !str_equal(mta->body, body))
		return "another body";
	if (!mta->quarantine != !current->quarantine)
		return "another quarantine";
	return NULL;
}

const char *
mta_text(struct mta *mta)
{
	const char *text = "";
	const struct node *node;

	for (node = mta->fields; node; node = node->next) {
		if (node->value) {
			text = arena_printf(mta->arena, "%s%s%s:%s\n", text,
			    node->user ? "" : "(own) ", node->name, node->value);
		}
	}
	return text;
}
