/* SPDX-License-Identifier: BSD-2-Clause */
/* The results board as Authentication-Results: what plugins that write such fields share. */
#ifndef PLUGINS_AUTHRES_BOARD_H
#define PLUGINS_AUTHRES_BOARD_H

#include <filterd/plugin.h>

#include "plugins/auth-results/authres.h"

/* Memory of the message that is at hand. */
struct authres_memory authres_memory_of(struct mf_context *c);

/* Whether the client has asked for internationalised mail, RFC 6531: then a field may be UTF-8. */
bool authres_smtputf8(struct mf_context *c);

/* All that stands on the board, or only the results of these methods (a count of 0: all), in the
 * order in which it came. Without `utf8` domains of values have A-labels for U-labels. */
struct authres_result *authres_from_board(struct mf_context *c, const struct mf_strings *methods,
    bool utf8);

#endif
