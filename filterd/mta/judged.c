/* SPDX-License-Identifier: BSD-2-Clause */
/* The line `judged`, made of an explanation. */
#include "filterd/mta/judged.h"
#include "filterd/scenario/words.h"

static void
add_part(struct buffer *to, const char *name, struct buffer *value)
{
	if (value->length) {
		buffer_printf(to, " %s ", name);
		words_quote(to, (struct str){ value->data, value->length }, 0);
	}
	buffer_free(value);
}

static void
add_text(struct buffer *to, const char *name, const char *text)
{
	struct buffer value = { 0 };

	if (text)
		buffer_add_text(&value, text);
	add_part(to, name, &value);
}

/* NAME:VERDICT@STAGE of those that said more than that the mail may go on. */
static void
add_filters(struct buffer *to, const struct explanation *explanation)
{
	struct buffer value = { 0 };

	for (size_t i = 0; i < explanation->filter_count; i++) {
		const struct filter_account *account = &explanation->filters[i];

		if (!account->called || account->verdict == MF_CONTINUE)
			continue;
		buffer_printf(&value, "%s%s%s:%s@%s", value.length ? " " : "", account->name,
		    account->shadow ? "(shadow)" : "", verdict_name(account->verdict),
		    stage_name(account->stage));
	}
	add_part(to, "filters", &value);
}

/* FILTER:RULE */
static void
add_rules(struct buffer *to, const struct explanation *explanation)
{
	struct buffer value = { 0 };

	for (size_t i = 0; i < explanation->filter_count; i++) {
		const struct filter_account *account = &explanation->filters[i];

		for (const struct matched_rule *rule = account->rules; rule; rule = rule->next)
			buffer_printf(&value, "%s%s:%s", value.length ? " " : "", account->name,
			    rule->rule);
	}
	add_part(to, "rules", &value);
}

/* METHOD=VALUE (REASON) PROPERTY=VALUE …; as RFC 8601 writes it */
static void
add_results(struct buffer *to, const struct board *board)
{
	const struct result_property *property;
	const struct mf_result *result;
	struct buffer value = { 0 };

	for (result = board->results; result; result = result->next) {
		buffer_printf(&value, "%s%s=%s", value.length ? "; " : "", result->method,
		    result->value);
		if (result->reason)
			buffer_printf(&value, " (%s)", result->reason);
		for (property = result->properties; property; property = property->next)
			buffer_printf(&value, " %s=%s", property->name, property->value);
	}
	add_part(to, "results", &value);
}

/* NAME:POINTS */
static void
add_symbols(struct buffer *to, const struct board *board)
{
	const struct symbol *symbol;
	struct buffer value = { 0 };

	for (symbol = board->symbols; symbol; symbol = symbol->next)
		buffer_printf(&value, "%s%s:%.10g", value.length ? " " : "", symbol->name,
		    symbol->points);
	add_part(to, "symbols", &value);
}

void
judged_print(const struct explanation *explanation, struct buffer *to)
{
	buffer_add_text(to, "judged");
	add_text(to, "verdict", explanation->verdict);
	add_text(to, "filter", explanation->decided_by);
	add_filters(to, explanation);
	add_rules(to, explanation);
	if (explanation->board) {
		add_results(to, explanation->board);
		add_symbols(to, explanation->board);
	}
}
