/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The edits of the fake host; <filterd/plugin_test/host.h> includes it. Every edit is checked and
 * noted; the message is made anew from the original and the notes, so dropping a note undoes it. An
 * edit that is refused ends its callback in MF_ERROR, as with filterd; nothing is fatal.
 */
#ifndef FILTERD_PLUGIN_TEST_EDIT_H
#define FILTERD_PLUGIN_TEST_EDIT_H

/* What an edit is called, and what mf_only_uses() must have declared. */
static const struct { const char *name; unsigned use; } mf_fake_kinds[] = {
	{ "add-header", MF_USE_ADD_HEADER },
	{ "insert-header", MF_USE_ADD_HEADER },
	{ "set-header", MF_USE_CHANGE_HEADER },
	{ "delete-header", MF_USE_CHANGE_HEADER },
	{ "replace-body", MF_USE_CHANGE_BODY },
	{ "append-body", MF_USE_CHANGE_BODY },
	{ "set-sender", MF_USE_CHANGE_SENDER },
	{ "add-recipient", MF_USE_ADD_RECIPIENT },
	{ "delete-recipient", MF_USE_DELETE_RECIPIENT },
	{ "quarantine", MF_USE_QUARANTINE }
};

/* ---- parts of a message ---- */

static inline struct mf_header *
mf_fake_field(struct mf_fake *f, const char *name, const char *value, size_t size)
{
	struct mf_header *field = (struct mf_header *)mf_fake_take(&f->own, sizeof(*field));

	field->name = mf_fake_text(f, name);
	field->name_length = strlen(name);
	field->value = mf_fake_copy(f, value, size);
	field->value_length = size;
	return field;
}

/* ESMTP arguments, which blanks divide; NULL: none. */
static inline const char *const *
mf_fake_arguments(struct mf_fake *f, const char *text)
{
	struct mf_fake_array words = { 0, NULL };
	char *rest = mf_fake_copy(f, text, text ? strlen(text) : 0), *word;

	while ((word = mf_fake_word(&rest)))
		mf_fake_append(f, &words, word);
	mf_fake_append(f, &words, NULL);
	return (const char *const *)words.items;
}

static inline struct mf_address *
mf_fake_address(struct mf_fake *f, const char *path, const char *arguments)
{
	struct mf_address *address = (struct mf_address *)mf_fake_take(&f->own, sizeof(*address));
	size_t length = strlen(path);
	bool brackets = length > 1 && path[0] == '<' && path[length - 1] == '>';
	const char *at;
	char *domain;

	address->text = mf_fake_copy(f, path + brackets, length - (brackets ? 2 : 0));
	at = strrchr(address->text, '@');
	address->local = at ? mf_fake_copy(f, address->text, (size_t)(at - address->text)) :
	    address->text;
	address->domain = domain = mf_fake_text(f, at ? at + 1 : "");
	for (; *domain; domain++)
		*domain = (char)tolower((unsigned char)*domain);
	address->arguments = mf_fake_arguments(f, arguments);
	return address;
}

static inline bool
mf_fake_same_address(const struct mf_address *a, const struct mf_address *b)
{
	return strcmp(a->local, b->local) == 0 && strcmp(a->domain, b->domain) == 0;
}

/* ---- applying one ---- */

static inline void
mf_fake_apply_header(struct mf_fake *f, struct mf_fake_mail *mail, const struct mf_fake_edit *edit)
{
	size_t at = edit->kind == MF_FAKE_ADD_HEADER ? mail->fields.count : edit->index;
	const char *name = edit->name;
	bool there = false;

	if (edit->kind == MF_FAKE_SET_HEADER || edit->kind == MF_FAKE_DELETE_HEADER) {
		at = mf_fake_find(mail, edit->name, edit->index);
		there = at < mail->fields.count;
	}
	if (at > mail->fields.count)
		at = mail->fields.count;
	if (there) {
		name = ((const struct mf_header *)mail->fields.items[at])->name;
		mf_fake_remove(f, &mail->fields, at);
	}
	if (edit->kind != MF_FAKE_DELETE_HEADER)
		mf_fake_insert(f, &mail->fields, at,
		    mf_fake_field(f, name, edit->value, edit->size));
}

