/* SPDX-License-Identifier: BSD-2-Clause */
/* What the results board is told of a signature: RFC 8601 section 2.7.1, RFC 6008. */
#include "plugins/dkim/verify.h"

enum { B_LENGTH = 8 };	/* RFC 6008 section 4: at least so many characters of b= */

/* Copies b= without its white space; NUL behind it. */
static char *
bare_signature(struct mf_context *c, struct dkim_text text)
{
	char *bare = mf_alloc(c, text.length + 1);
	size_t i, length = 0;

	for (i = 0; i < text.length; i++) {
		if (!dkim_is_space(text.data[i]))
			bare[length++] = text.data[i];
	}
	return bare;
}

/* How many characters two have in common at their beginning. */
static size_t
common(const char *a, const char *b)
{
	size_t i = 0;

	while (a[i] && a[i] == b[i])
		i++;
	return i;
}

/* As much of b= as tells the signature from all others of the message that have another one. */
static const char *
short_signature(struct mf_context *c, const struct dkim_case *one, const struct dkim_case *all)
{
	char *bare = bare_signature(c, one->signature.signature);
	size_t length = B_LENGTH, same;

	for (; all; all = all->next) {
		if (all == one)
			continue;
		same = common(bare, bare_signature(c, all->signature.signature));
		if (same >= length && bare[same])
			length = same + 1;
	}
	if (length < strlen(bare))
		bare[length] = '\0';
	return bare;
}

/* i= in plain text; where there is none it is "@" and the domain, RFC 6376 section 3.5. */
static const char *
identity(struct mf_context *c, const struct dkim_signature *s)
{
	char *text;

	if (!s->identity.length)
		return mf_printf(c, "@%s", s->domain);
	text = mf_alloc(c, s->identity.length + 1);
	dkim_unquote(s->identity, text);
	return text;
}

void
dkim_case_report(struct mf_context *c, const struct dkim_case *one, const struct dkim_case *all)
{
	const struct dkim_signature *s = &one->signature;
	struct mf_result *result = mf_result_add(c, "dkim", one->result, one->reason);

	if (s->domain[0]) {
		mf_result_property(c, result, "header.d", s->domain);
		mf_result_property(c, result, "header.i", identity(c, s));
	}
	if (s->selector[0])
		mf_result_property(c, result, "header.s", s->selector);
	if (s->algorithm_name.length)
		mf_result_property(c, result, "header.a", mf_printf(c, "%.*s",
		    (int)s->algorithm_name.length, s->algorithm_name.data));
	if (s->signature.length)
		mf_result_property(c, result, "header.b", short_signature(c, one, all));
}
