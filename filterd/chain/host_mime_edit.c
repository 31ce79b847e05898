/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Edits of MIME parts that a plugin asks for: what message/mime_edit.c makes of each becomes edits
 * of body and header fields, which are checked, counted, shown and rolled back as any others are.
 */
#include "filterd/chain/host.h"
#include "filterd/chain/host_mime.h"
#include "filterd/chain/start.h"
#include "filterd/chain/state.h"
#include "filterd/message/mime_edit.h"

/* An edit under way; its new texts live in an arena of their own, until the model has them. */
struct job {
	struct seat *seat;
	struct mime_edit edit;
	struct arena *arena;
};

static bool
begin(struct mf_context *c, size_t index, struct job *job)
{
	struct mime_view *view = host_mime_view(c);

	job->seat = seat_of(c);
	if (!view)
		return false;
	if (index >= view->count) {
		if (!job->seat->session->call.refused)
			job->seat->session->call.refused = "it edits a part that is not there";
		return false;
	}
	job->arena = arena_create(0, 0);
	mime_edit_begin(&job->edit, view, job->arena);
	return true;
}

/* ---- header fields of the message ---- */

static bool
delete_fields(struct seat *seat, const char *name, size_t keep)
{
	const struct model *model = &seat->session->message.model;

	while (state_field_count(model_view(model), str_of(name)) > keep) {
		if (!edit_request(seat, &(struct edit){
			.kind = EDIT_HEADER_DELETE, .name = name, .index = keep }))
			return false;
	}
	return true;
}

/* Every Content-… field goes: they have moved into a part. */
static bool
strip_fields(struct seat *seat)
{
	const struct model *model = &seat->session->message.model;
	size_t i = 0;

	while (i < model_view(model)->field_count) {
		struct str name = model_view(model)->fields[i]->name;

		if (!str_has_prefix_nocase(name, STR("content-")))
			i++;
		else if (!delete_fields(seat, name.data, 0))
			return false;
	}
	return true;
}

static bool
set_field(struct seat *seat, const struct mime_edit_field *field)
{
	const struct model *model = &seat->session->message.model;
	struct edit edit = { .kind = EDIT_HEADER_SET, .name = field->name, .value = field->value };

	if (!field->value.data)
		return delete_fields(seat, field->name, 0);
	if (state_field_find(model_view(model), str_of(field->name), 0) ==
	    model_view(model)->field_count)
		edit.kind = EDIT_HEADER_ADD;
	return edit_request(seat, &edit) && delete_fields(seat, field->name, 1);
}

static bool
set_fields(const struct job *job)
{
	size_t i;

	if (job->edit.strip && !strip_fields(job->seat))
		return false;
	for (i = 0; i < job->edit.field_count; i++) {
		if (!set_field(job->seat, &job->edit.fields[i]))
			return false;
	}
	return true;
}

/* ---- the body ---- */

static bool
is_unchanged(const struct mime_edit *edit)
{
	return edit->piece_count == (edit->view->bytes.length ? 1u : 0u) &&
	    (!edit->piece_count || edit->pieces[0].data == edit->view->bytes.data);
}

static bool
set_body(const struct job *job)
{
	struct edit edit = { .kind = EDIT_BODY_REPLACE, .pieces = job->edit.pieces,
		.piece_count = job->edit.piece_count };
	size_t i;

	for (i = 0; i < job->edit.piece_count; i++)
		edit.value.length += job->edit.pieces[i].length;
	return is_unchanged(&job->edit) || edit_request(job->seat, &edit);
}

/* Carries out what has been made, the body first, while the view that it refers to is there. */
static bool
finish(struct job *job, bool made)
{
	struct session *session = job->seat->session;

	if (!made && !session->call.refused)
		session->call.refused = job->edit.refused;
	made = made && set_body(job) && set_fields(job);
	arena_destroy(&job->arena);
	return made;
}

/* ---- what plugins ask for ---- */

/* Whether a line can stand in a header as it is. */
static bool
is_line(const char *text)
{
	for (; text && *text; text++) {
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return false;
	}
	return true;
}

/* The content as the message's files take it. False: noted why. */
static bool
content_of(struct job *job, const struct mf_part_content *given, struct mime_content *content_r)
{
	if (!is_line(given->type) || !is_line(given->disposition)) {
		job->edit.refused = "a part's type or disposition holds a control character";
		return false;
	}
	*content_r = (struct mime_content){ given->type, given->disposition,
		{ given->bytes ? given->bytes : "", given->bytes ? given->size : 0 } };
	return true;
}

bool
host_part_replace(struct mf_context *c, size_t index, const struct mf_part_content *content)
{
	struct mime_content new;
	struct job job;

	return begin(c, index, &job) && finish(&job, content_of(&job, content, &new) &&
	    mime_edit_replace(&job.edit, index, &new));
}

bool
host_part_set_text(struct mf_context *c, size_t index, const char *text, size_t length)
{
	struct job job;

	return begin(c, index, &job) && finish(&job, mime_edit_text(&job.edit, index,
	    (struct str){ text ? text : "", text ? length : 0 }));
}

bool
host_part_remove(struct mf_context *c, size_t index)
{
	struct job job;

	return begin(c, index, &job) && finish(&job, mime_edit_remove(&job.edit, index));
}

bool
host_part_append(struct mf_context *c, size_t index, const struct mf_part_content *content)
{
	struct mime_content new;
	struct job job;

	return begin(c, index, &job) && finish(&job, content_of(&job, content, &new) &&
	    mime_edit_append(&job.edit, index, &new));
}

bool
host_part_wrap(struct mf_context *c, size_t index, const char *type)
{
	const char *given = type && *type ? type : "multipart/mixed";
	struct job job;

	if (!begin(c, index, &job))
		return false;
	if (!is_line(given))
		job.edit.refused = "a part's type holds a control character";
	return finish(&job, is_line(given) && mime_edit_wrap(&job.edit, index, given));
}

bool
host_part_header_set(struct mf_context *c, size_t index, const char *name, const char *value)
{
	struct edit edit = { .kind = value ? EDIT_HEADER_SET : EDIT_HEADER_DELETE,
		.name = name ? name : "", .value = { value, str_of(value).length } };
	const char *wrong = edit_check(&edit);
	struct job job;

	if (!begin(c, index, &job))
		return false;
	job.edit.refused = wrong;
	return finish(&job, !wrong && mime_edit_field(&job.edit, index, edit.name, edit.value));
}
