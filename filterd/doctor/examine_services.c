/* SPDX-License-Identifier: BSD-2-Clause */
/* Postfix's services: which of them name filterd, by which path they see its sockets, and what
 * else of main.cf matters to milters. */
#include <string.h>

#include "filterd/doctor/examine_postfix.h"

/* ---- sockets as a service sees them ---- */

/* The service runs in its queue folder, which is its root in a chroot. */
static const char *
whole_path(const struct postfix_look *look, const struct postfix_service *service,
    const char *path)
{
	if (path[0] == '/' && !service->chroot)
		return path;
	return arena_printf(look->examination->arena, "%s%s%s",
	    postfix_value(look->postfix, NULL, "queue_directory"), path[0] == '/' ? "" : "/",
	    path);
}

/* The path of a listener's socket below the queue folder; NULL: it is elsewhere. */
static const char *
below_queue(const struct postfix_look *look, const struct site_listener *listener)
{
	const char *queue = postfix_value(look->postfix, NULL, "queue_directory");
	const char *path = listener->address.address.unix_path.sun_path;
	size_t length = strlen(queue);

	return strncmp(path, queue, length) == 0 && path[length] == '/' ? path + length + 1 : NULL;
}

/* A listener as Postfix writes it, for services in a chroot and others alike if possible. */
static const char *
write_endpoint(const struct postfix_look *look, const struct site_listener *listener)
{
	const char *socket = listener->settings->socket, *at = strchr(socket, '@'), *below;
	struct arena *arena = look->examination->arena;
	const char *port = strchr(socket, ':') + 1;

	if (listener->address.family == AF_UNIX) {
		below = below_queue(look, listener);
		return below ? arena_printf(arena, "unix:%s", below) : socket;
	}
	return arena_printf(arena, listener->address.family == AF_INET || at[1] == '[' ?
	    "inet:%s:%.*s" : "inet:[%s]:%.*s", at + 1, (int)(at - port), port);
}

/* A path that would be a listener's if the service ran in a chroot, or if it did not. */
static struct site_listener *
match_otherwise(const struct postfix_look *look, const struct postfix_service *service,
    const struct endpoint *endpoint)
{
	struct postfix_service otherwise = *service;

	if (!endpoint->path || endpoint->path[0] != '/')
		return NULL;
	otherwise.chroot = !service->chroot;
	return examine_match(look->examination, endpoint,
	    whole_path(look, &otherwise, endpoint->path));
}

static void
find_chroot(const struct postfix_look *look, const struct milter_use *use)
{
	struct arena *arena = look->examination->arena;
	const char *below = below_queue(look, use->listener), *name = use->listener->settings->name;
	const char *queue = postfix_value(look->postfix, NULL, "queue_directory");
	struct place place = below ?
	    postfix_place(look, use->service, use->list, milter_list_write(use->entries, use->count,
	    use->index, arena_printf(arena, "unix:%s", below), MILTER_SETTINGS, NULL, arena)) :
	    (struct place){ look->examination->site->config,
	    arena_printf(arena, "listener %s { socket unix:%s/filterd/%s.sock; … }\n"
	    "# and in Postfix: %s = unix:filterd/%s.sock", name, queue, name, use->list, name) };

	postfix_find(look, &(struct finding){ .severity = SEVERITY_ERROR, .name = "chroot",
		.what = arena_printf(arena, "%s %s and finds listener %s not at %s, but only what "
		    "is at %s", use->service->label, use->service->chroot ?
		    arena_printf(arena, "runs in the chroot %s", queue) : "runs in no chroot", name,
		    milter_use_entry(use)->endpoint.text,
		    whole_path(look, use->service, milter_use_entry(use)->endpoint.path)),
		.why = "Without a connection Postfix does with all mail what milter_default_action "
		    "says." }, &place);
}

/* ---- lists ---- */

static void
check_way(const struct postfix_look *look, const struct milter_use *use)
{
	const char *queue = postfix_value(look->postfix, NULL, "queue_directory");
	const char *path = milter_use_entry(use)->endpoint.path, *owner;
	struct who who;

	if (!path)
		return;
	owner = postfix_value(look->postfix, use->service, "mail_owner");
	if (who_find(&who, owner))
		examine_way(look->examination, use->listener, &who,
		    path[0] == '/' && !use->service->chroot ? "" : queue, path);
	else
		examine_find(look->examination, &(struct finding){ .severity = SEVERITY_ERROR,
			.name = "mail-owner",
			.what = arena_printf(look->examination->arena,
			    "there is no user %s, Postfix's mail_owner", owner),
			.why = "Postfix does not start so, and what it may reach is not known." });
}

