# SPDX-License-Identifier: BSD-2-Clause
"""Plugins that misbehave: what they cost, and what the log and the metrics say of it."""

import os
import re
import signal

from daemon import await_that, case
from milter import Session
from status import counted


def crash(d, how="abort", listener="one"):
    """A message that brings the worker down."""
    try:
        d.judge(listener, X_Unruly=how)
    except ConnectionError:
        return
    raise AssertionError("no crash")


CRASHES = {
    "segv": ("signal 11 (Segmentation fault)", "touch_nothing (unruly.so+0x"),
    "bus": ("signal 7 (Bus error)", "touch_past_file (unruly.so+0x"),
    "abort": ("signal 6 (Aborted)", "send_abort (unruly.so+0x"),
    "divide": ("signal 8 (Floating point exception)", "divide (unruly.so+0x"),
    "rubbish-code": ("signal 4 (Illegal instruction)", "run_rubbish (unruly.so+0x"),
    "fall": ("signal 11 (Segmentation fault)", "fall (unruly.so+0x"),
    "exit": ("left with status 70", None),
    "_exit": ("left with status 3", None),
}


@case
def a_crash_names_filter_stage_session_message_and_place(d):
    d.write(top="crash-limit 0;")
    d.start()
    other = Session(d.path("two"))
    for count, (how, (name, place)) in enumerate(CRASHES.items(), 1):
        crash(d, how)
        assert await_that(lambda: d.log().count("worker died") == count), d.log()
        line = [line for line in d.log().splitlines() if "worker died" in line][-1]
        for part in (name, "listener=one", "filter=unruly", "stage=message", "queue=4QUEUE1"):
            assert part in line, line
        assert re.search(r" session=\w+ ", line), line
        assert place in line if place else "backtrace" not in line, line
        if how == "fall":
            assert line.count("fall (unruly.so+0x") == 32, line
        assert await_that(lambda: len(d.workers()) == 3)
        assert d.judge() == b"c"
    assert other.message() == b"c"
    d.stop()


def crash_thrice(d):
    """On both listeners; then the filter is out, and all workers are new."""
    before = d.workers()
    for count, listener in enumerate(("one", "two", "one"), 1):
        crash(d, listener=listener)
        assert await_that(lambda: d.log().count("worker died") == count), d.log()
        assert await_that(lambda: len(d.workers()) == 3)
    assert await_that(lambda: d.log().count("filter removed") == 1), d.log()
    assert await_that(lambda: len(d.workers()) == 3 and not set(d.workers()) & set(before)), d.log()


@case
def a_filter_that_crashes_too_often_is_removed(d):
    d.start()
    crash_thrice(d)
    line = [line for line in d.log().splitlines() if "filter removed" in line][0]
    for part in ("level=error", "filter=unruly", "crashes=3", "window_s=600", "filterd reload"):
        assert part in line, line
    os.unlink(d.path("unruly.so"))  # nobody needs it now
    for listener in ("one", "two"):
        assert d.judge(listener) == b"y"
        assert d.judge(listener, X_Unruly="abort") == b"y"
        _, _, filters = counted(d, listener)
        assert filters["unruly"]["removed"] == 1, filters
    assert d.log().count("worker died") == 3 and 'event="filter failed"' not in d.log(), d.log()
    assert "REMOVED" in d.call("status")[1]
    for worker in d.workers():
        with open(f"/proc/{worker}/maps", encoding="utf-8") as maps:
            assert "unruly" not in maps.read()
    d.stop()


@case
def a_reload_brings_a_removed_filter_back(d):
    d.write(inside="on-error skip;")
    d.start()
    crash_thrice(d)
    assert d.judge() == b"c" and d.judge(X_Unruly="abort") == b"c"
    d.reload()
    _, _, filters = counted(d, "one")
    assert filters["unruly"]["removed"] == 0 and filters["unruly"]["crashes"] == 2, filters
    assert "REMOVED" not in d.call("status")[1]
    crash(d)
    d.stop()


@case
def sessions_outlast_the_removal_of_a_filter(d):
    d.start()
    session = Session(d.path("two"))
    for count in range(1, 4):
        crash(d)
        assert await_that(lambda: d.log().count("worker died") == count), d.log()
        assert await_that(lambda: len(d.workers()) >= 3)
    assert await_that(lambda: d.judge("two") == b"y"), d.log()
    assert session.message() == b"c"  # by the worker that it began with
    workers = len(d.workers())
    session.quit()
    assert workers == 4 and await_that(lambda: len(d.workers()) == 3), d.log()
    d.stop()


@case
def a_filter_whose_start_crashes_is_removed_while_it_serves(d):
    d.write(inside="on-error accept;")
    d.start()
    open(d.path("crash"), "w").close()
    for worker in d.workers():
        os.kill(worker, signal.SIGKILL)
    assert await_that(lambda: "filter removed" in d.log()), d.log()
    assert await_that(lambda: len(d.workers()) == 3)
    assert d.judge() == b"a" and d.judge("two") == b"a", d.log()
    d.stop()


@case
def being_killed_is_nobodys_crash(d):
    d.write(top="crash-limit 1;")
    d.start()
    for _ in range(3):
        worker = d.workers()[0]
        os.kill(worker, signal.SIGKILL)
        assert await_that(lambda: len(d.workers()) == 3 and worker not in d.workers())
    assert d.judge() == b"c" and "filter removed" not in d.log(), d.log()
    d.stop()
