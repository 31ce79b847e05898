/* SPDX-License-Identifier: BSD-2-Clause */
#include "plugins/dkim/hash.h"

/* How often the name has come in h= before this place. */
static size_t
earlier(const struct dkim_text *names, size_t place)
{
	size_t i, count = 0;

	for (i = 0; i < place; i++)
		count += dkim_text_same(names[i], names[place]);
	return count;
}

/* The nth field of a name from the bottom; NULL: there are not so many. */
static const struct dkim_field *
from_bottom(const struct dkim_field *fields, size_t count, size_t self, struct dkim_text name,
    size_t n)
{
	while (count--) {
		const struct dkim_field *field = &fields[count];

		if (count != self && dkim_text_same(dkim_trim(field->name), name) && !n--)
			return field;
	}
	return NULL;
}

void
dkim_hash_fields(enum dkim_canon canon, const struct dkim_field *fields, size_t count, size_t self,
    struct dkim_text names, struct dkim_output *output)
{
	struct dkim_text seen[DKIM_NAMES_MAX];
	const struct dkim_field *field;
	size_t i;

	for (i = 0; i < DKIM_NAMES_MAX && dkim_next_item(&names, &seen[i]); i++) {
		field = from_bottom(fields, count, self, seen[i], earlier(seen, i));
		if (field)
			dkim_canon_field(canon, field, output);
	}
}

size_t
dkim_names_count(struct dkim_text names, const char *name)
{
	struct dkim_text item;
	size_t count = 0;

	while (dkim_next_item(&names, &item))
		count += dkim_text_is(item, name);
	return count;
}

size_t
dkim_fields_count(const struct dkim_field *fields, size_t count, struct dkim_text name)
{
	size_t i, found = 0;

	for (i = 0; i < count; i++)
		found += dkim_text_same(dkim_trim(fields[i].name), name);
	return found;
}
