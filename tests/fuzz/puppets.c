/* SPDX-License-Identifier: BSD-2-Clause */
/* What fuzz targets with a chain of puppets share. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <jansson.h>

#include "filterd/chain/explanation.h"
#include "filterd/service/log.h"
#include "tests/fuzz/puppets.h"

static const char config[] =
    "message { spool-threshold 4k; maximum-size 64k; memory-limit 256k;\n"
    "    session-memory-limit 64k; maximum-headers 30; maximum-recipients 5; }\n"
    "listener fuzz { socket unix:/nowhere; chain first shadow scoped last; }\n"
    "filter first { plugin %s/puppet.so; on-error skip; }\n"
    "filter shadow { plugin %s/puppet.so; mode shadow; marker \"$\"; }\n"
    "filter scoped { plugin %s/puppet.so; on-error accept; marker \"%%\";\n"
    "    when helo ~ /s/ and (recipient ~ /b/ or header.Subject ~ /s/ or score > 3); }\n"
    "filter last { plugin %s/puppet.so; marker \"&\"; }\n";

static void
broken(const char *promise)
{
	fprintf(stderr, "broken: %s\n", promise);
	abort();
}

/* The folder of the program, where puppet.so is too. */
static void
find_folder(char folder_r[4096])
{
	ssize_t length = readlink("/proc/self/exe", folder_r, 4095);

	if (length <= 0)
		broken("the program knows its place");
	folder_r[length] = '\0';
	*strrchr(folder_r, '/') = '\0';
}

const struct chain *
puppets_load(struct tally *tally)
{
	static struct generation *generation;
	struct config_errors *errors = config_errors_create();
	int fd = memfd_create("filterd.conf", MFD_CLOEXEC);
	char folder[4096], text[32];

	snprintf(text, sizeof(text), "%p", (void *)tally);
	setenv("TALLY", text, 1);
	log_open(LOG_TO_STDERR, LOG_FORMAT_TEXT, -1, NULL);	/* nothing is written */
	find_folder(folder);
	dprintf(fd, config, folder, folder, folder, folder);
	snprintf(text, sizeof(text), "/proc/self/fd/%d", fd);
	generation = generation_load(text, NULL, errors);
	config_errors_print(errors, stderr);
	config_errors_destroy(&errors);
	close(fd);
	if (!generation)
		broken("the configuration is well");
	return generation_chain(generation, "fuzz");
}

void
puppets_check(struct tally *tally)
{
	if (tally->wrong)
		broken("what the host promises a plugin");
	if (tally->messages != tally->message_ends)
		broken("every message has one end");
	if (tally->sessions != tally->session_ends)
		broken("every session has one end");
	memset(tally, 0, sizeof(*tally));
}

void
puppets_check_explanation(const struct session *session)
{
	const struct explanation *explanation = session_explanation(session);
	char *text = NULL;
	size_t size = 0;
	FILE *to = open_memstream(&text, &size);
	json_t *json;

	explanation_json(explanation, to);
	fflush(to);
	json = json_loadb(text, size, 0, NULL);
	if (!json)
		broken(text);
	json_decref(json);
	explanation_text(explanation, to);
	fclose(to);
	free(text);
}
