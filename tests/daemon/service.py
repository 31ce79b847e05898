# SPDX-License-Identifier: BSD-2-Clause
"""What a supervisor such as systemd relies on: readiness, signs of life, sockets handed over."""

import os
import signal
import socket
import time

from daemon import await_that, case
from milter import Session

HAND_OVER = ["/bin/sh", "-c", 'LISTEN_PID=$$ LISTEN_FDS=1 exec "$@"', "sh"]


def notify_box(d):
    box = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    box.bind(d.path("notify"))
    box.settimeout(20)
    return box


def listening(d, name):
    handed = socket.socket(socket.AF_UNIX)
    handed.bind(d.path(name))
    handed.listen()
    return handed


def start_with(d, handed, **environment):
    """On the sockets that were handed over."""
    d.start(
        wrap=HAND_OVER,
        preexec_fn=lambda: os.dup2(handed.fileno(), 3),
        pass_fds=(3,),
        env={**os.environ, **environment},
    )


@case
def readiness_is_told(d):
    box = notify_box(d)
    d.start(env={**os.environ, "NOTIFY_SOCKET": d.path("notify")})
    assert box.recv(100).startswith(b"READY=1")
    d.stop()
    assert box.recv(100).startswith(b"STOPPING=1")
    box.close()


@case
def sockets_are_taken_over(d):
    handed = listening(d, "one")
    start_with(d, handed)
    handed.close()
    assert d.judge() == b"c" and d.judge("two") == b"c"
    d.stop()
    assert os.path.exists(d.path("one")) and not os.path.exists(d.path("two"))


@case
def a_watchdog_hears_that_the_master_lives(d):
    box = notify_box(d)
    wrap = ["/bin/sh", "-c", 'WATCHDOG_PID=$$ exec "$@"', "sh"]
    watched = {"NOTIFY_SOCKET": d.path("notify"), "WATCHDOG_USEC": "200000"}
    d.start(wrap=wrap, env={**os.environ, **watched})
    said = [box.recv(200) for _ in range(12)]
    assert said.count(b"WATCHDOG=1") == 11, said
    assert len([text for text in said if text.startswith(b"READY=1")]) == 1, said
    begin = time.monotonic()
    assert [box.recv(200) for _ in range(5)] == [b"WATCHDOG=1"] * 5
    assert time.monotonic() - begin > 0.3, "they come at half of the time, not all the time"
    os.kill(d.child.pid, signal.SIGSTOP)
    silence_follows(box)
    os.kill(d.child.pid, signal.SIGCONT)
    assert box.recv(200) == b"WATCHDOG=1"
    d.stop()
    box.close()


def silence_follows(box):
    """What was on its way has come, and nothing more does."""
    box.settimeout(1)
    try:
        for _ in range(20):
            box.recv(200)
    except socket.timeout:
        return
    finally:
        box.settimeout(20)
    raise AssertionError("a master that stands still gives signs of life")


@case
def nobody_wants_signs_of_life(d):
    box = notify_box(d)
    other = {"NOTIFY_SOCKET": d.path("notify"), "WATCHDOG_USEC": "20000", "WATCHDOG_PID": "1"}
    d.start(env={**os.environ, **other})
    assert box.recv(200).startswith(b"READY=1")
    assert d.judge() == b"c"
    d.stop()
    assert box.recv(200).startswith(b"STOPPING=1")
    box.close()


@case
def a_restart_with_sockets_handed_over_loses_no_session(d):
    handed = listening(d, "one")
    d.write_generation(1)
    start_with(d, handed)
    first = d.child
    old = Session(d.path("one"))
    assert set(old.generations()) == {1}
    first.send_signal(signal.SIGQUIT)
    assert await_that(lambda: d.log().count("worker of listener one drains") == 2)
    new = Session(d.path("one"), begin=False)
    assert first.poll() is None, "it waits for the open session"
    assert set(old.generations()) == {1}
    old.quit()
    assert first.wait(20) == 0, d.log()
    d.write_generation(2)
    start_with(d, handed)
    new.begin()
    assert set(new.generations()) == {2}
    new.quit()
    d.stop()
    handed.close()
