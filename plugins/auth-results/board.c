/* SPDX-License-Identifier: BSD-2-Clause */
/* Makes results as authres.h has them of the results board. */
#include <string.h>
#include <strings.h>

#include "filterd/util/domain.h"
#include "plugins/auth-results/board.h"

static void *
alloc(void *owner, size_t size)
{
	return mf_alloc(owner, size);
}

struct authres_memory
authres_memory_of(struct mf_context *c)
{
	return (struct authres_memory){ alloc, c };
}

bool
authres_smtputf8(struct mf_context *c)
{
	const struct mf_address *sender = mf_sender(c);
	const char *const *argument = sender ? sender->arguments : NULL;

	for (; argument && *argument; argument++)
		if (strcasecmp(*argument, "SMTPUTF8") == 0)
			return true;
	return false;
}

static const char *
ascii_domain(struct mf_context *c, const char *value)
{
	char buffer[DOMAIN_TEXT];
	struct str found = domain_ascii_in(str_of(value), buffer);

	return found.data == value ? value :
	    mf_printf(c, "%.*s", (int)found.length, found.data);
}

static struct authres_property *
convert_property(struct mf_context *c, const struct mf_property *from, bool utf8)
{
	struct authres_property *property = mf_alloc(c, sizeof(*property));
	const char *dot = strchr(from->name, '.');

	property->ptype = mf_printf(c, "%.*s", (int)(dot - from->name), from->name);
	property->property = dot + 1;
	property->value = utf8 ? from->value : ascii_domain(c, from->value);
	return property;
}

static struct authres_result *
convert(struct mf_context *c, const struct mf_result_view *view, bool utf8)
{
	struct authres_result *result = mf_alloc(c, sizeof(*result));
	struct authres_property **end = &result->properties;
	size_t i;

	result->method = view->method;
	result->value = view->value;
	result->reason = view->reason;
	for (i = 0; i < view->property_count; i++) {
		*end = convert_property(c, &view->properties[i], utf8);
		end = &(*end)->next;
	}
	return result;
}

static bool
is_wanted(const struct mf_strings *methods, const char *method)
{
	size_t i;

	for (i = 0; i < methods->count; i++)
		if (strcasecmp(methods->items[i], method) == 0)
			return true;
	return methods->count == 0;
}

struct authres_result *
authres_from_board(struct mf_context *c, const struct mf_strings *methods, bool utf8)
{
	struct authres_result *first = NULL, **end = &first;
	struct mf_result_view view;
	size_t i;

	for (i = 0; mf_result_at(c, i, &view); i++) {
		if (!is_wanted(methods, view.method))
			continue;
		*end = convert(c, &view, utf8);
		end = &(*end)->next;
	}
	return first;
}
