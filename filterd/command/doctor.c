/* SPDX-License-Identifier: BSD-2-Clause */
/* filterd doctor: looks at the local MTA and at filterd, and says what to change. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "filterd/command/command.h"
#include "filterd/command/control_client.h"
#include "filterd/command/options.h"
#include "filterd/doctor/examine.h"
#include "filterd/doctor/program.h"
#include "filterd/service/json.h"

#define POSTFIX_FOLDER	"/etc/postfix"
#define SENDMAIL_CF	"/etc/mail/sendmail.cf"
#define CF_MOST		(8u << 20)	/* bytes of a sendmail.cf */

static const char usage[] =
    "usage: filterd doctor [-c CONF] [--postfix FOLDER] [--sendmail FILE] [--json]\n"
    "\n"
    "Compares the configuration of the local Postfix or Sendmail with filterd's, looks at sockets\n"
    "and at the running filterd, and prints what is wrong or worth knowing: what, why it matters,\n"
    "and the line to put where. Changes nothing. Run it as root, or it cannot see everything.\n"
    "\n"
    "  -c, --config CONF       filterd's configuration (" SYSCONF_DIR "/filterd.conf)\n"
    "  -p, --postfix FOLDER    look at Postfix, with its configuration there\n"
    "  -s, --sendmail FILE     look at Sendmail, with this sendmail.cf\n"
    "  -j, --json              print one JSON object\n"
    "\n"
    "Without --postfix and --sendmail it looks at those that are there: " POSTFIX_FOLDER "\n"
    "and " SENDMAIL_CF ".\n"
    "\n"
    "Exit status: 0 when there is no error, 78 when there is one, 69 when all that is wrong is\n"
    "that no filterd runs, 66 when there is no MTA or its configuration cannot be read.\n";

struct wishes {
	const char *config, *postfix, *sendmail;
	bool json;
};

/* ---- reading MTAs ---- */

static bool
read_postfix(struct postfix *postfix_r, const char *folder, struct arena *arena,
    struct buffer *problem)
{
	const char *const values[] = { "postconf", "-x", "-c", folder, NULL };
	const char *const services[] = { "postconf", "-M", "-c", folder, NULL };
	const char *const overrides[] = { "postconf", "-Px", "-c", folder, NULL };
	struct buffer texts[3] = { { 0 }, { 0 }, { 0 } };
	bool good = program_run(values, &texts[0], problem) &&
	    program_run(services, &texts[1], problem) &&
	    program_run(overrides, &texts[2], problem);
	size_t i;

	if (good)
		postfix_read(postfix_r, (struct str){ texts[0].data, texts[0].length },
		    (struct str){ texts[1].data, texts[1].length },
		    (struct str){ texts[2].data, texts[2].length }, arena);
	for (i = 0; i < 3; i++)
		buffer_free(&texts[i]);
	return good;
}

static bool
read_sendmail(struct sendmail *sendmail_r, const char *path, struct arena *arena,
    struct buffer *problem)
{
	FILE *file = fopen(path, "re");
	struct buffer text = { 0 };
	char bytes[16384];
	size_t got;
	bool good;

	while (file && text.length < CF_MOST && (got = fread(bytes, 1, sizeof(bytes), file)) > 0)
		buffer_add(&text, bytes, got);
	good = file && !ferror(file) && text.length < CF_MOST;
	if (good)
		sendmail_read(sendmail_r, (struct str){ text.data, text.length }, arena);
	else
		buffer_printf(problem, "cannot read %s: %s\n", path,
		    text.length >= CF_MOST ? "it is too large" : strerror(errno));
	if (file)
		fclose(file);
	buffer_free(&text);
	return good;
}

/* ---- looking ---- */

static void
ask_daemon(struct site *site, struct findings *findings)
{
	struct buffer said = { 0 };
	bool root = geteuid() == 0;
	int connection = control_connect(site->settings->control, &site->daemon, &said);

	said.length = 0;
	if (connection >= 0 && control_ask(connection, "ping", &said) == EX_OK &&
	    sscanf(buffer_text(&said), "generation %u", &site->generation) == 1) {
		buffer_free(&said);
		return;
	}
	site->daemon = 0;
	finding_add(findings, &(struct finding){
		.severity = root ? SEVERITY_ERROR : SEVERITY_WARNING, .name = "not-running",
		.what = arena_printf(findings->arena, "no filterd answers at %s",
		    site->settings->control),
		.why = root ? "Without it the MTA does with all mail what its default action "
		    "says." :
		    "Its control socket answers root or its owner alone: run filterd doctor as "
		    "root.",
		.file = root ? "a shell" : NULL,
		.put = root ? arena_printf(findings->arena, "filterd run -c %s", site->config) :
		    NULL });
	buffer_free(&said);
}

/* Each MTA starts with no listener attached. */
static void
forget_attached(struct site *site)
{
	size_t i;

	for (i = 0; i < site->count; i++)
		site->listeners[i].attached = false;
}

