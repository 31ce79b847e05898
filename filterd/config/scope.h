/* SPDX-License-Identifier: BSD-2-Clause */
/* What names mean while a configuration is read, and where its mistakes go. */
#ifndef FILTERD_CONFIG_SCOPE_H
#define FILTERD_CONFIG_SCOPE_H

#include "filterd/config/errors.h"
#include "filterd/config/field.h"
#include "filterd/config/list.h"
#include "filterd/config/pattern_group.h"
#include "filterd/service/regex.h"

struct config_scope {
	struct arena *arena;		/* of the generation: everything bound lives there */
	struct config_errors *errors;
	struct mf_list *const *lists;	/* loaded and sealed */
	size_t list_count;
	struct regex_limits limits;
	/* of the innermost block with a name, "" outside; for logs of regex limits */
	const char *label;
	/* Called for each field that a condition or template reads; may be NULL. */
	void (*field_used)(void *argument, const struct field *field);
	void *argument;
	/* The regexes of one filter's conditions, kept together by field, and how its templates use
	 * their groups; NULL: each regex on its own. Filled by conditions and templates. */
	struct pattern_groups *patterns;
};

#endif
