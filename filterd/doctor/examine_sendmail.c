/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sendmail against filterd: the X lines that name its listeners, whether they are used, and how
 * Sendmail gets there. Sources: the operations guide of 8.17, section 5.11, and cf/README; which
 * sockets Sendmail calls unsafe was tried. What is to be put is for sendmail.mc, from which
 * sendmail.cf is made.
 */
#include <string.h>

#include "filterd/doctor/examine.h"
#include "filterd/mta/macro_stages.h"
#include "filterd/util/buffer.h"

struct look {
	const struct examination *examination;
	const struct sendmail *sendmail;
	const struct who *who;		/* RunAsUser */
	struct blame blame;
};

#define SOURCE "sendmail.mc"

/* ---- what to put ---- */

/* An INPUT_MAIL_FILTER of sendmail.mc with these F and T. */
static const char *
write_filter(const struct look *look, const char *name, const char *socket, const char *action,
    const char *times)
{
	return arena_printf(look->examination->arena,
	    "INPUT_MAIL_FILTER(`%s', `S=%s, F=%s, T=%s')", name, socket, action, times);
}

static const char *
or_else(const char *text, const char *otherwise)
{
	return text ? text : otherwise;
}

/* The times of a filter with one of them replaced. */
static const char *
write_times(const struct look *look, const struct sendmail_filter *filter, const char *reply,
    const char *end)
{
	return arena_printf(look->examination->arena, "C:%s;S:%s;R:%s;E:%s",
	    or_else(filter->connect, "5m"), or_else(filter->send, "10s"),
	    or_else(reply, or_else(filter->reply, "30s")),
	    or_else(end, or_else(filter->end, "5m")));
}

static const char *
write_action(const struct look *look, const struct sendmail_filter *filter)
{
	return filter->action ? arena_printf(look->examination->arena, "%c", filter->action) : "T";
}

/* ---- a filter that is filterd ---- */

static void
check_action(const struct look *look, const struct sendmail_filter *filter)
{
	const char *why = NULL;

	if (filter->action == '\0')
		why = "While filterd cannot be reached, or breaks off, mail passes unfiltered.";
	else if (filter->action == 'R')
		why = "While filterd cannot be reached, or breaks off, mail is refused for good.";
	else if (filter->action != 'T' && filter->action != '4')
		why = "Sendmail knows F=T, F=4 and F=R.";
	if (why)
		examine_find(look->examination, &(struct finding){ .severity = SEVERITY_WARNING,
			.name = "default-action",
			.what = filter->action ? arena_printf(look->examination->arena,
			    "filter %s has F=%c", filter->name, filter->action) :
			    arena_printf(look->examination->arena, "filter %s has no F=",
			    filter->name),
			.why = why, .file = SOURCE,
			.put = write_filter(look, filter->name, filter->endpoint.text, "T",
			    write_times(look, filter, NULL, NULL)) });
}

/* The standard times are Sendmail's own: 10 s a reply, 5 m at the end of the message. */
static void
check_times(const struct look *look, const struct sendmail_filter *filter,
    const struct site_listener *listener)
{
	struct patience reply = { .value = or_else(filter->reply, "10s"), .file = SOURCE,
		.commands = true };
	struct patience end = { .value = or_else(filter->end, "5m"), .file = SOURCE };

	reply.name = arena_printf(look->examination->arena, "T=R of filter %s", filter->name);
	reply.put = write_filter(look, filter->name, filter->endpoint.text,
	    write_action(look, filter), write_times(look, filter, PATIENCE_SECONDS "s", NULL));
	end.name = arena_printf(look->examination->arena, "T=E of filter %s", filter->name);
	end.put = write_filter(look, filter->name, filter->endpoint.text,
	    write_action(look, filter), write_times(look, filter, NULL, PATIENCE_SECONDS "s"));
	examine_patience(look->examination, listener, &reply);
	examine_patience(look->examination, listener, &end);
}

