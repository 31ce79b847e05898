/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The quarantine store at the end of a message: what a filter has quarantined is on the disk before
 * the MTA is told that it may forget it, as it was received and with its explanation. And the way
 * back: what bears the mark of a release is seen by no filter from there on, and loses the mark.
 */
#include <errno.h>
#include <string.h>

#include "filterd/chain/explanation.h"
#include "filterd/chain/quarantine.h"
#include "filterd/chain/state.h"
#include "filterd/quarantine/store.h"

/* Set before there are threads. */
static struct store *attached;

void
quarantine_attach(struct store *store)
{
	attached = store;
}

/* ---- the message's bytes ---- */

/* What is written, and where to. */
struct writer {
	struct session *session;
	bool (*add)(void *sink, const void *bytes, size_t size);
	void *sink;
};

/* Lines that end in LF, as folds do, end in CRLF. */
static bool
write_value(const struct writer *writer, struct str value)
{
	const char *end;

	while ((end = memchr(value.data, '\n', value.length))) {
		size_t length = (size_t)(end - value.data);
		bool crlf = length && end[-1] == '\r';

		if (!writer->add(writer->sink, value.data, length - crlf) ||
		    !writer->add(writer->sink, "\r\n", 2))
			return false;
		value.data += length + 1;
		value.length -= length + 1;
	}
	return writer->add(writer->sink, value.data, value.length) &&
	    writer->add(writer->sink, "\r\n", 2);
}

/* An MTA that strips the blank behind the colon is given it back. */
static bool
write_field(const struct writer *writer, const struct field_node *field)
{
	struct buffer head = { 0 };
	bool written;

	buffer_add_str(&head, field->name);
	buffer_add_text(&head, writer->session->grant.leading_space ? ":" : ": ");
	written = writer->add(writer->sink, head.data, head.length);
	buffer_free(&head);
	return written && write_value(writer, field->value);
}

static bool
write_message(void *argument, bool (*add)(void *sink, const void *bytes, size_t size), void *sink)
{
	const struct writer writer = { argument, add, sink };
	const struct state *state = &writer.session->message.model.original;
	struct str body;
	size_t i;

	for (i = 0; i < state->field_count; i++)
		if (!write_field(&writer, state->fields[i]))
			return false;
	return add(sink, "\r\n", 2) && body_bytes(state->body, &body) &&
	    (!body.length || add(sink, body.data, body.length));
}

/* ---- the digest ---- */

static bool
make_digest(const struct session *session, unsigned fields, char digest_r[ENTRY_DIGEST + 1])
{
	const struct state *state = &session->message.model.original;
	struct mark_digest *digest;
	struct str body;
	size_t i;

	if (!body_bytes(state->body, &body))
		return false;
	digest = mark_digest_begin(fields);
	for (i = 0; i < state->field_count; i++)
		mark_digest_field(digest, state->fields[i]->name, state->fields[i]->value);
	mark_digest_body(digest, body.data, body.length);
	mark_digest_end(&digest, digest_r);
	return true;
}

static unsigned
counted_fields(const struct state *state)
{
	unsigned fields = 0;
	size_t i;

	for (i = 0; i < state->field_count; i++)
		fields |= mark_field(state->fields[i]->name);
	return fields;
}

/* ---- its entry ---- */

static const char *
field_text(struct session *session, struct str name)
{
	struct model *model = &session->message.model;
	size_t place = state_field_find(&model->original, name, 0);

	if (place == model->original.field_count)
		return NULL;
	return arena_str(session->message.arena,
	    str_trim(field_decoded(model, model->original.fields[place]))).data;
}

static struct entry_address
entry_address_of(const struct mf_address *address)
{
	return (struct entry_address){ address->text, address->arguments };
}

static const struct entry_address *
recipients_of(const struct session *session)
{
	const struct state *state = &session->message.model.original;
	struct entry_address *recipients = arena_array(
	    session->message.arena, state->recipient_count, sizeof(*recipients));
	size_t i;

	for (i = 0; i < state->recipient_count; i++)
		recipients[i] = entry_address_of(state->recipients[i]);
	return recipients;
}

static bool
asked_for_it(const struct filter_account *account)
{
	const struct edit *edit = account->edits;

	while (edit && edit->kind != EDIT_QUARANTINE)
		edit = edit->next;
	return edit && !account->shadow;
}

/* The filter that has quarantined the message, the last one if several have, and its rules. */
static void
note_filter(const struct session *session, struct entry *entry)
{
	const struct explanation *explanation = &session->explanation;
	const struct filter_account *account = NULL;
	const struct matched_rule *rule;
	const char **rules;
	size_t i, count = 0;

	for (i = 0; i < explanation->filter_count; i++)
		if (asked_for_it(&explanation->filters[i]))
			account = &explanation->filters[i];
	for (rule = account ? account->rules : NULL; rule; rule = rule->next)
		count++;
	rules = arena_array(session->message.arena, count + 1, sizeof(*rules));
	entry->rules = rules;
	entry->filter = account ? account->name : NULL;
	for (rule = account ? account->rules : NULL; rule; rule = rule->next)
		if (!rule->would)
			*rules++ = rule->rule;
}

