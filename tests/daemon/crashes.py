# SPDX-License-Identifier: BSD-2-Clause
"""Plugins that misbehave: what they cost, and what the log and the metrics say of it."""

import os
import re
import resource
import signal
import subprocess

from daemon import BUILD, PROGRAM, Skip, await_that, case
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
def a_crash_without_an_mta_is_told_too(d):
    """What came before is shown, and the crash is that of the last message named."""
    for name, field in (("good", "X-A: b"), ("worse", "X-Unruly: segv"), ("worst", "X-Unruly: exit")):
        with open(d.path(name), "w", encoding="ascii") as file:
            file.write(f"Subject: {name}\n{field}\n\nbody\n")
    status, said = d.call("test", d.path("good"))
    assert status == 0 and "verdict     accept" in said, said
    done = subprocess.run(
        [PROGRAM, "test", "-c", d.config, d.path("good"), d.path("worse"), d.path("good")],
        capture_output=True, text=True, timeout=60,
    )
    assert done.returncode == 70, done
    assert re.findall("^== .*/(.*)", done.stdout, re.M) == ["good", "worse"], done
    assert "verdict     accept" in done.stdout, done
    assert re.search(
        r"filterd test was killed by signal 11 \(Segmentation fault\) while it ran"
        r' filter "unruly" in its message callback', done.stderr,
    ), done
    assert "touch_nothing (unruly.so+0x" in done.stderr, done
    status, said = d.call("test", d.path("worst"))
    assert status == 70 and "filterd test left with status 70 while it ran filter" in said, said


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
    assert await_that(lambda: len(d.workers()) == 4), d.log()
    session.quit()
    assert await_that(lambda: len(d.workers()) == 3), d.log()
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


# ---- rubbish, and edits where there can be none ----


@case
def a_verdict_that_is_none_is_an_error(d):
    d.start()
    for how, number in (("verdict-99", 99), ("verdict-minus-1", -1)):
        session = Session(d.path("one"))
        assert session.message(X_Unruly=how) == b"y" and session.reply.startswith("451"), session.reply
        assert session.message() == b"c"
        session.quit()
        assert await_that(lambda: f"it returned {number}, which is no verdict" in d.log()), d.log()
    assert "worker died" not in d.log(), d.log()
    d.stop()


@case
def edits_after_the_verdict_are_none(d):
    d.start()
    session = Session(d.path("one"))
    for _ in range(3):
        assert session.message(X_Unruly="edit-late") == b"c" and not session.edits, session.edits
    assert session.message() == b"c" and not session.edits, session.edits
    session.quit()
    assert d.judge() == b"c" and "worker died" not in d.log(), d.log()
    d.stop()


@case
def a_kept_context_edits_nothing(d):
    d.write(
        top=f"""
        listener twice {{ socket unix:{d.path('twice')}; workers 1; chain unruly second; }}
        filter second {{ plugin {d.path('unruly.so')}; }}"""
    )
    d.start()
    session = Session(d.path("twice"))
    assert session.message(X_Unruly="edit-for-other") == b"c" and not session.edits, session.edits
    session.quit()
    d.stop()


# ---- memory ----


def limited(d, options, top=""):
    """Another listener, of one worker with these options."""
    d.write(top=f"{top} listener small {{ socket unix:{d.path('small')}; workers 1; chain unruly; {options} }}")


@case
def a_filter_that_allocates_without_end_costs_its_worker(d):
    if os.path.basename(BUILD) == "tsan":
        raise Skip("ThreadSanitizer cannot live with less memory than there is")
    limited(d, "memory-maximum 256m; memory-limit 0; maximum-sessions 10;", "crash-limit 0;")
    d.start()
    other = Session(d.path("one"))
    for count, how in enumerate(("allocate", "allocate-of-host"), 1):
        crash(d, how, "small")
        assert await_that(lambda: d.log().count("worker died") == count), d.log()
        line = [line for line in d.log().splitlines() if "worker died" in line][-1]
        assert "filter=unruly" in line and "listener=small" in line, line
        assert await_that(lambda: len(d.workers()) == 4)
        assert d.judge("small") == b"c"
    assert other.message() == b"c"
    d.stop()


