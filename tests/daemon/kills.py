# SPDX-License-Identifier: BSD-2-Clause
"""Processes that are killed or stopped, while mail flows: what is lost is what they were working on."""

import os
import signal
import threading
import time

from daemon import await_that, case, exists
from milter import Session
from reloads import SLOW, background, free_port, inet_listener, refused, workers_of

AT_ONCE = 5 * SLOW  # seconds; the daemon promises one, on a machine that does nothing else


class Clients:
    """Sessions one after the other, of several messages, in some threads. A session that is cut is
    counted and is no failure; a wrong verdict is one, and so is a connection that is refused."""

    def __init__(self, *addresses, threads=4):
        self.messages = 0
        self.cut = 0
        self.wrong = []
        self.ending = False
        self.lock = threading.Lock()
        self.threads = [
            threading.Thread(target=self.run, args=(addresses[n % len(addresses)],), daemon=True)
            for n in range(threads)
        ]
        for thread in self.threads:
            thread.start()

    def run(self, address):
        while not self.ending and not self.wrong:
            try:
                self.session(address)
            except (ConnectionRefusedError, FileNotFoundError) as failure:
                self.wrong.append(repr(failure))
            except ConnectionError:
                with self.lock:
                    self.cut += 1
            except Exception as failure:
                self.wrong.append(repr(failure))

    def session(self, address):
        session = Session(address)
        try:
            judged = set()
            for _ in range(5):
                judged |= set(session.generations())
                with self.lock:
                    self.messages += 1
                assert len(judged) == 1, f"a session of generations {judged}"
            session.quit()
        finally:
            session.close()

    def go_on(self, count=40):
        """Waits for that many messages more."""
        wanted = self.messages + count
        assert await_that(lambda: self.messages >= wanted or self.wrong, 30 * SLOW), "mail has stopped"
        assert not self.wrong, self.wrong

    def end(self):
        self.ending = True
        for thread in self.threads:
            thread.join(60)
        assert not self.wrong, self.wrong


def kill(*pids, number=signal.SIGKILL):
    for pid in pids:
        os.kill(pid, number)


def listeners(d):
    """A unix and an inet one, with three workers; their configuration, and addresses."""
    port = free_port()
    return d.listener("one") + inet_listener("two", port), (d.path("one"), ("127.0.0.1", port))


def start(d, top):
    d.write_generation(1, top)
    d.start()
    assert await_that(lambda: len(workers_of(d, 1)) == 3)


def serve_under_load(d):
    """The configuration of the listeners, and their clients."""
    top, addresses = listeners(d)
    start(d, top)
    clients = Clients(*addresses)
    clients.go_on()
    return top, clients


def slow_reload(d, top):
    """To a second generation, whose workers load until the file "wait" is gone."""
    open(d.path("wait"), "w").close()
    d.write_generation(2, top, f"wait-while {d.folder}/wait;")
    loading = background(d, "reload")
    assert await_that(lambda: len(d.workers()) == 6)
    return loading


# ---- workers ----


@case
def workers_killed_under_load(d):
    """Each in turn: its sessions are cut, no others, and another one is there at once."""
    _, clients = serve_under_load(d)
    for victim in d.workers():
        before, cut = set(d.workers()), clients.cut
        begin = time.monotonic()
        kill(victim)
        assert await_that(lambda: len(workers_of(d, 1)) == 3 and set(d.workers()) != before), d.log()
        took = time.monotonic() - begin
        assert took < AT_ONCE, f"the next worker took {took:.1f} s"
        clients.go_on()
        assert clients.cut - cut <= 4, "more sessions were cut than there are"
    clients.end()
    assert d.log().count('event="worker died"') == 3, d.log()[-4000:]
    d.stop()


@case
def sessions_of_other_workers_go_on(d):
    d.write_generation(1)
    d.start()
    assert await_that(lambda: len(workers_of(d, 1)) == 2)
    sessions = [Session(d.path("one")) for _ in range(40)]
    workers = d.workers()
    alive = sessions
    for victim in workers:
        kill(victim)
        assert await_that(lambda: not exists(victim))
        assert await_that(lambda: len(d.workers()) == 2)
        alive = [session for session in alive if goes_on(session)]
        assert (not alive) == (victim == workers[-1]), f"{len(alive)} sessions of a dead worker"
    assert d.judged_by() == 1
    d.stop()


def goes_on(session):
    try:
        assert set(session.generations()) == {1}
        return True
    except ConnectionError:
        session.close()
        return False


@case
def all_workers_killed_at_once(d):
    """Connections wait until there are workers again; none is refused."""
    _, clients = serve_under_load(d)
    kill(*d.workers())
    assert await_that(lambda: len(workers_of(d, 1)) == 3), d.log()
    clients.go_on()
    clients.end()
    d.stop()


