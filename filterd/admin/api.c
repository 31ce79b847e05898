/* SPDX-License-Identifier: BSD-2-Clause */
/* The resources: most are made anew for each request, of the metrics or of the settings. */
#include <string.h>

#include <microhttpd.h>

#include "config.h"
#include "filterd/admin/api.h"
#include "filterd/admin/page.h"
#include "filterd/service/json.h"
#include "filterd/service/metrics_snapshot.h"

/* ---- the page ---- */

static void
answer_page(void *argument, const struct request *request, const char *rest,
    struct answer *answer_r)
{
	const char *name = *rest ? rest : "index.html";
	size_t i;

	(void)argument;
	(void)request;
	for (i = 0; i < page_file_count; i++) {
		const struct page_file *file = &page_files[i];

		if (strcmp(file->name, name) != 0)
			continue;
		answer_r->type = file->type;
		buffer_add(&answer_r->body, file->bytes, file->size);
		return;
	}
	answer_error(answer_r, MHD_HTTP_NOT_FOUND, "there is nothing here");
}

/* ---- metrics and settings ---- */

static void
answer_metrics(void *argument, const struct request *request, const char *rest,
    struct answer *answer_r)
{
	const struct api *api = argument;
	struct metrics_snapshot *snapshot = metrics_snapshot(api->duty->metrics);

	(void)request;
	(void)rest;
	answer_r->type = OPENMETRICS_CONTENT_TYPE;
	openmetrics_write(snapshot, PACKAGE_VERSION, &answer_r->body);
	metrics_snapshot_destroy(&snapshot);
}

static void
answer_status(void *argument, const struct request *request, const char *rest,
    struct answer *answer_r)
{
	const struct api *api = argument;
	struct metrics_snapshot *snapshot = metrics_snapshot(api->duty->metrics);

	(void)request;
	(void)rest;
	metrics_json(snapshot, PACKAGE_VERSION, &answer_r->body);
	metrics_snapshot_destroy(&snapshot);
}

static void
answer_chains(void *argument, const struct request *request, const char *rest,
    struct answer *answer_r)
{
	const struct admin_duty *duty = ((const struct api *)argument)->duty;
	struct buffer *to = &answer_r->body;

	(void)request;
	(void)rest;
	buffer_add_char(to, '{');
	json_add_integer(to, "generation", duty->generation);
	json_add_integer(to, "started", duty->started);
	json_add_member(to, "version", PACKAGE_VERSION);
	json_add_bool(to, "reload", duty->token != NULL);
	json_add_bool(to, "quarantine", quarantine_shown(duty->settings));
	json_add_key(to, "history");
	history_json(((const struct api *)argument)->history, to);
	json_add_key(to, "listeners");
	chains_json(duty->settings, to);
	buffer_add_text(to, "}\n");
}

/* ---- history ---- */

/* Records that workers could not send; -1: nobody has counted. */
static int64_t
count_dropped(const struct admin_duty *duty)
{
	struct metrics_snapshot *snapshot;
	uint64_t count = 0;
	size_t i;

	if (!duty->metrics || !duty->settings->metrics)
		return -1;
	snapshot = metrics_snapshot(duty->metrics);
	for (i = 0; i < snapshot->listener_count; i++)
		count += snapshot->listeners[i].cells[METRICS_HISTORY_DROPPED];
	metrics_snapshot_destroy(&snapshot);
	return (int64_t)(count & INT64_MAX);
}

static void
answer_messages(void *argument, const struct request *request, const char *rest,
    struct answer *answer_r)
{
	const struct api *api = argument;

	(void)rest;
	history_list(api->history, request, count_dropped(api->duty), answer_r);
}

static void
answer_message(void *argument, const struct request *request, const char *rest,
    struct answer *answer_r)
{
	const struct api *api = argument;

	(void)request;
	history_show(api->history, rest, answer_r);
}

/* ---- reload ---- */

/* Takes the same time however much of it is right; only whether the lengths are equal shows. */
static bool
is_token(const char *token, const char *given)
{
	volatile unsigned char difference = 0;
	size_t length = strlen(token), i;

	if (strlen(given) != length)
		return false;
	for (i = 0; i < length; i++)
		difference |= (unsigned char)(token[i] ^ given[i]);
	return difference == 0;
}

/* Authorization: Bearer TOKEN, RFC 6750 section 2.1. */
static bool
is_allowed(const char *token, const struct request *request)
{
	static const struct str scheme = STR("Bearer ");
	const char *given = request_header(request, MHD_HTTP_HEADER_AUTHORIZATION);

	return given && str_has_prefix_nocase(str_of(given), scheme) &&
	    is_token(token, given + scheme.length);
}

/* False: the answer says why not. */
static bool
admit(const struct api *api, const struct request *request, struct answer *answer)
{
	if (!api->duty->token)
		answer_error(answer, MHD_HTTP_NOT_FOUND, "there is no token-file");
	else if (!is_allowed(api->duty->token, request))
		answer_error(answer, MHD_HTTP_UNAUTHORIZED, "this is not the token");
	else
		return true;
	return false;
}

static void
answer_reload(void *argument, const struct request *request, const char *rest,
    struct answer *answer_r)
{
	const struct api *api = argument;

	(void)rest;
	if (!admit(api, request, answer_r))
		return;
	if (!api->reload(api->duty))
		answer_error(answer_r, MHD_HTTP_SERVICE_UNAVAILABLE, "filterd is stopping");
	else
		answer_r->later = true;
}

/* ---- quarantine ---- */

static void
answer_quarantine(void *argument, const struct request *request, const char *rest,
    struct answer *answer_r)
{
	struct api *api = argument;

	(void)rest;
	quarantine_list(api->duty->settings, &api->store, request, answer_r);
}

static void
answer_quarantined(void *argument, const struct request *request, const char *rest,
    struct answer *answer_r)
{
	struct api *api = argument;

	(void)request;
	quarantine_show(api->duty->settings, &api->store, rest, answer_r);
}

static void
answer_release(void *argument, const struct request *request, const char *rest,
    struct answer *answer_r)
{
	struct api *api = argument;

	if (admit(api, request, answer_r))
		quarantine_release(api->duty->settings, &api->store, rest, answer_r);
}

/* ---- the table ---- */

const struct resource api_resources[] = {
	{ "/metrics", false, answer_metrics },
	{ "/api/status", false, answer_status },
	{ "/api/chains", false, answer_chains },
	{ "/api/messages", false, answer_messages },
	{ "/api/messages/", false, answer_message },
	{ "/api/quarantine", false, answer_quarantine },
	{ "/api/quarantine/release/", true, answer_release },
	{ "/api/quarantine/", false, answer_quarantined },
	{ "/api/reload", true, answer_reload },
	{ "/", false, answer_page },
	{ NULL, false, NULL }
};