static inline void
mf_fake_apply_body(struct mf_fake *f, struct mf_fake_mail *mail, const struct mf_fake_edit *edit)
{
	size_t kept = edit->kind == MF_FAKE_APPEND_BODY ? mail->body_size : 0;
	char *body = (char *)mf_fake_take(&f->own, kept + edit->size + 1);

	if (kept)
		memcpy(body, mail->body, kept);
	if (edit->size)
		memcpy(body + kept, edit->value, edit->size);
	mail->body = body;
	mail->body_size = kept + edit->size;
}

static inline void
mf_fake_delete_recipients(struct mf_fake *f, struct mf_fake_mail *mail,
    const struct mf_address *address)
{
	size_t i;

	for (i = mail->recipients.count; i > 0; i--)
		if (!address || mf_fake_same_address(address,
		    (const struct mf_address *)mail->recipients.items[i - 1]))
			mf_fake_remove(f, &mail->recipients, i - 1);
}

static inline void
mf_fake_add_recipient(struct mf_fake *f, struct mf_fake_mail *mail, struct mf_address *address)
{
	size_t i;

	for (i = 0; i < mail->recipients.count; i++)
		if (mf_fake_same_address(address,
		    (const struct mf_address *)mail->recipients.items[i]))
			return;
	mf_fake_append(f, &mail->recipients, address);
}

static inline void
mf_fake_apply(struct mf_fake *f, struct mf_fake_mail *mail, const struct mf_fake_edit *edit)
{
	struct mf_address *address = edit->kind >= MF_FAKE_SET_SENDER && edit->name ?
	    mf_fake_address(f, edit->name, edit->value) : NULL;

	if (edit->kind <= MF_FAKE_DELETE_HEADER)
		mf_fake_apply_header(f, mail, edit);
	else if (edit->kind <= MF_FAKE_APPEND_BODY)
		mf_fake_apply_body(f, mail, edit);
	else if (edit->kind == MF_FAKE_SET_SENDER)
		mail->sender = address;
	else if (edit->kind == MF_FAKE_ADD_RECIPIENT)
		mf_fake_add_recipient(f, mail, address);
	else if (edit->kind == MF_FAKE_DELETE_RECIPIENT)
		mf_fake_delete_recipients(f, mail, address);
	else
		mail->quarantine = edit->value;
}

/* The message as it came, and with `edited` what the noted edits make of it. */
static inline void
mf_fake_rebuild(struct mf_fake *f, bool edited)
{
	size_t i;

	f->mail = f->original;
	for (i = 0; edited && i < f->edits.count; i++)
		mf_fake_apply(f, &f->mail, (const struct mf_fake_edit *)f->edits.items[i]);
}

/* ---- what may be asked for ---- */

static inline bool
mf_fake_name_fine(const char *name)
{
	size_t i;

	for (i = 0; name && name[i]; i++)
		if (name[i] <= ' ' || name[i] > '~' || name[i] == ':')
			return false;
	return i > 0;
}

/* A line end goes on with a blank, and the folded line is not all blanks. */
static inline bool
mf_fake_value_fine(const char *value)
{
	for (; *value; value++) {
		size_t blanks;

		if (*value == '\r' && value[1] != '\n')
			return false;
		if (*value != '\n')
			continue;
		blanks = strspn(value + 1, " \t\r");
		if ((value[1] != ' ' && value[1] != '\t') || value[1 + blanks] == '\n' ||
		    value[1 + blanks] == '\0')
			return false;
	}
	return true;
}

static inline bool
mf_fake_printable(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return false;
	return true;
}

static inline bool
mf_fake_address_fine(const char *text, bool empty_allowed)
{
	return text && mf_fake_printable(text) && !strpbrk(text, "<> ") &&
	    (*text || empty_allowed);
}