static void
check_way(const struct look *look, const struct sendmail_filter *filter,
    const struct site_listener *listener)
{
	const char *path = filter->endpoint.path;
	char obstacle[PATH_MAX];

	if (!path)
		return;
	examine_way(look->examination, listener, look->who, "", path);
	if (!reach_is_safe(path, &look->blame, obstacle))
		examine_find(look->examination, &(struct finding){ .severity = SEVERITY_ERROR,
			.name = "unsafe-folder",
			.what = arena_printf(look->examination->arena, "others can write to the "
			    "folder %s on the way to the socket of filter %s", obstacle,
			    filter->name),
			.why = "Sendmail calls the socket unsafe and does not connect to it.",
			.file = "a shell",
			.put = arena_printf(look->examination->arena, "chmod go-w %s", obstacle) });
}

/* ---- macros ---- */

static const struct {
	const char *option, *define;
} macro_options[MACRO_STAGES] = {
	[MACRO_CONNECT] = { "Milter.macros.connect", "confMILTER_MACROS_CONNECT" },
	[MACRO_HELO] = { "Milter.macros.helo", "confMILTER_MACROS_HELO" },
	[MACRO_MAIL] = { "Milter.macros.envfrom", "confMILTER_MACROS_ENVFROM" },
	[MACRO_RCPT] = { "Milter.macros.envrcpt", "confMILTER_MACROS_ENVRCPT" },
	[MACRO_DATA] = { "Milter.macros.data", "confMILTER_MACROS_DATA" },
	[MACRO_EOH] = { "Milter.macros.eoh", "confMILTER_MACROS_EOH" },
	[MACRO_MESSAGE] = { "Milter.macros.eom", "confMILTER_MACROS_EOM" },
};

static bool
is_sent(const struct sendmail *sendmail, const char *macro)
{
	enum macro_stage stage;

	for (stage = 0; stage < MACRO_STAGES; stage++)
		if (sendmail_list_has(sendmail_option(sendmail, macro_options[stage].option), macro,
		    false))
			return true;
	return false;
}

/* Those that are read, belong to this stage and are in no list; each behind a comma. */
static const char *
missing_macros(const struct look *look, const struct site_listener *listener,
    enum macro_stage stage)
{
	struct buffer missing = { 0 };
	const char *const *macro, *text;

	for (macro = listener->macros; *macro; macro++) {
		enum macro_stage first = macro_first_stage(*macro);

		/* one that is in no table is asked for where it may well be known */
		if ((first == MACRO_STAGES ? MACRO_MAIL : first) == stage &&
		    !is_sent(look->sendmail, *macro))
			buffer_printf(&missing, ", %s", *macro);
	}
	text = arena_strdup(look->examination->arena, buffer_text(&missing));
	buffer_free(&missing);
	return text;
}

static void
check_macro_list(const struct look *look, const struct site_listener *listener,
    enum macro_stage stage)
{
	const char *now = sendmail_option(look->sendmail, macro_options[stage].option);
	const char *missing = missing_macros(look, listener, stage);
	struct arena *arena = look->examination->arena;

	if (!*missing)
		return;
	examine_find(look->examination, &(struct finding){ .severity = SEVERITY_WARNING,
		.name = "macro", .what = arena_printf(arena,
		    "filters of listener %s, or filterd itself, read macros that are in no list of "
		    "Sendmail's: %s", listener->settings->name, missing + strlen(", ")),
		.why = "Sendmail before 8.14 cannot be asked for macros, and the filters get no "
		    "value.",
		.file = SOURCE, .put = arena_printf(arena, "define(`%s', ``%s%s'')",
		    macro_options[stage].define, now, *now ? missing : missing + strlen(", ")) });
}

