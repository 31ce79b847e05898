/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * auth-results: one Authentication-Results field (RFC 8601) of all that stands on the results
 * board, and none that came from outside and looks as if it were ours. Fields with our
 * authserv-id, or without any that can be read, are removed before ours is put on top: above the
 * trace fields of the hosts before us, which is what a reader may trust (sections 4.1 and 7.1).
 * Nothing is told to pass that a signature no longer covers: so no filter behind this one may
 * change the body.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "plugins/auth-results/board.h"
#include "plugins/auth-results/claim.h"
#include "plugins/auth-results/iprev.h"

#define HOST_NAME	256
#define OTHER_IDS	50

/* In the order of the option's choices. */
enum removal { REMOVE_OURS, REMOVE_ALL };

struct options {
	const char *authserv_id;
	struct mf_strings methods;
	int remove;			/* enum removal */
	struct mf_strings remove_ids;
	const struct mf_condition *keep;
	bool iprev;
	bool auth;
};

static const struct mf_option option_table[] = {
	MF_OPTION(struct options, authserv_id, NULL,
	    "name that the field bears; without it the MTA's own ({j}), else the host's"),
	MF_OPTION(struct options, methods, NULL,
	    "methods whose results are written; without it all that are on the board"),
	MF_CHOICE(struct options, remove, "ours all", "ours",
	    "which fields are removed: those that bear our name, or that of remove-ids, or none "
	    "that can be read; or all"),
	MF_OPTION(struct options, remove_ids, NULL, "names beside ours that only we may bear"),
	MF_OPTION(struct options, keep, NULL,
	    "mail whose fields are kept as they are: that of other hosts of ours"),
	MF_OPTION(struct options, iprev, "on",
	    "whether the client's address has a name that has it"),
	MF_OPTION(struct options, auth, "off", "write the login name of who has authenticated"),
	MF_OPTION_END
};

/* What start has found out. */
struct instance {
	char host[HOST_NAME];		/* as gethostname(2) has it */
	size_t id_count;
	char ids[OTHER_IDS][CLAIM_MAXIMUM + 1];	/* remove-ids, canonical */
};

static bool
start(struct mf_context *c)
{
	const struct options *o = c->options;
	struct instance *instance;
	size_t i;

	if (o->remove_ids.count > OTHER_IDS) {
		mf_config_error(c, &o->remove_ids, "expected at most %d names", OTHER_IDS);
		return false;
	}
	if (o->authserv_id && !*o->authserv_id) {
		mf_config_error(c, &o->authserv_id, "expected a name that is not empty");
		return false;
	}
	c->instance = instance = calloc(1, sizeof(*instance));
	if (!instance) {
		mf_error(c, "no memory is left");
		return false;
	}
	if (gethostname(instance->host, sizeof(instance->host) - 1) != 0)
		strcpy(instance->host, "localhost");
	for (i = 0; i < o->remove_ids.count; i++)
		claim_canonical(o->remove_ids.items[i], strlen(o->remove_ids.items[i]),
		    instance->ids[i]);
	instance->id_count = o->remove_ids.count;
	mf_only_verdicts(c, 0);
	mf_only_uses(c, MF_USE_ADD_HEADER | MF_USE_CHANGE_HEADER);
	mf_only_stages(c, MF_AT(MF_STAGE_MESSAGE) | (o->iprev ? MF_AT(MF_STAGE_CONNECT) : 0));
	return true;
}

static void
stop(struct mf_context *c)
{
	free(c->instance);
}

static enum mf_verdict
ask_early(struct mf_context *c, const struct mf_client *client)
{
	(void)client;
	iprev_start(c);
	return MF_CONTINUE;
}

/* RFC 8601 section 2.5: one name for all hosts of a site, or the host's. */
static const char *
our_id(struct mf_context *c)
{
	const struct options *o = c->options;
	const struct instance *instance = c->instance;
	const char *name = o->authserv_id ? o->authserv_id : mf_macro(c, "j");

	return name && *name ? name : instance->host;
}

