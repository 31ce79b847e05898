/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A milter that does as the mail says, to test the driver itself against libmilter: a HELO name,
 * address or unknown command that holds the word reject, tempfail, discard, accept, reply or
 * replies gets that verdict; the value of a header field `Now` likewise at once; the values of
 * fields `Act` are carried out at end of message, in order. Everything is logged to stderr. `asks`
 * as second argument makes it ask for some macros.
 */
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include <libmilter/mfapi.h>

#define ACTS	32

struct acts {
	int count;
	char *texts[ACTS];
};

static bool asks;

static char empty[] = "";

static sfsistat
verdict(SMFICTX *context, const char *text)
{
	char code[] = "550", enhanced[] = "5.7.1", words[] = "not today";

	if (strstr(text, "replies")) {
		smfi_setmlreply(context, code, enhanced, "first line", "second line", NULL);
		return SMFIS_REJECT;
	}
	if (strstr(text, "reply")) {
		smfi_setreply(context, code, enhanced, words);
		return SMFIS_REJECT;
	}
	if (strstr(text, "reject"))
		return SMFIS_REJECT;
	if (strstr(text, "tempfail"))
		return SMFIS_TEMPFAIL;
	if (strstr(text, "discard"))
		return SMFIS_DISCARD;
	return strstr(text, "accept") ? SMFIS_ACCEPT : SMFIS_CONTINUE;
}

static struct acts *
acts_of(SMFICTX *context)
{
	struct acts *acts = smfi_getpriv(context);

	if (!acts) {
		acts = calloc(1, sizeof(*acts));
		if (!acts)
			abort();
		smfi_setpriv(context, acts);
	}
	return acts;
}

static void
forget_acts(SMFICTX *context)
{
	struct acts *acts = smfi_getpriv(context);

	while (acts && acts->count)
		free(acts->texts[--acts->count]);
	free(acts);
	smfi_setpriv(context, NULL);
}

static sfsistat
negotiate(SMFICTX *context, unsigned long actions, unsigned long steps, unsigned long f2,
    unsigned long f3, unsigned long *actions_r, unsigned long *steps_r, unsigned long *f2_r,
    unsigned long *f3_r)
{
	char mail[] = "i {auth_authen}", eom[] = "{msg_id}";

	(void)f2;
	(void)f3;
	if (asks && (smfi_setsymlist(context, SMFIM_ENVFROM, mail) != MI_SUCCESS ||
	    smfi_setsymlist(context, SMFIM_EOM, eom) != MI_SUCCESS))
		return SMFIS_REJECT;
	*actions_r = actions;
	*steps_r = steps & (SMFIP_HDR_LEADSPC | SMFIP_SKIP | SMFIP_NR_EOH | SMFIP_NODATA);
	*f2_r = *f3_r = 0;
	return SMFIS_CONTINUE;
}

static sfsistat
on_helo(SMFICTX *context, char *name)
{
	return verdict(context, name);
}

static sfsistat
on_unknown(SMFICTX *context, const char *command)
{
	return verdict(context, command);
}

static sfsistat
on_mail(SMFICTX *context, char **arguments)
{
	char queue_id[] = "i", user[] = "{auth_authen}";
	const char *i = smfi_getsymval(context, queue_id);
	const char *authen = smfi_getsymval(context, user);

	fprintf(stderr, "mail %s %s i=%s {auth_authen}=%s\n", arguments[0],
	    arguments[1] ? arguments[1] : "-", i ? i : "-", authen ? authen : "-");
	return verdict(context, arguments[0]);
}

static sfsistat
on_rcpt(SMFICTX *context, char **arguments)
{
	return verdict(context, arguments[0]);
}

static sfsistat
on_header(SMFICTX *context, char *name, char *value)
{
	struct acts *acts = acts_of(context);

	if (strcmp(name, "Now") == 0)
		return verdict(context, value);
	if (strcmp(name, "Act") == 0 && acts->count < ACTS)
		acts->texts[acts->count++] = strdup(value + strspn(value, " "));
	return SMFIS_CONTINUE;
}

static sfsistat
on_eoh(SMFICTX *context)
{
	(void)context;
	return SMFIS_NOREPLY;
}

