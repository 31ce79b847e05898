/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of listening sockets and of the pid file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "filterd/supervise/pid_file.h"
#include "filterd/supervise/sockets.h"

static char folder[] = "/tmp/filterd-sockets-XXXXXX";
static char path[64], text[80];
static struct listener_settings settings;
static const struct socket_owner nobody_else = { (uid_t)-1, (gid_t)-1 };
static struct buffer problem;

static int
before(void **state)
{
	(void)state;
	settings = (struct listener_settings){
		.name = "in", .socket = text, .mode = "0660", .where = "filterd.conf:3"
	};
	buffer_free(&problem);
	return 0;
}

static int
after(void **state)
{
	(void)state;
	unlink(path);
	buffer_free(&problem);
	return 0;
}

static bool
open_it(struct listening *listening)
{
	bool opened = listening_open(listening, &settings, nobody_else, &problem);

	assert_int_equal(opened, listening->fd >= 0);
	assert_int_equal(opened, problem.length == 0);
	return opened;
}

static void
assert_problem(const char *part)
{
	if (!strstr(buffer_text(&problem), part))
		fail_msg("\"%s\" does not say \"%s\"", buffer_text(&problem), part);
}

static bool
can_connect(const struct listener_address *address)
{
	int fd = socket(address->family, SOCK_STREAM, 0);
	bool connected = connect(fd, &address->address.any, address->length) == 0;

	close(fd);
	return connected;
}

/* A port that nobody uses now. */
static void
pick_port(const char *form)
{
	struct sockaddr_in any = { .sin_family = AF_INET };
	socklen_t size = sizeof(any);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&any, size), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&any, &size), 0);
	close(fd);
	snprintf(text, sizeof(text), form, ntohs(any.sin_port));
}

/* ---- unix sockets ---- */

static void
test_a_unix_socket_has_its_mode(void **state)
{
	mode_t mask = umask(0);
	struct listening listening;
	struct stat file;

	(void)state;
	umask(mask);
	settings.mode = "0624";
	assert_true(open_it(&listening));
	assert_int_equal(stat(path, &file), 0);
	assert_true(S_ISSOCK(file.st_mode));
	assert_int_equal(file.st_mode & 07777, 0624);
	assert_int_equal(umask(mask), mask);
	assert_true(can_connect(&listening.address));
	listening_close(&listening);
	assert_int_equal(stat(path, &file), -1);
}

static void
test_a_unix_socket_has_its_owner(void **state)
{
	struct listening listening;
	struct stat file;

	(void)state;
	if (geteuid() != 0)
		skip();
	settings.owner = "daemon";
	settings.group = "4321";
	assert_true(open_it(&listening));
	assert_int_equal(stat(path, &file), 0);
	assert_int_equal(file.st_uid, 1);
	assert_int_equal(file.st_gid, 4321);
	listening_close(&listening);
}

static void
test_an_unknown_owner(void **state)
{
	struct listening listening;

	(void)state;
	settings.owner = "no-such-user";
	assert_false(open_it(&listening));
	assert_problem("filterd.conf:3: listener \"in\": unix:/");
	assert_problem("there is no user \"no-such-user\"\n");
	assert_int_equal(access(path, F_OK), -1);
}

static void
test_a_leftover_socket_is_replaced(void **state)
{
	struct listening first, second;

	(void)state;
	assert_true(open_it(&first));
	close(first.fd);
	assert_int_equal(access(path, F_OK), 0);
	assert_true(open_it(&second));
	assert_true(can_connect(&second.address));
	listening_close(&second);
}

static void
test_a_live_socket_is_left_alone(void **state)
{
	struct listening first, second;

	(void)state;
	assert_true(open_it(&first));
	assert_false(open_it(&second));
	assert_problem("another process is listening on it");
	assert_true(can_connect(&first.address));
	listening_close(&first);
}

static void
test_another_file_is_left_alone(void **state)
{
	struct listening listening;
	struct stat file;
	FILE *other = fopen(path, "w");

	(void)state;
	fclose(other);
	assert_false(open_it(&listening));
	assert_problem("is not a socket");
	assert_int_equal(stat(path, &file), 0);
	assert_true(S_ISREG(file.st_mode));
}

static void
test_only_its_own_file_is_removed(void **state)
{
	struct listening listening;
	FILE *other;

	(void)state;
	assert_true(open_it(&listening));
	unlink(path);
	other = fopen(path, "w");
	fclose(other);
	listening_close(&listening);
	assert_int_equal(access(path, F_OK), 0);
}

static void
test_a_socket_is_settled_anew(void **state)
{
	struct listening listening;
	struct stat file, again;

	(void)state;
	assert_true(open_it(&listening));
	assert_int_equal(stat(path, &file), 0);
	settings.mode = "0606";
	settings.owner = geteuid() == 0 ? "daemon" : NULL;
	assert_true(listening_settle(&listening, &settings, nobody_else, &problem));
	settings.mode = "0640";
	assert_true(listening_settle(&listening, &settings, nobody_else, &problem));
	assert_int_equal(stat(path, &again), 0);
	assert_int_equal(again.st_ino, file.st_ino);
	assert_int_equal(again.st_mode & 07777, 0640);
	assert_int_equal(again.st_uid, geteuid() == 0 ? 1 : geteuid());
	assert_true(can_connect(&listening.address));
	listening_close(&listening);
}

static void
test_a_file_in_its_place_is_not_settled(void **state)
{
	struct listening listening;
	struct stat file;
	FILE *other;

	(void)state;
	assert_true(open_it(&listening));
	assert_true(listening_is_at(&listening, text));
	assert_false(listening_is_at(&listening, "unix:/another/path"));
	unlink(path);
	assert_false(listening_is_at(&listening, text));
	other = fopen(path, "w");
	fclose(other);
	chmod(path, 0600);
	settings.mode = "0666";
	assert_false(listening_settle(&listening, &settings, nobody_else, &problem));
	assert_problem("somebody has replaced the socket");
	assert_int_equal(stat(path, &file), 0);
	assert_int_equal(file.st_mode & 07777, 0600);
	listening_close(&listening);
}

