/* SPDX-License-Identifier: BSD-2-Clause */
/* What host_mime.c and host_mime_edit.c share. Private to them. */
#ifndef FILTERD_CHAIN_HOST_MIME_H
#define FILTERD_CHAIN_HOST_MIME_H

#include <filterd/plugin.h>

#include "filterd/message/mime_model.h"

/* The view as the callback sees it; NULL: there is none here, it cannot be read, or the plugin has
 * not declared that it reads the body. */
struct mime_view *host_mime_view(struct mf_context *c);

#endif
