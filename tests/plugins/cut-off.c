/* SPDX-License-Identifier: BSD-2-Clause */
/* A plugin whose symbol is too small for what it claims to be. */
#include <filterd/plugin.h>

MF_EXPORT extern const uint32_t filterd_plugin[4];
const uint32_t filterd_plugin[4] = { MF_ABI, sizeof(struct mf_plugin), 0, 0 };