/* Whoever else has the socket: it listens no more. */
static void
test_closing_ends_listening_for_all(void **state)
{
	struct listening listening;
	int copy;

	(void)state;
	assert_true(open_it(&listening));
	copy = dup(listening.fd);
	assert_true(can_connect(&listening.address));
	listening_close(&listening);
	assert_false(can_connect(&listening.address));
	pick_port("inet:%d@127.0.0.1");
	assert_true(open_it(&listening));
	assert_int_equal(dup2(listening.fd, copy), copy);
	listening_close(&listening);
	assert_false(can_connect(&listening.address));
	close(copy);
}

static void
test_no_such_folder(void **state)
{
	struct listening listening;

	(void)state;
	settings.socket = "unix:/no/such/folder/socket";
	assert_false(open_it(&listening));
	assert_problem("No such file or directory");
}

static void
test_an_address_that_is_none(void **state)
{
	struct listening listening;

	(void)state;
	settings.socket = "tcp:25";
	assert_false(open_it(&listening));
	assert_problem("listener \"in\": tcp:25: expected unix:/PATH");
}

/* ---- ports ---- */

static void
test_a_port(void **state)
{
	struct listening listening, second;

	(void)state;
	pick_port("inet:%d@127.0.0.1");
	assert_true(open_it(&listening));
	assert_true(can_connect(&listening.address));
	assert_false(open_it(&second));
	assert_problem("another process is listening on it");
	listening_close(&listening);
	buffer_free(&problem);
	assert_true(open_it(&listening));
	listening_close(&listening);
}

/* IPv6 sockets leave the IPv4 port of the same number to others. */
static void
test_both_families_on_one_port(void **state)
{
	struct listening six, four;
	int port;

	(void)state;
	pick_port("inet6:%d@::");
	port = atoi(text + strlen("inet6:"));
	if (!listening_open(&six, &settings, nobody_else, &problem))
		skip();
	snprintf(text, sizeof(text), "inet:%d@0.0.0.0", port);
	assert_true(open_it(&four));
	listening_close(&four);
	listening_close(&six);
}

/* ---- the pid file ---- */

/* What a second process is told when it asks for the lock. */
static void
ask_in_a_child(void)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		char expected[64];
		int fd = pid_file_open(path);
		bool named = pid_file_owner(fd) == getppid();

		snprintf(expected, sizeof(expected), "its process id is %ld\n", (long)getppid());
		_exit(pid_file_take(path, &problem) == -1 && named &&
		    strstr(buffer_text(&problem), expected) ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void
test_one_master_holds_the_pid_file(void **state)
{
	char line[32] = "";
	FILE *file;
	int fd;

	(void)state;
	fd = pid_file_take(path, &problem);
	assert_true(fd >= 0);
	ask_in_a_child();
	file = fopen(path, "r");
	assert_non_null(fgets(line, sizeof(line), file));
	assert_int_equal(atol(line), getpid());
	fclose(file);
	pid_file_drop(path, fd);
	assert_int_equal(access(path, F_OK), -1);
}

static void
test_a_leftover_pid_file_means_nothing(void **state)
{
	FILE *file = fopen(path, "w");
	int fd;

	(void)state;
	fputs("1\n", file);
	fclose(file);
	fd = pid_file_open(path);
	assert_int_equal(pid_file_owner(fd), 0);
	close(fd);
	fd = pid_file_take(path, &problem);
	assert_true(fd >= 0);
	pid_file_drop(path, fd);
}

static void
test_no_pid_file_is_left_alone(void **state)
{
	static const char *const contents[] = { "root:x:0:0\n", "12 34\n", "12\n\n", "\n" };
	char line[32];
	FILE *file;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(contents) / sizeof(*contents); i++) {
		file = fopen(path, "w");
		fputs(contents[i], file);
		fclose(file);
		problem.length = 0;
		assert_int_equal(pid_file_take(path, &problem), -1);
		assert_non_null(strstr(buffer_text(&problem), "holds no process id\n"));
		file = fopen(path, "r");
		assert_true(fgets(line, sizeof(line), file) && contents[i][0] == line[0]);
		fclose(file);
	}
}

static int
before_unix(void **state)
{
	snprintf(path, sizeof(path), "%s/socket", folder);
	snprintf(text, sizeof(text), "unix:%s", path);
	return before(state);
}

static int
make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int
drop_folder(void **state)
{
	(void)state;
	return rmdir(folder);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, before_unix, after)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_unix_socket_has_its_mode),
		TEST(test_a_unix_socket_has_its_owner),
		TEST(test_an_unknown_owner),
		TEST(test_a_leftover_socket_is_replaced),
		TEST(test_a_live_socket_is_left_alone),
		TEST(test_another_file_is_left_alone),
		TEST(test_only_its_own_file_is_removed),
		TEST(test_a_socket_is_settled_anew),
		TEST(test_a_file_in_its_place_is_not_settled),
		TEST(test_closing_ends_listening_for_all),
		TEST(test_no_such_folder),
		TEST(test_an_address_that_is_none),
		TEST(test_a_port),
		TEST(test_both_families_on_one_port),
		TEST(test_one_master_holds_the_pid_file),
		TEST(test_a_leftover_pid_file_means_nothing),
		TEST(test_no_pid_file_is_left_alone),
	};

	return cmocka_run_group_tests_name("sockets", tests, make_folder, drop_folder);
}
