/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of reputation: a thread plays the daemon, on a socket in a folder of its own. */
#include <filterd/plugin_test.h>

#include "reputation.c"

static char folder[] = "/tmp/reputation-XXXXXX";
static char path[64];

/* ---- the daemon ---- */

struct daemon {
	pthread_t thread;
	int listener;
	const char *answer;	/* NULL: it says nothing, until the plugin closes */
	unsigned asked;
	char question[256];
};

static void *
serve(void *argument)
{
	struct daemon *daemon = argument;
	int fd;

	while ((fd = accept(daemon->listener, NULL, NULL)) >= 0) {
		ssize_t got = read(fd, daemon->question, sizeof(daemon->question) - 1);

		MF_CHECK(got > 0);
		daemon->question[got] = '\0';
		daemon->asked++;
		if (daemon->answer)
			MF_CHECK(write(fd, daemon->answer, strlen(daemon->answer)) > 0);
		else
			MF_CHECK(read(fd, &got, 1) == 0);
		close(fd);
	}
	return NULL;
}

static void
begin_daemon(struct daemon *daemon, const char *answer)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	memset(daemon, 0, sizeof(*daemon));
	daemon->answer = answer;
	daemon->listener = socket(AF_UNIX, SOCK_STREAM, 0);
	strcpy(address.sun_path, path);
	MF_CHECK(bind(daemon->listener, (struct sockaddr *)&address, sizeof(address)) == 0);
	MF_CHECK(listen(daemon->listener, 5) == 0);
	MF_CHECK(pthread_create(&daemon->thread, NULL, serve, daemon) == 0);
}

static void
end_daemon(struct daemon *daemon)
{
	shutdown(daemon->listener, SHUT_RDWR);	/* accept fails */
	MF_CHECK(pthread_join(daemon->thread, NULL) == 0);
	close(daemon->listener);
	unlink(path);
}

/* ---- tests ---- */

static struct mf_fake *
begin(void)
{
	struct mf_fake *f = mf_fake_create(&filterd_plugin);
	struct level *level;

	mf_fake_set(f, "socket", path);
	level = mf_fake_block(f, "level");
	level->above = 5;
	level->action = REFUSE;
	level->text = mf_fake_template(f, "Not from ${sender.domain}");
	level = mf_fake_block(f, "level");
	level->above = 2.5;
	mf_fake_template_field(f, "sender.domain", "example.org");
	mf_fake_connect(f, "client.example", "192.0.2.1");
	return f;
}

static void
test_good(void)
{
	struct mf_fake *f = begin();
	struct daemon daemon;

	begin_daemon(&daemon, "0.5 good\n");
	MF_CHECK(mf_fake_mail(f, "<alice@example.org>", NULL) == MF_CONTINUE);
	MF_CHECK(mf_fake_message(f) == MF_CONTINUE);
	MF_CHECK_TEXT(mf_fake_result(f, "reputation", 0), "good");
	MF_CHECK(mf_fake_score(f) == 0.5);
	MF_CHECK(mf_fake_edits(f) == 0);
	end_daemon(&daemon);
	MF_CHECK_TEXT(daemon.question, "192.0.2.1 alice@example.org\n");
	mf_fake_destroy(&f);
}

static void
test_tagged(void)
{
	struct mf_fake *f = begin();
	struct daemon daemon;

	begin_daemon(&daemon, "3 doubtful\n");
	MF_CHECK(mf_fake_mail(f, "<alice@example.org>", NULL) == MF_CONTINUE);
	mf_fake_message(f);
	MF_CHECK_TEXT(mf_fake_value(f, "X-Reputation", 0), " doubtful");
	end_daemon(&daemon);
	mf_fake_destroy(&f);
}

/* The second message within `keep` is answered from the table; a later one is not. */
static void
test_refused_and_kept(void)
{
	struct mf_fake *f = begin();
	struct daemon daemon;
	int i;

	begin_daemon(&daemon, "7 bad\n");
	for (i = 0; i < 2; i++) {
		MF_CHECK(mf_fake_mail(f, "<alice@example.org>", NULL) == MF_REJECT);
		MF_CHECK_TEXT(f->reply_text, "Not from example.org");
	}
	f->now += 301;
	MF_CHECK(mf_fake_mail(f, "<alice@example.org>", NULL) == MF_REJECT);
	end_daemon(&daemon);
	MF_CHECK(daemon.asked == 2);
	mf_fake_destroy(&f);
}

static void
check_error(const char *answer, const char *expected)
{
	struct mf_fake *f = begin();
	struct daemon daemon;

	f->timeout = answer ? 10000 : 50;
	begin_daemon(&daemon, answer);
	MF_CHECK(mf_fake_mail(f, "<alice@example.org>", NULL) == MF_ERROR);
	MF_CHECK(strstr(f->error, expected) != NULL);
	end_daemon(&daemon);
	mf_fake_destroy(&f);
}

static void
test_two_lines(void)
{
	struct mf_fake *f = begin();

	MF_CHECK(mf_fake_mail(f, "<a@example.org\n192.0.2.9 b@example.org>", NULL) == MF_REJECT);
	MF_CHECK(f->reply_code == 553);
	mf_fake_destroy(&f);
}

static void
test_no_daemon(void)
{
	struct mf_fake *f = begin();

	MF_CHECK(mf_fake_mail(f, "<alice@example.org>", NULL) == MF_ERROR);
	MF_CHECK(strstr(f->error, "No such file") != NULL);
	mf_fake_destroy(&f);
}

int
main(void)
{
	MF_CHECK(mkdtemp(folder) != NULL);
	snprintf(path, sizeof(path), "%s/socket", folder);
	test_good();
	test_tagged();
	test_refused_and_kept();
	check_error("what?\n", "not a score and a word");
	check_error("1 good", "closed without an answer");
	check_error(NULL, "does not answer in time");
	test_two_lines();
	test_no_daemon();
	rmdir(folder);
	return 0;
}
