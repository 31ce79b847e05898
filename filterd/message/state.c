/* SPDX-License-Identifier: BSD-2-Clause */
/* A message's state: what is read of it, and its arrays, which stand in the message's arena and
 * are replaced as they grow. */
#include <string.h>

#include "filterd/message/address.h"
#include "filterd/message/decode.h"
#include "filterd/message/state.h"

#define FIRST_FIELDS		32
#define FIRST_RECIPIENTS	4

struct field_node *
field_create(struct arena *arena, struct str name, struct str value)
{
	struct field_node *field = arena_alloc(arena, sizeof(*field));

	field->name = arena_str(arena, name);
	field->value = arena_str(arena, value);
	return field;
}

static size_t
count_byte(struct str text, char byte)
{
	const char *at = text.data, *end = text.data + text.length;
	size_t count = 0;

	while (at < end && (at = memchr(at, byte, (size_t)(end - at)))) {
		count++;
		at++;
	}
	return count;
}

/* A fold is kept as LF and sent as CRLF. */
size_t
field_size(const struct field_node *field)
{
	return field->name.length + 1 + field->value.length + count_byte(field->value, '\n') + 2;
}

/* A copy of count pointers with room for more. */
static void *
copy_pointers(struct arena *arena, const void *from, size_t count, size_t room)
{
	void *copy = arena_array(arena, room, sizeof(void *));

	if (count)
		memcpy(copy, from, count * sizeof(void *));
	return copy;
}

static void
set_field_room(struct state *state, struct arena *arena, size_t room)
{
	state->fields = copy_pointers(arena, state->fields, state->field_count, room);
	state->field_room = room;
}

static void
set_recipient_room(struct state *state, struct arena *arena, size_t room)
{
	state->recipients = copy_pointers(arena, state->recipients, state->recipient_count, room);
	state->recipient_room = room;
}

void
state_own_fields(struct state *state, struct arena *arena, const struct state *shared)
{
	if (state->fields == shared->fields)
		set_field_room(state, arena, state->field_count + FIRST_FIELDS / 4);
}

void
state_own_recipients(struct state *state, struct arena *arena, const struct state *shared)
{
	if (state->recipients == shared->recipients)
		set_recipient_room(state, arena, state->recipient_count + FIRST_RECIPIENTS);
}

void
state_insert_field(struct state *state, struct arena *arena, size_t index, struct field_node *field)
{
	size_t room = state->field_room ? state->field_room * 2 : FIRST_FIELDS;

	if (state->field_count == state->field_room)
		set_field_room(state, arena, room);
	if (index > state->field_count)
		index = state->field_count;
	memmove(state->fields + index + 1, state->fields + index,
	    (state->field_count - index) * sizeof(*state->fields));
	state->fields[index] = field;
	state->field_count++;
}

void
state_add_recipient(struct state *state, struct arena *arena, struct mf_address *recipient)
{
	size_t room = state->recipient_room ? state->recipient_room * 2 : FIRST_RECIPIENTS;

	if (state->recipient_count == state->recipient_room)
		set_recipient_room(state, arena, room);
	state->recipients[state->recipient_count++] = recipient;
}

size_t
state_field_count(const struct state *state, struct str name)
{
	size_t i, count = 0;

	if (!name.data)
		return state->field_count;
	for (i = 0; i < state->field_count; i++)
		count += str_equal_nocase(state->fields[i]->name, name);
	return count;
}

size_t
state_field_find(const struct state *state, struct str name, size_t n)
{
	size_t i;

	for (i = 0; i < state->field_count; i++) {
		if (str_equal_nocase(state->fields[i]->name, name) && n-- == 0)
			break;
	}
	return i;
}

bool
field_same(const struct field_node *a, const struct field_node *b)
{
	return a == b || (str_equal(a->name, b->name) && str_equal(a->value, b->value));
}

struct str
field_decoded(struct model *model, struct field_node *field)
{
	if (!field->decoded.data)
		field->decoded = header_decode(model->arena, field->value);
	return field->decoded;
}

struct str
field_line(struct model *model, struct field_node *field)
{
	struct str value;
	char *line;

	if (field->line.data)
		return field->line;
	value = field_decoded(model, field);
	line = arena_alloc(model->arena, field->name.length + value.length + sizeof(": "));
	memcpy(line, field->name.data, field->name.length);
	memcpy(line + field->name.length, ": ", 2);
	memcpy(line + field->name.length + 2, value.data, value.length);
	field->line = (struct str){ line, field->name.length + 2 + value.length };
	return field->line;
}

/* Domains while they are gathered. */
struct domains {
	struct arena *arena;
	struct str found[ADDRESS_LIST_MAXIMUM];
	size_t count;
};

static bool
take_domain(void *argument, struct str address, struct str local, struct str domain)
{
	struct domains *domains = argument;

	(void)address;
	(void)local;
	domains->found[domains->count++] = arena_str(domains->arena, domain);
	return false;
}

const struct str *
field_domains(struct model *model, struct field_node *field, size_t *count_r)
{
	if (!field->domains) {
		struct domains domains = { .arena = model->arena };
		struct arena *scratch = arena_create(0, 0);
		struct str *kept;

		address_list_each(field->value, scratch, take_domain, &domains);
		arena_destroy(&scratch);
		kept = arena_array(model->arena, domains.count + 1, sizeof(*kept));
		memcpy(kept, domains.found, domains.count * sizeof(*kept));
		field->domains = kept;
		field->domain_count = domains.count;
	}
	*count_r = field->domain_count;
	return field->domains;
}

size_t
state_size(const struct state *state)
{
	size_t i, size = 2;

	for (i = 0; i < state->field_count; i++)
		size += field_size(state->fields[i]);
	return size + (state->body ? body_size(state->body) : 0);
}
