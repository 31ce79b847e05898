# SPDX-License-Identifier: BSD-2-Clause
"""The quarantine store under a daemon: workers that are killed in the middle, a folder that cannot
be written to, limits, reloads."""

import glob
import json
import os
import random
import signal
import subprocess
import threading
import time

from daemon import PROGRAM, RULES, await_that, case
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
    own.stop()


@case
def filterd_test_stores_nothing(own):
    configure(own)
    with open(own.path("message"), "wb") as file:
        file.write(b"From: a@example.org\nX-Hold: yes\n\nbody\n")
    status, said = own.call("test", own.path("message"))
    assert status == 0 and "would be stored in" in said and own.path("store") in said, said
    assert not os.path.exists(own.path("store"))
