/* SPDX-License-Identifier: BSD-2-Clause */
/* DMARC Policy Records: whatever the bytes, what is read lies within them and is one of the values
 * that there are. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "filterd/util/memory.h"
#include "plugins/dmarc/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_within(struct str part, struct str whole)
{
	assert(part.length == 0 || (part.data >= whole.data &&
	    part.data + part.length <= whole.data + whole.length));
}

static void
check_uris(struct str list, struct str whole)
{
	struct str uri;

	check_within(list, whole);
	while (dmarc_record_uri(&list, &uri)) {
		assert(uri.length >= 3 && memchr(uri.data, ':', uri.length));
		assert(!memchr(uri.data, ',', uri.length) && !memchr(uri.data, '!', uri.length));
		check_within(uri, whole);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* Without the NUL behind it: a record need not have one. */
	char *copy = memory_array(size ? size : 1, 1);
	struct str text = { copy, size };
	struct dmarc_record record;
	bool none;

	if (size)
		memcpy(copy, data, size);
	if (dmarc_record_parse(text, &record)) {
		assert(size >= 8 && memchr(copy, '=', size));
		assert(record.p <= DMARC_REJECT && record.sp <= DMARC_REJECT &&
		    record.np <= DMARC_REJECT && record.psd <= DMARC_PSD_NO);
		assert(record.fo && record.fo < 16 &&
		    !(record.fo & DMARC_FO_ALL && record.fo & DMARC_FO_ANY));
		check_uris(record.rua, text);
		check_uris(record.ruf, text);
		assert(dmarc_record_usable(&record, &none) || !none);
	}
	free(copy);
	return 0;
}
