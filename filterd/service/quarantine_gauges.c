/* SPDX-License-Identifier: BSD-2-Clause */
/* The gauges, one page. */
#include <inttypes.h>
#include <stdatomic.h>
#include <sys/mman.h>

#include "filterd/service/quarantine_gauges.h"

struct gauges {
	atomic_bool used, measured;
	_Atomic uint64_t cells[QUARANTINE_GAUGES];
};

static struct gauges *gauges;	/* NULL: there are none */

const char *const quarantine_state_names[] = { "held", "releasing", "released", NULL };

bool
quarantine_gauges_create(void)
{
	void *memory = mmap(NULL, sizeof(*gauges), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return false;
	gauges = memory;
	return true;
}

void
quarantine_gauges_destroy(void)
{
	if (gauges)
		munmap(gauges, sizeof(*gauges));
	gauges = NULL;
}

void
quarantine_gauges_use(bool used)
{
	if (gauges)
		atomic_store(&gauges->used, used);
}

bool
quarantine_gauges_told(void)
{
	return gauges && atomic_load(&gauges->used) && atomic_load(&gauges->measured);
}

void
quarantine_gauges_set(const uint64_t values[QUARANTINE_GAUGES])
{
	unsigned i;

	for (i = 0; gauges && i < QUARANTINE_GAUGES; i++)
		atomic_store_explicit(&gauges->cells[i], values[i], memory_order_relaxed);
	if (gauges)
		atomic_store(&gauges->measured, true);
}

uint64_t
quarantine_gauge(unsigned place)
{
	return gauges ? atomic_load_explicit(&gauges->cells[place], memory_order_relaxed) : 0;
}

void
quarantine_gauges_json(struct buffer *to)
{
	unsigned i;

	if (!quarantine_gauges_told()) {
		buffer_add_text(to, "null");
		return;
	}
	buffer_add_text(to, "{\"messages\":{");
	for (i = 0; i < QUARANTINE_STATES; i++)
		buffer_printf(to, "%s\"%s\":%" PRIu64, i ? "," : "", quarantine_state_names[i],
		    quarantine_gauge(QUARANTINE_MESSAGES + i));
	buffer_printf(to, "},\"bytes\":%" PRIu64 ",\"oldest\":%" PRIu64,
	    quarantine_gauge(QUARANTINE_BYTES), quarantine_gauge(QUARANTINE_OLDEST));
	buffer_printf(to, ",\"maximum_bytes\":%" PRIu64 ",\"maximum_age_s\":%" PRIu64 "}",
	    quarantine_gauge(QUARANTINE_MAXIMUM_BYTES),
	    quarantine_gauge(QUARANTINE_MAXIMUM_AGE));
}
