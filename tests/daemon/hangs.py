# SPDX-License-Identifier: BSD-2-Clause
"""Filters that do not come back, or late: what it costs, and whom."""

import json
import os
import re
import time

from daemon import BUILD, await_that, case
from milter import Session

SLOW = os.path.join(BUILD, "tests/daemon/slow.so")

CONFIG = """\
pid-file {folder}/pid;
control {folder}/control;
log {{ level debug; }}
{top}
message {{ progress-interval 100ms; }}
listener mx {{ socket unix:{folder}/mx; workers {workers}; chain slow; }}
filter slow {{ plugin {plugin}; {inside} }}
"""


def write(d, top="", workers=1, inside="timeout 1s; hard-timeout 1500ms;"):
    with open(d.config, "w", encoding="utf-8") as file:
        file.write(
            CONFIG.format(folder=d.folder, top=top, workers=workers, plugin=SLOW, inside=inside)
        )


def counted(d):
    status, said = d.call("status", "--json")
    assert status == 0, said
    listener = json.loads(said)["listeners"][0]
    return listener, listener["filters"][0]


def is_cut(session, **fields):
    """Whether the daemon closes the connection under a message."""
    try:
        answer = session.message(**fields)
        raise AssertionError(f"an answer: {answer}")
    except ConnectionError:
        return True
    finally:
        session.close()


def lines(d, event):
    return [line for line in d.log().splitlines() if f'event="{event}"' in line]


def hangs(d, number=1):
    """A message in which the filter hangs, and no new connection goes to that worker any more; it
    is the so manyth."""
    assert is_cut(Session(d.path("mx")), X_Slow="hang")
    assert await_that(lambda: d.log().count("worker of listener mx drains") == number), d.log()
    return True


@case
def a_hang_costs_one_session(d):
    write(d)
    d.start()
    (first,) = d.workers()
    other = Session(d.path("mx"))
    assert other.message() == b"c"
    assert hangs(d)
    begin = time.monotonic()
    new = Session(d.path("mx"))
    assert new.message() == b"c"
    assert time.monotonic() - begin < 5, "the new worker is late"
    assert await_that(lambda: len(lines(d, "filter cut off")) == 1), d.log()
    line = lines(d, "filter cut off")[0]
    for part in ("filter=slow", "stage=message", "session=", "queue=4QUEUE1", "within 1500 ms",
                 "connection=closed"):
        assert part in line, line
    assert re.search(f"drains after a hang.* worker={first} filter=slow", d.log()), d.log()
    assert first in d.workers() and len(d.workers()) == 2
    listener, slow = counted(d)
    assert slow["hangs"] == 1 and slow["crashes"] == 0, slow
    assert listener["worker_restarts"] == 1, listener
    assert listener["workers"] == {"serving": 1, "draining": 1}, listener
    for _ in range(3):
        assert other.message() == new.message() == b"c"
    other.quit()
    assert await_that(lambda: first not in d.workers()), d.log()
    assert new.message() == b"c"
    listener, slow = counted(d)
    assert slow["hangs"] == 1 and listener["workers"] == {"serving": 1, "draining": 0}, listener
    assert listener["messages"]["accept"] == 9, listener
    assert "worker died" not in d.log(), d.log()
    new.quit()
    d.stop()


@case
def a_hang_at_rcpt_and_one_when_the_message_is_over(d):
    write(d, workers=2)
    d.start()
    stuck = Session(d.path("mx"))
    stuck.macros(b"M", "i", "4QUEUE2")
    stuck.event(b"M", b"<a@example.net>\0", 0x4, 0x4000)
    try:
        stuck.event(b"R", b"<hang@example.com>\0", 0x8, 0x8000)
        raise AssertionError("an answer at RCPT")
    except ConnectionError:
        pass
    assert await_that(lambda: "stage=rcpt" in "".join(lines(d, "filter cut off"))), d.log()
    assert await_that(lambda: len(d.workers()) == 2), d.log()
    assert await_that(lambda: d.judge("mx") == b"c"), d.log()
    assert is_cut(Session(d.path("mx")), X_Slow="end-hang")
    assert await_that(lambda: "stage=message" in "".join(lines(d, "filter cut off"))), d.log()
    assert await_that(lambda: len(d.workers()) == 2), d.log()
    assert d.judge("mx") == b"c"
    d.stop()


