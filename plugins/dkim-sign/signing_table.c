/* SPDX-License-Identifier: BSD-2-Clause */
/* OpenDKIM's SigningTable. */
#include <stdlib.h>

#include "plugins/dkim-sign/signing_table.h"

const char *
signing_entry_parse(const struct open_line *line, struct signing_entry *entry_r)
{
	struct dkim_text rest = line->value;

	*entry_r = (struct signing_entry){ .pattern = line->key, .line = line->number };
	if (!open_field(&rest, false, &entry_r->key) || entry_r->key.length == 0)
		return "expected the name of a key behind the address";
	open_field(&rest, true, &entry_r->signer);
	return NULL;
}

/* ---- order ---- */

static int
compare_text(struct dkim_text a, struct dkim_text b)
{
	size_t shorter = a.length < b.length ? a.length : b.length;
	size_t i;

	for (i = 0; i < shorter; i++) {
		unsigned char x = (unsigned char)dkim_lower(a.data[i]);
		unsigned char y = (unsigned char)dkim_lower(b.data[i]);

		if (x != y)
			return x < y ? -1 : 1;
	}
	return a.length == b.length ? 0 : a.length < b.length ? -1 : 1;
}

/* Entries of one pattern stay in written order. */
static int
compare_entries(const void *left, const void *right)
{
	const struct signing_entry *a = left, *b = right;
	int order = compare_text(a->pattern, b->pattern);

	if (order != 0)
		return order;
	return a->line == b->line ? 0 : a->line < b->line ? -1 : 1;
}

void
signing_table_prepare(struct signing_table *table)
{
	if (!table->wildcards && table->count > 1)
		qsort(table->entries, table->count, sizeof(*table->entries), compare_entries);
}

/* The first entry whose pattern is not less than the text. */
static size_t
lower_bound(const struct signing_table *table, struct dkim_text text)
{
	size_t low = 0, high = table->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_text(table->entries[middle].pattern, text) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* ---- patterns ---- */

bool
signing_pattern_matches(struct dkim_text pattern, struct dkim_text text)
{
	size_t p = 0, t = 0, star = 0, mark = 0;
	bool starred = false;

	/* After a mismatch the last "*" takes one byte more: earlier ones need not be tried
	 * again. */
	while (t < text.length) {
		if (p < pattern.length && pattern.data[p] == '*') {
			starred = true;
			star = ++p;
			mark = t;
		} else if (p < pattern.length &&
		    dkim_lower(pattern.data[p]) == dkim_lower(text.data[t])) {
			p++;
			t++;
		} else if (starred) {
			p = star;
			t = ++mark;
		} else {
			return false;
		}
	}
	while (p < pattern.length && pattern.data[p] == '*')
		p++;
	return p == pattern.length;
}

static const struct signing_entry *
next_matching(const struct signing_table *table, struct dkim_text address,
    struct signing_search *search)
{
	while (search->entry < table->count) {
		const struct signing_entry *entry = &table->entries[search->entry++];

		if (signing_pattern_matches(entry->pattern, address))
			return entry;
	}
	return NULL;
}

/* ---- forms of an address ---- */

/* An address in parts: "user@", "host.example". */
struct parts {
	struct dkim_text user, host;
	size_t dots;			/* in host */
};

static bool
split(struct dkim_text address, struct parts *parts_r)
{
	size_t at = address.length, i;

	*parts_r = (struct parts){ 0 };
	while (at > 0 && address.data[at - 1] != '@')
		at--;
	if (at == 0 || address.length > SIGNING_ADDRESS_MAX)
		return false;
	parts_r->user = (struct dkim_text){ address.data, at };
	parts_r->host = (struct dkim_text){ address.data + at, address.length - at };
	for (i = at; i < address.length; i++)
		parts_r->dots += address.data[i] == '.';
	return !memchr(parts_r->host.data, '*', parts_r->host.length) &&
	    (at == address.length || address.data[at] != '.');
}

/* The host from its nth dot on, from 0. */
static struct dkim_text
superdomain(const struct parts *parts, size_t n)
{
	struct dkim_text rest = parts->host;

	for (;;) {
		const char *dot = memchr(rest.data, '.', rest.length);

		if (!dot)
			return (struct dkim_text){ rest.data, 0 };
		rest.length -= (size_t)(dot - rest.data);
		rest.data = dot;
		if (n-- == 0)
			return rest;
		rest.data++;
		rest.length--;
	}
}

static struct dkim_text
join(struct dkim_text a, struct dkim_text b, char *room)
{
	memcpy(room, a.data, a.length);
	memcpy(room + a.length, b.data, b.length);
	return (struct dkim_text){ room, a.length + b.length };
}

/* user@host, host, user@.domain for all domains above, .domain likewise, user@*, "*". False:
 * that was the last one. */
static bool
form_of(const struct parts *parts, size_t n, char *room, struct dkim_text *form_r)
{
	size_t dots = parts->dots;

	if (n == 0)
		*form_r = join(parts->user, parts->host, room);
	else if (n == 1)
		*form_r = parts->host;
	else if (n < 2 + dots)
		*form_r = join(parts->user, superdomain(parts, n - 2), room);
	else if (n < 2 + 2 * dots)
		*form_r = superdomain(parts, n - 2 - dots);
	else if (n == 2 + 2 * dots)
		*form_r = join(parts->user, dkim_text_of("*"), room);
	else if (n == 3 + 2 * dots)
		*form_r = dkim_text_of("*");
	else
		return false;
	return true;
}

static const struct signing_entry *
next_of_forms(const struct signing_table *table, struct dkim_text address,
    struct signing_search *search)
{
	char room[SIGNING_ADDRESS_MAX + 1];
	struct dkim_text form;
	struct parts parts;

	if (!split(address, &parts))
		return NULL;
	for (; form_of(&parts, search->form, room, &form); search->form++, search->within = false) {
		if (!search->within)
			search->entry = lower_bound(table, form);
		search->within = true;
		if (search->entry < table->count &&
		    compare_text(table->entries[search->entry].pattern, form) == 0)
			return &table->entries[search->entry++];
	}
	return NULL;
}

const struct signing_entry *
signing_table_next(const struct signing_table *table, struct dkim_text address,
    struct signing_search *search)
{
	return table->wildcards ? next_matching(table, address, search) :
				  next_of_forms(table, address, search);
}
