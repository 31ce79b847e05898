/* SPDX-License-Identifier: BSD-2-Clause */
/* Text by pointer and length, as the parsers of this plugin cut it out of records. Borrowed: it
 * lives as long as the record that it is a part of. */
#ifndef PLUGINS_SPF_TEXT_H
#define PLUGINS_SPF_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

struct spf_text {
	const char *data;	/* no NUL behind it; NULL: there is none */
	size_t length;
};

/* Memory for what is computed: zeroed, never NULL, freed by its owner all at once. */
struct spf_memory {
	void *(*alloc)(void *of, size_t size);
	void *of;
};

static inline struct spf_text
spf_text_of(const char *text)
{
	return (struct spf_text){ text, strlen(text) };
}

/* What stands behind the first bytes. */
static inline struct spf_text
spf_text_behind(struct spf_text text, size_t bytes)
{
	return (struct spf_text){ text.data + bytes, text.length - bytes };
}

/* Names compare without case (RFC 5234 section 2.3, RFC 4343). */
static inline bool
spf_text_is(struct spf_text text, const char *name)
{
	return text.length == strlen(name) && strncasecmp(text.data, name, text.length) == 0;
}

static inline bool
spf_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool
spf_is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline bool
spf_is_alphanum(char c)
{
	return spf_is_alpha(c) || spf_is_digit(c);
}

#endif
