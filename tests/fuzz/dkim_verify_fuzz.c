/* SPDX-License-Identifier: BSD-2-Clause */
/* A hostile message and key record through the plugin: two parts with a NUL between, the record
 * of every signature, and the message. Whatever they are, each signature has one result, those
 * beyond the limit have one together, and the filter does not fail. */
#include <assert.h>

#include <filterd/plugin_test.h>

#include "tests/unit/dkim_kit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The record is that of all names that are asked for in the seeds. */
static const char *const names[] = {
	"brisbane._domainkey.example.com", "brisbane._domainkey.football.example.com",
	"test._domainkey.football.example.com", "a._domainkey.b"
};

static char *
copy(struct dkim_text text)
{
	char *bytes = calloc(1, text.length + 1);

	if (bytes && text.length)
		memcpy(bytes, text.data, text.length);
	return bytes;
}

static void
send_fields(struct mf_fake *f, const struct dkim_mail *mail)
{
	size_t i;

	for (i = 0; i < mail->count; i++) {
		char *name = copy(mail->fields[i].name);
		char *value = copy(mail->fields[i].value);

		mf_fake_header(f, name, value);
		free(name);
		free(value);
	}
}

static void
send_message(struct mf_fake *f, struct dkim_text text)
{
	struct dkim_mail mail;
	size_t half;

	dkim_mail_split(&mail, text);
	mf_fake_mail(f, "a@b", NULL);
	send_fields(f, &mail);
	mf_fake_eoh(f);
	half = mail.body_size / 2;
	mf_fake_body(f, mail.body, half);
	mf_fake_body(f, mail.body + half, mail.body_size - half);
	mf_fake_message(f);
	dkim_mail_free(&mail);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *nul = size ? memchr(data, '\0', size) : NULL;
	struct mf_fake *f;
	size_t i, count;

	if (!nul)
		return 0;
	f = mf_fake_create(&filterd_plugin);
	mf_fake_set(f, "accept-sha1", "on");
	mf_fake_set(f, "clock-skew", "7d");
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		mf_fake_dns(f, names[i], MF_DNS_TXT, (const char *)data);
	send_message(f, (struct dkim_text){ (const char *)nul + 1,
	    size - (size_t)(nul - data) - 1 });
	count = mf_host_result_count(&f->context, "dkim");
	assert(count >= 1 && count <= 9 && f->verdict != MF_ERROR);
	for (i = 0; i < count; i++)
		assert(mf_fake_result(f, "dkim", i));
	mf_fake_destroy(&f);
	return 0;
}