/* Postfix asks only sockets of families that it uses. */
static void
check_family(const struct postfix_look *look, const struct milter_use *use)
{
	const char *families = postfix_value(look->postfix, use->service, "inet_protocols");
	bool six = use->listener->address.family == AF_INET6;
	struct place place = postfix_place(look, use->service, "inet_protocols", "all");

	if (milter_use_entry(use)->endpoint.path || strstr(families, "all") ||
	    strstr(families, six ? "ipv6" : "ipv4"))
		return;
	postfix_find(look, &(struct finding){ .severity = SEVERITY_ERROR, .name = "family",
		.what = arena_printf(look->examination->arena, "listener %s is on IPv%d, and %s "
		    "is %s",
		    use->listener->settings->name, six ? 6 : 4,
		    postfix_name_place(look, use->service, "inet_protocols"), families),
		.why = "Postfix does not use addresses of another family, for milters neither." },
	    &place);
}

static void
take_entry(const struct postfix_look *look, struct milter_use *use)
{
	const struct endpoint *endpoint = &milter_use_entry(use)->endpoint;
	struct arena *arena = look->examination->arena;

	if (endpoint->problem) {
		struct place place = postfix_place(look, use->service, use->list,
		    milter_list_write(use->entries, use->count, use->index,
		    write_endpoint(look, &look->examination->site->listeners[0]),
		    MILTER_SETTINGS, NULL,
		    arena));

		postfix_find(look, &(struct finding){ .severity = SEVERITY_ERROR,
			.name = "socket-form", .what = arena_printf(arena, "%s names %s",
			    postfix_name_place(look, use->service, use->list), endpoint->text),
			.why = endpoint->problem }, &place);
		return;
	}
	use->listener = examine_match(look->examination, endpoint,
	    endpoint->path ? whole_path(look, use->service, endpoint->path) : NULL);
	if (use->listener) {
		check_way(look, use);
		check_family(look, use);
		postfix_check_use(look, use);
	} else if ((use->listener = match_otherwise(look, use->service, endpoint))) {
		use->listener->attached = true;
		find_chroot(look, use);
	}
}

/* Whether the service names filterd, or means to by something that is no socket. */
static bool
check_list(const struct postfix_look *look, const struct postfix_service *service,
    const char *list)
{
	struct arena *arena = look->examination->arena;
	const struct site_listener **listeners;
	const char **names;
	size_t count, known = 0, i;
	struct milter_entry *entries =
	    milter_list_parse(postfix_value(look->postfix, service, list), &count, arena);
	bool named = false;

	listeners = arena_array(arena, count, sizeof(*listeners));
	names = arena_array(arena, count, sizeof(*names));
	for (i = 0; i < count; i++) {
		struct milter_use use = { service, list, entries, count, i, NULL };

		take_entry(look, &use);
		named |= use.listener || entries[i].endpoint.problem;
		if (entries[i].endpoint.problem)
			continue;
		listeners[known] = use.listener;
		names[known++] = entries[i].endpoint.text;
	}
	examine_company(look->examination, postfix_name_place(look, service, list), names,
	    listeners,
	    known);
	return named;
}

/* ---- services ---- */

static bool
is_smtpd(const struct postfix_service *service)
{
	const char *slash = strrchr(service->command, '/');

	return strcmp(slash ? slash + 1 : service->command, "smtpd") == 0;
}

/* Whether its milters are switched off. */
static bool
leaves_out(const struct postfix_look *look, const struct postfix_service *service)
{
	static const char name[] = "receive_override_options";
	const char *options = postfix_value(look->postfix, service, name);
	struct place place = postfix_place(look, service, name, "");

	if (!strstr(options, "no_milters"))
		return false;
	postfix_find(look, &(struct finding){
		.severity = postfix_overrides(look->postfix, service, name) ? SEVERITY_NOTE :
		    SEVERITY_ERROR, .name = "no-milters",
		.what = arena_printf(look->examination->arena, "%s is %s",
		    postfix_name_place(look, service, name), options),
		.why = "Mail that comes in there is given to no milter. That is right for mail "
		    "that comes back from a content filter, and for no other." }, &place);
	return true;
}