@case
def a_worker_that_is_killed_while_it_loads(d):
    """The reload fails and says why; the next one does not."""
    top, clients = serve_under_load(d)
    loading = slow_reload(d, top)
    serving = workers_of(d, 1)
    kill(max(set(d.workers()) - serving))
    os.unlink(d.path("wait"))
    said = loading.communicate(timeout=60)[0]
    assert loading.returncode == 78 and "signal 9 (Killed)" in said, said
    assert await_that(lambda: set(d.workers()) == serving), d.log()
    clients.go_on()
    d.reload()
    clients.go_on()
    clients.end()
    assert d.judged_by() == 2
    assert clients.cut == 0, f"{clients.cut} sessions were cut"
    d.stop()


@case
def a_serving_worker_that_is_killed_during_a_reload(d):
    """Another one takes its place, and the reload goes on."""
    top, clients = serve_under_load(d)
    loading = slow_reload(d, top)
    victim = min(workers_of(d, 1))
    kill(victim)
    assert await_that(lambda: len(d.workers()) == 6 and victim not in d.workers())
    assert loading.poll() is None
    os.unlink(d.path("wait"))
    assert loading.wait(60) == 0, loading.communicate()
    assert await_that(lambda: len(d.workers()) == 3), d.log()
    clients.go_on()
    clients.end()
    assert d.judged_by() == 2
    d.stop()


# ---- stopped, not dead ----


@case
def a_stopped_worker_holds_up_nobody_else(d):
    """Connections go to others; a reload is done with, and what hangs goes on when it can."""
    d.write_generation(1)
    d.start()
    assert await_that(lambda: len(workers_of(d, 1)) == 2)
    victim = min(d.workers())
    kill(victim, number=signal.SIGSTOP)
    clients = Clients(d.path("one"))
    clients.go_on()
    d.write_generation(2)
    d.reload()
    assert d.judged_by() == 2
    clients.go_on()
    assert victim in d.workers()
    kill(victim, number=signal.SIGCONT)
    assert await_that(lambda: set(d.workers()) == workers_of(d, 2)), d.log()
    clients.end()
    assert clients.cut == 0, f"{clients.cut} sessions were cut"
    d.stop()


@case
def a_stopped_worker_does_not_keep_it_from_stopping(d):
    d.write_generation(1)
    d.start()
    assert await_that(lambda: len(workers_of(d, 1)) == 2)
    kill(min(d.workers()), number=signal.SIGSTOP)
    d.child.terminate()
    assert await_that(lambda: "stopping: " in d.log())
    assert d.child.poll() is None
    time.sleep(1.2)  # who asks again within a second may not mean it
    d.child.terminate()
    assert d.child.wait(20) == 0 and "stopping at once" in d.log()


# ---- the master ----


def end_of_all(workers):
    return await_that(lambda: not any(exists(worker) for worker in workers), AT_ONCE)


def kill_master(d):
    """And wait for nothing but that it is dead; its workers."""
    workers = d.workers()
    d.child.kill()
    d.child.wait()
    return workers


def starts_again(d, workers, number):
    """On what was left behind, though workers of before may still be dying."""
    d.start()
    assert end_of_all(workers), "workers without a master"
    assert d.judged_by() == number


@case
def the_master_killed_under_load(d):
    top, addresses = listeners(d)
    start(d, top)
    for _ in range(3):
        clients = Clients(*addresses, threads=8)
        clients.go_on()
        workers = kill_master(d)
        clients.ending = True
        clients.wrong.clear()
        assert os.path.exists(d.path("one")) and os.path.exists(d.path("pid"))
        starts_again(d, workers, 1)
        assert len(d.workers()) == 3
    d.stop()
    left = set(os.listdir(d.folder)) - {"filterd.conf", "unruly.so", "subjects", "log"}
    assert not left, left


@case
def the_master_killed_during_a_reload(d):
    top, _ = listeners(d)
    start(d, top)
    loading = slow_reload(d, top)
    workers = kill_master(d)
    os.unlink(d.path("wait"))
    said = loading.communicate(timeout=20)[0]
    assert loading.returncode != 0 and said, said
    starts_again(d, workers, 2)
    d.stop()


@case
def the_master_killed_while_it_drains(d):
    d.write_generation(1)
    d.start()
    old = Session(d.path("one"))
    assert set(old.generations()) == {1}
    d.write_generation(2)
    d.reload()
    new = Session(d.path("one"))
    stopping = background(d, "stop")
    assert await_that(lambda: refused(d.path("one")))
    assert set(old.generations()) == {1} and set(new.generations()) == {2}
    workers = kill_master(d)
    stopping.wait(20)
    assert end_of_all(workers)
    for session in (old, new):
        assert not goes_on(session)
    starts_again(d, workers, 2)
    d.stop()


@case
def the_master_killed_with_a_stopped_worker(d):
    start(d, listeners(d)[0])
    kill(*d.workers(), number=signal.SIGSTOP)
    starts_again(d, kill_master(d), 1)
    d.stop()
