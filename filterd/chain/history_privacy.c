/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What of a message may be seen in the history. An explanation is copied with pseudonyms, or
 * nothing, in the place of addresses of mail and of the client. In texts that filters or rules
 * made, each word that is an address, or what the client is called, is changed likewise. Header
 * fields that filters wrote may hold anything: their values are kept only where addresses are
 * plain.
 */
#include <arpa/inet.h>
#include <string.h>

#include "filterd/chain/explanation.h"
#include "filterd/chain/history.h"
#include "filterd/chain/state.h"

#define BETWEEN_WORDS	" \t\r\n<>()[]{},;\"'="
#define BEHIND_WORDS	".:!?"
#define LOCAL_PART_BYTES 256u	/* in quotes; RFC 5321 section 4.5.3.1.1 allows 64 */

struct shade {
	const struct record_maker *maker;
	const struct explanation *explanation;
	struct arena *arena;
};

/* ---- texts ---- */

static const char *
replace(const struct record_maker *maker, struct str text, struct arena *arena)
{
	char pseudonym[PSEUDONYM_BYTES];

	if (maker->settings->addresses == HISTORY_NONE)
		return NULL;
	history_pseudonym(maker->link, text, pseudonym);
	return arena_strdup(arena, pseudonym);
}

/* The null reverse-path is nobody's address. */
const char *
privacy_address(const struct record_maker *maker, const char *text, struct arena *arena)
{
	if (!text || !*text || maker->settings->addresses == HISTORY_PLAIN)
		return text;
	return replace(maker, str_of(text), arena);
}

/* Without what stands around an IP address: "IPv6:" of an address literal (RFC 5321 section 4.1.3),
 * the length of a network, the port of an IPv4 address. */
static struct str
bare_ip(struct str word)
{
	static const struct str literal = STR("IPv6:");
	const char *slash, *colon;

	if (str_has_prefix_nocase(word, literal))
		word = (struct str){ word.data + literal.length, word.length - literal.length };
	slash = memchr(word.data, '/', word.length);
	if (slash)
		word.length = (size_t)(slash - word.data);
	colon = memchr(word.data, ':', word.length);
	if (colon && memchr(word.data, '.', (size_t)(colon - word.data)))
		word.length = (size_t)(colon - word.data);
	return word;
}

static bool
is_ip(struct str word)
{
	struct in6_addr address;
	char text[INET6_ADDRSTRLEN];

	word = bare_ip(word);
	if (!word.length || word.length >= sizeof(text))
		return false;
	memcpy(text, word.data, word.length);
	text[word.length] = '\0';
	return inet_pton(AF_INET, text, &address) == 1 || inet_pton(AF_INET6, text, &address) == 1;
}

static bool
tells(const struct explanation *explanation, struct str word)
{
	const char *const names[] = { explanation->client_name, explanation->client_address,
		explanation->helo, explanation->auth_user };
	size_t i;

	if (memchr(word.data, '@', word.length) || is_ip(word))
		return true;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i] && *names[i] && str_equal_nocase(word, str_of(names[i])))
			return true;
	return false;
}

static void
add_word(const struct record_maker *maker, const struct explanation *explanation, struct str word,
    struct buffer *to, struct arena *arena)
{
	struct str bare = word;
	const char *instead;

	while (bare.length && strchr(BEHIND_WORDS, bare.data[bare.length - 1]))
		bare.length--;
	if (!bare.length || !tells(explanation, bare)) {
		buffer_add_str(to, word);
		return;
	}
	instead = replace(maker, bare, arena);
	buffer_add_text(to, instead ? instead : "#");
	buffer_add(to, bare.data + bare.length, word.length - bare.length);
}

/* The bytes of a local part in quotes, where an address follows from it, for blanks in it end no
 * word; else 0. */
static size_t
quoted_local_part(struct str text)
{
	size_t i;

	if (!text.length || text.data[0] != '"')
		return 0;
	for (i = 1; i + 1 < text.length && i < LOCAL_PART_BYTES; i++) {
		if (text.data[i] == '\\')
			i++;
		else if (text.data[i] == '"')
			return text.data[i + 1] == '@' ? i + 1 : 0;
	}
	return 0;
}