/* From 8.14 on filterd names the macros itself when it connects. */
static void
check_macros(const struct look *look, const struct site_listener *listener)
{
	const struct sendmail *sendmail = look->sendmail;
	struct macro_lists lists;
	enum macro_stage stage;

	macro_lists_make(&lists, listener->macros, look->examination->arena);
	if (lists.too_many)
		examine_find(look->examination, &(struct finding){ .severity = SEVERITY_WARNING,
			.name = "macro", .what = arena_printf(look->examination->arena,
			    "the filters of listener %s read more macros than Sendmail can be "
			    "asked for at one stage; %s is left out", listener->settings->name,
			    lists.too_many),
			.why = "The filter gets no value. Divide the filters among two "
			    "listeners." });
	if (sendmail->major != 8 || sendmail->minor >= 14)
		return;
	for (stage = 0; stage < MACRO_STAGES; stage++)
		check_macro_list(look, listener, stage);
}

/* ---- which filters are used ---- */

/* Whether some daemon calls the filter. */
static bool
is_used(const struct sendmail *sendmail, const char *name)
{
	const char *standard = sendmail_option(sendmail, "InputMailFilters");
	size_t i;

	for (i = 0; i < sendmail->daemon_count; i++)
		if (sendmail_list_has(or_else(sendmail->daemons[i].filters, standard), name, false))
			return true;
	return sendmail->daemon_count == 0 && sendmail_list_has(standard, name, false);
}

static struct site_listener *
check_filter(const struct look *look, const struct sendmail_filter *filter)
{
	struct site_listener *listener =
	    examine_match(look->examination, &filter->endpoint, filter->endpoint.path);

	if (filter->endpoint.problem)
		examine_find(look->examination, &(struct finding){ .severity = SEVERITY_ERROR,
			.name = "socket-form", .what = arena_printf(look->examination->arena,
			    "filter %s has S=%s", filter->name, filter->endpoint.text),
			.why = filter->endpoint.problem, .file = SOURCE,
			.put = write_filter(look, filter->name, "…", "T", "S:30s;R:30s;E:5m") });
	if (!listener)
		return NULL;
	if (!is_used(look->sendmail, filter->name)) {
		examine_find(look->examination, &(struct finding){ .severity = SEVERITY_ERROR,
			.name = "not-used", .what = arena_printf(look->examination->arena,
			    "filter %s is defined, but InputMailFilters of no daemon names it",
			    filter->name),
			.why = "Sendmail never calls it. INPUT_MAIL_FILTER defines a filter and "
			    "adds it; MAIL_FILTER only defines it.",
			.file = SOURCE, .put = write_filter(look, filter->name,
			    filter->endpoint.text,
			    write_action(look, filter), write_times(look, filter, NULL, NULL)) });
	}
	listener->attached = true;
	check_action(look, filter);
	check_times(look, filter, listener);
	check_way(look, filter, listener);
	check_macros(look, listener);
	examine_answer(look->examination, listener);
	return listener;
}

/* The place of a filter that has a socket; the count when there is none of that name. */
static size_t
find_filter(const struct sendmail *sendmail, struct str name)
{
	size_t i;

	for (i = 0; i < sendmail->filter_count; i++)
		if (str_equal(str_of(sendmail->filters[i].name), name) &&
		    !sendmail->filters[i].endpoint.problem)
			break;
	return i;
}

/* The filters of one list, in order. Whether filterd is among them. */
static bool
check_list(const struct look *look, const char *place, const char *list,
    struct site_listener *const *listeners)
{
	const struct sendmail *sendmail = look->sendmail;
	/* every name but the last has a byte and a separator, at least */
	const size_t most = strlen(list) / 2 + 1;
	const char **names = arena_array(look->examination->arena, most, sizeof(*names));
	const struct site_listener **found =
	    arena_array(look->examination->arena, most, sizeof(*found));
	size_t count = 0;
	bool ours = false;

