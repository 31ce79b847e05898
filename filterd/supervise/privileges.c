/* SPDX-License-Identifier: BSD-2-Clause */
/* Dropping privileges, and making sure that they are gone. */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "filterd/supervise/privileges.h"

static bool
is_number(const char *text)
{
	return text[0] && strspn(text, "0123456789") == strlen(text);
}

bool
user_find(const char *name, uid_t *user_r)
{
	const struct passwd *entry = getpwnam(name);

	if (entry)
		*user_r = entry->pw_uid;
	else if (is_number(name))
		*user_r = (uid_t)strtoul(name, NULL, 10);
	return entry || is_number(name);
}

bool
group_find(const char *name, gid_t *group_r)
{
	const struct group *entry = getgrnam(name);

	if (entry)
		*group_r = entry->gr_gid;
	else if (is_number(name))
		*group_r = (gid_t)strtoul(name, NULL, 10);
	return entry || is_number(name);
}

/* The user's own group unless another one is named. */
static bool
find_both(struct identity *identity, const char *user, const char *group, struct buffer *problem)
{
	const struct passwd *entry;

	if (user && !user_find(user, &identity->user)) {
		buffer_printf(problem, "there is no user \"%s\"\n", user);
		return false;
	}
	entry = getpwuid(identity->user);
	if (user && entry) {
		identity->group = entry->pw_gid;
		snprintf(identity->name, sizeof(identity->name), "%s", entry->pw_name);
	}
	if (group && !group_find(group, &identity->group)) {
		buffer_printf(problem, "there is no group \"%s\"\n", group);
		return false;
	}
	return true;
}

bool
identity_find(struct identity *identity_r, const char *user, const char *group,
    struct buffer *problem)
{
	*identity_r = (struct identity){ .user = geteuid(), .group = getegid() };
	if (!find_both(identity_r, user, group, problem))
		return false;
	identity_r->change = identity_r->user != geteuid() || identity_r->group != getegid();
	if (identity_r->change && geteuid() != 0) {
		buffer_printf(problem, "only root can run workers as user \"%s\"\n",
		    user ? user : group);
		return false;
	}
	return true;
}

static bool
fail(struct buffer *problem, const char *what)
{
	buffer_printf(problem, "cannot %s: %s\n", what, strerror(errno));
	return false;
}

static bool
change_groups(const struct identity *identity)
{
	if (identity->name[0])
		return initgroups(identity->name, identity->group) == 0;
	return setgroups(1, &identity->group) == 0;
}

/* Nothing of the old identity is left, and there is no way back to root. */
static bool
is_gone_for_good(const struct identity *identity)
{
	uid_t real, effective, saved;
	gid_t real_group, effective_group, saved_group;

	if (getresuid(&real, &effective, &saved) < 0 ||
	    getresgid(&real_group, &effective_group, &saved_group) < 0)
		return false;
	if (real != identity->user || effective != identity->user || saved != identity->user ||
	    real_group != identity->group || effective_group != identity->group ||
	    saved_group != identity->group)
		return false;
	return identity->user == 0 || setuid(0) < 0;
}

bool
identity_assume(const struct identity *identity, struct buffer *problem)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return fail(problem, "give up gaining privileges");
	if (!identity->change)
		return true;
	if (!change_groups(identity))
		return fail(problem, "set the groups");
	if (setresgid(identity->group, identity->group, identity->group) < 0)
		return fail(problem, "set the group");
	if (setresuid(identity->user, identity->user, identity->user) < 0)
		return fail(problem, "set the user");
	if (is_gone_for_good(identity))
		return true;
	buffer_printf(problem, "privileges are not gone for good\n");
	return false;
}
