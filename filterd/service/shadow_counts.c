/* SPDX-License-Identifier: BSD-2-Clause */
/* The counts, one page. */
#include <inttypes.h>
#include <stdatomic.h>
#include <sys/mman.h>

#include "filterd/service/shadow_counts.h"

struct counts {
	atomic_bool used;
	_Atomic uint64_t cells[SHADOW_COUNTS];
};

static struct counts *counts;	/* NULL: there are none */

const char *const judgement_part_names[] = {
	"verdict", "reply", "recipients", "edits", "results", NULL
};
const char *const shadow_drop_names[] = { "full", "large", "lost", NULL };

bool
shadow_counts_create(void)
{
	void *memory = mmap(NULL, sizeof(*counts), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return false;
	counts = memory;
	return true;
}

void
shadow_counts_destroy(void)
{
	if (counts)
		munmap(counts, sizeof(*counts));
	counts = NULL;
}

void
shadow_counts_use(bool used)
{
	if (counts)
		atomic_store(&counts->used, used);
}

bool
shadow_counts_used(void)
{
	return counts && atomic_load(&counts->used);
}

void
shadow_count(unsigned place)
{
	if (counts)
		atomic_fetch_add_explicit(&counts->cells[place], 1, memory_order_relaxed);
}

uint64_t
shadow_counted(unsigned place)
{
	return counts ? atomic_load_explicit(&counts->cells[place], memory_order_relaxed) : 0;
}

static void
add_family(struct buffer *to, const char *key, const char *const *names, unsigned place)
{
	unsigned i;

	buffer_printf(to, ",\"%s\":{", key);
	for (i = 0; names[i]; i++)
		buffer_printf(to, "%s\"%s\":%" PRIu64, i ? "," : "", names[i],
		    shadow_counted(place + i));
	buffer_add_char(to, '}');
}

void
shadow_counts_json(struct buffer *to)
{
	if (!shadow_counts_used()) {
		buffer_add_text(to, "null");
		return;
	}
	buffer_printf(to, "{\"messages\":%" PRIu64 ",\"differing\":%" PRIu64,
	    shadow_counted(SHADOW_JUDGED), shadow_counted(SHADOW_DIFFERING));
	add_family(to, "differences", judgement_part_names, SHADOW_DIFFERENCES);
	add_family(to, "dropped", shadow_drop_names, SHADOW_DROPPED);
	buffer_printf(to, ",\"deaths\":%" PRIu64 "}", shadow_counted(SHADOW_DEATHS));
}