	while (*(list += strspn(list, " \t,;"))) {
		const struct str name = { list, strcspn(list, " \t,;") };
		size_t place_of = find_filter(sendmail, name);

		list += name.length;
		if (place_of == sendmail->filter_count)
			continue;
		names[count] = sendmail->filters[place_of].name;
		found[count] = listeners[place_of];
		ours |= found[count++] != NULL;
	}
	examine_company(look->examination, place, names, found, count);
	return ours;
}

static void
check_daemons(const struct look *look, struct site_listener *const *listeners)
{
	const struct sendmail *sendmail = look->sendmail;
	const char *standard = sendmail_option(sendmail, "InputMailFilters");
	bool ours = check_list(look, "InputMailFilters", standard, listeners);
	size_t i;

	for (i = 0; i < sendmail->daemon_count; i++) {
		const struct sendmail_daemon *daemon = &sendmail->daemons[i];
		const char *place = arena_printf(look->examination->arena,
		    "InputMailFilters of daemon %s", daemon->name);

		if (daemon->filters ? check_list(look, place, daemon->filters, listeners) : ours)
			continue;
		examine_find(look->examination, &(struct finding){ .severity = SEVERITY_NOTE,
			.name = "unfiltered-service", .what = arena_printf(look->examination->arena,
			    "daemon %s names no filter that is a listener of this filterd",
			    daemon->name),
			.why = "Mail that comes in there does not reach filterd." });
	}
}

/* A listener as Sendmail writes it: as we do. */
static void
find_not_attached(const struct look *look)
{
	examine_find(look->examination, &(struct finding){ .severity = SEVERITY_ERROR,
		.name = "not-attached", .what = "no filter of Sendmail's is a listener of this "
		    "filterd",
		.why = "Mail does not reach filterd.", .file = SOURCE,
		.put = write_filter(look, "filterd",
		    look->examination->site->listeners[0].settings->socket, "T",
		    "S:30s;R:30s;E:5m") });
}

/* ---- who Sendmail is ---- */

/* RunAsUser is NAME, NAME:GROUP or numbers. */
static bool
find_user(const struct look *look, struct who *who_r)
{
	const char *text = sendmail_option(look->sendmail, "RunAsUser");
	const char *name = arena_copy(look->examination->arena, text, strcspn(text, ":."));

	if (who_find(who_r, *name ? name : "root"))
		return true;
	examine_find(look->examination, &(struct finding){ .severity = SEVERITY_ERROR,
		.name = "mail-owner", .what = arena_printf(look->examination->arena,
		    "there is no user %s, Sendmail's RunAsUser", name),
		.why = "Sendmail does not start so, and what it may reach is not known." });
	return false;
}

static struct blame
find_blame(const struct sendmail *sendmail)
{
	const char *allowed = sendmail_option(sendmail, "DontBlameSendmail");

	return (struct blame){
		.group = sendmail_list_has(allowed, "GroupWritableDirPathSafe", true),
		.world = sendmail_list_has(allowed, "WorldWritableDirPathSafe", true),
		.sticky = sendmail_list_has(allowed, "TrustStickyBit", true)
	};
}

void
examine_sendmail(struct examination *examination, const struct sendmail *sendmail)
{
	struct who who;
	struct look look = { examination, sendmail, &who, find_blame(sendmail) };
	struct site_listener **listeners = arena_array(examination->arena,
	    sendmail->filter_count + 1, sizeof(*listeners));
	bool any = false;
	size_t i;

	if (!find_user(&look, &who))
		return;
	for (i = 0; i < sendmail->filter_count; i++) {
		listeners[i] = check_filter(&look, &sendmail->filters[i]);
		any |= listeners[i] != NULL;
	}
	if (any)
		check_daemons(&look, listeners);
	else
		find_not_attached(&look);
	for (i = 0; i < examination->site->count; i++)
		if (examination->site->listeners[i].address.family == AF_INET6)
			examine_inet6(examination, "A listener is on IPv6.");
	examine_unused(examination);
}