const char *
privacy_text(const struct record_maker *maker, const struct explanation *explanation,
    struct str text, struct arena *arena)
{
	struct buffer to = { 0 };
	const char *result;
	size_t at = 0;

	if (maker->settings->addresses == HISTORY_PLAIN || !text.data)
		return text.data ? arena_str(arena, text).data : NULL;
	while (at < text.length) {
		size_t end = at + quoted_local_part(
		    (struct str){ text.data + at, text.length - at });

		while (end < text.length && !strchr(BETWEEN_WORDS, text.data[end]))
			end++;
		add_word(maker, explanation, (struct str){ text.data + at, end - at }, &to, arena);
		if (end < text.length)
			buffer_add_char(&to, text.data[end++]);
		at = end;
	}
	result = arena_strdup(arena, buffer_text(&to));
	buffer_free(&to);
	return result;
}

static const char *
shade_text(const struct shade *shade, const char *text)
{
	return text ? privacy_text(shade->maker, shade->explanation, str_of(text), shade->arena)
		    : NULL;
}

static const char *
shade_address(const struct shade *shade, const char *text)
{
	return privacy_address(shade->maker, text, shade->arena);
}

/* ---- edits ---- */

static bool
is_of_envelope(enum edit_kind kind)
{
	return kind == EDIT_SENDER || kind == EDIT_RECIPIENT_ADD || kind == EDIT_RECIPIENT_DELETE;
}

static struct str
str_or_none(const char *text)
{
	return text ? str_of(text) : (struct str){ 0 };
}

/* What stands behind an address may name another one, as ORCPT does, RFC 3461 section 4.2. */
static const char *
shade_arguments(const struct shade *shade, const struct edit *edit)
{
	const struct history_settings *settings = shade->maker->settings;

	return settings->edits && settings->addresses == HISTORY_PLAIN ? edit->arguments : NULL;
}

/* Of a body the size stays. */
static struct str
shade_value(const struct shade *shade, const struct edit *edit)
{
	bool edits = shade->maker->settings->edits;
	const char *text = NULL;

	if (edit->kind == EDIT_BODY_REPLACE || edit->kind == EDIT_BODY_APPEND || !edit->value.data)
		return edit->value;
	if (is_of_envelope(edit->kind) && edits)
		text = shade_address(shade, edit->value.data);
	else if (edit->kind == EDIT_QUARANTINE)
		text = shade_text(shade, edit->value.data);
	else if (edits && shade->maker->settings->addresses == HISTORY_PLAIN)
		return edit->value;
	return str_or_none(text);
}

static struct edit *
shade_edits(const struct shade *shade, const struct edit *edit)
{
	struct edit *first = NULL, **end = &first;

	for (; edit; edit = edit->next) {
		struct edit *copy = arena_alloc(shade->arena, sizeof(*copy));

		*copy = *edit;
		copy->value = shade_value(shade, edit);
		copy->arguments = shade_arguments(shade, edit);
		copy->next = NULL;
		*end = copy;
		end = &copy->next;
	}
	return first;
}

/* What a rule in shadow would have written is an edit's value like others. */
static struct matched_rule *
shade_rules(const struct shade *shade, const struct matched_rule *rules)
{
	struct matched_rule *first = NULL, **end = &first;

	for (; rules; rules = rules->next) {
		struct matched_rule *copy = arena_alloc(shade->arena, sizeof(*copy));

		*copy = *rules;
		copy->would = rules->would ? "" : NULL;
		copy->next = NULL;
		*end = copy;
		end = &copy->next;
	}
	return first;
}

static const struct filter_account *
shade_accounts(const struct shade *shade)
{
	const struct explanation *explanation = shade->explanation;
	struct filter_account *copies = arena_array(
	    shade->arena, explanation->filter_count, sizeof(*copies));
	size_t i;

	for (i = 0; i < explanation->filter_count; i++) {
		copies[i] = explanation->filters[i];
		copies[i].cause = shade_text(shade, copies[i].cause);
		copies[i].rules = shade_rules(shade, copies[i].rules);
		copies[i].edits = shade_edits(shade, copies[i].edits);
		copies[i].dropped = shade_edits(shade, copies[i].dropped);
	}
	return copies;
}

