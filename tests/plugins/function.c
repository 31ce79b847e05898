/* SPDX-License-Identifier: BSD-2-Clause */
/* A library whose symbol filterd_plugin is code. */
#include <filterd/plugin.h>

MF_EXPORT int filterd_plugin(void);

int
filterd_plugin(void)
{
	return 0;
}
