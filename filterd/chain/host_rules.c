/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The results board, conditions, templates, regexes and lists as plugins reach them. In start there
 * is no board and no field has a value; regexes and lists work there too.
 */
#include <string.h>

#include "filterd/chain/host.h"
#include "filterd/chain/start.h"
#include "filterd/chain/state.h"
#include "filterd/config/condition.h"
#include "filterd/config/template.h"

/* The board that may be written now; NULL: none. */
static struct board *
open_board(struct seat *seat)
{
	return seat->session && !seat->session->call.ending ? board_now(seat->session) : NULL;
}

/* ---- results ---- */

/* The callback ends in ERROR. */
static void
refuse(struct seat *seat, const char *why)
{
	struct call *call = &seat->session->call;

	if (!call->refused)
		call->refused = why;
}

struct mf_result *
host_result_add(struct mf_context *c, const char *method, const char *value, const char *reason)
{
	struct seat *seat = seat_of(c);
	struct board *board = open_board(seat);

	if (!board)
		return NULL;
	if (!result_keyword(method) || !result_keyword(value)) {
		refuse(seat, result_keyword(method) ? "result: its value is no keyword" :
						      "result: its method is no keyword");
		return NULL;
	}
	return board_add(board, method, value, reason);
}

void
host_result_property(
    struct mf_context *c, struct mf_result *result, const char *property, const char *value)
{
	struct seat *seat = seat_of(c);

	if (!result || !open_board(seat))
		return;
	if (result_property_name(property))
		board_property(result, property, value ? value : "");
	else
		refuse(seat, "result: its property is not two keywords with a dot");
}

static const struct mf_result *
find_result(struct seat *seat, const char *method, size_t n)
{
	return seat->session && method ? board_result(board_now(seat->session), method, n) : NULL;
}

size_t
host_result_count(struct mf_context *c, const char *method)
{
	size_t count = 0;

	while (find_result(seat_of(c), method, count))
		count++;
	return count;
}

const char *
host_result_value(struct mf_context *c, const char *method, size_t n)
{
	const struct mf_result *result = find_result(seat_of(c), method, n);

	return result ? result->value : NULL;
}

const char *
host_result_get(struct mf_context *c, const char *method, size_t n, const char *property)
{
	const struct mf_result *result = find_result(seat_of(c), method, n);

	return result && property ? result_property(result, property) : NULL;
}

bool
host_result_at(struct mf_context *c, size_t index, struct mf_result_view *view_r)
{
	struct seat *seat = seat_of(c);
	const struct mf_result *result;
	const struct result_property *property;
	struct mf_property *properties;

	result = seat->session ? board_result_at(board_now(seat->session), index) : NULL;
	*view_r = (struct mf_result_view){ 0 };
	if (!result)
		return false;
	*view_r = (struct mf_result_view){ result->method, result->value, result->reason, NULL, 0 };
	for (property = result->properties; property; property = property->next)
		view_r->property_count++;
	view_r->properties = properties =
	    arena_array(seat_arena(seat), view_r->property_count, sizeof(*properties));
	for (property = result->properties; property; property = property->next)
		*properties++ = (struct mf_property){ property->name, property->value };
	return true;
}

/* ---- score ---- */

double
host_score(struct mf_context *c)
{
	const struct seat *seat = seat_of(c);

	return seat->session ? board_now(seat->session)->score : 0;
}

void
host_symbol_add(struct mf_context *c, const char *name, double points)
{
	struct board *board = open_board(seat_of(c));

	if (board)
		board_symbol(board, name ? name : "", points);
}

bool
host_symbol(struct mf_context *c, const char *name, double *points_r)
{
	const struct seat *seat = seat_of(c);

	if (points_r)
		*points_r = 0;
	return seat->session && name && board_has_symbol(board_now(seat->session), name, points_r);
}

/* ---- conditions and templates ---- */

/* Where a question of the callback finds values; NULL: there is no session, or the callback has
 * taken so much memory that it ends in ERROR. Then no condition holds and no text is made, so that
 * it takes no more: what values cost is up to who has written the message. */
static struct field_source *
source_of(const struct seat *seat)
{
	return seat->session && !call_overdrawn(seat->session) ? session_source(seat->session)
							       : NULL;
}

bool
host_test(struct mf_context *c, const struct mf_condition *condition)
{
	struct field_source *source;

	if (!condition)
		return true;
	source = source_of(seat_of(c));
	return source && condition_test(condition, source);
}

enum mf_stage
host_condition_stage(struct mf_context *c, const struct mf_condition *condition)
{
	(void)c;
	return condition_stage(condition);
}

const char *
host_expand(struct mf_context *c, const struct mf_template *text)
{
	struct field_source *source = source_of(seat_of(c));

	return text && source ? template_expand(text, source).data : "";
}

const char *
host_expand_shown(struct mf_context *c, const struct mf_template *text, enum mf_form form)
{
	struct field_source *source = source_of(seat_of(c));

	return text && source ? template_expand_shown(text, source, form).data : "";
}

enum mf_stage
host_template_stage(struct mf_context *c, const struct mf_template *text)
{
	(void)c;
	return text ? template_stage(text) : MF_STAGE_CONNECT;
}

/* ---- regexes and lists ---- */

static bool
match_in_start(const struct mf_regex *regex, struct str subject)
{
	return regex_match(regex, subject, NULL) == REGEX_MATCH;
}

/* $N outlive the subject, which is the plugin's; a template takes no more of them than this. */
static void
keep_groups(struct field_source *source, const struct captures *captures)
{
	size_t i;

	for (i = 0; i < REGEX_GROUPS; i++) {
		struct str group = captures->group[i];

		if (group.length > TEMPLATE_TEXT_MAXIMUM)
			group.length = TEMPLATE_TEXT_MAXIMUM;
		source->captures.group[i] = group.data ? arena_str(source->arena, group) : group;
	}
}

bool
host_match(struct mf_context *c, const struct mf_regex *regex, const char *subject, size_t length)
{
	struct seat *seat = seat_of(c);
	struct str text = { subject ? subject : "", subject ? length : 0 };
	struct field_source *source;
	struct captures captures;
	enum regex_outcome outcome;

	if (!regex)
		return false;
	if (!seat->session)
		return match_in_start(regex, text);
	source = source_of(seat);
	if (!source)
		return false;
	outcome = regex_match(regex, text, &captures);
	if (outcome == REGEX_MATCH)
		keep_groups(source, &captures);
	if (outcome == REGEX_LIMIT)
		source->limit_reached(source->subject, "", "", regex_text(regex));
	return outcome == REGEX_MATCH;
}

char *
host_replace(struct mf_context *c, const struct mf_regex *regex, const struct mf_template *with,
    const char *subject, size_t length, size_t *length_r)
{
	struct field_source *source = source_of(seat_of(c));
	struct str text = { subject ? subject : "", subject ? length : 0 };
	struct str result;

	if (length_r)
		*length_r = 0;
	if (!regex || !source || !template_replace(regex, with, text, source, &result))
		return NULL;
	if (length_r)
		*length_r = result.length;
	return (char *)result.data;
}

bool
host_list_has(struct mf_context *c, const struct mf_list *list, const char *text)
{
	(void)c;
	return list && text && list_has(list, str_of(text));
}
