/* SPDX-License-Identifier: BSD-2-Clause */
/* A worker's store. A file that may not grow further is an error like a full disk, not a death. */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>

#include "filterd/chain/quarantine.h"
#include "filterd/quarantine/store.h"
#include "filterd/service/log.h"
#include "filterd/service/metrics.h"
#include "filterd/service/quarantine_gauges.h"
#include "filterd/supervise/quarantine.h"

#define SWEEP_EACH	10	/* seconds */

_Static_assert(QUARANTINE_STATES == ENTRY_RELEASED + 1, "a gauge for each state");

static struct {
	struct store *store;		/* NULL: there is none */
	struct store_limits limits;
	int64_t swept;			/* when, seconds since 1970 */
} quarantine;

static struct store *
open_store(const struct settings *settings, const char *config, struct buffer *problem)
{
	struct buffer why = { 0 };
	struct store *store = store_open(settings->quarantine.store, STORE_WRITE, &why);

	if (!store)
		buffer_printf(problem, "%s: %s\n", config, buffer_text(&why));
	buffer_free(&why);
	return store;
}

bool
quarantine_check(const struct settings *settings, const char *config, struct buffer *problem)
{
	struct store *store;
	bool good;

	if (!settings->quarantine.store)
		return true;
	store = open_store(settings, config, problem);
	good = store != NULL;
	store_close(&store);
	return good;
}

bool
quarantine_open(const struct settings *settings, const char *config, struct buffer *problem)
{
	if (!settings->quarantine.store)
		return true;
	signal(SIGXFSZ, SIG_IGN);
	quarantine.store = open_store(settings, config, problem);
	quarantine.limits = (struct store_limits){
		.size = settings->quarantine.maximum_size.bytes,
		.age = settings->quarantine.maximum_age.milliseconds / 1000
	};
	quarantine_attach(quarantine.store);
	return quarantine.store != NULL;
}

bool
quarantine_in_use(void)
{
	return quarantine.store != NULL;
}

static void
log_swept(const struct store_swept *swept)
{
	char old[24], surplus[24];

	snprintf(old, sizeof(old), "%" PRIu64, swept->old);
	snprintf(surplus, sizeof(surplus), "%" PRIu64, swept->surplus);
	log_event(swept->surplus ? MF_LOG_WARNING : MF_LOG_INFO,
	    "messages were removed from the quarantine", (struct log_field[]){
		{ "old", str_of(old), true }, { "surplus", str_of(surplus), true },
		{ "store", str_of(store_folder(quarantine.store)), false } }, 3);
	metrics_add(METRICS_QUARANTINE_REMOVED, swept->old);
	metrics_add(METRICS_QUARANTINE_REMOVED + 1, swept->surplus);
}

static void
tell_holding(const struct store_holding *holding)
{
	uint64_t gauges[QUARANTINE_GAUGES] = {
		[QUARANTINE_BYTES] = holding->bytes,
		[QUARANTINE_OLDEST] = (uint64_t)holding->oldest,
		[QUARANTINE_MAXIMUM_BYTES] = quarantine.limits.size,
		[QUARANTINE_MAXIMUM_AGE] = (uint64_t)quarantine.limits.age
	};
	size_t i;

	for (i = 0; i < QUARANTINE_STATES; i++)
		gauges[QUARANTINE_MESSAGES + i] = holding->messages[i];
	quarantine_gauges_set(gauges);
}

void
quarantine_keep(void)
{
	int64_t now = (int64_t)time(NULL);
	struct store_swept swept;

	if (!quarantine.store || (now >= quarantine.swept && now - quarantine.swept < SWEEP_EACH))
		return;
	quarantine.swept = now;
	store_sweep(quarantine.store, &quarantine.limits, now, &swept);
	if (swept.old || swept.surplus)
		log_swept(&swept);
	if (swept.measured)
		tell_holding(&swept.holding);
}
