/* SPDX-License-Identifier: BSD-2-Clause */
/* The explanation for a person. What comes from mail cannot work the terminal: control characters
 * are shown as \xNN. */
#include "filterd/chain/explanation.h"
#include "filterd/chain/state.h"
#include "filterd/service/dns_answer.h"
#include "filterd/util/utf8.h"

#define VALUE_SHOWN 200		/* bytes of an edit's value */

static bool
is_plain(struct str character, uint32_t point)
{
	return character.length && point >= ' ' && point != 0x7f &&
	    (point < 0x80 || point >= 0xa0) && (point < 0x200b || point > 0x200f) &&
	    (point < 0x2028 || point > 0x202e) && (point < 0x2066 || point > 0x2069);
}

static void
print_str(struct str text, FILE *to)
{
	while (text.length) {
		uint32_t point = 0;
		struct str character = { text.data, utf8_next(text, &point) };

		if (is_plain(character, point))
			fwrite(character.data, 1, character.length, to);
		else
			fprintf(to, "\\x%02x", (unsigned char)*text.data);
		if (!is_plain(character, point))
			character.length = 1;
		text.data += character.length;
		text.length -= character.length;
	}
}

static void
print(const char *text, FILE *to)
{
	print_str(str_of(text), to);
}

/* "label       text", nothing without text. */
static void
print_line(const char *label, const char *text, FILE *to)
{
	if (!text)
		return;
	fprintf(to, "%-12s", label);
	print(text, to);
	fputc('\n', to);
}

static void
print_verdict(const struct explanation *explanation, FILE *to)
{
	const struct reply *reply = explanation->reply;
	size_t i;

	fprintf(
	    to, "%-12s%s at %s", "verdict", explanation->verdict, stage_name(explanation->stage));
	if (explanation->decided_by) {
		fputs(" by ", to);
		print(explanation->decided_by, to);
	}
	fputc('\n', to);
	for (i = 0; reply && i < reply->line_count; i++) {
		fprintf(to, "%-12s%d %s ", i ? "" : "reply", reply->code, reply->enhanced);
		print(reply->lines[i], to);
		fputc('\n', to);
	}
}

static void
print_address(const char *label, const char *address, FILE *to)
{
	fprintf(to, "%-12s<", label);
	print(address, to);
	fputs(">\n", to);
}

static void
print_session(const struct explanation *explanation, FILE *to)
{
	size_t i;

	fprintf(to, "%-12s", "client");
	print(explanation->client_name, to);
	fputs(" (", to);
	print(explanation->client_address, to);
	fputs(")\n", to);
	print_line("helo", explanation->helo, to);
	print_line("auth", explanation->auth_user, to);
	if (explanation->sender)
		print_address("sender", explanation->sender, to);
	for (i = 0; i < explanation->recipient_count; i++)
		print_address(i ? "" : "recipients", explanation->recipients[i], to);
}

/* ---- filters ---- */

static void
print_edit(const struct edit *edit, const char *remark, FILE *to)
{
	struct str value = edit->value;

	fprintf(to, "    %s", edit_name(edit->kind));
	if (edit->name) {
		fputc(' ', to);
		print(edit->name, to);
	}
	if (edit->kind == EDIT_HEADER_INSERT)
		fprintf(to, " at %zu", edit->index);
	else if (edit->name && edit->index)
		fprintf(to, " (number %zu)", edit->index + 1);
	if (edit->kind == EDIT_BODY_REPLACE || edit->kind == EDIT_BODY_APPEND) {
		fprintf(to, " (%zu bytes)", value.length);
	} else if (value.data) {
		fputs(edit->name ? ":" : " ", to);
		if (value.length > VALUE_SHOWN)
			value.length = VALUE_SHOWN;
		print_str(value, to);
		fputs(value.length < edit->value.length ? "..." : "", to);
	}
	fprintf(to, "%s\n", remark);
}

static void
print_rule(const struct matched_rule *rule, FILE *to)
{
	fputs("    rule ", to);
	print(rule->rule, to);
	fputs(rule->would ? " (shadow) matched (" : " matched (", to);
	print(rule->where, to);
	fprintf(to, ", %s)", stage_name(rule->stage));
	if (rule->would) {
		fputs("; not done: ", to);
		print(rule->would, to);
	}
	fputc('\n', to);
}

static void
print_filter(const struct filter_account *account, FILE *to)
{
	const struct matched_rule *rule;
	const struct edit *edit;

	fputs("  ", to);
	print(account->name, to);
	fputs(account->shadow ? " (shadow): " : ": ", to);
	if (!account->called) {
		fputs("not called\n", to);
		return;
	}
	fprintf(to, "%s at %s, %lld us", verdict_name(account->verdict), stage_name(account->stage),
	    (long long)account->time_us);
	if (account->cause) {
		fputs(": ", to);
		print(account->cause, to);
	}
	if (account->policy)
		fprintf(to, "; on-error %s", account->policy);
	fputc('\n', to);
	for (rule = account->rules; rule; rule = rule->next)
		print_rule(rule, to);
	for (edit = account->edits; edit; edit = edit->next)
		print_edit(edit, account->shadow ? "  [not done: shadow]" : "", to);
	for (edit = account->dropped; edit; edit = edit->next)
		print_edit(edit, "  [rolled back]", to);
}

/* ---- board ---- */

static void
print_board(const struct board *board, FILE *to)
{
	const struct mf_result *result;
	const struct result_property *property;
	const struct symbol *symbol;

	fputs(board->results ? "results\n" : "", to);
	for (result = board->results; result; result = result->next) {
		fputs("  ", to);
		print(result->method, to);
		fputc('=', to);
		print(result->value, to);
		if (result->reason) {
			fputs(" reason=", to);
			print(result->reason, to);
		}
		for (property = result->properties; property; property = property->next) {
			fputc(' ', to);
			print(property->name, to);
			fputc('=', to);
			print(property->value, to);
		}
		fputc('\n', to);
	}
	if (board->symbols)
		fprintf(to, "%-12s%.10g\n", "score", board->score);
	for (symbol = board->symbols; symbol; symbol = symbol->next) {
		fprintf(to, "  %.10g ", symbol->points);
		print(symbol->name, to);
		fputc('\n', to);
	}
}

/* ---- queries of the DNS ---- */

static void
print_query(const struct dns_account *query, FILE *to)
{
	fputs("  ", to);
	print(query->name, to);
	fprintf(to, " %s: ", dns_type_name(query->type));
	if (query->known)
		fprintf(to, "%s%s, %lld us", dns_status_name(query->status),
		    query->secure ? ", secure" : "", (long long)query->time_us);
	else
		fputs("not answered, nobody waited", to);
	fputs(" (", to);
	print(query->filter, to);
	fputs(")\n", to);
}

void
explanation_text(const struct explanation *explanation, FILE *to)
{
	size_t i;

	print_verdict(explanation, to);
	print_session(explanation, to);
	fputs(explanation->filter_count ? "filters\n" : "", to);
	for (i = 0; i < explanation->filter_count; i++)
		print_filter(&explanation->filters[i], to);
	print_board(explanation->board, to);
	fputs(explanation->query_count ? "dns\n" : "", to);
	for (i = 0; i < explanation->query_count; i++)
		print_query(explanation->queries[i], to);
	if (explanation->final)
		print_line("quarantine", explanation->final->quarantine, to);
	print_line(explanation->stored ? "stored in" : "would be stored in", explanation->store,
	    to);
}
