/* SPDX-License-Identifier: BSD-2-Clause */
/* What fuzz targets with a chain of puppets share. */
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <jansson.h>

#include "filterd/chain/explanation.h"
#include "filterd/service/log.h"
#include "tests/fuzz/puppets.h"

/* All actions, and conditions on what the input brings; limits that it can pass. In the chain
 * "quiet" nothing can be decided before the end of the message but by the host. */
static const char config[] =
    "message { spool-threshold 4k; maximum-size 64k; memory-limit 256k;\n"
    "    session-memory-limit 64k; maximum-headers 30; maximum-recipients 5; }\n"
    "list networks { entries 192.0.2.0/24 2001:db8::/32 .example.org; }\n"
    "listener fuzz { socket unix:/nowhere; chain first rules shadow scoped last; }\n"
    "listener quiet { socket unix:/nowhere-else; chain shadow late; }\n"
    "filter late { plugin %s/puppet.so; late yes; }\n"
    "filter first { plugin %s/puppet.so; on-error skip; }\n"
    "filter shadow { plugin %s/puppet.so; mode shadow; marker \"$\"; }\n"
    "filter scoped { plugin %s/puppet.so; on-error accept; marker \"%%\";\n"
    "    when helo ~ /s/ and header.Subject ~ /s/; }\n"
    "filter last { plugin %s/puppet.so; marker \"&\"; }\n"
    "filter rules {\n"
    "    plugin %s/../../plugins/rules/rules.so;\n"
    "    rule client { when client.ip in @networks and client.name ~ /^r/;\n"
    "        reject \"${client.name} ${client.ip} ${client.port}\"; }\n"
    "    rule helo { when helo == \"accept\"; accept; }\n"
    "    rule early { when helo ~ /^(e)(.*)/; add-header X-Early \"$1${helo}\";\n"
    "        add-recipient \"${helo}@example.org\"; quarantine \"${helo}\"; }\n"
    "    rule sender { when sender.domain ~ /^d(.*)/; set-sender \"${sender.local}@$1\"; }\n"
    "    rule auth { when auth.user ~ /./ or tls.version ~ /./; score 1;\n"
    "        log \"${auth.user} ${auth.mechanism} ${macro.i} ${macro.j}\"; }\n"
    "    rule bounce { when sender == \"\" and recipients.count > 2; discard; }\n"
    "    rule refuse { when recipient.local ~ /^refuse(.*)/; tempfail 450 4.2.1 \"$1\"; }\n"
    "    rule redirect { when recipient.local ~ /^to-(.*)/; redirect \"$1@example.net\"; }\n"
    "    rule drop { when recipient.local == \"drop\"; delete-recipient;\n"
    "        add-header X-Dropped \"${recipient}\"; }\n"
    "    rule stop { when recipient.domain == \"stop\"; stop; }\n"
    "    rule from { when header.From.domain in @networks; symbol known -2; }\n"
    "    rule offers { when header.Subject ~ /offer|angebot/i; reject 550 5.7.1\n"
    "        \"No: ${subject}\\n${header.Subject.raw}\"; }\n"
    "    rule many { when any header.Received ~ /by/ and header.Received.count > 1;\n"
    "        insert-header 1 X-Many \"${header.Received.raw}\"; score 0.5; }\n"
    "    rule all { when all headers ~ /^[A-Z]/; set-header X-All \"${headers.count}\"; }\n"
    "    rule scored { when score >= 1 or symbol.known < 0;\n"
    "        prefix-subject \"[${score}] ${header.From}\"; }\n"
    "    rule size { when size > 2k; replace-body /(\\w+)=(\\w+)/ \"$2=$1\"; }\n"
    "    rule body { when body.raw ~ /b(.*)d/s; replace-header Subject /s(.)/ \"$1s\";\n"
    "        add-header X-Body \"$1\"; }\n"
    "    rule clean { when exists header.X-Delete; delete-header X-Delete; }\n"
    "    rule results { when result.puppet.value ~ /./;\n"
    "        add-header X-Result \"${result.puppet.value} ${result.puppet.header.d}\"; }\n"
    "}\n";

static FILE *complaints;	/* standard error as it was: the log may have it */

void
puppets_broken(const char *format, ...)
{
	va_list arguments;

	fprintf(complaints, "broken: ");
	va_start(arguments, format);
	vfprintf(complaints, format, arguments);
	va_end(arguments);
	fprintf(complaints, "\n");
	fflush(complaints);
	abort();
}

/* The folder of the program, where puppet.so is too. */
static void
find_folder(char folder_r[4096])
{
	ssize_t length = readlink("/proc/self/exe", folder_r, 4095);

	if (length <= 0)
		puppets_broken("the program knows its place");
	folder_r[length] = '\0';
	*strrchr(folder_r, '/') = '\0';
}

static struct generation *
load(void)
{
	struct config_errors *errors = config_errors_create();
	struct generation *generation;
	int fd = memfd_create("filterd.conf", MFD_CLOEXEC);
	char folder[4096], path[32];

	find_folder(folder);
	dprintf(fd, config, folder, folder, folder, folder, folder, folder);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	generation = generation_load(path, NULL, NULL, errors);
	config_errors_print(errors, complaints);
	config_errors_destroy(&errors);
	close(fd);
	if (!generation)
		puppets_broken("the configuration is well");
	return generation;
}

const struct chain *
puppets_load(struct tally *tally, const char *chain)
{
	static struct generation *generation;
	char place[32];

	if (!generation) {
		complaints = fdopen(fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0), "w");
		snprintf(place, sizeof(place), "%p", (void *)tally);
		setenv("TALLY", place, 1);
		log_open(LOG_TO_STDERR, LOG_FORMAT_TEXT, -1, NULL);	/* nothing is written */
		generation = load();
	}
	return generation_chain(generation, chain);
}

void
puppets_check(struct tally *tally)
{
	if (tally->wrong)
		puppets_broken("what the host promises a plugin");
	if (tally->messages != tally->message_ends)
		puppets_broken("every message has one end");
	if (tally->sessions != tally->session_ends)
		puppets_broken("every session has one end");
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
		puppets_broken("%s", text);
	json_decref(json);
	explanation_text(explanation, to);
	fclose(to);
	free(text);
}
