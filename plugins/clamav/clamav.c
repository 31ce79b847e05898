/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * clamav: has clamd look at each message, and does what the configuration says with what it finds.
 * A scan is a connection of its own: setting one up costs a small part of a scan, and clamd ends
 * one that has passed its size limit. A server that does not answer is left alone for a while, and
 * the next one is asked; when none answers the filter fails, and its on-error policy stands in.
 */
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/clamav/clamav.h"

static const struct mf_option found_table[] = {
	MF_ARGUMENT(struct finding_options, pattern,
	    "name of a signature; * and ? stand for any characters and any character"),
	MF_CHOICE(struct finding_options, action, "reject quarantine discard tempfail accept score",
	    "reject", "what is done with the message; accept: nothing, score: points are added"),
	MF_OPTION(struct finding_options, score, "10",
	    "points of the symbol \"clamav\", with the action score"),
	MF_OPTION(struct finding_options, text, NULL,
	    "text of the reply, and the reason of the quarantine"),
	MF_OPTION_END
};

static const struct mf_option option_table[] = {
	MF_REQUIRED(struct clamav_options, server,
	    "where clamd listens: unix:/PATH, inet:PORT@ADDRESS or inet6:PORT@ADDRESS; each is "
	    "asked when those before it do not answer"),
	MF_RANGE(struct clamav_options, maximum_size, "25m", 1 << 10, 4ll << 30,
	    "bytes of the largest message that is scanned; clamd's StreamMaxLength should not be "
	    "less"),
	MF_CHOICE(struct clamav_options, larger, "skip tempfail", "skip",
	    "what becomes of a larger one; skip: it passes with the result \"skipped\""),
	MF_RANGE(struct clamav_options, connect_timeout, "2s", 10, 3600 * 1000,
	    "time until a server that does not take the connection is given up"),
	MF_RANGE(struct clamav_options, retry, "30s", 0, 24 * 3600 * 1000,
	    "time for which a server that has failed is not asked, while another one answers"),
	MF_BLOCK(struct clamav_options, found, "found", found_table, struct finding_options,
	    "what is done with some signatures, the first block that fits; without one the message "
	    "is rejected"),
	MF_OPTION_END
};

/* ---- start and stop ---- */

static bool
read_servers(struct mf_context *c, struct clamav *clamav)
{
	const struct clamav_options *o = c->options;
	bool good = true;
	size_t i;

	for (i = 0; i < o->server.count; i++) {
		const char *error;

		if (server_parse(o->server.items[i], &clamav->servers[i], &error))
			continue;
		mf_config_error(c, &o->server.items[i], "%s, found \"%s\"", error,
		    o->server.items[i]);
		good = false;
	}
	clamav->count = o->server.count;
	return good;
}

static void
declare(struct mf_context *c)
{
	const struct clamav_options *o = c->options;
	unsigned uses = MF_USE_BODY;
	size_t i;

	for (i = 0; i < o->found.count; i++) {
		const struct finding_options *finding = o->found.items[i].options;

		if (finding->action == DO_QUARANTINE)
			uses |= MF_USE_QUARANTINE;
	}
	mf_only_stages(c, MF_AT(MF_STAGE_MESSAGE));
	mf_only_uses(c, uses);
}

static void
destroy(struct clamav *clamav)
{
	pthread_mutex_destroy(&clamav->lock);
	free(clamav->servers);
	free(clamav);
}

static bool
start(struct mf_context *c)
{
	const struct clamav_options *o = c->options;
	struct clamav *clamav = calloc(1, sizeof(*clamav));

	if (clamav)
		clamav->servers = calloc(o->server.count, sizeof(*clamav->servers));
	if (!clamav || !clamav->servers || pthread_mutex_init(&clamav->lock, NULL) != 0) {
		mf_error(c, "there is no memory");
		if (clamav)
			free(clamav->servers);
		free(clamav);
		return false;
	}
	if (!read_servers(c, clamav)) {
		destroy(clamav);
		return false;
	}
	declare(c);
	c->instance = clamav;
	return true;
}

static void
stop(struct mf_context *c)
{
	destroy(c->instance);
}

/* ---- what was found ---- */

static const struct mf_block *
find_block(const struct clamav_options *o, const char *signature)
{
	size_t i;

	for (i = 0; i < o->found.count; i++) {
		const struct finding_options *finding = o->found.items[i].options;

		if (fnmatch(finding->pattern, signature, 0) == 0)
			return &o->found.items[i];
	}
	return NULL;
}