static void
fill_entry(struct session *session, struct entry *entry_r)
{
	const struct explanation *explanation = &session->explanation;
	struct message *message = &session->message;

	*entry_r = (struct entry){
		.time = session->front->now(session->front_data),
		.reason = message->model.current->quarantine,
		.listener = explanation->listener, .session = explanation->session_id,
		.queue = explanation->queue_id, .client_name = explanation->client_name,
		.client_address = explanation->client_address, .helo = explanation->helo,
		.user = explanation->auth_user,
		.subject = field_text(session, STR("Subject")),
		.message_id = field_text(session, STR("Message-ID")),
		.sender = entry_address_of(message->model.original.sender),
		.recipients = recipients_of(session),
		.recipient_count = message->model.original.recipient_count,
	};
	note_filter(session, entry_r);
}

/* ---- holding ---- */

bool
quarantine_wanted(const struct session *session)
{
	return session->chain->stores && session->message.model.current->quarantine;
}

/* False: errno. */
static bool
put_into_store(struct session *session, char id[ENTRY_ID + 1])
{
	const struct store_source source = { write_message, session };
	struct buffer json = { 0 };
	char digest[ENTRY_DIGEST + 1];
	struct entry entry;
	bool stored;

	fill_entry(session, &entry);
	store_make_id(entry.time, id);
	entry.id = id;
	entry.digest = digest;
	explanation_json_add(&session->explanation, &json);
	entry.explanation = buffer_text(&json);
	stored = make_digest(session, counted_fields(&session->message.model.original), digest) &&
	    store_add(attached, &entry, &source);
	if (stored) {
		metrics_add(METRICS_QUARANTINE_STORED, 1);
		metrics_add(METRICS_QUARANTINE_BYTES, entry.size);
	}
	buffer_free(&json);
	return stored;
}

void
quarantine_hold(struct session *session, struct ruling *ruling)
{
	struct message *message = &session->message;
	char id[ENTRY_ID + 1] = "";
	int error;

	message->quarantined = true;
	record_fill(session, ruling, "quarantine");
	if (!attached || put_into_store(session, id)) {
		message->stored = id[0] ? arena_strdup(message->arena, id) : NULL;
		ruling->outcome = OUTCOME_DISCARD;
		return;
	}
	error = errno;
	message->quarantined = false;
	metrics_add(METRICS_QUARANTINE_FAILED, 1);
	*ruling = limit_ruling(session, LIMIT_QUARANTINE, MF_STAGE_MESSAGE, error);
}

/* ---- letting pass ---- */

static void
log_mark(const struct session *session, const char *event, const struct mark *mark)
{
	session_log_text(session, MF_LOG_WARNING, event, NULL, "id", mark->id);
}

void
quarantine_look(struct session *session, struct str name, struct str value)
{
	struct message *message = &session->message;
	struct mark mark;

	if (!attached || !session->chain->stores || message->mark ||
	    !str_equal_nocase(name, STR(MARK_FIELD)))
		return;
	if (!mark_read(store_key(attached), value, &mark)) {
		session_log(session, MF_LOG_WARNING, "the mark of a release is forged: the message"
		    " is judged", NULL, NULL, 0);
	} else if (mark.expires < session->front->now(session->front_data) ||
	    store_spent(attached, mark.nonce)) {
		log_mark(session, "the mark of a release was used before, or is too old: the"
		    " message is judged", &mark);
	} else {
		message->mark = (const void *)arena_copy(message->arena, &mark, sizeof(mark));
	}
}

static void
remove_marks(struct session *session)
{
	struct model *model = &session->message.model;
	const struct edit edit = { .kind = EDIT_HEADER_DELETE, .name = MARK_FIELD };
	size_t count = state_field_count(&model->original, STR(MARK_FIELD));

	if (!(session->grant.uses & MF_USE_CHANGE_HEADER))
		return;
	while (count-- && model_apply(model, &edit))
		;
	model_commit(model);
}

void
quarantine_pass(struct session *session, struct ruling *ruling_r)
{
	static const struct reply reply = { 550, "5.7.1",
		{ "The mark of a release does not belong to this message" }, 1 };
	const struct mark *mark = session->message.mark;
	char digest[ENTRY_DIGEST + 1];

	*ruling_r = (struct ruling){ .outcome = OUTCOME_ACCEPT, .stage = MF_STAGE_MESSAGE };
	if (!make_digest(session, mark_fields(mark->digest), digest)) {
		*ruling_r = limit_ruling(session, LIMIT_STORAGE, MF_STAGE_MESSAGE, errno);
	} else if (strcmp(digest, mark->digest) != 0) {
		log_mark(session, "the mark of a release is not this message's", mark);
		ruling_r->outcome = OUTCOME_REJECT;
		ruling_r->reply = &reply;
	} else if (!store_spend(attached, mark->nonce)) {
		*ruling_r = limit_ruling(session, LIMIT_QUARANTINE, MF_STAGE_MESSAGE, errno);
	} else {
		metrics_add(METRICS_QUARANTINE_RELEASED, 1);
		session->message.released = mark->id;
		remove_marks(session);
	}
}
