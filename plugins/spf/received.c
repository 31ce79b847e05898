/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The Received-SPF header field, RFC 7208 section 9.1. Its texts come from the client and from
 * strangers' records: each is cut to a length that no line grows too long with, and quoted.
 */
#include "plugins/spf/received.h"

#define TEXT_MAXIMUM	320	/* bytes of a text: an address of full length, and some more */
#define PAIRS_MAXIMUM	8
#define PAIR_SIZE	(TEXT_MAXIMUM * 2 + 32)
#define VALUE_SIZE	(PAIR_SIZE * (PAIRS_MAXIMUM + 1))

struct writer {
	char *data;		/* VALUE_SIZE bytes, zeroed */
	size_t length;
};

static void
put(struct writer *w, const char *text)
{
	size_t length = strlen(text);

	memcpy(w->data + w->length, text, length);
	w->length += length;
}

/* quoted-pair for what would end a comment or a quoted-string, "?" for what must not be in one. */
static void
put_quoted(struct writer *w, const char *text, const char *special)
{
	size_t i;

	for (i = 0; i < TEXT_MAXIMUM && text[i]; i++) {
		if (strchr(special, text[i]))
			w->data[w->length++] = '\\';
		w->data[w->length++] = text[i] < ' ' || text[i] > '~' ? '?' : text[i];
	}
}

/* RFC 5322 section 3.2.3. */
static bool
is_dot_atom(const char *text)
{
	char before = '.';

	for (; *text; before = *text++)
		if (*text == '.' ? before == '.' :
		    !spf_is_alphanum(*text) && !strchr("!#$%&'*+-/=?^_`{|}~", *text))
			return false;
	return before != '.';
}

static void
put_pair(struct writer *w, const char *key, const char *text, bool last)
{
	bool atom = is_dot_atom(text) && strlen(text) <= TEXT_MAXIMUM;

	put(w, "\n\t");
	put(w, key);
	put(w, atom ? "=" : "=\"");
	put_quoted(w, text, "\"\\");
	put(w, atom ? "" : "\"");
	put(w, last ? "" : ";");
}

const char *
spf_received_value(const struct spf_memory *memory, const struct spf_received *received)
{
	const struct spf_outcome *outcome = received->outcome;
	struct writer w = { .data = memory->alloc(memory->of, VALUE_SIZE) };
	bool error = outcome->result == SPF_TEMPERROR || outcome->result == SPF_PERMERROR;

	put(&w, " ");
	put(&w, spf_result_name(outcome->result));
	put(&w, " (");
	put_quoted(&w, outcome->reason, "()\\");
	put(&w, ")");
	put_pair(&w, "receiver", received->receiver, false);
	put_pair(&w, "identity", received->identity, false);
	put_pair(&w, "client-ip", received->client_ip, false);
	if (received->sender)
		put_pair(&w, "envelope-from", received->sender, false);
	put_pair(&w, "helo", received->helo, false);
	if (error)
		put_pair(&w, "problem", outcome->reason, false);
	put_pair(&w, "mechanism", outcome->mechanism ? outcome->mechanism : "default", true);
	return w.data;
}
