# SPDX-License-Identifier: BSD-2-Clause
"""How the daemon reloads its configuration, and drains."""

import os
import re
import signal
import socket
import stat
import subprocess
import threading
import time

from daemon import BUILD, PROGRAM, ask, await_that, case
from milter import Session
from service import listening, start_with

LOAD = os.path.join(BUILD, "tests/bench/load")
TURNED_AWAY = (b"y", b"421 4.3.2 Service shutting down\0")
SLOW = 10 if re.search("[at]san", BUILD) else 1  # a sanitizer's build takes its time


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def inet_listener(name, port):
    return f"listener {name} {{ socket inet:{port}@127.0.0.1; workers 1; chain first unruly second; }}\n"


def workers_of(d, generation):
    """Those that have said that they serve it."""
    found = re.findall(rf'pid=(\d+) event="worker of listener \S+ serves" generation={generation}\n', d.log())
    return {int(pid) for pid in found} & set(d.workers())


def refused(address):
    try:
        Session(address, begin=False).close()
    except (ConnectionRefusedError, FileNotFoundError):
        return True
    return False


def background(d, command):
    return subprocess.Popen(
        [PROGRAM, command, "-c", d.config], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


class Prober(threading.Thread):
    """Sessions one after the other, each of three messages; all that says the number of a generation, in
    rules, list and plugin, must be of one, and that no older than the one that was known to serve when the session began."""

    oldest = 1

    def __init__(self, address):
        super().__init__(daemon=True)
        self.address = address
        self.sessions = 0
        self.seen = set()
        self.wrong = None
        self.ending = False
        self.start()

    def run(self):
        try:
            while not self.ending:
                oldest = Prober.oldest
                found = self.session()
                assert len(found) == 12 and len(set(found)) == 1, f"judged by generations {found}"
                assert found[0] >= oldest, f"generation {found[0]} when {oldest} served"
                self.seen.add(found[0])
                self.sessions += 1
        except Exception as failure:
            self.wrong = repr(failure)

    def session(self):
        session = Session(self.address)
        found = [generation for _ in range(3) for generation in session.generations()]
        session.quit()
        return found

    def end(self):
        self.ending = True
        self.join(60)
        assert not self.wrong and self.sessions, f"{self.address}: {self.wrong}"


class Load(threading.Thread):
    """The load generator, again and again: no verdict may be an error, no connection refused."""

    def __init__(self, address):
        super().__init__(daemon=True)
        self.command = [LOAD, "--seconds", "2", "--warm-up", "0", "--think", "2", "--sessions", "20", address]
        self.said = []
        self.wrong = False
        self.ending = False
        self.start()

    def run(self):
        while not self.ending and not self.wrong:
            done = subprocess.run(self.command, capture_output=True, text=True, timeout=60)
            self.said.append(done.stdout + done.stderr)
            self.wrong = done.returncode != 0

    def end(self):
        self.ending = True
        self.join(90)
        messages = sum(int(count) for one in self.said for count in re.findall(r" messages=(\d+)", one))
        assert not self.wrong and messages > 20, "".join(self.said)


# ---- what a reload does ----


@case
def a_reload_under_which_rules_lists_and_plugins_change(d):
    d.write_plugin(1)
    d.write_generation(1)
    d.start()
    assert d.judged_by() == 1
    kept = Session(d.path("one"))
    assert len(kept.generations()) == 4
    d.write_plugin(2)
    d.write_generation(2)
    assert d.reload() == "generation 2 serves 1 listeners with 2 workers\n"
    assert d.judged_by() == 2
    assert set(kept.generations()) == {1}, "an open session has changed its rules"
    assert await_that(lambda: len(workers_of(d, 2)) == 2 and len(workers_of(d, 1)) == 1), d.log()
    kept.quit()
    assert await_that(lambda: len(d.workers()) == 2 and not workers_of(d, 1))
    d.stop()
    assert "worker died" not in d.log(), d.log()


@case
def twenty_reloads_under_load(d):
    port = free_port()
    top = d.listener("one") + inet_listener("two", port)
    d.write_plugin(1)
    d.write_generation(1, top)
    d.start()
    d.known_admin()  # so that its channel is open
    open_before = os.listdir(f"/proc/{d.child.pid}/fd")
    others = [Load(f"unix:{d.path('one')}"), Load(f"inet:{port}@127.0.0.1")]
    others += [Prober(d.path("one")), Prober(d.path("one")), Prober(("127.0.0.1", port))]
    for number in range(2, 22):
        d.write_plugin(number)
        d.write_generation(number, top, inside=f"fail-if {d.folder}/none-{number};")
        assert d.reload().startswith(f"generation {number} serves")
        Prober.oldest = number
        assert d.judged_by() == number and d.judged_by(("127.0.0.1", port)) == number
        time.sleep(0.05)
    for other in others:
        other.end()
    assert len(others[2].seen | others[3].seen) > 10, others[2].seen
    assert await_that(lambda: len(d.workers()) == 3), d.log()[-4000:]
    assert await_that(lambda: len(os.listdir(f"/proc/{d.child.pid}/fd")) == len(open_before))
    d.stop()
    for bad in ("worker died", "leaves", "level=error"):
        assert bad not in d.log(), d.log()[-8000:]


@case
def a_connection_that_says_nothing_yet_is_not_cut(d):
    d.write_generation(1)
    d.start()
    silent = [Session(d.path("one"), begin=False) for _ in range(8)]
    time.sleep(0.3)
    d.write_generation(2)
    d.reload()
    time.sleep(0.5)
    for session in silent:
        session.begin()
        assert set(session.generations()) == {1}
        session.quit()
    assert await_that(lambda: len(d.workers()) == 2)
    d.stop()


@case
def a_configuration_in_the_background(d):
    """It is found again, though the daemon has left its folder, and by its name alone."""
    d.write_generation(1)
    os.rename(d.config, d.path("first"))
    os.symlink("first", d.config)
    started = subprocess.run([PROGRAM, "run", "-c", "filterd.conf"], cwd=d.folder, timeout=60)
    assert started.returncode == 0 and d.judged_by() == 1
    os.unlink(d.config)
    d.write_generation(2)
    d.reload()
    assert d.judged_by() == 2
    status, said = d.call("stop")
    assert status == 0, said


@case
def sighup_reloads(d):
    d.write_generation(1)
    d.start()
    d.write_generation(2)
    os.kill(d.child.pid, signal.SIGHUP)
    assert await_that(lambda: "reloaded: generation 2 serves" in d.log())
    assert d.judged_by() == 2
    d.write_generation(3, inside="nonsense;")
    os.kill(d.child.pid, signal.SIGHUP)
    assert await_that(lambda: "generation 2 goes on serving" in d.log())
    assert 'unknown option \\"nonsense\\"' in d.log(), d.log()
    assert d.judged_by() == 2
    d.stop()


# ---- what keeps it from reloading ----


def must_fail_as_check_does(d):
    status, checked = d.call("check")
    assert status == 78 and checked, checked
    status, said = d.call("reload")
    # Where even the control socket is not to be found in the configuration, nobody has been asked.
    wanted = [checked + end for end in ("generation 1 goes on serving\n",
                                        "filterd reload: what serves goes on serving\n")]
    assert status == 78 and said in wanted, f"{said}\nbut check says\n{checked}"
    assert d.judged_by() == 1
    return said


@case
def mistakes_leave_the_old_generation_serving(d):
    d.write_generation(1)
    d.start()
    for top, inside in (
        (None, "crsh-if x;\nwhen helo === y;"),
        ("drain-limit never;\n" + d.listener("one"), "nonsense;"),
        (d.listener("one", "mode 0999; workers none;"), ""),
        (d.listener("one") + "list broken { file /nonexistent/list; }\n", ""),
        (d.listener("one") + "filter unused { plugin rules; rule a { discrd; } }\n", "nonsense;"),
        (d.listener("one") + d.listener("three").replace("unruly", "unrly"), ""),
        (d.listener("one") + "}\n", ""),
    ):
        d.write_generation(2, top, inside)
        must_fail_as_check_does(d)
    os.unlink(d.path("subjects"))
    must_fail_as_check_does(d)
    d.write_generation(2)
    d.reload()
    assert d.judged_by() == 2
    assert await_that(lambda: len(d.workers()) == 2), d.workers()
    d.stop()


@case
def a_plugin_that_does_not_start_leaves_the_old_generation_serving(d):
    options = f"fail-if {d.folder}/fail; crash-if {d.folder}/crash;"
    d.write_generation(1, inside=options)
    d.start()
    d.write_generation(2, inside=options)
    open(d.path("fail"), "w").close()
    assert "unruly" in must_fail_as_check_does(d)
    os.rename(d.path("fail"), d.path("crash"))
    assert 'filter "unruly" in its start callback' in must_fail_as_check_does(d)
    os.unlink(d.path("crash"))
    d.reload()
    assert d.judged_by() == 2
    d.stop()


@case
def a_socket_that_cannot_be_opened_leaves_the_old_generation_serving(d):
    d.write_generation(1)
    d.start()
    busy = socket.socket(socket.AF_UNIX)
    busy.bind(d.path("two"))
    busy.listen()
    d.write_generation(2, d.listener("one") + d.listener("two") + d.listener("three"))
    status, said = d.call("reload")
    assert status == 71 and "another process is listening on it" in said, said
    assert d.judged_by() == 1 and not os.path.exists(d.path("three"))
    busy.close()
    d.reload()
    assert d.judged_by() == 2 and d.judged_by("two") == 2
    d.stop()


@case
def an_owner_that_cannot_be_set_leaves_the_old_generation_serving(d):
    if os.geteuid() != 0:
        return
    d.write_generation(1, d.listener("one", "mode 0600; workers 1;"))
    os.chown(d.folder, 65534, -1)
    d.start(user=65534, group=65534, extra_groups=[])
    d.write_generation(2, d.listener("one", "mode 0666; owner daemon; workers 1;") + d.listener("two"))
    status, said = d.call("reload")
    assert status == 71 and "cannot set its owner and group" in said, said
    assert d.judged_by() == 1 and mode_of(d.path("one")) == 0o600 and not os.path.exists(d.path("two"))
    d.write_generation(2, d.listener("one"))
    d.reload()
    assert d.judged_by() == 2 and mode_of(d.path("one")) == 0o666
    d.stop()


@case
def only_so_many_generations_drain_at_a_time(d):
    if SLOW > 1:
        return
    top = d.listener("one", "workers 1;")
    d.write_generation(1, top)
    d.start()
    kept = []
    for number in range(2, 34):
        kept.append(Session(d.path("one")))
        assert set(kept[-1].generations()) == {number - 1}
        d.write_generation(number, top)
        d.reload()
    d.write_generation(34, top)
    status, said = d.call("reload")
    assert status == 75 and said.startswith("32 generations are draining"), said
    assert d.judged_by() == 33
    kept.pop(5).quit()
    assert await_that(lambda: len(d.workers()) == 32)
    assert d.reload().startswith("generation 34 serves")
    for session in kept:
        session.generations()
        session.quit()
    assert await_that(lambda: len(d.workers()) == 1)
    d.stop()


@case
def a_reload_during_a_reload_comes_after_it(d):
    waiting = f"wait-while {d.folder}/wait;"
    d.write_generation(1)
    d.start()
    open(d.path("wait"), "w").close()
    d.write_generation(2, inside=waiting)
    first = background(d, "reload")
    assert await_that(lambda: len(d.workers()) == 4)
    d.write_generation(3, inside=waiting)
    later = [background(d, "reload"), background(d, "reload")]
    os.kill(d.child.pid, signal.SIGHUP)
    time.sleep(2)  # until all have asked, on a busy machine too
    assert first.poll() is None and all(one.poll() is None for one in later)
    assert d.judged_by() == 1
    os.unlink(d.path("wait"))
    for process, generation in ((first, 2), (later[0], 3), (later[1], 3)):
        said = process.communicate(timeout=30)[0]
        assert process.returncode == 0 and said.startswith(f"generation {generation} serves"), said
    assert d.judged_by() == 3
    assert d.log().count("reloaded: ") == 2, d.log()
    d.stop()


@case
def a_reload_during_the_start_comes_after_it(d):
    """By itself, though nothing else happens."""
    waiting = f"wait-while {d.folder}/wait;"
    d.write_generation(1, inside=waiting)
    open(d.path("wait"), "w").close()
    d.begin()
    assert await_that(lambda: len(d.workers()) == 2 and os.path.exists(d.path("control")))
    asked = background(d, "reload")
    assert await_that(lambda: is_asked(d)), "nobody has asked"
    d.write_generation(2, inside=waiting)
    os.unlink(d.path("wait"))
    said = asked.communicate(timeout=30)[0]
    assert asked.returncode == 0 and said.startswith("generation 2 serves"), said
    assert d.judged_by() == 2
    d.stop()


def is_asked(d):
    """Whether somebody waits on the control socket: what was accepted there has its address too."""
    with open("/proc/net/unix", encoding="utf-8", errors="replace") as file:
        return sum(line.rstrip().endswith(" " + d.path("control")) for line in file) > 1


@case
def told_to_stop_during_a_reload(d):
    d.write_generation(1)
    d.start()
    open(d.path("wait"), "w").close()
    d.write_generation(2, inside=f"wait-while {d.folder}/wait;")
    both = [background(d, "reload")]
    assert await_that(lambda: len(d.workers()) == 4)
    both.append(background(d, "reload"))
    time.sleep(0.3)
    d.stop()
    for process in both:
        said = process.communicate(timeout=30)[0]
        assert process.returncode == 75 and said == "filterd is stopping\n", said


@case
def settings_that_hold_until_a_restart_are_named(d):
    d.write_generation(1)
    d.start()
    d.write_generation(2, "group 0;\n" + d.listener("one"))
    with open(d.config, encoding="utf-8") as file:
        text = file.read().replace(f"{d.folder}/control", f"{d.folder}/other")
    with open(d.config, "w", encoding="utf-8") as file:
        file.write(text)
    status, said = d.call("reload")
    assert status == 69 and "no filterd is running" in said, said
    done = subprocess.run(
        [PROGRAM, "reload", "--control", d.path("control")], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0 and done.stdout.splitlines()[1:] == [
        f'"{name}" has changed; that takes effect at a restart' for name in ("group", "control")
    ], done
    assert d.judged_by() == 2 and not os.path.exists(d.path("other"))
    d.stop()


@case
def no_daemon_to_reload(d):
    status, said = d.call("reload")
    assert status == 69 and said == f"filterd reload: {d.folder}/control: no filterd is running\n", said


@case
def who_may_not_ask_is_told_so(d):
    """Root is anybody's owner, until it has no capabilities."""
    os.mkdir(d.path("locked"), 0)
    powerless = ["setpriv", "--bounding-set=-all"] if os.geteuid() == 0 else []
    for command in ("status", "reload", "stop"):
        done = subprocess.run(
            [*powerless, PROGRAM, command, "--control", d.path("locked/control")],
            capture_output=True, text=True, timeout=60,
        )
        assert done.returncode == 77 and "only root and the daemon's user" in done.stderr, done


# ---- listeners ----


@case
def listeners_come_and_go(d):
    port, other = free_port(), free_port()
    d.write_generation(1, d.listener("one") + d.listener("two") + inet_listener("three", port))
    d.start()
    kept = Session(d.path("two")), Session(("127.0.0.1", port))
    for session in kept:
        assert set(session.generations()) == {1}
    before = os.stat(d.path("one")).st_ino
    d.write_generation(2, d.listener("one") + d.listener("four") + inet_listener("five", other))
    d.reload()
    assert os.stat(d.path("one")).st_ino == before and not os.path.exists(d.path("two"))
    assert await_that(lambda: refused(("127.0.0.1", port)), 3)
    for address in ("one", "four", ("127.0.0.1", other)):
        assert d.judged_by(address) == 2
    for session in kept:
        assert set(session.generations()) == {1}
        session.quit()
    d.write_generation(3, d.listener("one") + d.listener("two") + inet_listener("three", port))
    d.reload()
    for address in ("one", "two", ("127.0.0.1", port)):
        assert d.judged_by(address) == 3
    assert refused(d.path("four"))
    assert await_that(lambda: len(d.workers()) == 5)
    d.stop()
    assert refused(("127.0.0.1", port)) and not os.path.exists(d.path("one"))
    assert "worker died" not in d.log(), d.log()


def mode_of(path):
    return stat.S_IMODE(os.stat(path).st_mode)


@case
def a_changed_mode_or_owner_is_applied(d):
    d.write_generation(1)
    d.start()
    before = os.stat(d.path("one")).st_ino
    d.write_generation(2, d.listener("one", "mode 0600; workers 2;"))
    d.reload()
    assert mode_of(d.path("one")) == 0o600 and os.stat(d.path("one")).st_ino == before
    assert d.judged_by() == 2
    if os.geteuid() == 0:
        d.write_generation(3, d.listener("one", "mode 0640; owner nobody; group mail; workers 1;"))
        d.reload()
        found = os.stat(d.path("one"))
        assert (found.st_uid, found.st_gid, mode_of(d.path("one"))) == (65534, 8, 0o640)
    d.stop()


@case
def a_listener_with_another_name_has_the_same_socket(d):
    d.write_generation(1)
    d.start()
    before = os.stat(d.path("one")).st_ino
    d.write_generation(2, d.listener("one").replace("listener one", "listener renamed"))
    d.reload()
    assert os.stat(d.path("one")).st_ino == before and d.judged_by() == 2
    d.stop()
    assert not os.path.exists(d.path("one"))


@case
def a_socket_that_was_removed_comes_back(d):
    d.write_generation(1)
    d.start()
    os.unlink(d.path("one"))
    assert refused(d.path("one"))
    d.write_generation(2)
    d.reload()
    assert d.judged_by() == 2
    d.stop()


@case
def sockets_of_systemd_stay_open(d):
    handed = listening(d, "one")
    d.write_generation(1, d.listener("one") + d.listener("two"))
    start_with(d, handed)
    d.write_generation(2, d.listener("two"))
    d.reload()
    waiting = Session(d.path("one"), begin=False)
    d.write_generation(3, d.listener("one"))
    d.reload()
    waiting.begin()
    assert set(waiting.generations()) == {3}
    waiting.quit()
    d.stop()
    assert os.path.exists(d.path("one")) and not refused(d.path("one"))
    handed.close()


# ---- draining and stopping ----


def end_of(session):
    """Seconds until the daemon has closed the connection; it may say something before."""
    begin = time.monotonic()
    try:
        session.message()
        session.exactly(1)
    except ConnectionError:
        pass
    return time.monotonic() - begin


@case
def past_the_drain_limit_sessions_are_closed(d):
    d.write_generation(1, "drain-limit 1s;\n" + d.listener("one"))
    d.start()
    kept = Session(d.path("one"))
    assert set(kept.generations()) == {1}
    d.reload()
    time.sleep(0.3)
    assert set(kept.generations()) == {1}
    assert await_that(lambda: "generation 1 has not drained in time" in d.log()), d.log()
    kept.event(b"M", b"<a@example.net>\0", 0x4, 0x4000)
    assert kept.event(b"R", b"<b@example.com>\0", 0x8, 0x8000) == TURNED_AWAY
    assert await_that(lambda: len(d.workers()) == 2, 10)
    assert d.judged_by() == 1
    d.stop()


@case
def stop_drains(d):
    d.write_generation(1)
    d.start()
    kept = Session(d.path("one"))
    assert set(kept.generations()) == {1}
    stopping = background(d, "stop")
    assert await_that(lambda: refused(d.path("one")))
    time.sleep(1)
    assert set(kept.generations()) == {1} and stopping.poll() is None
    kept.quit()
    assert stopping.wait(10) == 0 and d.child.wait(1) == 0


@case
def stop_waits_for_generations_that_drain(d):
    d.write_generation(1)
    d.start()
    old = Session(d.path("one"))
    assert set(old.generations()) == {1}
    d.write_generation(2)
    d.reload()
    stopping = subprocess.Popen([PROGRAM, "stop", "--control", d.path("control")])
    time.sleep(0.5)
    assert set(old.generations()) == {1} and stopping.poll() is None
    old.quit()
    assert stopping.wait(10) == 0 and d.child.wait(1) == 0


@case
def stop_now_closes_sessions(d):
    d.write_generation(1)
    d.start()
    kept = Session(d.path("one"))
    assert set(kept.generations()) == {1}
    begin = time.monotonic()
    status, said = d.call("stop", "--now")
    assert status == 0 and d.child.wait(1) == 0, said
    assert time.monotonic() - begin < 6 * SLOW
    assert end_of(kept) < 1


@case
def stop_now_ends_a_drain(d):
    d.write_generation(1)
    d.start()
    kept = Session(d.path("one"))
    assert set(kept.generations()) == {1}
    stopping = background(d, "stop")
    assert await_that(lambda: refused(d.path("one")))
    done = subprocess.run([PROGRAM, "stop", "--now", "--control", d.path("control")], timeout=30)
    assert done.returncode == 0 and stopping.wait(5) == 0 and d.child.wait(1) == 0
    kept.close()


@case
def a_worker_that_dies_while_it_drains(d):
    d.write_generation(1, d.listener("one") + d.listener("two", "workers 1;"))
    d.start()
    first = Session(d.path("one"))
    second = Session(d.path("two"))
    assert set(first.generations()) == set(second.generations()) == {1}
    d.write_generation(2, d.listener("one") + d.listener("two", "workers 1;"))
    d.reload()
    assert await_that(lambda: len(workers_of(d, 1)) == 2)
    os.kill(min(workers_of(d, 1)), signal.SIGKILL)
    assert await_that(lambda: "worker died" in d.log())
    assert re.search('event="worker died".* generation=1 ', d.log()), d.log()
    time.sleep(0.5)
    assert len(workers_of(d, 1)) == 1 and await_that(lambda: len(d.workers()) == 4)
    ends = []
    for session in (first, second):
        try:
            ends.append(set(session.generations()) == {1})
            session.quit()
        except ConnectionError:
            ends.append(False)
    assert sorted(ends) == [False, True]
    assert d.judged_by() == d.judged_by("two") == 2
    assert await_that(lambda: len(d.workers()) == 3)
    d.stop()


# ---- one generation, one configuration ----


@case
def who_takes_the_place_of_a_dead_worker_has_its_configuration(d):
    os.mkdir(d.path("parts"))
    with open(d.path("parts/a.conf"), "w", encoding="utf-8") as file:
        file.write(d.listener("one"))
    d.write_generation(1, "include parts/*.conf;\n")
    d.start()
    with open(d.path("parts/b.conf"), "w", encoding="utf-8") as file:
        file.write("nonsense {")
    d.write_generation(2, inside="nonsense;")
    os.unlink(d.path("subjects"))
    for _ in range(2):
        before = d.workers()
        for worker in before:
            os.kill(worker, signal.SIGKILL)
        assert await_that(lambda: len(d.workers()) == 2 and not set(before) & set(d.workers()))
        assert d.judged_by() == 1
        os.path.exists(d.config) and os.unlink(d.config)
    assert "worker cannot start" not in d.log(), d.log()
    d.stop()


# ---- supervisors and the control socket ----


@case
def a_supervisor_is_told(d):
    box = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    box.bind(d.path("notify"))
    box.settimeout(20)
    d.write_generation(1)
    d.start(env={**os.environ, "NOTIFY_SOCKET": d.path("notify")})
    assert box.recv(200).startswith(b"READY=1\n")
    for number, inside in ((2, ""), (3, "nonsense;")):
        begin = time.monotonic_ns() // 1000
        d.write_generation(number, inside=inside)
        os.kill(d.child.pid, signal.SIGHUP)
        told = re.fullmatch(rb"RELOADING=1\nMONOTONIC_USEC=(\d+)", box.recv(200))
        assert begin <= int(told[1]) <= time.monotonic_ns() // 1000 + 1000
        told = box.recv(200)
        assert told.startswith(b"READY=1\nSTATUS=generation 2 serves"), told
        assert (b"failed" in told) == (number == 3), told
    subprocess.run([PROGRAM, "stop", "--pid-file", d.path("pid")], timeout=30, check=True)
    told = re.fullmatch(rb"STOPPING=1\nEXTEND_TIMEOUT_USEC=(\d+)", box.recv(200))
    assert int(told[1]) > 300_000_000
    assert d.child.wait(1) == 0
    box.close()


@case
def the_control_socket_bears_anything(d):
    d.write_generation(1)
    d.start()
    path = d.path("control")
    assert mode_of(path) == 0o600
    assert ask(path, b"ping\n") == b"status 0\ngeneration 1\n"
    assert ask(path, b"pi\0ng\nping\n").startswith(b"status 76\n")
    assert ask(path, b"make coffee\n").startswith(b"status 76\n")
    for wild in (b"x" * 300000, b"\0" * 300000):
        try:
            assert ask(path, wild) == b""
        except ConnectionError:
            pass
    silent = [socket.socket(socket.AF_UNIX) for _ in range(40)]
    for one in silent:
        one.settimeout(20)
        one.connect(path)
    time.sleep(0.2)
    assert d.judged_by() == 1
    begin = time.monotonic()
    assert silent[0].recv(1) == b"" and time.monotonic() - begin < 15
    assert ask(path, b"ping\n") == b"status 0\ngeneration 1\n"
    for one in silent:
        one.close()
    other = d.call("run", "--foreground")
    assert other[0] == 69, other
    d.stop()
    assert not os.path.exists(path)
