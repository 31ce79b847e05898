/* SPDX-License-Identifier: BSD-2-Clause */
/* Slots of the metrics. The master has no plugin to ask, so rules are found by how they are
 * written: a block `rule NAME` of a filter. */
#include <stdlib.h>

#include "filterd/service/log.h"
#include "filterd/supervise/slots.h"
#include "filterd/util/memory.h"

static bool
is_rule(const struct config_statement *statement)
{
	return statement->has_block && statement->value_count == 1 &&
	    str_equal(statement->name.text, STR("rule"));
}

/* Adds the rules of a filter; without names to add to, only counts them. Returns how many. */
static size_t
add_rules(const struct settings *settings, const char *filter, size_t place,
    struct metrics_rule_name *names)
{
	const struct filter_settings *block = settings_filter(settings, filter);
	const struct config_statement *statement = block ? block->statement->block : NULL;
	size_t count = 0;

	for (; statement; statement = statement->next) {
		if (!is_rule(statement))
			continue;
		if (names)
			names[count] = (struct metrics_rule_name){ place,
				config_plain(&statement->values[0], settings->arena).data };
		count++;
	}
	return count;
}

static size_t
add_all_rules(const struct settings *settings, const struct listener_settings *listener,
    struct metrics_rule_name *names)
{
	size_t count = 0, i;

	for (i = 0; i < listener->chain.count; i++)
		count += add_rules(
		    settings, listener->chain.items[i], i, names ? names + count : NULL);
	return count;
}

int
slot_open(struct metrics *metrics, const struct settings *settings,
    const struct listener_settings *listener, unsigned generation)
{
	struct metrics_layout layout = {
		.listener = listener->name, .filters = listener->chain.items,
		.filter_count = listener->chain.count, .generation = generation
	};
	struct metrics_rule_name *names;
	int slot;

	if (!metrics || !settings->metrics)
		return -1;
	layout.rule_count = add_all_rules(settings, listener, NULL);
	names = memory_array(layout.rule_count, sizeof(*names));
	add_all_rules(settings, listener, names);
	layout.rules = names;
	slot = metrics_slot_open(metrics, &layout);
	if (slot < 0)
		log_text(MF_LOG_WARNING, "no room for the metrics of another worker of listener %s",
		    listener->name);
	free(names);
	return slot;
}
