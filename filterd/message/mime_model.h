/* SPDX-License-Identifier: BSD-2-Clause */
/* The MIME view of a message's model: made when it is first asked for, shared by all who ask, made
 * anew after an edit that it shows. */
#ifndef FILTERD_MESSAGE_MIME_MODEL_H
#define FILTERD_MESSAGE_MIME_MODEL_H

#include "filterd/message/mime.h"
#include "filterd/message/model.h"

/* The view of the state that the running callback sees; valid until the message is edited. NULL:
 * the body cannot be read, errno. */
struct mime_view *model_mime(struct model *model);

#endif
