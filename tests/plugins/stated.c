/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A plugin that stands for those that check SPF, DKIM and ARC: it puts on the board what fields of
 * the message state, each a result: "X-Result: spf=pass smtp.mailfrom=a@b.example".
 */
#include <string.h>

#include <filterd/plugin.h>

static const char *const provided[] = { "spf", "dkim", "arc", NULL };

static void
add(struct mf_context *c, char *text)
{
	char *rest, *word = strtok_r(text, " \t\r\n", &rest), *equals;
	struct mf_result *result;

	equals = word ? strchr(word, '=') : NULL;
	if (!equals)
		return;
	*equals = '\0';
	result = mf_result_add(c, word, equals + 1, NULL);
	while ((word = strtok_r(NULL, " \t\r\n", &rest)) != NULL) {
		equals = strchr(word, '=');
		if (!equals)
			continue;
		*equals = '\0';
		mf_result_property(c, result, word, equals + 1);
	}
}

static enum mf_verdict
state(struct mf_context *c)
{
	struct mf_header field;
	size_t i;

	for (i = 0; mf_header_find(c, "X-Result", i, &field); i++)
		add(c, mf_printf(c, "%s", field.value));
	return MF_CONTINUE;
}

MF_PLUGIN(.name = "stated", .provides = provided, .message = state);
