# SPDX-License-Identifier: BSD-2-Clause
"""What a supervisor such as systemd relies on: readiness, signs of life, sockets handed over."""

import os
import signal
import socket
import threading
import time

from daemon import await_that, case, status_of
from milter import Session

HAND_OVER = ["/bin/sh", "-c", 'LISTEN_PID=$$ LISTEN_FDS=1 exec "$@"', "sh"]


class NotifyBox(threading.Thread):
    """Where sd_notify(3) sends to: it takes everything at once, for a full one would stop the master."""

    def __init__(self, d):
        super().__init__(daemon=True)
        self.path = d.path("notify")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.said = []
        self.start()

    def run(self):
        while text := self.socket.recv(1000).decode():
            self.said.append(text)

    def has(self, begin):
        return any(text.startswith(begin) for text in self.said)

    def beats(self):
        return self.said.count("WATCHDOG=1")

    def close(self):
        self.socket.sendto(b"", self.path)
        self.join(10)
        self.socket.close()


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
    box = NotifyBox(d)
    d.start(env={**os.environ, "NOTIFY_SOCKET": box.path})
    assert await_that(lambda: box.said), "it says that it is ready"
    d.stop()
    box.close()
    assert [text.partition("\n")[0] for text in box.said] == ["READY=1", "STOPPING=1"], box.said


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
    box = NotifyBox(d)
    wrap = ["/bin/sh", "-c", 'WATCHDOG_PID=$$ exec "$@"', "sh"]
    d.start(wrap=wrap, env={**os.environ, "NOTIFY_SOCKET": box.path, "WATCHDOG_USEC": "200000"})
    assert await_that(lambda: box.has("READY=1")), box.said
    begin, before = time.monotonic(), box.beats()
    assert await_that(lambda: box.beats() >= before + 5), box.said
    assert time.monotonic() - begin > 0.3, "they come at half of the time, not all the time"
    os.kill(d.child.pid, signal.SIGSTOP)
    assert await_that(lambda: status_of(d.child.pid)["State"].startswith("T"))
    time.sleep(0.1)  # for what is on its way
    before = box.beats()
    time.sleep(1)
    assert box.beats() == before, "a master that stands still says nothing"
    os.kill(d.child.pid, signal.SIGCONT)
    assert await_that(lambda: box.beats() > before), box.said
    d.stop()
    box.close()


@case
def nobody_wants_signs_of_life(d):
    box = NotifyBox(d)
    other = {"NOTIFY_SOCKET": box.path, "WATCHDOG_USEC": "20000", "WATCHDOG_PID": "1"}
    d.start(env={**os.environ, **other})
    assert d.judge() == b"c"
    d.stop()
    box.close()
    assert box.has("READY=1") and not box.beats(), box.said


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
