/* SPDX-License-Identifier: BSD-2-Clause */
/* Text put into a part, in the part's own character set and encoding wherever those have it. */
#ifndef PLUGINS_FOOTER_EDIT_H
#define PLUGINS_FOOTER_EDIT_H

#include <filterd/plugin.h>

#include "filterd/util/str.h"

/* UTF-8 as compose.h makes it; either may be empty. */
struct additions { struct str before, after; };

/* NULL: done; else why the part has stayed as it is. */
const char *edit_part(struct mf_context *c, size_t index, const struct additions *additions);

#endif
