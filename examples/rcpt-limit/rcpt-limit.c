/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rcpt-limit: limits how many recipients a message and a connection may have, but for clients that
 * a list names. It decides while the client speaks, so it keeps state a session and a message; at
 * the end it tells later filters, by a result and a symbol, that somebody was turned away.
 */
#include <filterd/plugin.h>

struct options {
	int64_t most;
	int64_t most_connection;
	const struct mf_list *exempt;
};

static const struct mf_option option_table[] = {
	MF_RANGE(struct options, most, "100", 1, 100000, "recipients that a message may have"),
	MF_RANGE(struct options, most_connection, "1000", 1, 1000000,
	    "recipients that all messages of a connection may have"),
	MF_OPTION(struct options, exempt, NULL, "addresses of clients without a limit"),
	MF_OPTION_END
};

/* The host allocates and zeroes both: a `struct session` for each connection, a `struct message`
 * for each message. */
struct session { int64_t recipients; };
struct message { int64_t recipients, refused; };

static const char *const provides[] = { "rcpt-limit", NULL };

static bool
start(struct mf_context *c)
{
	const struct options *o = c->options;

	if (o->most_connection < o->most) {
		mf_config_error(c, &o->most_connection,
		    "expected at least %lld, what one message may have", (long long)o->most);
		return false;
	}
	mf_only_uses(c, 0);
	return true;
}

static enum mf_verdict
on_connect(struct mf_context *c, const struct mf_client *client)
{
	const struct options *o = c->options;

	if (o->exempt && mf_list_has(c, o->exempt, client->address))
		return MF_DONE;		/* of this connection it wants no more */
	return MF_CONTINUE;
}

static enum mf_verdict
on_rcpt(struct mf_context *c, const struct mf_address *recipient)
{
	const struct options *o = c->options;
	struct session *session = c->session;
	struct message *message = c->message;

	(void)recipient;
	session->recipients++;
	message->recipients++;
	if (session->recipients > o->most_connection) {
		message->refused++;
		return mf_tempfail(c, 421, "4.7.0", "Too many recipients in one connection");
	}
	if (message->recipients > o->most) {	/* RFC 5321 section 4.5.3.1.10 */
		message->refused++;
		return mf_tempfail(c, 452, "4.5.3", "Too many recipients: send to %lld at a time",
		    (long long)o->most);
	}
	return MF_CONTINUE;
}

static enum mf_verdict
on_message(struct mf_context *c)
{
	const struct message *message = c->message;
	struct mf_result *result;

	result = mf_result_add(c, "rcpt-limit", message->refused ? "fail" : "pass", NULL);
	mf_result_property(c, result, "policy.refused",
	    mf_printf(c, "%lld", (long long)message->refused));
	if (message->refused)
		mf_symbol_add(c, "TOO_MANY_RECIPIENTS", 1);
	return MF_CONTINUE;
}

/* Called once for each message, whatever has become of it. */
static void
on_message_end(struct mf_context *c)
{
	const struct message *message = c->message;

	if (message->refused)
		mf_log(c, MF_LOG_NOTICE, "refused %lld of %lld recipients",
		    (long long)message->refused, (long long)message->recipients);
}

MF_PLUGIN(
	.name = "rcpt-limit",
	.version = "1.0",
	.summary = "Limit the recipients of a message and of a connection",
	.provides = provides,
	.options = option_table,
	.options_size = sizeof(struct options),
	.session_size = sizeof(struct session),
	.message_size = sizeof(struct message),
	.start = start,
	.connect = on_connect,
	.rcpt = on_rcpt,
	.message = on_message,
	.message_end = on_message_end,
);
