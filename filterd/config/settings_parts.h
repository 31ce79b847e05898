/* SPDX-License-Identifier: BSD-2-Clause */
/* Inside the settings: what settings.c, settings_check.c and settings_list.c share. */
#ifndef FILTERD_CONFIG_SETTINGS_PARTS_H
#define FILTERD_CONFIG_SETTINGS_PARTS_H

#include "filterd/config/settings.h"

#define SETTINGS_BLOCKS_MAXIMUM	1000u	/* listeners, lists, filters: of each */

/* A list block; its contents are loaded into a struct mf_list. */
struct list_settings {
	const char *name;
	struct mf_strings file;
	struct mf_strings entries;
};

/* Loads the list blocks into settings->lists and the scope; without files, the entries alone. */
void settings_load_lists(struct settings *settings, const struct list_settings *blocks,
    size_t count, bool files);

/* Reads the files of list blocks into the archive in use, and nothing else. */
void settings_archive_lists(const struct settings *settings, const struct list_settings *blocks,
    size_t count);

/* A check of settings that were bound. */
struct check {
	const struct settings *settings;
	struct arena *arena;
	bool machine;		/* it is to run here: users and groups are looked up */
	bool serves;		/* this process is to serve: it needs what files it uses */
};

/* Notes a mistake at what set the member. */
void check_mistake(const struct check *check, const void *member, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Parts of the checks that several blocks need: a member that is a user, a group, an absolute path,
 * or a mode. */
void check_user(const struct check *check, const char *const *user);
void check_group(const struct check *check, const char *const *group);
void check_path(const struct check *check, const char *const *path, const char *name);
void check_mode(const struct check *check, const char *const *mode);

/* settings_admin.c */
void check_admin(const struct check *check);

/* settings_dns.c */
void check_dns(const struct check *check);

/* Makes settings->resolver; without files, without a zone file. */
void settings_load_dns(struct settings *settings, bool files);

/* Reads the zone file into the archive in use. */
void settings_archive_dns(const struct settings *settings);

/* Checks across statements and, unless the text stands alone, against the machine: whether it has
 * the users, and for the whole whether this process can write to the spool. */
void settings_check(const struct settings *settings, const struct list_settings *lists,
    size_t list_count, enum settings_depth depth);

#endif