/* False: a line was added to problem. */
static bool
look_at_mtas(const struct wishes *wishes, struct site *site, struct findings *findings,
    struct buffer *problem)
{
	struct examination examination = { findings->arena, findings, site, "Postfix",
		wishes->postfix };
	struct sendmail sendmail;
	struct postfix postfix;

	if (wishes->postfix) {
		if (!read_postfix(&postfix, wishes->postfix, findings->arena, problem))
			return false;
		examine_postfix(&examination, &postfix);
	}
	if (wishes->sendmail) {
		if (!read_sendmail(&sendmail, wishes->sendmail, findings->arena, problem))
			return false;
		forget_attached(site);
		examination.mta = "Sendmail";
		examination.folder = wishes->sendmail;
		examine_sendmail(&examination, &sendmail);
	}
	return true;
}

/* Those that are there, unless one was asked for. */
static bool
choose_mtas(struct wishes *wishes)
{
	if (wishes->postfix || wishes->sendmail)
		return true;
	if (access(POSTFIX_FOLDER "/main.cf", F_OK) == 0 && program_exists("postconf"))
		wishes->postfix = POSTFIX_FOLDER;
	if (access(SENDMAIL_CF, F_OK) == 0)
		wishes->sendmail = SENDMAIL_CF;
	return wishes->postfix || wishes->sendmail;
}

/* ---- telling ---- */

static void
add_path(struct buffer *to, const char *name, const char *path)
{
	buffer_printf(to, ",\"%s\":", name);
	if (path)
		json_text(to, str_of(path));
	else
		buffer_add_text(to, "null");
}

static void
add_json(struct buffer *to, const struct wishes *wishes, const struct site *site,
    const struct findings *findings)
{
	buffer_add_text(to, "{\"config\":");
	json_text(to, str_of(wishes->config));
	add_path(to, "postfix", wishes->postfix);
	add_path(to, "sendmail", wishes->sendmail);
	if (site->daemon)
		buffer_printf(to, ",\"daemon\":{\"pid\":%d,\"generation\":%u}", (int)site->daemon,
		    site->generation);
	else
		buffer_add_text(to, ",\"daemon\":null");
	buffer_add_text(to, ",\"findings\":");
	findings_json(findings, to);
	buffer_add_text(to, "}\n");
}

static void
add_text(struct buffer *to, const struct wishes *wishes, const struct site *site,
    const struct findings *findings)
{
	buffer_printf(to, "filterd: %s", wishes->config);
	if (site->daemon)
		buffer_printf(to, ", process %d serves generation %u", (int)site->daemon,
		    site->generation);
	if (wishes->postfix)
		buffer_printf(to, "\nPostfix: %s", wishes->postfix);
	if (wishes->sendmail)
		buffer_printf(to, "\nSendmail: %s", wishes->sendmail);
	buffer_add_text(to, "\n\n");
	findings_text(findings, to);
}

static int
judge(const struct site *site, const struct findings *findings)
{
	size_t errors = findings->count[SEVERITY_ERROR];

	if (!errors)
		return EX_OK;
	return errors == 1 && !site->daemon && geteuid() == 0 ? EX_UNAVAILABLE : EX_CONFIG;
}

static int
look(const struct wishes *wishes, struct site *site, struct findings *findings)
{
	struct buffer text = { 0 };
	int status = EX_NOINPUT;

	ask_daemon(site, findings);
	if (look_at_mtas(wishes, site, findings, &text)) {
		(wishes->json ? add_json : add_text)(&text, wishes, site, findings);
		fputs(buffer_text(&text), stdout);
		status = judge(site, findings);
	} else
		fprintf(stderr, "filterd doctor: %s", buffer_text(&text));
	buffer_free(&text);
	return status;
}

static int
run(struct wishes *wishes)
{
	struct findings findings = { .arena = arena_create(0, 0) };
	struct site site;
	int status = EX_CONFIG;

	if (!choose_mtas(wishes)) {
		fputs("filterd doctor: there is neither " POSTFIX_FOLDER "/main.cf with postconf "
		    "nor " SENDMAIL_CF "; name the MTA's configuration with --postfix or "
		    "--sendmail\n", stderr);
		status = EX_NOINPUT;
	} else if (site_look(&site, wishes->config, &findings)) {
		status = look(wishes, &site, &findings);
		site_release(&site);
	}
	arena_destroy(&findings.arena);
	return status;
}

int
command_doctor(int argc, char **argv)
{
	struct wishes wishes = { .config = SYSCONF_DIR "/filterd.conf" };
	const struct command_option table[] = {
		{ "config", 'c', &wishes.config, NULL },
		{ "postfix", 'p', &wishes.postfix, NULL },
		{ "sendmail", 's', &wishes.sendmail, NULL },
		{ "json", 'j', NULL, &wishes.json },
		{ NULL, 0, NULL, NULL }
	};
	int status;

	return command_options(argc, argv, table, usage, &status) ? run(&wishes) : status;
}
