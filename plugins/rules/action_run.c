/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the actions of rules do. An edit that the host refuses makes it end the filter in ERROR by
 * itself, so the answers of the edit calls are not looked at here.
 */
#include <string.h>

#include "plugins/rules/action_run.h"

#define REASON_MAXIMUM	1000	/* bytes of a quarantine's reason, the host's limit */

enum mf_verdict
run_reject(const struct action_run *run, const void *options)
{
	const struct reply_options *o = options;

	return mf_reject(run->c, o->code ? (int)o->code : 550, o->enhanced ? o->enhanced : "5.7.1",
	    "%s",
	    o->text ? mf_expand(run->c, o->text) : "Refused by local policy");
}

enum mf_verdict
run_tempfail(const struct action_run *run, const void *options)
{
	const struct reply_options *o = options;

	return mf_tempfail(run->c, o->code ? (int)o->code : 451,
	    o->enhanced ? o->enhanced : "4.7.1", "%s",
	    o->text ? mf_expand(run->c, o->text) : "Try again later");
}

enum mf_verdict
run_discard(const struct action_run *run, const void *options)
{
	(void)run;
	(void)options;
	return MF_DISCARD;
}

enum mf_verdict
run_accept(const struct action_run *run, const void *options)
{
	(void)run;
	(void)options;
	return MF_ACCEPT;
}

/* The text as a reason that the host takes, for what mail has put into it must not spare the
 * message the quarantine: one line, not too long, not empty. */
static const char *
make_reason(const struct action_run *run, const char *text)
{
	size_t length = strlen(text), i;
	char *reason;

	if (length > REASON_MAXIMUM)
		for (length = REASON_MAXIMUM; length && (text[length] & 0xc0) == 0x80;)
			length--;
	reason = mf_alloc(run->c, length + 1);
	for (i = 0; i < length; i++)
		reason[i] = (unsigned char)text[i] < ' ' || text[i] == 0x7f ? ' ' : text[i];
	return *reason ? reason : run->rule;
}

enum mf_verdict
run_quarantine(const struct action_run *run, const void *options)
{
	const struct reason_options *o = options;

	mf_quarantine(run->c, o->reason ? make_reason(run, mf_expand(run->c, o->reason)) :
	    run->rule);
	return MF_CONTINUE;
}

static const char *
expand_value(const struct action_run *run, const struct mf_template *value)
{
	return mf_encoded(run->c, mf_expand(run->c, value));
}

enum mf_verdict
run_add_header(const struct action_run *run, const void *options)
{
	const struct field_options *o = options;

	mf_header_add(run->c, o->name, expand_value(run, o->value));
	return MF_CONTINUE;
}

enum mf_verdict
run_insert_header(const struct action_run *run, const void *options)
{
	const struct insert_options *o = options;

	mf_header_insert(run->c, (size_t)o->index, o->name, expand_value(run, o->value));
	return MF_CONTINUE;
}

enum mf_verdict
run_set_header(const struct action_run *run, const void *options)
{
	const struct field_options *o = options;

	mf_header_set(run->c, o->name, 0, expand_value(run, o->value));
	return MF_CONTINUE;
}

enum mf_verdict
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

enum mf_verdict
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
enum mf_verdict
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

enum mf_verdict
run_add_recipient(const struct action_run *run, const void *options)
{
	const struct address_options *o = options;

	mf_recipient_add(run->c, mf_expand(run->c, o->address), NULL);
	return MF_CONTINUE;
}

enum mf_verdict
run_delete_recipient(const struct action_run *run, const void *options)
{
	const struct address_options *o = options;

	mf_recipient_delete(run->c,
	    o->address ? mf_expand(run->c, o->address) : run->recipient->text);
	return MF_CONTINUE;
}

enum mf_verdict
run_redirect(const struct action_run *run, const void *options)
{
	mf_recipient_delete(run->c, run->recipient ? run->recipient->text : NULL);
	return run_add_recipient(run, options);
}

enum mf_verdict
run_set_sender(const struct action_run *run, const void *options)
{
	const struct address_options *o = options;

	mf_sender_set(run->c, mf_expand(run->c, o->address), NULL);
	return MF_CONTINUE;
}

enum mf_verdict
run_score(const struct action_run *run, const void *options)
{
	mf_symbol_add(run->c, run->rule, ((const struct score_options *)options)->points);
	return MF_CONTINUE;
}

enum mf_verdict
run_symbol(const struct action_run *run, const void *options)
{
	const struct symbol_options *o = options;

	mf_symbol_add(run->c, o->name, o->points);
	return MF_CONTINUE;
}

enum mf_verdict
run_log(const struct action_run *run, const void *options)
{
	mf_log(run->c, MF_LOG_NOTICE, "rule %s: %s", run->rule,
	    mf_expand(run->c, ((const struct text_options *)options)->text));
	return MF_CONTINUE;
}

enum mf_verdict
run_stop(const struct action_run *run, const void *options)
{
	(void)run;
	(void)options;
	return MF_CONTINUE;
}
