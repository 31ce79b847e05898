/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The bare competitor: a milter on libmilter itself that does nothing, in two ways. `all` has every
 * callback, each of which answers CONTINUE; `noreply` has every callback too, but negotiates that
 * nothing is answered where the MTA lets it, so that only the end of message is. Nothing else is
 * negotiated away. Exits 64 for wrong arguments, 1 when libmilter fails.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include <libmilter/mfapi.h>

#define BACKLOG	1024	/* as large as filterd's */

static const unsigned long no_reply =
    SMFIP_NR_CONN | SMFIP_NR_HELO | SMFIP_NR_MAIL | SMFIP_NR_RCPT | SMFIP_NR_DATA |
    SMFIP_NR_UNKN | SMFIP_NR_HDR | SMFIP_NR_EOH | SMFIP_NR_BODY;

static bool silent;

/* What a callback answers whose reply the MTA would rather not have. */
static sfsistat
answer(SMFICTX *context)
{
	return smfi_getpriv(context) ? SMFIS_NOREPLY : SMFIS_CONTINUE;
}

static sfsistat
negotiate(SMFICTX *context, unsigned long actions, unsigned long steps, unsigned long f2,
    unsigned long f3, unsigned long *actions_r, unsigned long *steps_r, unsigned long *f2_r,
    unsigned long *f3_r)
{
	(void)actions;
	(void)f2;
	(void)f3;
	*actions_r = 0;
	*steps_r = 0;
	*f2_r = 0;
	*f3_r = 0;
	if (silent && (steps & no_reply) == no_reply) {
		*steps_r = no_reply;
		smfi_setpriv(context, &silent);
	}
	return SMFIS_CONTINUE;
}

static sfsistat
on_connect(SMFICTX *context, char *name, _SOCK_ADDR *address)
{
	(void)name;
	(void)address;
	return answer(context);
}

static sfsistat
on_text(SMFICTX *context, char *text)
{
	(void)text;
	return answer(context);
}

static sfsistat
on_unknown(SMFICTX *context, const char *command)
{
	(void)command;
	return answer(context);
}

static sfsistat
on_address(SMFICTX *context, char **arguments)
{
	(void)arguments;
	return answer(context);
}

static sfsistat
on_header(SMFICTX *context, char *name, char *value)
{
	(void)name;
	(void)value;
	return answer(context);
}

static sfsistat
on_body(SMFICTX *context, unsigned char *bytes, size_t size)
{
	(void)bytes;
	(void)size;
	return answer(context);
}

static sfsistat
on_end(SMFICTX *context)
{
	(void)context;
	return SMFIS_CONTINUE;
}

static sfsistat
on_close(SMFICTX *context)
{
	smfi_setpriv(context, NULL);
	return SMFIS_CONTINUE;
}

static struct smfiDesc description = {
	.xxfi_version = SMFI_VERSION,
	.xxfi_connect = on_connect,
	.xxfi_helo = on_text,
	.xxfi_envfrom = on_address,
	.xxfi_envrcpt = on_address,
	.xxfi_data = answer,
	.xxfi_header = on_header,
	.xxfi_eoh = answer,
	.xxfi_body = on_body,
	.xxfi_eom = on_end,
	.xxfi_abort = on_end,
	.xxfi_close = on_close,
	.xxfi_unknown = on_unknown,
	.xxfi_negotiate = negotiate,
};

int
main(int argc, char **argv)
{
	char name[] = "noop";

	if (argc != 3 || (strcmp(argv[2], "all") != 0 && strcmp(argv[2], "noreply") != 0)) {
		fputs("usage: noop_milter SOCKET all|noreply\n", stderr);
		return EX_USAGE;
	}
	silent = strcmp(argv[2], "noreply") == 0;
	description.xxfi_name = name;
	if (smfi_register(description) != MI_SUCCESS || smfi_setconn(argv[1]) != MI_SUCCESS ||
	    smfi_setbacklog(BACKLOG) != MI_SUCCESS || smfi_opensocket(true) != MI_SUCCESS) {
		fprintf(stderr, "noop_milter: cannot listen on %s\n", argv[1]);
		return EXIT_FAILURE;
	}
	/* libmilter takes its mutexes away at exit while its threads still run: leave without that.
	 * */
	_exit(smfi_main() == MI_SUCCESS ? EXIT_SUCCESS : EXIT_FAILURE);
}