static inline bool
mf_fake_edit_fine(const struct mf_fake_edit *edit)
{
	switch (edit->kind) {
	case MF_FAKE_REPLACE_BODY:
	case MF_FAKE_APPEND_BODY:
		return true;
	case MF_FAKE_SET_SENDER:
		return mf_fake_address_fine(edit->name, true) && mf_fake_printable(edit->value);
	case MF_FAKE_ADD_RECIPIENT:
		return mf_fake_address_fine(edit->name, false) && mf_fake_printable(edit->value);
	case MF_FAKE_DELETE_RECIPIENT:
		return !edit->name || mf_fake_address_fine(edit->name, false);
	case MF_FAKE_QUARANTINE:
		return *edit->value && mf_fake_printable(edit->value);
	default:
		return mf_fake_name_fine(edit->name) && mf_fake_value_fine(edit->value);
	}
}

static inline bool
mf_fake_ask(struct mf_context *c, enum mf_fake_kind kind, const char *name, const char *value,
    size_t size, size_t index)
{
	struct mf_fake *f = mf_fake_of(c);
	struct mf_fake_edit *edit = (struct mf_fake_edit *)mf_fake_take(&f->own, sizeof(*edit));

	if (f->ending || f->refused)
		return false;
	edit->kind = kind;
	edit->name = mf_fake_text(f, name);
	edit->value = mf_fake_copy(f, value, size);
	edit->size = size;
	edit->index = index;
	if (c->stage == MF_STAGE_START)
		f->refused = "it edits a message in start, where there is none";
	else if (!mf_fake_edit_fine(edit))
		f->refused = mf_printf(c, "%s: not a legal one", mf_fake_kinds[kind].name);
	else if (!(f->uses & mf_fake_kinds[kind].use))
		f->refused = mf_printf(c, "%s: its plugin did not declare this edit",
		    mf_fake_kinds[kind].name);
	if (f->refused) {
		f->refused = mf_fake_text(f, f->refused);
		return false;
	}
	mf_fake_append(f, &f->edits, edit);
	if (c->stage == MF_STAGE_MESSAGE)
		mf_fake_apply(f, &f->mail, edit);
	return true;
}

/* ---- the host's functions ---- */

static inline bool
mf_fake_ask_text(struct mf_context *c, enum mf_fake_kind kind, const char *name, const char *text,
    size_t index)
{
	return mf_fake_ask(c, kind, name, text, text ? strlen(text) : 0, index);
}

static inline bool
mf_host_header_add(struct mf_context *c, const char *name, const char *value)
{
	return mf_fake_ask_text(c, MF_FAKE_ADD_HEADER, name, value, 0);
}

static inline bool
mf_host_header_insert(struct mf_context *c, size_t index, const char *name, const char *value)
{
	return mf_fake_ask_text(c, MF_FAKE_INSERT_HEADER, name, value, index);
}

static inline bool
mf_host_header_set(struct mf_context *c, const char *name, size_t n, const char *value)
{
	return mf_fake_ask_text(c, MF_FAKE_SET_HEADER, name, value, n);
}

static inline bool
mf_host_header_delete(struct mf_context *c, const char *name, size_t n)
{
	return mf_fake_ask_text(c, MF_FAKE_DELETE_HEADER, name, NULL, n);
}

static inline bool
mf_host_body_replace(struct mf_context *c, const void *bytes, size_t size)
{
	return mf_fake_ask(c, MF_FAKE_REPLACE_BODY, NULL, (const char *)bytes, size, 0);
}

static inline bool
mf_host_body_append(struct mf_context *c, const void *bytes, size_t size)
{
	return mf_fake_ask(c, MF_FAKE_APPEND_BODY, NULL, (const char *)bytes, size, 0);
}

static inline bool
mf_host_sender_set(struct mf_context *c, const char *address, const char *arguments)
{
	return mf_fake_ask_text(c, MF_FAKE_SET_SENDER, address, arguments, 0);
}

static inline bool
mf_host_recipient_add(struct mf_context *c, const char *address, const char *arguments)
{
	return mf_fake_ask_text(c, MF_FAKE_ADD_RECIPIENT, address, arguments, 0);
}

static inline bool
mf_host_recipient_delete(struct mf_context *c, const char *address)
{
	return mf_fake_ask_text(c, MF_FAKE_DELETE_RECIPIENT, address, NULL, 0);
}

static inline bool
mf_host_quarantine(struct mf_context *c, const char *reason)
{
	return mf_fake_ask_text(c, MF_FAKE_QUARANTINE, NULL, reason, 0);
}

#endif