static void
find_unfiltered(const struct postfix_look *look, const struct postfix_service *service,
    bool elsewhere)
{
	const char *now = postfix_value(look->postfix, service, "smtpd_milters");
	const char *add = write_endpoint(look, &look->examination->site->listeners[0]);
	struct place place = postfix_place(look, service, "smtpd_milters",
	    arena_printf(look->examination->arena, "%s%s%s", now, *now ? ", " : "", add));

	postfix_find(look, &(struct finding){
		.severity = elsewhere ? SEVERITY_NOTE : SEVERITY_ERROR,
		.name = elsewhere ? "unfiltered-service" : "not-attached",
		.what = elsewhere ? arena_printf(look->examination->arena,
		    "smtpd_milters of %s names no listener of this filterd", service->label) :
		    "no smtpd service names a listener of this filterd",
		.why = "Mail that comes in there does not reach filterd." }, &place);
}

/* All smtpd services; those without filterd are told when it is known whether others have it. */
static void
check_services(const struct postfix_look *look)
{
	const struct postfix *postfix = look->postfix;
	bool *silent = arena_array(look->examination->arena, postfix->service_count + 1,
	    sizeof(*silent));
	bool any = false, told = false;
	size_t i;

	for (i = 0; i < postfix->service_count; i++) {
		const struct postfix_service *service = &postfix->services[i];

		if (!is_smtpd(service) || leaves_out(look, service))
			continue;
		silent[i] = !check_list(look, service, "smtpd_milters");
		any |= !silent[i];
	}
	for (i = 0; i < postfix->service_count && (any || !told); i++)
		if (silent[i]) {
			find_unfiltered(look, &postfix->services[i], any);
			told = true;
		}
}

/* ---- mail that does not come by SMTP ---- */

static const struct postfix_service *
find_service(const struct postfix *postfix, const char *name)
{
	size_t i;

	for (i = 0; i < postfix->service_count; i++)
		if (strcmp(postfix->services[i].name, name) == 0)
			return &postfix->services[i];
	return NULL;
}

static void
check_local(const struct postfix_look *look)
{
	const struct postfix_service *cleanup = find_service(look->postfix,
	    postfix_value(look->postfix, NULL, "cleanup_service_name"));
	const char *internal =
	    postfix_value(look->postfix, cleanup, "internal_mail_filter_classes");
	bool named = cleanup && check_list(look, cleanup, "non_smtpd_milters");
	struct place place = named ?
	    postfix_place(look, cleanup, "internal_mail_filter_classes", "") :
	    postfix_place(look, cleanup, "non_smtpd_milters",
	    write_endpoint(look, &look->examination->site->listeners[0]));

	if (!named)
		postfix_find(look, &(struct finding){ .severity = SEVERITY_NOTE,
			.name = "local-mail",
			.what = "non_smtpd_milters names no listener of this filterd",
			.why = "Mail of the sendmail command and of local programs goes past "
			    "filterd." },
		    &place);
	else if (*internal)
		postfix_find(look, &(struct finding){ .severity = SEVERITY_WARNING,
			.name = "internal-mail",
			.what = arena_printf(look->examination->arena,
			    "internal_mail_filter_classes is %s", internal),
			.why = "Postfix's own bounces and notices go through filterd too, and one "
			    "that it refuses or holds is lost to its reader." }, &place);
}

/* ---- international mail ---- */

static void
check_international(const struct postfix_look *look)
{
	const char *families = postfix_value(look->postfix, NULL, "inet_protocols");
	struct place place = postfix_place(look, NULL, "smtputf8_enable", "yes");

	if (strcmp(postfix_value(look->postfix, NULL, "smtputf8_enable"), "no") == 0)
		postfix_find(look, &(struct finding){ .severity = SEVERITY_NOTE,
			.name = "smtputf8", .what = "smtputf8_enable is no",
			.why = "Clients cannot use addresses outside of ASCII (RFC 6531), and a "
			    "message that filterd gives such an address is not sent on with "
			    "SMTPUTF8." },
			    &place);
	if (strstr(families, "all") || strstr(families, "ipv6"))
		examine_inet6(look->examination,
		    "Postfix uses IPv6 (inet_protocols); what it tells of a client on IPv6 is "
		    "then not understood.");
}

void
examine_postfix(struct examination *examination, const struct postfix *postfix)
{
	const struct postfix_look look = { examination, postfix };

	check_services(&look);
	check_local(&look);
	check_international(&look);
	examine_unused(examination);
}
