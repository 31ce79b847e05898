/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * HTTP. The process that polls is ours: libmicrohttpd keeps its descriptors in one of epoll(7), and
 * is given connections that were accepted here. What a peer does wrong ends its connection, never
 * more; so a line about it is one for debugging.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <microhttpd.h>

#include "filterd/admin/server.h"
#include "filterd/service/json.h"
#include "filterd/service/log.h"
#include "filterd/util/memory.h"

#define CONNECTIONS		128u	/* at a time */
#define CONNECTIONS_AN_ADDRESS	64u	/* of them from one IP address */
#define CONNECTIONS_AT_PORTS	96u	/* of them: anybody may come there */
#define CONNECTION_SECONDS	30u	/* without a byte, then it is closed */
#define CONNECTION_BYTES	((size_t)32 * 1024)	/* of memory: request line and headers */
#define BODY_BYTES		4096u	/* of a request, which are thrown away */
#define ACCEPTED_AT_ONCE	32
#define PATIENCE		1000	/* milliseconds */

struct server {
	const struct admin_duty *duty;
	const struct resource *resources;
	void *argument;
	struct MHD_Daemon *daemon;
	bool given_up;			/* nobody is kept waiting any more */
	struct request *requests;	/* all that are not answered to their end */
	unsigned at_ports;		/* connections that came over IP */
};

static const char again[] = "the admin process makes room for its successor: ask again";

struct request {
	struct server *server;
	struct MHD_Connection *connection;
	struct request *next;
	size_t body;			/* bytes that came */
	bool ready;			/* the answer is there */
	bool waits;			/* its connection is suspended */
	struct answer answer;
};

/* ---- what a request has ---- */

const char *
request_parameter(const struct request *request, const char *name)
{
	return MHD_lookup_connection_value(request->connection, MHD_GET_ARGUMENT_KIND, name);
}

const char *
request_header(const struct request *request, const char *name)
{
	return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
}

void
answer_error(struct answer *answer, unsigned status, const char *text)
{
	answer->status = status;
	answer->body.length = 0;
	buffer_add_text(&answer->body, "{\"error\":");
	json_text(&answer->body, str_of(text));
	buffer_add_text(&answer->body, "}\n");
}

/* ---- who may ask ---- */

static bool
is_address(const char *host)
{
	struct in6_addr address;
	size_t length = strlen(host);
	char bare[INET6_ADDRSTRLEN + 1];

	if (inet_pton(AF_INET, host, &address) == 1)
		return true;
	if (length < 3 || length - 2 >= sizeof(bare) || host[0] != '[' || host[length - 1] != ']')
		return false;
	memcpy(bare, host + 1, length - 2);
	bare[length - 2] = '\0';
	return inet_pton(AF_INET6, bare, &address) == 1;
}

/* A page from elsewhere whose name its owner has lead to this machine (DNS rebinding) is read by a
 * browser as if it were ours, but for the name. */
static bool
is_our_name(const struct settings *settings, const char *host)
{
	const struct mf_strings *names = &settings->admin.host;
	size_t i;

	if (is_address(host) || strcasecmp(host, "localhost") == 0)
		return true;
	for (i = 0; i < names->count; i++)
		if (strcasecmp(host, names->items[i]) == 0)
			return true;
	return false;
}

static bool
is_from_unix_socket(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
	    connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);

	return info && info->client_addr && info->client_addr->sa_family == AF_UNIX;
}

/* The Host field, RFC 9110 section 7.2, but for its port. A unix socket can be behind a port of the
 * machine that a browser runs on, by ssh; but every browser names a host. */
static bool
host_is_ours(const struct request *request)
{
	const char *field = request_header(request, MHD_HTTP_HEADER_HOST);
	char host[256 + 2];
	char *colon;

	if (!field)
		return is_from_unix_socket(request->connection);
	if (strlen(field) >= sizeof(host))
		return false;
	memcpy(host, field, strlen(field) + 1);
	colon = strrchr(host, ':');
	if (colon && !strchr(colon, ']'))
		*colon = '\0';
	return is_our_name(request->server->duty->settings, host);
}

/* ---- who answers ---- */

/* What of the path follows the resource's; NULL: it is another's. */
static const char *
match(const struct resource *resource, const char *path)
{
	size_t length = strlen(resource->path);

	if (strncmp(path, resource->path, length) != 0)
		return NULL;
	return path[length] && resource->path[length - 1] != '/' ? NULL : path + length;
}