/* One chunk is enough for anybody. */
static sfsistat
on_body(SMFICTX *context, unsigned char *bytes, size_t size)
{
	(void)context;
	fprintf(stderr, "body of %zu bytes, begins with %02x\n", size, size ? bytes[0] : 0);
	return SMFIS_SKIP;
}

static void
act_on_headers(SMFICTX *context, const char *verb, int index, char *name, char *value)
{
	if (strcmp(verb, "add-header") == 0)
		smfi_addheader(context, name, value);
	else if (strcmp(verb, "insert-header") == 0)
		smfi_insheader(context, index, name, value);
	else if (strcmp(verb, "change-header") == 0)
		smfi_chgheader(context, name, index, value);
	else if (strcmp(verb, "delete-header") == 0)
		smfi_chgheader(context, name, index, empty);
}

static void
act_on_envelope(SMFICTX *context, const char *verb, char *address, char *arguments)
{
	if (strcmp(verb, "add-recipient") == 0 && *arguments)
		smfi_addrcpt_par(context, address, arguments);
	else if (strcmp(verb, "add-recipient") == 0)
		smfi_addrcpt(context, address);
	else if (strcmp(verb, "delete-recipient") == 0)
		smfi_delrcpt(context, address);
	else if (strcmp(verb, "change-sender") == 0)
		smfi_chgfrom(context, address, *arguments ? arguments : NULL);
}

/* VERB INDEX FIRST REST */
static void
act(SMFICTX *context, const char *text)
{
	char verb[32] = "", first[64] = "", rest[256] = "";
	int index = 0;

	if (sscanf(text, "%31s %d %63s %255[^\n]", verb, &index, first, rest) < 2)
		return;
	act_on_headers(context, verb, index, first, rest);
	act_on_envelope(context, verb, first, rest);
	if (strcmp(verb, "quarantine") == 0)
		smfi_quarantine(context, first);
	else if (strcmp(verb, "progress") == 0)
		smfi_progress(context);
	else if (strcmp(verb, "crash") == 0)
		raise(SIGKILL);
	else if (strcmp(verb, "exit") == 0)
		_exit(index);
	else if (strcmp(verb, "print") == 0)
		fprintf(stderr, "%s %s\n", first, rest);
	while (strcmp(verb, "replace-body") == 0 && index-- > 0)
		smfi_replacebody(context, (unsigned char *)first, (int)strlen(first));
}

static sfsistat
on_end(SMFICTX *context)
{
	struct acts *acts = acts_of(context);

	for (int i = 0; i < acts->count; i++)
		act(context, acts->texts[i]);
	forget_acts(context);
	return SMFIS_CONTINUE;
}

static sfsistat
on_abort(SMFICTX *context)
{
	fputs("abort\n", stderr);
	forget_acts(context);
	return SMFIS_CONTINUE;
}

static sfsistat
on_close(SMFICTX *context)
{
	forget_acts(context);
	return SMFIS_CONTINUE;
}

static struct smfiDesc description = {
	.xxfi_version = SMFI_VERSION,
	.xxfi_flags = SMFI_CURR_ACTS,
	.xxfi_helo = on_helo,
	.xxfi_envfrom = on_mail,
	.xxfi_envrcpt = on_rcpt,
	.xxfi_header = on_header,
	.xxfi_eoh = on_eoh,
	.xxfi_body = on_body,
	.xxfi_eom = on_end,
	.xxfi_abort = on_abort,
	.xxfi_close = on_close,
	.xxfi_unknown = on_unknown,
	.xxfi_negotiate = negotiate,
};

int
main(int argc, char **argv)
{
	char name[] = "actor";

	if (argc < 2) {
		fputs("usage: actor_milter SOCKET [asks]\n", stderr);
		return EX_USAGE;
	}
	asks = argc > 2;
	description.xxfi_name = name;
	if (smfi_register(description) != MI_SUCCESS || smfi_setconn(argv[1]) != MI_SUCCESS ||
	    smfi_opensocket(true) != MI_SUCCESS)
		return EXIT_FAILURE;
	/* libmilter takes its mutexes away at exit while its threads still run: leave without that.
	 * */
	_exit(smfi_main() == MI_SUCCESS ? EXIT_SUCCESS : EXIT_FAILURE);
}
