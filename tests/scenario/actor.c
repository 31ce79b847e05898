/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A plugin that does as its options say, for the scenarios: which callbacks it has, with which
 * verdict each ends, where it makes an edit before that, and whether it logs every call. It shows
 * what the host makes of verdicts, errors, edits and the ends of messages and sessions.
 */
#include <filterd/plugin.h>

#define VERDICTS "absent continue done accept reject tempfail discard error"

struct options {
	int connect, helo, mail, rcpt, data, header, eoh, body, message, unknown;
	int edit;
	const char *text;
	bool trace, looks;
};

static const struct mf_option option_table[] = {
	MF_CHOICE(struct options, connect, VERDICTS, "absent", "verdict at connect"),
	MF_CHOICE(struct options, helo, VERDICTS, "absent", "verdict at HELO"),
	MF_CHOICE(struct options, mail, VERDICTS, "absent", "verdict at MAIL"),
	MF_CHOICE(struct options, rcpt, VERDICTS, "absent", "verdict at RCPT"),
	MF_CHOICE(struct options, data, VERDICTS, "absent", "verdict at DATA"),
	MF_CHOICE(struct options, header, VERDICTS, "absent", "verdict at each header field"),
	MF_CHOICE(struct options, eoh, VERDICTS, "absent", "verdict at end of header"),
	MF_CHOICE(struct options, body, VERDICTS, "absent", "verdict at each body chunk"),
	MF_CHOICE(struct options, message, VERDICTS, "absent", "verdict at end of message"),
	MF_CHOICE(struct options, unknown, VERDICTS, "absent", "verdict at unknown commands"),
	MF_CHOICE(struct options, edit, "never connect helo mail rcpt data header eoh body message",
	    "never", "where it adds a header field X-Actor"),
	MF_OPTION(struct options, text, "actor", "value of that field, and part of each log line"),
	MF_OPTION(struct options, trace, "off", "log every call"),
	MF_OPTION(struct options, looks, "off",
	    "say that it gives no verdict while the client speaks"),
	MF_OPTION_END
};

static const char *const stage_names[MF_STAGE_COUNT] = {
	[MF_STAGE_CONNECT] = "connect", [MF_STAGE_HELO] = "helo", [MF_STAGE_MAIL] = "mail",
	[MF_STAGE_RCPT] = "rcpt", [MF_STAGE_DATA] = "data", [MF_STAGE_HEADER] = "header",
	[MF_STAGE_EOH] = "eoh", [MF_STAGE_BODY] = "body", [MF_STAGE_MESSAGE] = "message",
	[MF_STAGE_UNKNOWN] = "unknown"
};

/* The verdict that the options have for a stage, as an index into VERDICTS. */
static int
choice(const struct options *o, enum mf_stage stage)
{
	const int choices[MF_STAGE_COUNT] = {
		[MF_STAGE_CONNECT] = o->connect, [MF_STAGE_HELO] = o->helo,
		[MF_STAGE_MAIL] = o->mail, [MF_STAGE_RCPT] = o->rcpt, [MF_STAGE_DATA] = o->data,
		[MF_STAGE_HEADER] = o->header, [MF_STAGE_EOH] = o->eoh,
		[MF_STAGE_BODY] = o->body, [MF_STAGE_MESSAGE] = o->message,
		[MF_STAGE_UNKNOWN] = o->unknown
	};

	return choices[stage];
}

static bool
start(struct mf_context *c)
{
	const struct options *o = c->options;
	unsigned stages = 0;
	int stage;

	for (stage = MF_STAGE_CONNECT; stage < MF_STAGE_COUNT; stage++)
		if (choice(o, (enum mf_stage)stage))
			stages |= MF_AT(stage);
	mf_only_stages(c, stages);
	if (o->looks)
		mf_only_verdicts(c, 0);
	mf_only_uses(c, o->edit ? MF_USE_ADD_HEADER : 0);
	return true;
}

static enum mf_verdict
act(struct mf_context *c)
{
	static const enum mf_verdict verdicts[] = {
		MF_CONTINUE, MF_CONTINUE, MF_DONE, MF_ACCEPT, MF_REJECT, MF_TEMPFAIL, MF_DISCARD
	};
	const struct options *o = c->options;
	int verdict = choice(o, c->stage);

	if (o->trace)
		mf_log(c, MF_LOG_NOTICE, "%s at %s", o->text, stage_names[c->stage]);
	if (o->edit == (int)c->stage)
		mf_header_add(c, "X-Actor", mf_printf(c, " %s", o->text));
	if (verdict == sizeof(verdicts) / sizeof(verdicts[0]))
		return mf_error(c, "%s was told to fail at %s", o->text, stage_names[c->stage]);
	return verdicts[verdict];
}

static enum mf_verdict
at_connect(struct mf_context *c, const struct mf_client *client)
{
	(void)client;
	return act(c);
}

static enum mf_verdict
at_text(struct mf_context *c, const char *text)
{
	(void)text;
	return act(c);
}

static enum mf_verdict
at_address(struct mf_context *c, const struct mf_address *address)
{
	(void)address;
	return act(c);
}

static enum mf_verdict
at_header(struct mf_context *c, const struct mf_header *field)
{
	(void)field;
	return act(c);
}

static enum mf_verdict
at_body(struct mf_context *c, const void *bytes, size_t size)
{
	(void)bytes;
	(void)size;
	return act(c);
}

static void
end_message(struct mf_context *c)
{
	const struct options *o = c->options;

	if (o->trace)
		mf_log(c, MF_LOG_NOTICE, "%s at the message's end", o->text);
}

static void
end_session(struct mf_context *c)
{
	const struct options *o = c->options;

	if (o->trace)
		mf_log(c, MF_LOG_NOTICE, "%s at the session's end", o->text);
}

MF_PLUGIN(
	.name = "actor",
	.version = "1.0",
	.summary = "Does as its options say",
	.options = option_table,
	.options_size = sizeof(struct options),
	.start = start,
	.connect = at_connect,
	.helo = at_text,
	.mail = at_address,
	.rcpt = at_address,
	.data = act,
	.header = at_header,
	.eoh = act,
	.body = at_body,
	.unknown = at_text,
	.message = act,
	.message_end = end_message,
	.session_end = end_session,
);
