/* SPDX-License-Identifier: BSD-2-Clause */
/* An entry of the store as JSON, RFC 8259, and back. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "filterd/quarantine/entry.h"
#include "filterd/service/json.h"
#include "filterd/util/utf8.h"

#define VERSION	1	/* of the form */
#define WORDS	1000	/* arguments of an address, rules: at most */

static const char *const states[] = { "held", "releasing", "released" };

const char *
entry_state_name(enum entry_state state)
{
	return states[state];
}

bool
entry_id_valid(const char *id)
{
	static const char form[ENTRY_ID + 1] = "########T######-@@@@@@@@@@@@@@@@";
	size_t i;

	for (i = 0; i < ENTRY_ID; i++) {
		bool digit = id[i] >= '0' && id[i] <= '9';

		if (form[i] == '#' ? !digit : form[i] == '@' ?
		    !digit && (id[i] < 'a' || id[i] > 'f') : id[i] != form[i])
			return false;
	}
	return id[ENTRY_ID] == '\0';
}

/* ---- writing ---- */

static bool
is_utf8(struct str text)
{
	uint32_t point;
	size_t step;

	while (text.length) {
		step = utf8_next(text, &point);
		if (!step)
			return false;
		text.data += step;
		text.length -= step;
	}
	return true;
}

static void
put_bytes(struct buffer *to, const char *text)
{
	if (!text || is_utf8(str_of(text))) {
		json_add_string(to, text);
		return;
	}
	buffer_add_text(to, "{\"hex\":\"");
	for (; *text; text++)
		buffer_printf(to, "%02x", (unsigned char)*text);
	buffer_add_text(to, "\"}");
}

static void
put(struct buffer *to, const char *key, const char *text)
{
	json_add_key(to, key);
	put_bytes(to, text);
}

static void
put_words(struct buffer *to, const char *key, const char *const *words)
{
	json_add_key(to, key);
	buffer_add_char(to, '[');
	for (; words && *words; words++) {
		json_add_item(to);
		put_bytes(to, *words);
	}
	buffer_add_char(to, ']');
}

static void
put_address(struct buffer *to, const struct entry_address *address)
{
	buffer_add_char(to, '{');
	put(to, "address", address->text);
	put_words(to, "arguments", address->arguments);
	buffer_add_char(to, '}');
}

static void
put_envelope(struct buffer *to, const struct entry *entry)
{
	size_t i;

	json_add_key(to, "sender");
	put_address(to, &entry->sender);
	json_add_key(to, "recipients");
	buffer_add_char(to, '[');
	for (i = 0; i < entry->recipient_count; i++) {
		json_add_item(to);
		put_address(to, &entry->recipients[i]);
	}
	buffer_add_char(to, ']');
}

static void
put_release(struct buffer *to, const struct entry_release *release)
{
	if (!release->time)
		return;
	json_add_key(to, "release");
	buffer_add_char(to, '{');
	json_add_integer(to, "time", release->time);
	put(to, "nonce", release->nonce);
	put(to, "by", release->by);
	put(to, "error", release->error);
	buffer_add_char(to, '}');
}

void
entry_write(const struct entry *entry, struct buffer *to)
{
	buffer_add_char(to, '{');
	json_add_integer(to, "version", VERSION);
	put(to, "id", entry->id);
	json_add_integer(to, "time", entry->time);
	put(to, "state", states[entry->state]);
	put(to, "reason", entry->reason);
	put(to, "filter", entry->filter);
	put_words(to, "rules", entry->rules);
	put(to, "listener", entry->listener);
	put(to, "session", entry->session);
	put(to, "queue", entry->queue);
	put(to, "client_name", entry->client_name);
	put(to, "client_address", entry->client_address);
	put(to, "helo", entry->helo);
	put(to, "user", entry->user);
	put(to, "subject", entry->subject);
	put(to, "message_id", entry->message_id);
	put_envelope(to, entry);
	json_add_integer(to, "size", (int64_t)entry->size);
	put(to, "digest", entry->digest);
	put_release(to, &entry->release);
	json_add_key(to, "explanation");
	buffer_add_text(to, entry->explanation ? entry->explanation : "null");
	buffer_add_text(to, "}\n");
}

/* ---- reading ---- */