/* The first whose path it is; NULL: there is none. */
static const struct resource *
find_resource(const struct server *server, const char *path, const char **rest_r)
{
	const struct resource *resource;

	for (resource = server->resources; resource->path; resource++) {
		*rest_r = match(resource, path);
		if (*rest_r)
			return resource;
	}
	return NULL;
}

static bool
fits(const struct resource *resource, const char *method)
{
	if (resource->acts)
		return strcmp(method, MHD_HTTP_METHOD_POST) == 0;
	return strcmp(method, MHD_HTTP_METHOD_GET) == 0 ||
	    strcmp(method, MHD_HTTP_METHOD_HEAD) == 0;
}

static void
find_answer(struct request *request, const char *path, const char *method)
{
	const struct server *server = request->server;
	struct answer *answer = &request->answer;
	const char *rest;
	const struct resource *resource = find_resource(server, path, &rest);

	answer->status = MHD_HTTP_OK;
	if (!host_is_ours(request)) {
		answer_error(answer, MHD_HTTP_MISDIRECTED_REQUEST,
		    "the Host is none that \"admin { host …; }\" names");
	} else if (!resource) {
		answer_error(answer, MHD_HTTP_NOT_FOUND, "there is nothing here");
	} else if (!fits(resource, method)) {
		answer->allowed = resource->acts ? "POST" : "GET, HEAD";
		answer_error(answer, MHD_HTTP_METHOD_NOT_ALLOWED, "not this method");
	} else {
		resource->run(server->argument, request, rest, answer);
	}
}

/* ---- answering ---- */

static const struct {
	const char *name, *value;
} headers[] = {
	{ "Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; "
	    "connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; "
	    "frame-ancestors 'none'" },
	{ "X-Content-Type-Options", "nosniff" },
	{ "X-Frame-Options", "DENY" },
	{ "Referrer-Policy", "no-referrer" },
	{ "Cross-Origin-Resource-Policy", "same-origin" },
	{ "Cross-Origin-Opener-Policy", "same-origin" },
};

static enum MHD_Result
send_answer(struct request *request)
{
	struct answer *answer = &request->answer;
	struct MHD_Response *response;
	enum MHD_Result result;
	size_t i;

	buffer_add_text(&answer->body, "");
	response = MHD_create_response_from_buffer(
	    answer->body.length, answer->body.data, MHD_RESPMEM_MUST_FREE);
	if (!response)
		return MHD_NO;
	answer->body = (struct buffer){ 0 };
	for (i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
		MHD_add_response_header(response, headers[i].name, headers[i].value);
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE,
	    answer->type ? answer->type : "application/json; charset=utf-8");
	MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL,
	    "no-store");
	if (answer->allowed)
		MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, answer->allowed);
	if (answer->status == MHD_HTTP_UNAUTHORIZED)
		MHD_add_response_header(response, MHD_HTTP_HEADER_WWW_AUTHENTICATE, "Bearer");
	result = MHD_queue_response(request->connection, answer->status, response);
	MHD_destroy_response(response);
	return result;
}

static struct request *
begin_request(struct server *server, struct MHD_Connection *connection)
{
	struct request *request = memory_alloc(sizeof(*request));

	request->server = server;
	request->connection = connection;
	request->next = server->requests;
	server->requests = request;
	return request;
}

/* Called when the headers are there, for each piece of a body, and when the request is whole; and
 * again when a connection that was suspended goes on. */
static enum MHD_Result
handle(void *argument, struct MHD_Connection *connection, const char *path, const char *method,
    const char *version, const char *body, size_t *body_size, void **request_r)
{
	struct request *request = *request_r;

	(void)version;
	(void)body;
	if (!request) {
		*request_r = begin_request(argument, connection);
		return MHD_YES;
	}
	if (*body_size) {
		request->body += *body_size;
		*body_size = 0;
		return request->body <= BODY_BYTES ? MHD_YES : MHD_NO;
	}
	if (!request->ready)
		find_answer(request, path, method);
	request->ready = true;
	if (request->answer.later && request->server->given_up)
		answer_error(&request->answer, MHD_HTTP_SERVICE_UNAVAILABLE, again);
	if (!request->answer.later || request->server->given_up)
		return send_answer(request);
	request->waits = true;
	MHD_suspend_connection(connection);
	return MHD_YES;
}

