/* SPDX-License-Identifier: BSD-2-Clause */
/* The files that `filterd new-plugin` writes: templates in filterd/command/new_plugin/, of which
 * filterd/command/new_plugin/embed makes a source when filterd is built. */
#ifndef FILTERD_COMMAND_NEW_PLUGIN_H
#define FILTERD_COMMAND_NEW_PLUGIN_H

#include <stddef.h>

/* In both texts @NAME@ stands for the plugin's name. */
struct new_plugin_file {
	const char *name;
	const char *text;
};

extern const struct new_plugin_file new_plugin_files[];
extern const size_t new_plugin_file_count;

#endif