/* SMTP AUTH, RFC 8601 section 2.7.4: the MTA has let nobody through but who has succeeded. */
static void
report_auth(struct mf_context *c)
{
	const char *user = mf_macro(c, "{auth_authen}");
	struct mf_result *result;

	if (!user || !*user)
		return;
	result = mf_result_add(c, "auth", "pass", NULL);
	mf_result_property(c, result, "smtp.auth", user);
	if (mf_sender(c) && *mf_sender(c)->text)
		mf_result_property(c, result, "smtp.mailfrom", mf_sender(c)->text);
}

/* ---- fields that came with the message ---- */

static bool
is_forged(struct mf_context *c, const struct mf_header *field, const char *const *ids, size_t count)
{
	const struct options *o = c->options;

	return claim_is_field(field->name, field->name_length) &&
	    (o->remove == REMOVE_ALL ||
		claim_of(field->value, field->value_length, ids, count) != CLAIM_OTHER);
}

/* From the last to the first, so that the places of those before stay what they are. */
static size_t
remove_forged(struct mf_context *c, const char *const *ids, size_t count)
{
	size_t i, removed = 0, n = mf_header_count(c, "Authentication-Results");
	struct mf_header field;

	for (i = n; i > 0; i--) {
		if (!mf_header_find(c, "Authentication-Results", i - 1, &field) ||
		    !is_forged(c, &field, ids, count))
			continue;
		mf_header_delete(c, "Authentication-Results", i - 1);
		removed++;
	}
	return removed;
}

static void
clean(struct mf_context *c, const char *id)
{
	const struct options *o = c->options;
	const struct instance *instance = c->instance;
	const char *ids[OTHER_IDS + 1];
	char canonical[CLAIM_MAXIMUM + 1];
	size_t i, removed;

	if (o->keep && mf_test(c, o->keep))
		return;
	claim_canonical(id, strlen(id), canonical);
	ids[0] = canonical;
	for (i = 0; i < instance->id_count; i++)
		ids[i + 1] = instance->ids[i];
	removed = remove_forged(c, ids, instance->id_count + 1);
	if (removed)
		mf_log(c, MF_LOG_INFO, "removed %zu Authentication-Results field%s", removed,
		    removed > 1 ? "s" : "");
}

/* ---- what is told ---- */

/* Whether filters have changed the content: body, or what says how it is to be read. */
static bool
content_changed(struct mf_context *c)
{
	return mf_changed(c, NULL) || mf_changed(c, "Content-Type") ||
	    mf_changed(c, "Content-Disposition") || mf_changed(c, "Content-Transfer-Encoding");
}

/* Who reads the field has the message as we have left it, of which no signature says anything any
 * more: RFC 8601 section 2.7.1 has "neutral" for what no other value is for. */
static void
withdraw_passes(struct authres_result *result)
{
	for (; result; result = result->next) {
		if (strcasecmp(result->method, "dkim") != 0 ||
		    strcasecmp(result->value, "pass") != 0)
			continue;
		result->value = "neutral";
		result->reason = "passed as it came, and was changed here";
	}
}

static enum mf_verdict
write_field(struct mf_context *c)
{
	const struct options *o = c->options;
	const char *id = our_id(c);
	bool utf8 = authres_smtputf8(c);
	struct authres_memory memory = authres_memory_of(c);
	struct authres results = { .authserv_id = id };

	if (o->auth)
		report_auth(c);
	if (o->iprev)
		iprev_finish(c);
	clean(c, id);
	results.results = authres_from_board(c, &o->methods, utf8);
	if (content_changed(c))
		withdraw_passes(results.results);
	mf_header_insert(c, 0, "Authentication-Results",
	    authres_format(&memory, &results, sizeof("Authentication-Results:") - 1, utf8));
	return MF_CONTINUE;
}

static const char *const provided[] = { "iprev", "auth", NULL };
static const char *const macros[] = { "j", "{auth_authen}", NULL };

MF_PLUGIN(.name = "auth-results",
    .summary = "Write the results of authentication into the message, and remove forged ones",
    .version = "1.0", .provides = provided, .macros = macros, .options = option_table,
    .options_size = sizeof(struct options), .start = start, .stop = stop, .connect = ask_early,
    .message = write_field, .final_body = true);
