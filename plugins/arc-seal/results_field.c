/* SPDX-License-Identifier: BSD-2-Clause */
/* ARC-Authentication-Results written from the results board. What is not registered stays at
 * home: it is this site's own business, and means nothing to the next one. */
#include <stdio.h>
#include <string.h>

#include "plugins/arc-seal/results_field.h"

enum { PROPERTIES_MAX = 8 };

struct method {
	const char *name;
	const char *properties[PROPERTIES_MAX];		/* ends with NULL */
};

static const struct method methods[] = {
	{ "spf", { "smtp.mailfrom", "smtp.helo" } },
	{ "dkim", { "header.d", "header.i", "header.s", "header.a", "header.b" } },
	{ "dmarc", { "header.from", "policy.dmarc" } },
	{ "arc", { "smtp.remote-ip", "header.oldest-pass", "arc.chain" } },
	{ "auth", { "smtp.auth", "smtp.mailfrom" } },
	{ "iprev", { "policy.iprev" } },
	{ "dnswl", { "dns.zone", "policy.ip", "policy.txt", "dns.sec" } }
};

/* A token, or an address whose parts are dotted words, needs no quotes. */
static bool
is_plain(const char *value)
{
	return *value && value[strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "0123456789.-_+@")] == '\0';
}

/* RFC 5322 section 3.2.4; what is no printable byte becomes "?". */
static const char *
quoted(struct mf_context *c, const char *value)
{
	char *text, *to;

	if (is_plain(value))
		return value;
	text = to = mf_alloc(c, 2 * strlen(value) + 3);
	*to++ = '"';
	for (; *value; value++) {
		unsigned char byte = (unsigned char)*value;

		if (byte == '"' || byte == '\\')
			*to++ = '\\';
		*to++ = byte < ' ' || byte == 0x7f ? '?' : *value;
	}
	*to = '"';
	return text;
}

static const char *
one_result(struct mf_context *c, const struct method *method, size_t n)
{
	const char *text = mf_printf(c, ";\n\t%s=%s", method->name,
	    mf_result_value(c, method->name, n));
	size_t i;

	for (i = 0; i < PROPERTIES_MAX && method->properties[i]; i++) {
		const char *value = mf_result_get(c, method->name, n, method->properties[i]);

		if (value)
			text = mf_printf(c, "%s%s%s=%s", text, i % 2 ? "\n\t " : " ",
			    method->properties[i], quoted(c, value));
	}
	return text;
}

const char *
results_field(struct mf_context *c, unsigned instance, const char *authserv_id)
{
	const char *text = mf_printf(c, " i=%u; %s", instance, quoted(c, authserv_id));
	bool any = false;
	size_t i, n;

	for (i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		for (n = 0; n < mf_result_count(c, methods[i].name); n++) {
			text = mf_printf(c, "%s%s", text, one_result(c, &methods[i], n));
			any = true;
		}
	}
	return any ? text : mf_printf(c, "%s; none", text);
}
