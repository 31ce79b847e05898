/* SPDX-License-Identifier: BSD-2-Clause */
/* What filterd doctor reads of MTAs: whatever the bytes, bounded structs come out. Three parts,
 * divided by 0xff, stand for the three answers of postconf; the whole for a sendmail.cf. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "filterd/doctor/postconf.h"
#include "filterd/doctor/sendmail_cf.h"
#include "tests/fuzz/part.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is written of a list reads as the same list. */
static void
check_list(const char *text, struct arena *arena)
{
	struct milter_entry *entries, *again;
	size_t count, recount;

	entries = milter_list_parse(text, &count, arena);
	assert(count <= strlen(text) / 2 + 1);
	if (!count || entries[0].endpoint.problem || strpbrk(entries[0].endpoint.text, "{}"))
		return;
	again = milter_list_parse(milter_list_write(entries, count, 0, NULL,
	    MILTER_DEFAULT_ACTION, "tempfail", arena), &recount, arena);
	assert(recount >= 1 && strcmp(again[0].endpoint.text, entries[0].endpoint.text) == 0);
}

static void
check_postfix(struct str input, struct arena *arena)
{
	const struct str parameters = fuzz_part(&input, '\xff');
	const struct str services = fuzz_part(&input, '\xff');
	struct postfix postfix;
	int64_t time;
	size_t i;

	postfix_read(&postfix, parameters, services, input, arena);
	for (i = 0; i < postfix.parameter_count && i < 100; i++) {
		const char *value = postfix_value(&postfix, NULL, postfix.parameters[i].name);

		check_list(value, arena);
		if (mta_time_parse(value, &time))
			assert(time >= 0);
	}
	for (i = 0; i < postfix.service_count && i < 100; i++)
		assert(postfix_value(&postfix, &postfix.services[i], "smtpd_milters"));
}

static void
check_sendmail(struct str input, struct arena *arena)
{
	struct sendmail sendmail;
	size_t i;

	sendmail_read(&sendmail, input, arena);
	assert(sendmail.filter_count + sendmail.option_count <= input.length);
	for (i = 0; i < sendmail.filter_count; i++) {
		const struct endpoint *endpoint = &sendmail.filters[i].endpoint;

		assert(*sendmail.filters[i].name);
		assert(endpoint->problem ? !endpoint->path && !endpoint->host :
		    endpoint->path || (endpoint->host && endpoint->port));
	}
	for (i = 0; i < sendmail.option_count && i < 100; i++)
		sendmail_list_has(sendmail_option(&sendmail, sendmail.options[i].name), "a", true);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct str input = { (const char *)data, size };
	struct arena *arena = arena_create(0, 0);

	check_postfix(input, arena);
	check_sendmail(input, arena);
	arena_destroy(&arena);
	return 0;
}
