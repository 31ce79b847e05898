/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The view that goes with a model. It is kept as long as what it shows is the same: the body, and
 * those of the header fields that MIME knows, which are immutable, so that comparing pointers is
 * enough. The view has an arena of its own, for it is the message's and no filter's.
 */
#include "filterd/message/mime_model.h"

struct mime_cache {
	struct arena *arena;		/* of the view; NULL: none */
	struct mime_view *view;
	const struct body *body;	/* that it was made of */
	size_t size;			/* of the body then */
	const struct field_node **nodes;	/* the fields that were looked at */
	size_t node_count;
};

static void
cache_clear(void *foreign)
{
	struct mime_cache *cache = foreign;

	if (cache->arena)
		arena_destroy(&cache->arena);
	cache->view = NULL;
}

static struct mime_cache *
cache_of(struct model *model)
{
	if (!model->mime) {
		model->mime = arena_alloc(model->arena, sizeof(*model->mime));
		arena_cleanup(model->arena, cache_clear, model->mime);
	}
	return model->mime;
}

static bool
is_shown(const struct field_node *node)
{
	return str_has_prefix_nocase(node->name, STR("content-")) ||
	    str_equal_nocase(node->name, STR("mime-version"));
}

static bool
is_current(const struct mime_cache *cache, const struct state *state)
{
	size_t i, seen = 0;

	if (!cache->view || cache->body != state->body || cache->size != body_size(state->body))
		return false;
	for (i = 0; i < state->field_count; i++) {
		if (!is_shown(state->fields[i]))
			continue;
		if (seen == cache->node_count || cache->nodes[seen] != state->fields[i])
			return false;
		seen++;
	}
	return seen == cache->node_count;
}

/* Fields that say nothing about MIME are left out. */
static struct mime_field *
shown_fields(struct mime_cache *cache, const struct state *state)
{
	struct mime_field *fields =
	    arena_array(cache->arena, state->field_count + 1, sizeof(*fields));
	size_t i;

	cache->nodes = arena_array(cache->arena, state->field_count + 1, sizeof(*cache->nodes));
	cache->node_count = 0;
	for (i = 0; i < state->field_count; i++) {
		const struct field_node *node = state->fields[i];

		if (!is_shown(node))
			continue;
		fields[cache->node_count].name = node->name;
		fields[cache->node_count].value = node->value;
		cache->nodes[cache->node_count++] = node;
	}
	return fields;
}

static void
let_go(void *argument, size_t begin, size_t end)
{
	body_let_go(argument, begin, end);
}

struct mime_view *
model_mime(struct model *model)
{
	const struct state *state = model_view(model);
	struct mime_cache *cache = cache_of(model);
	struct mime_field *fields;
	struct mime_paging paging = { let_go, state->body };
	struct str bytes;

	if (is_current(cache, state))
		return cache->view;
	cache_clear(cache);
	if (!body_bytes(state->body, &bytes))
		return NULL;
	cache->arena = arena_create(0, 0);
	fields = shown_fields(cache, state);
	cache->view = mime_parse(cache->arena, &model->mime_limits, fields, cache->node_count,
	    bytes, &paging);
	cache->body = state->body;
	cache->size = bytes.length;
	return cache->view;
}
