/* SPDX-License-Identifier: BSD-2-Clause */
/* What an aggregate report needs of a message (RFC 9990), as a line of JSON; dmarc.md has the
 * format. */
#include <string.h>

#include "filterd/service/json.h"
#include "plugins/dmarc/dmarc.h"

#define URIS	20	/* of rua that are written */

static void
add_mode(struct buffer *to, const char *key, bool strict)
{
	json_add_member(to, key, strict ? "s" : "r");
}

static void
add_policy(struct buffer *to, const char *key, enum dmarc_policy policy)
{
	if (policy >= DMARC_NONE)
		json_add_member(to, key, dmarc_policy_name(policy));
}

static void
add_failure(struct buffer *to, unsigned fo)
{
	static const char letters[] = "01ds";
	char text[8] = "";
	size_t i, length = 0;

	for (i = 0; letters[i]; i++) {
		if (!(fo & 1u << i))
			continue;
		if (length)
			text[length++] = ':';
		text[length++] = letters[i];
	}
	json_add_member(to, "fo", text);
}

static void
add_uris(struct buffer *to, struct str list)
{
	struct str uri;
	size_t i;

	json_add_key(to, "rua");
	buffer_add_char(to, '[');
	for (i = 0; i < URIS && dmarc_record_uri(&list, &uri); i++) {
		json_add_item(to);
		json_text(to, uri);
	}
	buffer_add_char(to, ']');
}

static void
add_record(struct buffer *to, const struct dmarc_outcome *outcome)
{
	static const char *const psd[] = {
		[DMARC_PSD_UNKNOWN] = "u", [DMARC_PSD_YES] = "y", [DMARC_PSD_NO] = "n"
	};
	const struct dmarc_record *record = &outcome->record;

	json_add_key(to, "record");
	buffer_add_char(to, '{');
	json_add_member(to, "domain", outcome->record_domain);
	add_policy(to, "p", record->p);
	add_policy(to, "sp", record->sp);
	add_policy(to, "np", record->np);
	add_mode(to, "adkim", record->strict_dkim);
	add_mode(to, "aspf", record->strict_spf);
	json_add_member(to, "t", record->testing ? "y" : "n");
	json_add_member(to, "psd", psd[record->psd]);
	add_failure(to, record->fo);
	add_uris(to, record->rua);
	buffer_add_char(to, '}');
}

static void
add_envelope(struct mf_context *c, struct buffer *to)
{
	const struct mf_address *sender = mf_sender(c), *recipient = mf_recipient(c, 0);

	json_add_integer(to, "time", mf_now(c));
	json_add_member(to, "session", mf_session_id(c));
	if (mf_queue_id(c))
		json_add_member(to, "queue_id", mf_queue_id(c));
	json_add_member(to, "source_ip", mf_client(c)->address);
	if (mf_helo(c))
		json_add_member(to, "helo", mf_helo(c));
	json_add_member(to, "envelope_from", sender ? sender->domain : "");
	if (recipient)
		json_add_member(to, "envelope_to", recipient->domain);
}

/* What is done, and whether each mechanism has an aligned identifier that passed. */
static void
add_evaluated(struct buffer *to, const struct dmarc_outcome *outcome,
    const struct decision *decision)
{
	bool failed = outcome->result == DMARC_FAIL;

	json_add_member(to, "result", dmarc_result_name(outcome->result));
	json_add_member(to, "policy_tag", outcome->policy_tag);
	add_policy(to, "policy", outcome->policy);
	json_add_member(to, "disposition",
	    dmarc_policy_name(failed ? decision->disposition : DMARC_NONE));
	json_add_member(to, "dkim", outcome->aligned_dkim ? "pass" : "fail");
	json_add_member(to, "spf", outcome->aligned_spf ? "pass" : "fail");
	json_add_key(to, "reasons");
	buffer_add_char(to, '[');
	if (failed && decision->override_type) {
		json_add_item(to);
		buffer_add_char(to, '{');
		json_add_member(to, "type", decision->override_type);
		if (decision->override_comment)
			json_add_member(to, "comment", decision->override_comment);
		buffer_add_char(to, '}');
	}
	buffer_add_char(to, ']');
}

static void
add_checked(struct buffer *to, const struct checked *checked)
{
	json_add_item(to);
	buffer_add_char(to, '{');
	json_add_member(to, "domain", checked->identifier.domain);
	if (checked->selector)
		json_add_member(to, "selector", checked->selector);
	if (checked->identifier.mechanism == DMARC_SPF)
		json_add_member(to, "scope", checked->helo ? "helo" : "mfrom");
	json_add_member(to, "result", checked->value);
	if (checked->reason)
		json_add_member(to, "human_result", checked->reason);
	buffer_add_char(to, '}');
}

static void
add_mechanism(struct buffer *to, const char *key, const struct identifiers *identifiers,
    enum dmarc_mechanism mechanism)
{
	size_t i;

	json_add_key(to, key);
	buffer_add_char(to, '[');
	for (i = 0; i < identifiers->count; i++)
		if (identifiers->items[i].identifier.mechanism == mechanism)
			add_checked(to, &identifiers->items[i]);
	buffer_add_char(to, ']');
}

const char *
dmarc_report_line(struct mf_context *c, const struct dmarc_outcome *outcome,
    const struct identifiers *identifiers, const struct decision *decision, size_t *length_r)
{
	struct buffer to = { 0 };
	char *line;

	buffer_add_char(&to, '{');
	json_add_integer(&to, "version", 1);
	add_envelope(c, &to);
	json_add_member(&to, "header_from", outcome->author);
	add_record(&to, outcome);
	add_evaluated(&to, outcome, decision);
	add_mechanism(&to, "auth_dkim", identifiers, DMARC_DKIM);
	add_mechanism(&to, "auth_spf", identifiers, DMARC_SPF);
	buffer_add_text(&to, "}\n");
	line = mf_alloc(c, to.length + 1);
	memcpy(line, to.data, to.length);
	*length_r = to.length;
	buffer_free(&to);
	return line;
}
