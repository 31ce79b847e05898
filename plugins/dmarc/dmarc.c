/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dmarc: checks whether who the author of a message is said to be is authenticated, RFC 9989. It
 * reads what SPF and DKIM have found from the results board, walks the DNS for the record of the
 * Author Domain, and puts one result of method `dmarc` on the board for each such domain. Whether
 * the policy of a record is applied is for the options to say. Queries are sent when the From field
 * is seen, long before they are needed.
 */
#include <stdlib.h>
#include <string.h>

#include "plugins/dmarc/dmarc.h"
#include "plugins/dmarc/report_file.h"

#define DAY	INT64_C(86400000)	/* milliseconds */

static const struct mf_option override_table[] = {
	MF_ARGUMENT(struct override, name, "its name"),
	MF_REQUIRED(struct override, when, "messages that it is for"),
	MF_CHOICE(struct override, type, "local_policy mailing_list trusted_forwarder other",
	    "local_policy", "why, as aggregate reports have it"),
	MF_CHOICE(struct override, disposition, "none quarantine", "none",
	    "what is done instead of what the policy says"),
	MF_OPTION(struct override, comment, NULL, "the same in words, for reports; else its name"),
	MF_OPTION_END
};

static const struct mf_option option_table[] = {
	MF_CHOICE(struct options, policy, "report quarantine honour", "report",
	    "what is done about messages that fail: nothing but a result; quarantine also where "
	    "the policy is to reject; or what the policy says"),
	MF_CHOICE(struct options, quarantine, "hold mark", "hold",
	    "how a message is quarantined: held in the MTA's queue; or only marked in the result, "
	    "for a rule to act on"),
	MF_CHOICE(struct options, bad_from, "report quarantine reject", "report",
	    "what is done about messages without From field, with several, or with one that has no "
	    "domain or too many"),
	MF_CHOICE(struct options, temperror, "accept tempfail", "accept",
	    "what is done when the DNS does not answer"),
	MF_RANGE(struct options, maximum_authors, "3", 1, DMARC_AUTHORS,
	    "different domains of From that are checked"),
	MF_BLOCK(struct options, overrides, "override", override_table, struct override,
	    "messages that fail and are not treated as the policy says"),
	MF_OPTION(struct options, report_file, NULL,
	    "file that gets a line of JSON for each check, for aggregate reports"),
	MF_RANGE(struct options, report_size, "100m", 4096, INT64_C(1) << 40,
	    "size past which it is renamed"),
	MF_RANGE(struct options, report_age, "1d", 1000, 366 * DAY, "age past which it is renamed"),
	MF_RANGE(struct options, report_keep, "7", 1, 1000, "renamed files that are kept"),
	MF_OPTION_END
};

/* What start has found out. */
struct instance {
	struct report_file *report_file;	/* NULL: none is written */
	bool live;				/* the header callback sees all fields */
};

struct message {
	struct dmarc_authors authors;
};

static bool
may_hold(const struct options *o)
{
	return o->quarantine == QUARANTINE_HOLD &&
	    (o->policy != HANDLE_REPORT || o->bad_from == BAD_FROM_QUARANTINE);
}

static bool
start(struct mf_context *c)
{
	const struct options *o = c->options;
	struct report_file_limits limits = { o->report_size.bytes,
		o->report_age.milliseconds / 1000, (unsigned)o->report_keep };
	struct instance *instance;
	const char *wrong = o->report_file ? report_file_wrong(o->report_file) : NULL;

	if (wrong) {
		mf_config_error(c, &o->report_file, "%s", wrong);
		return false;
	}
	c->instance = instance = calloc(1, sizeof(*instance));
	if (instance && o->report_file)
		instance->report_file = report_file_create(o->report_file, &limits);
	if (!instance || (o->report_file && !instance->report_file)) {
		free(instance);
		mf_error(c, "no memory is left");
		return false;
	}
	instance->live = mf_first_stage(c) <= MF_STAGE_HEADER;
	mf_only_stages(c, MF_AT(MF_STAGE_MESSAGE) | (instance->live ? MF_AT(MF_STAGE_HEADER) : 0));
	mf_only_verdicts(c, 0);
	mf_only_uses(c, may_hold(o) ? MF_USE_QUARANTINE : 0);
	return true;
}

