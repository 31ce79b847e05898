/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tokens of the configuration language. Every byte of the text is looked at as data: a
 * mistake is noted and reading goes on, so that one run shows all mistakes. Nothing is fatal.
 */
#include <string.h>

#include "filterd/config/lexer.h"
#include "filterd/util/buffer.h"

#define GROUP_MAXIMUM	256	/* bytes of a "{…}" inside a word */
#define SHOWN_MAXIMUM	40	/* bytes of a token shown in an error */

static const char regex_flags[] = "imsux";

/* ---- characters ---- */

static bool
is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool
is_control(char c)
{
	return ((unsigned char)c < 0x20 && !is_blank(c)) || c == 0x7f;
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* The byte that many places on; NUL past the end. */
static char
peek(const struct config_lexer *lexer, size_t ahead)
{
	struct str text = lexer->source->text;

	return ahead < text.length - lexer->offset ? text.data[lexer->offset + ahead] : '\0';
}

static bool
at_end(const struct config_lexer *lexer, size_t ahead)
{
	return ahead >= lexer->source->text.length - lexer->offset;
}

/* Whether a value may end there. */
static bool
at_delimiter(const struct config_lexer *lexer, size_t ahead)
{
	char c = peek(lexer, ahead);

	return at_end(lexer, ahead) || is_blank(c) || is_control(c) || strchr(";{}()", c);
}

/* ---- places and tokens ---- */

static struct config_position
position(const struct config_lexer *lexer, size_t ahead, size_t length)
{
	size_t offset = lexer->offset + ahead;

	return (struct config_position){
		.source = lexer->source,
		.offset = offset,
		.length = length,
		.line = lexer->line,
		.column = (unsigned)(offset - lexer->line_start + 1),
	};
}

static void
damage(struct config_lexer *lexer, size_t ahead, size_t length, const char *text)
{
	config_error(lexer->errors, position(lexer, ahead, length), "%s", text);
	lexer->damaged = true;
}

/* Takes length bytes as a token of that kind, its text being its spelling. */
static struct config_token
take(struct config_lexer *lexer, enum config_token_kind kind, size_t length)
{
	struct str raw = { lexer->source->text.data + lexer->offset, length };
	struct config_token token = {
		.kind = kind,
		.raw = raw,
		.text = arena_str(lexer->arena, raw),
		.flags = STR(""),
		.at = position(lexer, 0, length),
	};

	lexer->offset += length;
	return token;
}

/* ---- blanks and comments ---- */

static void
pass_blank(struct config_lexer *lexer)
{
	if (peek(lexer, 0) == '\n') {
		lexer->line++;
		lexer->line_start = lexer->offset + 1;
	}
	lexer->offset++;
}

static void
pass_control(struct config_lexer *lexer)
{
	size_t length = 0;

	while (!at_end(lexer, length) && is_control(peek(lexer, length)))
		length++;
	damage(lexer, 0, length, "unexpected control character: this is not text");
	lexer->offset += length;
}

static void
pass_comment(struct config_lexer *lexer)
{
	while (!at_end(lexer, 0) && peek(lexer, 0) != '\n')
		lexer->offset++;
}

static void
pass_space(struct config_lexer *lexer)
{
	while (!at_end(lexer, 0)) {
		char c = peek(lexer, 0);

		if (is_blank(c))
			pass_blank(lexer);
		else if (is_control(c))
			pass_control(lexer);
		else if (c == '#')
			pass_comment(lexer);
		else
			return;
	}
}

/* ---- strings ---- */

/* What stands for "\c", NUL when nothing does. */
static char
escaped(char c)
{
	static const char letters[] = "\"\\ntr", values[] = "\"\\\n\t\r";
	const char *found = c ? strchr(letters, c) : NULL;

	return found ? values[found - letters] : '\0';
}

/* The inside of a string with its escapes resolved; "\$" stays as it is or becomes "$". */
static struct str
unescape(struct str inside, bool keep_dollar, struct arena *arena)
{
	char *text = arena_alloc(arena, inside.length + 1);
	size_t i, length = 0;

	for (i = 0; i < inside.length; i++) {
		char next = i + 1 < inside.length ? inside.data[i + 1] : '\0';

		if (inside.data[i] != '\\') {
			text[length++] = inside.data[i];
		} else if (escaped(next)) {
			text[length++] = escaped(next);
			i++;
		} else {
			if (next != '$' || keep_dollar)
				text[length++] = '\\';
			if (next)
				text[length++] = inside.data[++i];
		}
	}
	return (struct str){ text, length };
}

static void
check_escape(struct config_lexer *lexer, size_t ahead)
{
	char c = peek(lexer, ahead + 1);

	if (c != '$' && !escaped(c))
		damage(lexer, ahead, 2,
		    "unknown escape in a string: expected \\\" \\\\ \\$ \\n \\t or \\r; a "
		    "backslash is \\\\");
}

/* For a string or regex that does not end on its line: what stands at the end of the line is
 * taken as what was meant to follow it. Returns its length. */
static size_t
length_without_tail(struct config_lexer *lexer, size_t length)
{
	size_t end = length;

	while (end > 1 && strchr(" \t\r;{}", peek(lexer, end - 1)))
		end--;
	lexer->lost_end = true;
	for (; length > end; length--)
		if (strchr(";{}", peek(lexer, length - 1)))
			lexer->lost_end = false;
	return end;
}

static struct config_token
take_string(struct config_lexer *lexer)
{
	size_t length = 1, inside;
	struct config_token token;

	while (!at_end(lexer, length) && peek(lexer,
	    length) != '"' && peek(lexer, length) != '\n') {
		bool escape = peek(lexer, length) == '\\' && peek(lexer, length + 1) != '\n' &&
		    !at_end(lexer, length + 1);

		if (escape)
			check_escape(lexer, length);
		else if (is_control(peek(lexer, length)))
			damage(lexer, length, 1, "unexpected control character in a string");
		length += escape ? 2 : 1;
	}
	if (peek(lexer, length) == '"' && !at_end(lexer, length)) {
		inside = length++ - 1;
	} else {
		damage(lexer, 0, 1,
		    "unterminated string: expected '\"' before the end of the line");
		length = length_without_tail(lexer, length);
		inside = length - 1;
	}
	token = take(lexer, CONFIG_STRING, length);
	token.text = unescape((struct str){ token.raw.data + 1, inside }, true, lexer->arena);
	if (!lexer->lost_end && !at_delimiter(lexer, 0) && !lexer->damaged)
		damage(lexer, 0, 1, "expected a blank or \";\" behind the string");
	return token;
}

/* ---- regexes ---- */

/* Length of "/…/" at this place without its flags; 0: no unescaped "/" follows on the line. */
static size_t
regex_length(const struct config_lexer *lexer)
{
	size_t length = 1;

	while (!at_end(lexer, length) && peek(lexer, length) != '\n') {
		if (peek(lexer, length) == '/')
			return length + 1;
		length += peek(lexer, length) == '\\' && peek(lexer, length + 1) != '\n' ? 2 : 1;
	}
	return 0;
}

static struct config_token
take_regex(struct config_lexer *lexer, size_t body, size_t flags)
{
	struct config_token token = take(lexer, CONFIG_REGEX, body + flags);

	token.text = arena_str(lexer->arena, (struct str){ token.raw.data + 1, body - 2 });
	token.flags = arena_str(lexer->arena, (struct str){ token.raw.data + body, flags });
	return token;
}

/* Behind ~ and !~ a "/" can only begin a regex. */
static struct config_token
take_expected_regex(struct config_lexer *lexer)
{
	size_t body = regex_length(lexer), flags = 0;

	if (!body) {
		size_t length = 1;

		damage(lexer, 0, 1,
		    "unterminated regex: expected \"/\" before the end of the line");
		while (!at_end(lexer, length) && peek(lexer, length) != '\n')
			length++;
		return take(lexer, CONFIG_REGEX, length_without_tail(lexer, length));
	}
	while (is_letter(peek(lexer, body + flags)))
		flags++;
	if (at_delimiter(lexer, body + flags))
		return take_regex(lexer, body, flags);
	damage(lexer, body - 1, 1,
	    "expected a blank or \";\" behind the regex; a \"/\" inside it is written \"\\/\"");
	while (!at_delimiter(lexer, body))
		body++;
	return take(lexer, CONFIG_REGEX, body);
}

/* Elsewhere it is one only when it looks like one; *token_r is set when it does. */
static bool
take_possible_regex(struct config_lexer *lexer, struct config_token *token_r)
{
	size_t body = regex_length(lexer), flags = 0;

	if (!body)
		return false;
	while (peek(lexer, body + flags) && strchr(regex_flags, peek(lexer, body + flags)))
		flags++;
	if (!at_delimiter(lexer, body + flags))
		return false;
	*token_r = take_regex(lexer, body, flags);
	return true;
}

/* ---- words and operators ---- */

static size_t
operator_length(const struct config_lexer *lexer, size_t ahead)
{
	char c = peek(lexer, ahead), next = peek(lexer, ahead + 1);

	if (c == '<' || c == '>')
		return next == '=' ? 2 : 1;
	if (c == '=')
		return next == '=' ? 2 : 0;
	if (c == '!')
		return next == '=' || next == '~' ? 2 : 0;
	return c == '~' ? 1 : 0;
}

/* Length of a "{…}" that belongs to the word around it; 0 when it does not. */
static size_t
group_length(const struct config_lexer *lexer, size_t ahead)
{
	size_t length, depth = 0;

	for (length = 0; length < GROUP_MAXIMUM && !at_end(lexer, ahead + length); length++) {
		char c = peek(lexer, ahead + length);

		if (is_blank(c) || is_control(c) || c == ';' || c == '"')
			return 0;
		depth += c == '{';
		depth -= c == '}';
		if (!depth)
			return length + 1;
	}
	return 0;
}

static struct config_token
take_word(struct config_lexer *lexer)
{
	size_t length = 0;

	while (!at_delimiter(lexer, length) && peek(lexer, length) != '"' &&
	    !operator_length(lexer, length)) {
		char c = peek(lexer, length++);

		if ((c == '$' || c == '.') && peek(lexer, length) == '{')
			length += group_length(lexer, length);
	}
	if (peek(lexer, length) == '"')
		damage(lexer, length, 1, "expected a blank before the string");
	return take(lexer, CONFIG_WORD, length);
}

static bool
punctuation(char c, enum config_token_kind *kind_r)
{
	static const char characters[] = ";{}()";
	static const enum config_token_kind kinds[] = {
		CONFIG_SEMICOLON, CONFIG_BRACE_OPEN, CONFIG_BRACE_CLOSE, CONFIG_OPEN, CONFIG_CLOSE
	};
	const char *found = c ? strchr(characters, c) : NULL;

	if (found)
		*kind_r = kinds[found - characters];
	return found != NULL;
}

/* ---- the lexer ---- */

void
config_lexer_begin(struct config_lexer *lexer, const struct config_source *source,
    struct arena *arena, struct config_errors *errors)
{
	*lexer =
	    (struct config_lexer){ .source = source, .arena = arena, .errors = errors, .line = 1 };
}

struct config_token
config_lexer_next(struct config_lexer *lexer)
{
	bool after_match = lexer->after_match;
	enum config_token_kind kind;
	struct config_token token;
	size_t length;

	lexer->after_match = false;
	if (lexer->lost_end) {
		lexer->lost_end = false;
		return take(lexer, CONFIG_SEMICOLON, 0);
	}
	pass_space(lexer);
	if (at_end(lexer, 0))
		return take(lexer, CONFIG_END, 0);
	if (punctuation(peek(lexer, 0), &kind))
		return take(lexer, kind, 1);
	if (peek(lexer, 0) == '"')
		return take_string(lexer);
	if (peek(lexer, 0) == '/' && after_match)
		return take_expected_regex(lexer);
	if (peek(lexer, 0) == '/' && take_possible_regex(lexer, &token))
		return token;
	length = operator_length(lexer, 0);
	if (!length)
		return take_word(lexer);
	lexer->after_match = peek(lexer, length - 1) == '~';
	return take(lexer, CONFIG_OPERATOR, length);
}

const struct config_token *
config_lex(const struct config_source *source, struct arena *arena, struct config_errors *errors,
    size_t *count_r)
{
	struct buffer tokens = { 0 };
	struct config_lexer lexer;
	struct config_token token;
	char *copy;

	config_lexer_begin(&lexer, source, arena, errors);
	do {
		token = config_lexer_next(&lexer);
		buffer_add(&tokens, &token, sizeof(token));
	} while (token.kind != CONFIG_END);
	copy = arena_alloc(arena, tokens.length);
	memcpy(copy, tokens.data, tokens.length);
	*count_r = tokens.length / sizeof(token) - 1;
	buffer_free(&tokens);
	return (const struct config_token *)(void *)copy;
}

/* ---- tokens as text ---- */

const char *
config_shown(const struct config_token *token, struct arena *arena)
{
	size_t length = token->raw.length;

	if (token->kind == CONFIG_END)
		return "the end of the file";
	if (length <= SHOWN_MAXIMUM)
		return arena_printf(arena, token->kind == CONFIG_STRING ? "%.*s" : "\"%.*s\"",
		    (int)length, token->raw.data);
	length = SHOWN_MAXIMUM;
	while (length && ((unsigned char)token->raw.data[length] & 0xc0) == 0x80)
		length--;
	return arena_printf(arena, token->kind == CONFIG_STRING ? "%.*s...\"" : "\"%.*s...\"",
	    (int)length, token->raw.data);
}

struct str
config_plain(const struct config_token *token, struct arena *arena)
{
	if (token->kind == CONFIG_REGEX)
		return arena_str(arena, token->raw);
	if (token->kind == CONFIG_STRING && token->raw.length >= 2)
		return unescape((struct str){ token->raw.data + 1, token->raw.length - 2 }, false,
		    arena);
	return token->text;
}