static void
end_request(void *argument, struct MHD_Connection *connection, void **request_r,
    enum MHD_RequestTerminationCode code)
{
	struct server *server = argument;
	struct request *request = *request_r;
	struct request **place = &server->requests;

	(void)connection;
	(void)code;
	if (!request)
		return;
	while (*place != request)
		place = &(*place)->next;
	*place = request->next;
	buffer_free(&request->answer.body);
	free(request);
	*request_r = NULL;
}

static void
count_connection(void *argument, struct MHD_Connection *connection, void **own,
    enum MHD_ConnectionNotificationCode code)
{
	struct server *server = argument;

	(void)own;
	if (is_from_unix_socket(connection))
		return;
	if (code == MHD_CONNECTION_NOTIFY_STARTED)
		server->at_ports++;
	else
		server->at_ports--;
}

void
server_answer_waiting(struct server *server, unsigned status, const char *json)
{
	struct request *request;

	for (request = server->requests; request; request = request->next) {
		if (!request->waits)
			continue;
		request->waits = request->answer.later = false;
		request->answer.status = status;
		buffer_add_text(&request->answer.body, json);
		MHD_resume_connection(request->connection);
	}
}

void
server_give_up(struct server *server)
{
	struct answer refusal = { 0 };

	answer_error(&refusal, MHD_HTTP_SERVICE_UNAVAILABLE, again);
	server_answer_waiting(server, refusal.status, refusal.body.data);
	buffer_free(&refusal.body);
	server->given_up = true;
}

bool
server_is_busy(const struct server *server)
{
	return server->requests != NULL;
}

/* ---- the server ---- */

static void __attribute__((format(printf, 2, 0)))
log_library(void *argument, const char *format, va_list arguments)
{
	struct buffer line = { 0 };

	(void)argument;
	buffer_vprintf(&line, format, arguments);
	log_text(MF_LOG_DEBUG, "libmicrohttpd: %s", buffer_text(&line));
	buffer_free(&line);
}

struct server *
server_create(const struct admin_duty *duty, const struct resource *resources, void *argument)
{
	struct server *server = memory_alloc(sizeof(*server));

	server->duty = duty;
	server->resources = resources;
	server->argument = argument;
	server->daemon = MHD_start_daemon(MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET |
	    MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG, 0, NULL, NULL, handle, server,
	    MHD_OPTION_EXTERNAL_LOGGER, log_library, NULL,
	    MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS,
	    MHD_OPTION_PER_IP_CONNECTION_LIMIT, CONNECTIONS_AN_ADDRESS,
	    MHD_OPTION_CONNECTION_TIMEOUT, CONNECTION_SECONDS,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_BYTES,
	    MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_NOTIFY_COMPLETED, end_request, server,
	    MHD_OPTION_NOTIFY_CONNECTION, count_connection, server, MHD_OPTION_END);
	if (server->daemon)
		return server;
	log_text(MF_LOG_ERROR, "admin process: HTTP cannot be served: %s", strerror(errno));
	free(server);
	return NULL;
}

void
server_destroy(struct server **server)
{
	MHD_stop_daemon((*server)->daemon);
	free(*server);
	*server = NULL;
}

int
server_descriptor(const struct server *server)
{
	return MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
}

int
server_patience(const struct server *server)
{
	MHD_UNSIGNED_LONG_LONG milliseconds;

	if (MHD_get_timeout(server->daemon, &milliseconds) != MHD_YES || milliseconds > PATIENCE)
		return PATIENCE;
	return (int)milliseconds;
}

bool
server_accept(struct server *server, int socket)
{
	int i;

	for (i = 0; i < ACCEPTED_AT_ONCE; i++) {
		struct sockaddr_storage address;
		socklen_t length = sizeof(address);
		int fd = accept4(socket, (struct sockaddr *)&address, &length,
		    SOCK_CLOEXEC | SOCK_NONBLOCK);

		if (fd < 0)
			return errno != EINVAL;
		if (address.ss_family != AF_UNIX && server->at_ports >= CONNECTIONS_AT_PORTS) {
			close(fd);
			continue;
		}
		MHD_add_connection(server->daemon, fd, (struct sockaddr *)&address, length);
	}
	return true;
}

void
server_run(struct server *server)
{
	MHD_run(server->daemon);
}