@case
def who_comes_back_late_is_an_error_and_much_later_is_cut_off(d):
    write(d, inside="timeout 200ms; hard-timeout 3s; on-error skip;")
    d.start()
    (first,) = d.workers()
    session = Session(d.path("mx"))
    assert session.message(X_Slow="sleep-700") == b"c" and session.progress >= 1
    assert "timed out after 200 ms" in d.log() and not lines(d, "filter cut off")
    assert d.workers() == [first]
    kept = Session(d.path("mx"))
    assert is_cut(session, X_Slow="sleep-5000")
    assert await_that(lambda: len(d.workers()) == 2), d.log()
    assert await_that(lambda: d.log().count("timed out after 200 ms") == 2), d.log()
    assert kept.message() == b"c"
    kept.quit()
    assert await_that(lambda: first not in d.workers()), d.log()
    assert counted(d)[0]["sessions_open"] == 0
    d.stop()


@case
def waits_of_the_host_keep_to_the_deadline(d):
    write(d, inside="timeout 300ms; hard-timeout 1h;")
    d.start()
    session = Session(d.path("mx"))
    begin = time.monotonic()
    assert session.message(X_Slow="wait") in b"ty" and time.monotonic() - begin >= 0.3
    assert 'stage=message cause="timed out after 300 ms" policy=tempfail' in d.log(), d.log()
    assert session.message() == b"c"
    session.quit()
    _, slow = counted(d)
    assert slow["timeouts"] == 1 and slow["hangs"] == 0, slow
    d.stop()


@case
def sessions_beside_a_hang_have_drain_limit(d):
    write(d, top="drain-limit 1s;")
    d.start()
    (first,) = d.workers()
    other = Session(d.path("mx"))
    assert other.message() == b"c"
    assert hangs(d)
    assert await_that(lambda: first not in d.workers(), 20), d.log()
    try:
        assert other.message() != b"c"
    except ConnectionError:
        pass
    assert d.judge("mx") == b"c"
    d.stop()


@case
def no_more_workers_drain_than_there_is_room_for(d):
    write(d, top="crash-limit 0;")
    d.start()
    kept = []
    for number in range(1, 8):
        kept.append(Session(d.path("mx")))
        assert kept[-1].message() == b"c"
        assert hangs(d, number)
        assert d.judge("mx") == b"c"
    assert await_that(lambda: len(d.workers()) == 7), d.workers()
    assert d.log().count("too many workers of generation 1 drain") == 1, d.log()
    try:
        kept[0].message()
        raise AssertionError("the first one is not gone")
    except ConnectionError:
        pass
    for session in kept[1:]:
        assert session.message() == b"c"
        session.quit()
    assert await_that(lambda: len(d.workers()) == 1), d.log()
    assert counted(d)[1]["hangs"] == 7
    d.stop()


@case
def a_filter_that_hangs_too_often_is_removed(d):
    write(d, top="crash-limit 2;", inside="timeout 1s; hard-timeout 1500ms; on-error skip;")
    d.start()
    assert hangs(d) and d.judge("mx") == b"c"
    assert hangs(d, 2)
    assert await_that(lambda: lines(d, "filter removed")), d.log()
    assert await_that(lambda: len(d.workers()) == 1), d.log()
    assert d.judge("mx", X_Slow="hang") == b"c"
    _, slow = counted(d)
    assert slow["hangs"] == 2 and slow["removed"] == 1, slow
    d.stop()


@case
def reloads_and_stops_do_not_wait_for_a_hang(d):
    write(d)
    d.start()
    (first,) = d.workers()
    kept = Session(d.path("mx"))
    assert kept.message() == b"c"
    assert hangs(d)
    d.reload()
    assert kept.message() == b"c" and first in d.workers()
    kept.quit()
    assert await_that(lambda: first not in d.workers()), d.log()
    assert is_cut(Session(d.path("mx")), X_Slow="hang")
    begin = time.monotonic()
    assert d.call("stop")[0] == 0 and d.child.wait(5) == 0
    assert time.monotonic() - begin < 20, "the stop waits"
    assert "worker died" not in d.log(), d.log()