static void
stop(struct mf_context *c)
{
	struct instance *instance = c->instance;

	report_file_destroy(&instance->report_file);
	free(instance);
}

/* ---- the Author Domains ---- */

/* With blanks before the colon too, RFC 5322 section 4.5. */
static bool
is_from(const struct mf_header *field)
{
	return str_equal_nocase(str_trim((struct str){ field->name, field->name_length }),
	    STR("From"));
}

static void
add_from(struct dmarc_authors *authors, const struct mf_header *field)
{
	dmarc_authors_add(authors, (struct str){ field->value, field->value_length });
}

static enum mf_verdict
see_field(struct mf_context *c, const struct mf_header *field)
{
	const struct options *o = c->options;
	struct message *message = c->message;
	size_t i = message->authors.count;

	if (!is_from(field))
		return MF_CONTINUE;
	add_from(&message->authors, field);
	for (; i < message->authors.count && i < (size_t)o->maximum_authors; i++)
		dmarc_look_up_early(c, message->authors.domains[i]);
	return MF_CONTINUE;
}

static void
collect_late(struct mf_context *c, struct dmarc_authors *authors)
{
	struct mf_header field;
	size_t i;

	for (i = 0; mf_header_at(c, i, &field); i++)
		if (is_from(&field))
			add_from(authors, &field);
}

/* RFC 9989 section 11.5. NULL: there is nothing wrong. */
static const char *
bad_from(struct mf_context *c, const struct dmarc_authors *authors)
{
	const struct options *o = c->options;

	if (authors->fields == 0)
		return "there is no From field";
	if (authors->count == 0)
		return "From has no domain";
	if (authors->too_many || authors->count > (size_t)o->maximum_authors)
		return "From has too many domains";
	return authors->fields > 1 ? "there are several From fields" : NULL;
}

/* ---- results ---- */

static const char *
explain(struct mf_context *c, const struct dmarc_outcome *outcome)
{
	if (outcome->why)
		return outcome->why;
	if (!outcome->record_domain)
		return "no record";
	return mf_printf(c, "record of %s, %s=%s%s", outcome->record_domain, outcome->policy_tag,
	    dmarc_policy_name(outcome->published), outcome->record.testing ? ", t=y" : "");
}

static void
add_property(struct mf_context *c, struct mf_result *result, const char *name, const char *value)
{
	if (value && *value)
		mf_result_property(c, result, name, value);
}

static void
put_result(struct mf_context *c, const struct dmarc_outcome *outcome,
    const struct decision *decision)
{
	struct mf_result *result = mf_result_add(c, "dmarc", dmarc_result_name(outcome->result),
	    explain(c, outcome));

	add_property(c, result, "header.from", outcome->author);
	if (!outcome->record_domain)
		return;
	add_property(c, result, "policy.dmarc", dmarc_policy_name(outcome->policy));
	add_property(c, result, "policy.record-domain", outcome->record_domain);
	add_property(c, result, "policy.aligned-spf", outcome->aligned_spf);
	add_property(c, result, "policy.aligned-dkim", outcome->aligned_dkim);
	if (outcome->result != DMARC_FAIL)
		return;
	add_property(c, result, "policy.applied-disposition",
	    dmarc_policy_name(decision->disposition));
	add_property(c, result, "policy.override-reason", decision->override_type);
}

static void
put_bad_from(struct mf_context *c, const char *wrong)
{
	mf_result_add(c, "dmarc", "permerror", wrong);
}

static void
write_report(struct mf_context *c, const struct dmarc_outcome *outcome,
    const struct identifiers *identifiers, const struct decision *decision)
{
	struct instance *instance = c->instance;
	const char *line, *wrong;
	size_t length;

	if (!instance->report_file || !outcome->record_domain)
		return;
	line = dmarc_report_line(c, outcome, identifiers, decision, &length);
	wrong = report_file_write(instance->report_file, line, length);
	if (wrong)
		mf_log(c, MF_LOG_ERROR, "%s: %s", report_file_path(instance->report_file), wrong);
}

/* ---- the message ---- */