static enum mf_verdict
act(struct mf_context *c, const struct finding_options *finding, const char *signature)
{
	const char *text = finding && finding->text ? mf_expand(c, finding->text) :
	    mf_printf(c, "The message contains malware (%s)", signature);

	switch (finding ? (enum finding_action)finding->action : DO_REJECT) {
	case DO_QUARANTINE:
		mf_quarantine(c, mf_printf(c, "%.900s", *text ? text : signature));
		return MF_CONTINUE;
	case DO_DISCARD:
		return MF_DISCARD;
	case DO_TEMPFAIL:
		return mf_tempfail(c, 451, "4.7.1", "%s", text);
	case DO_ACCEPT:
		return MF_CONTINUE;
	case DO_SCORE:
		mf_symbol_add(c, "clamav", finding->score);
		return MF_CONTINUE;
	case DO_REJECT:
		break;
	}
	return mf_reject(c, 550, "5.7.1", "%s", text);
}

static enum mf_verdict
found(struct mf_context *c, const char *signature)
{
	const struct mf_block *block = find_block(c->options, signature);
	struct mf_result *result = mf_result_add(c, "clamav", "infected", NULL);

	mf_result_property(c, result, "policy.signature", signature);
	if (block)
		mf_matched(c, mf_printf(c, "found %s",
		    ((const struct finding_options *)block->options)->pattern), block->where);
	return act(c, block ? block->options : NULL, signature);
}

static enum mf_verdict
too_large(struct mf_context *c)
{
	const struct clamav_options *o = c->options;

	if (o->larger == SIZE_TEMPFAIL)
		return mf_tempfail(c, 451, "4.3.4", "Message is too large to be scanned");
	mf_result_add(c, "clamav", "skipped", "the message is too large");
	return MF_CONTINUE;
}

static enum mf_verdict
heed(struct mf_context *c, const struct server *server, const struct reply *reply)
{
	switch (reply->kind) {
	case REPLY_CLEAN:
		mf_result_add(c, "clamav", "clean", NULL);
		return MF_CONTINUE;
	case REPLY_INFECTED:
		return found(c, reply->text);
	case REPLY_TOO_LARGE:
		return too_large(c);
	case REPLY_ERROR:
	case REPLY_UNKNOWN:
		break;
	}
	return mf_error(c, "clamd at %s says: %s", server->name, reply->text);
}

/* ---- whom to ask ---- */

/* What has come of asking the servers, some or all of them. */
struct asking {
	struct server *server;		/* the one that replied; NULL: none did */
	struct server *failed;		/* the last one that did not; NULL: none */
	const char *why;		/* of that one */
	struct reply reply;
	bool late;
};

static void
ask(struct mf_context *c, struct server *server, struct asking *asking)
{
	const struct clamav_options *o = c->options;
	int64_t pause = (o->retry.milliseconds + 999) / 1000;
	enum scan_end end = scan(c, server, o->connect_timeout.milliseconds, &asking->reply,
	    &asking->why);

	if (end == SCAN_REPLIED) {
		asking->server = server;
		if (server_works(c->instance, server))
			mf_log(c, MF_LOG_NOTICE, "clamd at %s answers again", server->name);
		return;
	}
	asking->failed = server;
	asking->late = end == SCAN_LATE;
	server_failed(c->instance, server, mf_now(c) + pause);
}

/* Those that are up, or those that are down, until one replies. */
static void
ask_those(struct mf_context *c, bool up, struct asking *asking)
{
	struct clamav *clamav = c->instance;
	int64_t now = mf_now(c);
	size_t i;

	for (i = 0; i < clamav->count && !asking->server && !asking->late; i++)
		if (server_up(clamav, &clamav->servers[i], now) == up)
			ask(c, &clamav->servers[i], asking);
}

static enum mf_verdict
scan_message(struct mf_context *c)
{
	const struct clamav_options *o = c->options;
	struct asking asking = { .why = "" };

	if (scan_size(c) > o->maximum_size.bytes)
		return too_large(c);
	ask_those(c, true, &asking);
	if (!asking.server && !asking.failed)
		ask_those(c, false, &asking);
	if (!asking.server)
		return mf_error(c, "clamd at %s: %s", asking.failed->name, asking.why);
	if (asking.failed)
		mf_log(c, MF_LOG_WARNING, "clamd at %s: %s; the next one was asked",
		    asking.failed->name, asking.why);
	return heed(c, asking.server, &asking.reply);
}

static const char *const provides[] = { "clamav", NULL };

MF_PLUGIN(.name = "clamav", .version = "1.0", .summary = "Have ClamAV look at each message",
	.provides = provides, .options = option_table,
	.options_size = sizeof(struct clamav_options), .start = start, .stop = stop,
	.message = scan_message);
