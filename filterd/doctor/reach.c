/* SPDX-License-Identifier: BSD-2-Clause */
/* Owners, groups and modes on the way to a socket. */
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "filterd/doctor/reach.h"
#include "filterd/supervise/privileges.h"

bool
who_find(struct who *who_r, const char *name)
{
	const struct passwd *entry;

	memset(who_r, 0, sizeof(*who_r));
	if (!user_find(name, &who_r->user))
		return false;
	entry = getpwuid(who_r->user);
	snprintf(who_r->name, sizeof(who_r->name), "%s", entry ? entry->pw_name : name);
	who_r->group = entry ? entry->pw_gid : (gid_t)-1;
	who_r->group_count = WHO_GROUPS;
	if (!entry || getgrouplist(entry->pw_name, entry->pw_gid, who_r->groups,
	    &who_r->group_count) < 0)
		who_r->group_count = entry ? WHO_GROUPS : 0;
	return true;
}

static bool
in_group(const struct who *who, gid_t group)
{
	int i;

	for (i = 0; i < who->group_count; i++)
		if (who->groups[i] == group)
			return true;
	return false;
}

bool
who_may(const struct who *who, uid_t owner, gid_t group, mode_t mode, unsigned bits)
{
	unsigned shift = who->user == owner ? 6 : in_group(who, group) ? 3 : 0;

	return who->user == 0 || ((mode >> shift) & bits) == bits;
}

/* The next prefix of a path that ends before a "/", "/" itself the first of an absolute one. False:
 * only the last name is left. */
static bool
next_folder(const char *path, size_t *at, char folder_r[PATH_MAX])
{
	const char *slash = strchr(path + *at, '/');

	if (!slash || (size_t)(slash - path) >= PATH_MAX)
		return false;
	*at = (size_t)(slash - path) + 1;
	memcpy(folder_r, path, *at);
	folder_r[*at == 1 ? 1 : *at - 1] = '\0';
	return true;
}

enum reach
reach_socket(const struct who *who, const char *from, const char *path, char obstacle_r[PATH_MAX])
{
	char whole[PATH_MAX];
	size_t at = strlen(from);
	struct stat file;

	while (*from && *path == '/')
		path++;
	if ((size_t)snprintf(whole, sizeof(whole), *from ? "%s/%s" : "%s%s", from, path) >=
	    sizeof(whole)) {
		memcpy(obstacle_r, whole, sizeof(whole));
		return REACH_NO_FOLDER;
	}
	while (next_folder(whole, &at, obstacle_r)) {
		if (stat(obstacle_r, &file) < 0 || !S_ISDIR(file.st_mode))
			return REACH_NO_FOLDER;
		if (!who_may(who, file.st_uid, file.st_gid, file.st_mode, 1))
			return REACH_CLOSED;
	}
	snprintf(obstacle_r, PATH_MAX, "%s", whole);
	if (stat(whole, &file) < 0)
		return REACH_NO_SOCKET;
	if (!S_ISSOCK(file.st_mode))
		return REACH_NOT_A_SOCKET;
	return who_may(who, file.st_uid, file.st_gid, file.st_mode, 2) ? REACH_GOOD : REACH_REFUSED;
}

bool
reach_is_safe(const char *path, const struct blame *allowed, char obstacle_r[PATH_MAX])
{
	struct stat file;
	size_t at = 0;

	while (next_folder(path, &at, obstacle_r)) {
		bool sticky, group, world;

		if (stat(obstacle_r, &file) < 0)
			continue;
		sticky = allowed->sticky && (file.st_mode & S_ISVTX);
		group = (file.st_mode & S_IWGRP) && !allowed->group;
		world = (file.st_mode & S_IWOTH) && !allowed->world;
		if ((group || world) && !sticky)
			return false;
	}
	return true;
}
