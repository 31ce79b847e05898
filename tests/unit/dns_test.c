/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The DNS service with a server of the test's own on loopback: many threads ask at a time, waits
 * end in time, and look-ups may be given up, and the service ended, while answers are on their way.
 */
#include <arpa/inet.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "filterd/service/dns.h"
#include "filterd/util/clock.h"

#define THREADS	8
#define EACH	40		/* look-ups of a thread */
#define LONG	60000000	/* microseconds */

/* ---- the server ---- */

struct server {
	int socket;
	pthread_t thread;
	atomic_uint asked;
	atomic_bool silent;
	char address[32];
};

/* Answers with 192.0.2.1, whatever is asked. */
static size_t
make_reply(uint8_t *packet, size_t size)
{
	static const uint8_t record[] = { 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 1 };
	size_t at = 12;

	while (at < size && packet[at])
		at += packet[at] + 1u;
	at += 5;
	assert_true(at <= size);
	packet[2] = 0x81;
	packet[3] = 0x80;
	memset(packet + 6, 0, 6);
	packet[7] = 1;
	memcpy(packet + at, record, sizeof(record));
	return at + sizeof(record);
}

/* Until an empty packet comes. */
static void *
serve(void *data)
{
	struct server *server = data;
	struct sockaddr_storage peer;
	uint8_t packet[4096];

	for (;;) {
		socklen_t length = sizeof(peer);
		ssize_t got = recvfrom(server->socket, packet, sizeof(packet) - 64, 0,
		    (struct sockaddr *)&peer, &length);

		if (got < 12)
			return NULL;
		atomic_fetch_add(&server->asked, 1);
		if (!atomic_load(&server->silent))
			sendto(server->socket, packet, make_reply(packet, (size_t)got), 0,
			    (struct sockaddr *)&peer, length);
	}
}

static void
server_start(struct server *server, bool silent)
{
	struct sockaddr_in own = { .sin_family = AF_INET };
	socklen_t length = sizeof(own);

	memset(server, 0, sizeof(*server));
	own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	server->socket = socket(AF_INET, SOCK_DGRAM, 0);
	assert_int_equal(bind(server->socket, (struct sockaddr *)&own, length), 0);
	assert_int_equal(getsockname(server->socket, (struct sockaddr *)&own, &length), 0);
	snprintf(server->address, sizeof(server->address), "127.0.0.1@%u", ntohs(own.sin_port));
	atomic_store(&server->silent, silent);
	assert_int_equal(pthread_create(&server->thread, NULL, serve, server), 0);
}

static void
server_stop(struct server *server)
{
	struct sockaddr_in own;
	socklen_t length = sizeof(own);
	int from = socket(AF_INET, SOCK_DGRAM, 0);

	assert_int_equal(getsockname(server->socket, (struct sockaddr *)&own, &length), 0);
	assert_int_equal(sendto(from, "", 0, 0, (struct sockaddr *)&own, length), 0);
	pthread_join(server->thread, NULL);
	close(from);
	close(server->socket);
}

/* ---- the service ---- */

struct scene {
	struct server server;
	const char *resolver[2];
	struct dns_settings settings;
	struct dns *dns;
};

static void
scene_open(struct scene *scene, bool silent)
{
	server_start(&scene->server, silent);
	scene->resolver[0] = "forward";
	scene->resolver[1] = scene->server.address;
	scene->settings = (struct dns_settings){ .resolver = { 2, scene->resolver },
		.timeout = { 5000 }, .cache_size = { 1 << 20 } };
	scene->dns = dns_create(&scene->settings, NULL);
}

static void
scene_close(struct scene *scene)
{
	dns_destroy(&scene->dns);
	assert_null(scene->dns);
	server_stop(&scene->server);
}

static struct dns_lookup *
start(const struct scene *scene, const char *text)
{
	struct dns_name name;

	assert_true(dns_name_parse(str_of(text), &name));
	return dns_start(scene->dns, &name, MF_DNS_A);
}

static void
test_one(void **state)
{
	struct scene scene;
	struct dns_lookup *lookup;
	const struct mf_dns_answer *answer;

	(void)state;
	scene_open(&scene, false);
	lookup = start(&scene, "Mail.example.org");
	answer = dns_wait(lookup, clock_monotonic() + LONG);
	assert_non_null(answer);
	assert_int_equal(answer->status, MF_DNS_FOUND);
	assert_int_equal(answer->count, 1);
	assert_memory_equal(answer->records->data, "\xc0\0\2\1", 5);
	assert_string_equal(answer->canonical, "mail.example.org");
	assert_int_equal(answer->ttl, 60);
	assert_true(dns_took(lookup) > 0);
	assert_ptr_equal(dns_wait(lookup, 0), answer);
	dns_release(&lookup);
	assert_null(lookup);
	scene_close(&scene);
}

/* What no filter asks starts nothing. */
static void
test_none(void **state)
{
	struct scene scene;

	(void)state;
	scene_open(&scene, false);
	scene_close(&scene);
	assert_int_equal(atomic_load(&scene.server.asked), 0);
}

static void
test_wait_ends(void **state)
{
	struct scene scene;
	struct dns_lookup *lookup;
	int64_t begun;

	(void)state;
	scene_open(&scene, true);
	lookup = start(&scene, "silent.example");
	begun = clock_monotonic();
	assert_null(dns_wait(lookup, begun + 50000));
	assert_true(clock_monotonic() - begun >= 50000);
	assert_null(dns_wait(lookup, 0));
	assert_int_equal(dns_took(lookup), 0);
	/* the service ends under it */
	scene_close(&scene);
	assert_int_equal(dns_wait(lookup, 0)->status, MF_DNS_SERVFAIL);
	dns_release(&lookup);
}

/* Each thread has its own names and some that all ask for, and gives up every third. */
static void *
ask_many(void *data)
{
	const struct scene *scene = data;
	struct dns_lookup *lookups[EACH];
	char text[64];
	size_t i;

	for (i = 0; i < EACH; i++) {
		snprintf(text, sizeof(text), "%zu.%lx.example", i,
		    i % 2 ? (unsigned long)pthread_self() : 0ul);
		lookups[i] = start(scene, text);
	}
	for (i = 0; i < EACH; i++) {
		const struct mf_dns_answer *answer = i % 3 == 0 ? NULL :
		    dns_wait(lookups[i], clock_monotonic() + LONG);

		if (i % 3 != 0 && (!answer || answer->status != MF_DNS_FOUND))
			return lookups[i];
		dns_release(&lookups[i]);
	}
	return NULL;
}

static void
test_threads(void **state)
{
	pthread_t threads[THREADS];
	struct scene scene;
	void *failed;
	size_t i;

	(void)state;
	scene_open(&scene, false);
	for (i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, ask_many, &scene), 0);
	for (i = 0; i < THREADS; i++) {
		pthread_join(threads[i], &failed);
		assert_null(failed);
	}
	scene_close(&scene);
}

static void
test_given_up(void **state)
{
	struct scene scene;
	struct dns_lookup *kept, *lookup;
	char text[32];
	int i;

	(void)state;
	scene_open(&scene, true);
	kept = start(&scene, "kept.example");
	for (i = 0; i < 200; i++) {
		snprintf(text, sizeof(text), "%d.example", i);
		lookup = start(&scene, text);
		dns_release(&lookup);
	}
	dns_release(&kept);
	scene_close(&scene);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one),
		cmocka_unit_test(test_none),
		cmocka_unit_test(test_wait_ends),
		cmocka_unit_test(test_threads),
		cmocka_unit_test(test_given_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