/* What all checks of a message come to. */
struct summary {
	/* that of the strictest policy; NULL: none failed */
	const struct dmarc_outcome *worst;
	bool temperror;
};

static void
evaluate_all(struct mf_context *c, const struct dmarc_authors *authors,
    const struct identifiers *identifiers, struct dmarc_outcome *outcomes, struct summary *summary)
{
	const struct options *o = c->options;
	struct dmarc_dns dns = dmarc_look_up(c);
	struct dmarc_identifier plain[DMARC_IDENTIFIERS];
	size_t i, count = 0;

	for (i = 0; i < identifiers->count; i++)
		if (identifiers->items[i].identifier.passed ||
		    strcmp(identifiers->items[i].value, "temperror") == 0)
			plain[count++] = identifiers->items[i].identifier;
	for (i = 0; i < authors->count && i < (size_t)o->maximum_authors; i++) {
		dmarc_evaluate(&dns, authors->domains[i], plain, count, &outcomes[i]);
		summary->temperror = summary->temperror || outcomes[i].result == DMARC_TEMPERROR;
		if (outcomes[i].result == DMARC_FAIL &&
		    (!summary->worst || outcomes[i].policy > summary->worst->policy))
			summary->worst = &outcomes[i];
	}
}

static enum mf_verdict
quarantine(struct mf_context *c, const char *reason)
{
	const struct options *o = c->options;

	if (o->quarantine == QUARANTINE_HOLD)
		mf_quarantine(c, reason);
	return MF_CONTINUE;
}

/* Section 7.2 has the text. */
static enum mf_verdict
carry_out(struct mf_context *c, const struct summary *summary, const struct decision *decision,
    const char *wrong)
{
	const struct options *o = c->options;
	const char *author = summary->worst ? summary->worst->author : "";

	if (decision->disposition == DMARC_REJECT)
		return mf_reject(c, 550, "5.7.1", "Email rejected per DMARC policy for %s", author);
	if (wrong && o->bad_from == BAD_FROM_REJECT)
		return mf_reject(c, 550, "5.7.1", "Email rejected for DMARC: %s", wrong);
	if (summary->temperror && o->temperror == TEMPERROR_TEMPFAIL)
		return mf_tempfail(c, 451, "4.4.3", "The DNS did not answer for DMARC, try later");
	if (decision->disposition == DMARC_QUARANTINE)
		return quarantine(c, mf_printf(c, "DMARC policy of %s", author));
	if (wrong && o->bad_from == BAD_FROM_QUARANTINE)
		return quarantine(c, mf_printf(c, "DMARC: %s", wrong));
	return MF_CONTINUE;
}

static enum mf_verdict
check(struct mf_context *c)
{
	const struct options *o = c->options;
	const struct instance *instance = c->instance;
	struct message *message = c->message;
	struct dmarc_authors *authors = &message->authors;
	struct dmarc_outcome outcomes[DMARC_AUTHORS];
	struct identifiers *identifiers = mf_alloc(c, sizeof(*identifiers));
	struct summary summary = { NULL, false };
	struct decision decision;
	const char *wrong;
	size_t i;

	if (!instance->live)
		collect_late(c, authors);
	wrong = bad_from(c, authors);
	dmarc_identifiers(c, identifiers);
	evaluate_all(c, authors, identifiers, outcomes, &summary);
	decision = dmarc_decide(c, summary.worst ? summary.worst->policy : DMARC_NONE,
	    summary.worst && summary.worst->policy != summary.worst->published);
	if (wrong)
		put_bad_from(c, wrong);
	for (i = 0; i < authors->count && i < (size_t)o->maximum_authors; i++) {
		put_result(c, &outcomes[i], &decision);
		write_report(c, &outcomes[i], identifiers, &decision);
	}
	return carry_out(c, &summary, &decision, wrong);
}

static const char *const provided[] = { "dmarc", NULL };
static const char *const needed[] = { "spf", "dkim", NULL };

MF_PLUGIN(.name = "dmarc",
    .summary = "Check that the domain of From is authenticated, by its owner's DMARC record",
    .version = "1.0", .provides = provided, .needs = needed, .options = option_table,
    .options_size = sizeof(struct options), .message_size = sizeof(struct message),
    .start = start, .stop = stop, .header = see_field, .message = check);