/* ---- results and reply ---- */

static struct result_property *
shade_properties(const struct shade *shade, const struct result_property *property)
{
	struct result_property *first = NULL, **end = &first;

	for (; property; property = property->next) {
		struct result_property *copy = arena_alloc(shade->arena, sizeof(*copy));

		*copy = *property;
		copy->value = shade_text(shade, property->value);
		copy->next = NULL;
		*end = copy;
		end = &copy->next;
	}
	return first;
}

/* To be read only: what it points to of itself is the other's. */
static const struct board *
shade_board(const struct shade *shade)
{
	struct board *board = arena_alloc(shade->arena, sizeof(*board));
	const struct mf_result *result = shade->explanation->board->results;
	struct mf_result **end = &board->results;

	*board = *shade->explanation->board;
	board->results = NULL;
	for (; result; result = result->next) {
		struct mf_result *copy = arena_alloc(shade->arena, sizeof(*copy));

		*copy = *result;
		copy->reason = shade_text(shade, result->reason);
		copy->properties = shade_properties(shade, result->properties);
		copy->next = NULL;
		*end = copy;
		end = &copy->next;
	}
	return board;
}

static const struct reply *
shade_reply(const struct shade *shade, const struct reply *reply)
{
	struct reply *copy;
	size_t i;

	if (!reply)
		return NULL;
	copy = arena_alloc(shade->arena, sizeof(*copy));
	*copy = *reply;
	for (i = 0; i < reply->line_count; i++)
		copy->lines[i] = shade_text(shade, reply->lines[i]);
	return copy;
}

/* ---- the envelope ---- */

static struct mf_address *
shade_envelope_address(const struct shade *shade, const struct mf_address *address)
{
	static const char *const none[] = { NULL };
	struct mf_address *copy = arena_alloc(shade->arena, sizeof(*copy));
	const char *text = address ? shade_address(shade, address->text) : NULL;

	*copy = (struct mf_address){ text, "", "", none };
	return copy;
}

static const struct state *
shade_state(const struct shade *shade, const struct state *state)
{
	struct state *copy;
	size_t i;

	if (!state)
		return NULL;
	copy = arena_alloc(shade->arena, sizeof(*copy));
	*copy = *state;
	copy->sender = shade_envelope_address(shade, state->sender);
	copy->recipients = arena_array(
	    shade->arena, state->recipient_count, sizeof(*copy->recipients));
	for (i = 0; i < state->recipient_count; i++)
		copy->recipients[i] = shade_envelope_address(shade, state->recipients[i]);
	copy->quarantine = shade_text(shade, state->quarantine);
	return copy;
}

static void
shade_envelope(const struct shade *shade, struct explanation *copy)
{
	const char **recipients = arena_array(
	    shade->arena, copy->recipient_count, sizeof(*recipients));
	size_t i;

	for (i = 0; i < copy->recipient_count; i++)
		recipients[i] = shade_address(shade, copy->recipients[i]);
	copy->recipients = recipients;
	copy->sender = shade_address(shade, copy->sender);
	copy->client_name = shade_address(shade, copy->client_name);
	copy->client_address = shade_address(shade, copy->client_address);
	copy->helo = shade_address(shade, copy->helo);
	copy->auth_user = shade_address(shade, copy->auth_user);
	copy->final = shade_state(shade, copy->final);
}

const struct explanation *
privacy_apply(const struct record_maker *maker, const struct explanation *explanation,
    struct arena *arena)
{
	const struct shade shade = { maker, explanation, arena };
	struct explanation *copy;

	if (maker->settings->addresses == HISTORY_PLAIN && maker->settings->edits)
		return explanation;
	copy = arena_alloc(arena, sizeof(*copy));
	*copy = *explanation;
	copy->filters = shade_accounts(&shade);
	if (!maker->settings->edits)
		copy->final = NULL;
	if (maker->settings->addresses == HISTORY_PLAIN)
		return copy;
	copy->board = shade_board(&shade);
	copy->reply = shade_reply(&shade, explanation->reply);
	copy->query_count = 0;		/* names may have an address in them, RFC 7208 section 7 */
	shade_envelope(&shade, copy);
	return copy;
}