static int
hex_value(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* NULL: it is no such text, or holds a NUL, which no text of an entry does. */
static const char *
from_hex(struct str hex, struct arena *arena)
{
	char *text = arena_alloc(arena, hex.length / 2 + 1);
	size_t i;

	if (hex.length % 2)
		return NULL;
	for (i = 0; i < hex.length; i += 2) {
		int high = hex_value(hex.data[i]), low = hex_value(hex.data[i + 1]);

		if (high < 0 || low < 0 || high + low == 0)
			return NULL;
		text[i / 2] = (char)(high << 4 | low);
	}
	return text;
}

/* The text of a value; NULL: it has none. jansson refuses NUL in strings. */
static const char *
text_of(const json_t *value, struct arena *arena)
{
	const json_t *hex = json_object_get(value, "hex");

	if (json_is_string(value))
		return arena_copy(arena, json_string_value(value), json_string_length(value));
	if (!json_is_string(hex))
		return NULL;
	return from_hex((struct str){ json_string_value(hex), json_string_length(hex) }, arena);
}

static const char *
get(const json_t *object, const char *key, struct arena *arena)
{
	return text_of(json_object_get(object, key), arena);
}

/* NULL: it is no array of texts. */
static const char *const *
get_words(const json_t *object, const char *key, struct arena *arena)
{
	const json_t *array = json_object_get(object, key);
	size_t count = json_array_size(array), i;
	const char **words;

	if (count > WORDS)
		return NULL;
	words = arena_array(arena, count + 1, sizeof(*words));
	for (i = 0; i < count; i++) {
		words[i] = text_of(json_array_get(array, i), arena);
		if (!words[i])
			return NULL;
	}
	return words;
}

bool
entry_is_plain(const char *text)
{
	for (; *text; text++)
		if (iscntrl((unsigned char)*text))
			return false;
	return true;
}

static bool
read_address(const json_t *object, struct arena *arena, struct entry_address *address_r)
{
	const char *const *argument;

	address_r->text = get(object, "address", arena);
	address_r->arguments = get_words(object, "arguments", arena);
	if (!address_r->text || !address_r->arguments || !entry_is_plain(address_r->text))
		return false;
	for (argument = address_r->arguments; *argument; argument++)
		if (!entry_is_plain(*argument))
			return false;
	return true;
}

static bool
read_recipients(const json_t *array, struct arena *arena, struct entry *entry)
{
	struct entry_address *recipients;
	size_t i;

	entry->recipient_count = json_array_size(array);
	if (entry->recipient_count > ENTRY_ADDRESSES)
		return false;
	recipients = arena_array(arena, entry->recipient_count, sizeof(*recipients));
	entry->recipients = recipients;
	for (i = 0; i < entry->recipient_count; i++)
		if (!read_address(json_array_get(array, i), arena, &recipients[i]))
			return false;
	return true;
}

static bool
read_state(const json_t *root, struct entry *entry)
{
	const char *name = json_string_value(json_object_get(root, "state"));
	int state;

	for (state = ENTRY_HELD; name && state <= ENTRY_RELEASED; state++)
		if (strcmp(states[state], name) == 0) {
			entry->state = (enum entry_state)state;
			return true;
		}
	return false;
}

static void
read_texts(const json_t *root, struct arena *arena, struct entry *entry)
{
	entry->reason = get(root, "reason", arena);
	entry->filter = get(root, "filter", arena);
	entry->listener = get(root, "listener", arena);
	entry->session = get(root, "session", arena);
	entry->queue = get(root, "queue", arena);
	entry->client_name = get(root, "client_name", arena);
	entry->client_address = get(root, "client_address", arena);
	entry->helo = get(root, "helo", arena);
	entry->user = get(root, "user", arena);
	entry->subject = get(root, "subject", arena);
	entry->message_id = get(root, "message_id", arena);
	entry->digest = get(root, "digest", arena);
}

static void
read_release(const json_t *release, struct arena *arena, struct entry_release *release_r)
{
	release_r->time = json_integer_value(json_object_get(release, "time"));
	release_r->nonce = get(release, "nonce", arena);
	release_r->by = get(release, "by", arena);
	release_r->error = get(release, "error", arena);
}

static void
read_explanation(const json_t *explanation, struct arena *arena, struct entry *entry)
{
	char *text = json_is_object(explanation) ? json_dumps(explanation, JSON_COMPACT) : NULL;

	entry->explanation = text ? arena_strdup(arena, text) : NULL;
	free(text);
}

/* NULL: all is well; else what is not. */
static const char *
read_root(const json_t *root, struct arena *arena, struct entry *entry)
{
	json_int_t size = json_integer_value(json_object_get(root, "size"));

	if (json_integer_value(json_object_get(root, "version")) != VERSION)
		return "it is of another version";
	entry->id = get(root, "id", arena);
	if (!entry->id || !entry_id_valid(entry->id))
		return "it has no id";
	if (!read_state(root, entry))
		return "it has no state";
	entry->time = json_integer_value(json_object_get(root, "time"));
	entry->size = size > 0 ? (uint64_t)size : 0;
	entry->rules = get_words(root, "rules", arena);
	if (!entry->rules)
		return "its rules are no texts";
	read_texts(root, arena, entry);
	if (!entry->digest || strlen(entry->digest) != ENTRY_DIGEST)
		return "it has no digest";
	if (!read_address(json_object_get(root, "sender"), arena, &entry->sender) ||
	    !read_recipients(json_object_get(root, "recipients"), arena, entry))
		return "it has no envelope";
	read_release(json_object_get(root, "release"), arena, &entry->release);
	read_explanation(json_object_get(root, "explanation"), arena, entry);
	return NULL;
}

bool
entry_read(struct str text, struct arena *arena, struct entry *entry_r, const char **error_r)
{
	json_t *root;

	*entry_r = (struct entry){ 0 };
	*error_r = "it is too large";
	if (text.length > ENTRY_BYTES)
		return false;
	root = json_loadb(text.data, text.length, JSON_REJECT_DUPLICATES, NULL);
	*error_r = json_is_object(root) ? read_root(root, arena, entry_r) : "it is no JSON object";
	json_decref(root);
	return !*error_r;
}
