/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A filter: one `filter NAME { … }` of the configuration, bound to its plugin and started. Private
 * to chain/. Immutable once its generation is loaded, and shared by all threads; what the plugin
 * keeps in `instance` is the plugin's to lock.
 */
#ifndef FILTERD_CHAIN_FILTER_H
#define FILTERD_CHAIN_FILTER_H

#include "filterd/chain/crash_note.h"
#include "filterd/chain/module.h"
#include "filterd/config/settings.h"

/* All bits of enum mf_use. */
#define FILTER_USES_ALL ((MF_USE_QUARANTINE << 1) - 1)

struct start;

struct filter {
	const char *name;
	char note_name[CRASH_NOTE_FILTER];	/* the same, cut and padded, for crash notes */
	struct filter_settings settings;	/* the options that every filter has */
	const struct mf_plugin *plugin;
	void *options;				/* the plugin's own */
	void *instance;				/* what start left; NULL before it */
	/* its context in start and stop; NULL: not started */
	struct start *start;
	bool shadow;
	/* its policy stands in for it: the plugin is not loaded, and none of its code is called */
	bool removed;

	unsigned stages;		/* MF_AT bits: where it is called */
	unsigned verdicts;		/* of them, those where the MTA is to wait for it */
	enum mf_stage when_stage;	/* its `when` is known from here on */
	unsigned uses;			/* enum mf_use */
	bool uses_declared;		/* by mf_only_uses(), not assumed */
	bool reads_headers, reads_body, reads_size;	/* through its conditions and templates */
	/* that it reads: its plugin's, its conditions' and templates' */
	const char **macros;
	size_t macro_count, macro_room;
};

/* Binds a filter block to its plugin's options. NULL on any mistake: all are noted. The filter and
 * its options live in the settings' arena. */
struct filter *filter_bind(struct settings *settings, const struct filter_settings *block,
    const struct module *module);

/* A filter that stands for one that is removed, at its stages (MF_AT bits; what makes no sense
 * there is passed over). NULL on a mistake, noted. */
struct filter *filter_remove(struct settings *settings, const struct filter_settings *block,
    unsigned stages);

/* Runs the plugin's start and settles where and with what the filter takes part. Mistakes are
 * noted, those of the plugin at the option that it names, or at the block. */
void filter_start(struct filter *filter, struct settings *settings);

/* Runs the plugin's stop; nothing when it was not started. */
void filter_stop(struct filter *filter);

#endif