@case
def a_filter_that_takes_more_than_it_may_fails(d):
    d.write(top="message { memory-limit 1m; }")
    d.start()
    session = Session(d.path("one"))
    assert session.message(X_Unruly="take-of-host") == b"y"
    assert session.message() == b"c"
    assert await_that(lambda: "it took more memory than memory-limit" in d.log()), d.log()
    d.stop()


@case
def a_worker_that_leaks_is_replaced(d):
    limited(d, "memory-limit 256m;")
    d.start()
    worker = worker_of(d, "small")
    waiting = Session(d.path("small"))
    for _ in range(10):
        assert d.judge("small", X_Unruly="leak") == b"c"
    assert await_that(lambda: "it passes memory-limit" in d.log(), 30), d.log()
    assert await_that(lambda: worker_of(d, "small") not in (None, worker))
    assert d.judge("small") == b"c"
    assert waiting.message() == b"c" and worker in d.workers()
    assert counted(d, "small")[1]["workers"] == {"serving": 1, "draining": 1}
    waiting.quit()
    assert await_that(lambda: worker not in d.workers())
    assert d.log().count("it passes memory-limit") == 1 and "worker died" not in d.log(), d.log()
    assert counted(d, "small")[1]["memory_restarts"] == 1
    d.stop()


@case
def a_memory_limit_that_is_too_small_is_no_limit(d):
    limited(d, "memory-limit 1m;")
    d.start()
    worker = worker_of(d, "small")
    for _ in range(3):
        assert d.judge("small") == b"c"
    assert await_that(lambda: "memory-limit is less than a worker needs at rest" in d.log())
    assert worker_of(d, "small") == worker
    d.stop()


# ---- overload ----


def worker_of(d, listener):
    """The worker that judges a message on a new connection; None: there is no telling yet."""
    before = len(d.log())
    d.judge(listener)
    found = re.search(rf" pid=(\d+) event=message .* listener={listener} ", d.log()[before:])
    return int(found[1]) if found else None


def fill(d, count):
    sessions = [Session(d.path("small")) for _ in range(count)]
    for session in sessions:
        assert session.message() == b"c"
    return sessions


@case
def beyond_the_limit_connections_are_told_to_come_again(d):
    limited(d, "maximum-sessions 3;")
    d.start()
    sessions = fill(d, 3)
    for _ in range(4):
        late = Session(d.path("small"), begin=False)
        command, text = late.begin()
        assert command == b"y" and text.startswith(b"421 4.3.2 Too busy"), (command, text)
        assert late.message() == b"y" and late.reply.startswith("421"), late.reply
        late.quit()
    for session in sessions:
        assert session.message() == b"c"
    assert d.log().count("event=overload ") == 1, d.log()
    _, listener, _ = counted(d, "small")
    assert listener["overload"] == {"tempfail": 4, "accept": 0}, listener
    for session in sessions:
        session.quit()
    assert await_that(lambda: 'event="overload is over"' in d.log() and "sessions=4" in d.log()), d.log()
    assert d.judge("small") == b"c"
    d.stop()


@case
def beyond_the_limit_connections_pass_unfiltered(d):
    limited(d, "maximum-sessions 1; overload accept;")
    d.start()
    sessions = fill(d, 1)
    late = Session(d.path("small"), begin=False)
    assert late.begin()[0] == b"a"
    assert late.message(X_Unruly="abort") == b"a"
    late.quit()
    assert sessions[0].message() == b"c" and "worker died" not in d.log(), d.log()
    assert counted(d, "small")[1]["overload"] == {"tempfail": 0, "accept": 1}
    sessions[0].quit()
    assert await_that(lambda: d.judge("small") == b"c")
    d.stop()


@case
def descriptors_are_made_to_suffice(d):
    limited(d, "maximum-sessions 2000;")

    def few(hard):
        return lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))

    d.start(preexec_fn=few(8300))
    assert await_that(lambda: counted(d, "small")[1]["descriptors_limit"] >= 8256)
    d.stop()
    os.chmod(d.folder, 0o777)
    user = {"user": "nobody"} if os.geteuid() == 0 else {}  # root may be able to raise it
    status, said = d.call("run", "--foreground", preexec_fn=few(4096), **user)
    assert status != 0 and "filterd.conf:" in said, said
    assert 'maximum-sessions 2000 of listener "small" needs 8256 descriptors and' in said, said
    assert "only 4096 are allowed" in said, said
