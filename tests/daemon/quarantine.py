# SPDX-License-Identifier: BSD-2-Clause
"""The quarantine store under a daemon: workers that are killed in the middle, a folder that cannot
be written to, limits, orders that the daemon carries out."""

import glob
import json
import os
import random
import signal
import socketserver
import subprocess
import threading
import time

from daemon import PROGRAM, RULES, Skip, ask, await_that, case
from milter import Session

CONFIG = """\
pid-file {folder}/pid;
control {folder}/control;
plugin-path {rules};
quarantine {{ store {store}; {more} }}
listener one {{ socket unix:{folder}/one; mode 0666; workers 2; chain rules; }}
filter rules {{
    plugin rules;
    rule hold {{ when exists header.X-Hold; quarantine "held"; }}
}}
"""
SENDERS = 4


def configure(own, more="", store=None):
    with open(own.config, "w", encoding="utf-8") as file:
        file.write(CONFIG.format(folder=own.folder, rules=RULES, store=store or own.path("store"), more=more))


def rows(own, *words):
    done = subprocess.run(
        [PROGRAM, "quarantine", "list", "-c", own.config, "--json", *words],
        capture_output=True, text=True, timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def hold(own, number):
    """What the daemon answers to a message of that number."""
    session = Session(own.path("one"))
    try:
        return session.message(X_Hold="yes", Message_ID=f"<{number}@example>", X_Padding=30000 * "x")
    finally:
        session.close()


@case
def messages_are_stored_and_the_mta_may_forget_them(own):
    configure(own)
    own.start()
    assert own.judge(Subject="plain") == b"c"
    assert hold(own, 1) == b"d"
    found = rows(own)
    assert [row["message_id"] for row in found] == ["<1@example>"], found
    assert 'stored=' + found[0]["id"] in own.log(), own.log()
    status = json.loads(own.call("status", "--json")[1])
    counted = status["listeners"][0]
    assert (counted["quarantine_stored"], counted["quarantine_failed"]) == (1, 0), counted
    assert counted["quarantine_stored_bytes"] == found[0]["size"]

    def holding():
        return json.loads(own.call("status", "--json")[1])["quarantine"]

    # It may be measured while the message is on its way into the store, and again ten seconds later.
    expected = {"held": 1, "releasing": 0, "released": 0}
    assert await_that(lambda: (holding() or {}).get("messages") == expected, 40), holding()
    told = holding()
    assert told["bytes"] == found[0]["size"] and told["oldest"] == found[0]["time"], told
    assert told["maximum_bytes"] == 1 << 30 and told["maximum_age_s"] == 30 * 86400, told
    own.stop()


@case
def workers_killed_in_the_middle_lose_nothing_that_was_answered(own):
    """What got an answer is in the store whole; what got none may be there, and then it is whole too."""
    configure(own)
    own.start()
    answered, over = [], threading.Event()

    def send(first):
        for number in range(first, 10**9, SENDERS):
            if over.is_set():
                return
            try:
                if hold(own, number) == b"d":
                    answered.append(number)
            except OSError:
                pass

    threads = [threading.Thread(target=send, args=(first,)) for first in range(SENDERS)]
    for thread in threads:
        thread.start()
    chance = random.Random(4711)
    for _ in range(6):
        wanted = len(answered) + 10
        assert await_that(lambda: len(answered) >= wanted, 60), own.log()[-3000:]
        time.sleep(chance.random() / 50)
        for worker in own.workers():
            try:
                os.kill(worker, signal.SIGKILL)
            except ProcessLookupError:
                pass
    over.set()
    for thread in threads:
        thread.join()
    found = {row["message_id"]: row for row in rows(own, "--limit", "100000")}
    lost = [number for number in answered if f"<{number}@example>" not in found]
    assert not lost, f"of {len(answered)}: {lost}"
    for row in found.values():
        assert os.path.getsize(own.path(f"store/messages/{row['id']}.eml")) == row["size"] > 30000
    os.unlink(own.path("store/index.db"))  # all of it is in the files too
    again = {row["message_id"] for row in rows(own, "--limit", "100000")}
    assert again >= set(found)  # who was killed before the index has what the files have
    own.stop()


@case
def without_room_the_message_is_put_off_and_there_is_one_log_line(own):
    configure(own)
    own.start()
    os.rename(own.path("store/new"), own.path("store/old"))
    os.rmdir(own.path("store/old"))
    session = Session(own.path("one"))
    assert session.message(X_Hold="yes") == b"y" and session.reply.startswith("451 4.3.0"), session.reply
    session.quit()
    assert own.log().count('event="cannot use quarantine"') == 1, own.log()
    assert glob.glob(own.path("store/messages/*")) == []
    own.stop()


@case
def a_store_that_cannot_be_used_keeps_the_daemon_from_starting(own):
    configure(own, store="/proc/no/such/folder")
    status, said = own.call("check")
    assert status == 78 and "cannot use the quarantine store /proc/no/such/folder" in said, said
    own.begin()
    assert own.child.wait(20) == 78, own.log()


@case
def old_messages_are_removed(own):
    configure(own, "maximum-age 1s;")
    own.start()
    assert hold(own, 1) == b"d"
    assert await_that(lambda: not rows(own), 40), own.log()
    assert glob.glob(own.path("store/messages/*")) == []
    assert "messages were removed from the quarantine" in own.log(), own.log()
    counted = json.loads(own.call("status", "--json")[1])["listeners"][0]
    assert counted["quarantine_removed"] == {"age": 1, "size": 0}, counted
    own.stop()


@case
def filterd_test_stores_nothing(own):
    configure(own)
    with open(own.path("message"), "wb") as file:
        file.write(b"From: a@example.org\nX-Hold: yes\n\nbody\n")
    status, said = own.call("test", own.path("message"))
    assert status == 0 and "would be stored in" in said and own.path("store") in said, said
    assert not os.path.exists(own.path("store"))


# ---- orders ----


class Mta(socketserver.ThreadingTCPServer):
    """Takes messages by SMTP; what it says to the end of one waits for `may_answer`."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self):
        self.messages, self.begun = [], threading.Semaphore(0)
        self.may_answer = threading.Event()
        self.may_answer.set()
        super().__init__(("127.0.0.1", 0), Smtp)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def setting(self):
        return f"release smtp inet:{self.server_address[1]}@127.0.0.1;"


class Smtp(socketserver.StreamRequestHandler):
    def say(self, text):
        self.wfile.write(text.encode() + b"\r\n")

    def handle(self):
        self.say("220 mta")
        for line in self.rfile:
            word = line.split()[0].upper()
            if word == b"DATA":
                self.say("354 go on")
                self.take()
            self.say("221 bye" if word == b"QUIT" else "250 ok")

    def take(self):
        lines = list(iter(self.rfile.readline, b".\r\n"))
        self.server.begun.release()
        self.server.may_answer.wait(60)
        self.server.messages.append(b"".join(lines))


def order(own, *words, config=True, **options):
    """The exit status of a release or deletion, and what it said."""
    if config:
        words = (*words, "-c", own.config)
    done = subprocess.run([PROGRAM, "quarantine", *words], capture_output=True, text=True, timeout=60, **options)
    return done.returncode, done.stdout + done.stderr


def states(own):
    return sorted(row["state"] for row in rows(own))


@case
def a_running_daemon_releases_and_deletes(own):
    mta = Mta()
    configure(own, mta.setting())
    own.start()
    for number in range(3):
        assert hold(own, number) == b"d"
    ids = {row["message_id"]: row["id"] for row in rows(own)}
    first, second, third = (ids[f"<{number}@example>"] for number in range(3))
    assert order(own, "release", first) == (0, f"{first}: released\n")
    assert len(mta.messages) == 1 and b"<0@example>" in mta.messages[0]
    by_socket = ("--control", own.path("control"))
    assert order(own, "release", *by_socket, second, config=False) == (0, f"{second}: released\n")
    status, said = order(own, "release", *by_socket, second, config=False)
    assert status == 69 and "it has been released; --again" in said, said
    status, said = order(own, "release", *by_socket, "--again", "--to", "x@example.com", second, config=False)
    assert status == 0 and len(mta.messages) == 3, said
    two = "x@example.com>\r\nRCPT TO:<y@example.com"
    assert order(own, "release", "--again", "--to", two, second)[0] == 64
    assert order(own, "delete", *by_socket, "--state", "held", config=False) == (0, f"{third}: deleted\n")
    assert order(own, "delete", *by_socket, "2", config=False)[0] == 64  # of several messages
    status, said = order(own, "delete", *by_socket, third, config=False)
    assert status == 66 and "there is no such message" in said, said
    assert order(own, "delete", *by_socket, config=False)[0] == 64
    log = own.log()
    assert log.count('event="quarantine order"') == 9, log
    assert f'did="{first}: released" user={os.getuid()}' in log, log
    own.stop()
    assert order(own, "release", "--again", first)[0] == 0  # nobody else is there to do it
    assert order(own, "release", *by_socket, first, config=False)[0] == 69
    mta.shutdown()


@case
def a_release_that_waits_keeps_nobody(own):
    """Neither who asked, nor the daemon, nor mail; and the daemon does not stop before it is done."""
    mta = Mta()
    mta.may_answer.clear()
    configure(own, mta.setting())
    own.start()
    assert hold(own, 1) == b"d"
    words = ("quarantine", "release", "-c", own.config, "--state", "held")
    asking = subprocess.Popen([PROGRAM, *words], stdout=subprocess.DEVNULL)
    assert mta.begun.acquire(timeout=20)
    asking.kill()
    asking.wait()
    assert states(own) == ["releasing"]
    assert own.judge(Subject="plain") == b"c"
    assert own.call("reload")[0] == 0
    status, said = order(own, "release", rows(own)[0]["id"])
    assert status == 75 and "somebody else is at work on it" in said, said
    own.child.terminate()
    time.sleep(0.5)
    mta.may_answer.set()
    assert own.child.wait(20) == 0
    assert states(own) == ["released"] and len(mta.messages) == 1
    mta.shutdown()


@case
def too_many_releases_at_the_same_time_are_put_off(own):
    mta = Mta()
    mta.may_answer.clear()
    configure(own, mta.setting())
    own.start()
    for number in range(9):
        assert hold(own, number) == b"d"
    ids = [row["id"] for row in rows(own)]
    words = ("quarantine", "release", "-c", own.config)
    asking = [subprocess.Popen([PROGRAM, *words, one], stdout=subprocess.DEVNULL) for one in ids[:8]]
    for _ in asking:
        assert mta.begun.acquire(timeout=20)
    status, said = order(own, "release", ids[8])
    assert status == 75 and "too many orders" in said, said
    mta.may_answer.set()
    assert [one.wait(20) for one in asking] == [0] * 8
    assert order(own, "release", ids[8])[0] == 0
    own.stop()
    mta.shutdown()


@case
def orders_for_another_store_are_not_the_daemons(own):
    """The configuration that the command reads counts, whatever daemon has the control socket."""
    configure(own, store=own.path("other"))
    own.start()
    assert hold(own, 1) == b"d"
    own.stop()
    configure(own)
    own.start()
    assert hold(own, 2) == b"d"
    configure(own, store=own.path("other"))
    status, said = order(own, "delete", "--newer", "1d")
    assert status == 0 and said.count("deleted") == 1, said
    assert states(own) == []
    configure(own)
    assert [row["message_id"] for row in rows(own)] == ["<2@example>"]
    assert "quarantine order" not in own.log()
    own.stop()


@case
def who_may_not_ask_the_daemon_may_not_order(own):
    if os.getuid() != 0:
        raise Skip("only root can be another user")
    configure(own)
    own.start()
    assert hold(own, 1) == b"d"
    for words in ((), ("--control", own.path("control"))):
        status, said = order(own, "delete", "--newer", "1d", *words, config=not words, user=65534, group=65534)
        assert status == 77, said
    assert states(own) == ["held"]
    own.stop()


@case
def what_is_no_order_harms_nobody(own):
    configure(own)
    own.start()
    path = own.path("control")
    for line in (b"quarantine \n", b"quarantine {\n", b"quarantine []\n", b'quarantine {"ids":[1]}\n',
                 b'quarantine {"ids":"x"}\n', b'quarantine {"to":1}\n', b"quarantine\n", b"\n"):
        assert ask(path, line).startswith(b"status 76\n"), line
    assert ask(path, b"ping\n").startswith(b"status 0\n")
    own.stop()
