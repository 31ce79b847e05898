/* SPDX-License-Identifier: BSD-2-Clause */
/* A library that is no plugin. */
#include <filterd/plugin.h>

MF_EXPORT extern const int something_else;
const int something_else = 1;
