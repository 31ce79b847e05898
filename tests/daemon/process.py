# SPDX-License-Identifier: BSD-2-Clause
"""How the daemon starts, fails, is watched and stops."""

import fcntl
import glob
import json
import os
import pwd
import re
import signal
import socket
import subprocess
import time

from daemon import PROGRAM, await_that, case, exists, shared_memory, status_of
from milter import Session

# ---- check, and mistakes ----


@case
def check_of_a_good_configuration(d):
    status, said = d.call("check")
    assert status == 0 and said == f"OK: {d.config} (listeners: 2, filters: 1, lists: 0)\n", said


@case
def check_of_a_folder_for_recordings(d):
    d.write(top=f"record {{ folder {d.path('nowhere')}; }}")
    status, said = d.call("check")
    assert status == 78 and f"folder of recordings {d.path('nowhere')}: No such file" in said, said
    os.mkdir(d.path("nowhere"))
    status, said = d.call("check")
    assert status == 0, said


@case
def every_mistake_once_for_check_and_run_alike(d):
    d.write(inside="crsh-if x; when helo === y;")
    status, checked = d.call("check")
    assert status == 78 and 'unknown option "crsh-if"' in checked, checked
    assert len(re.findall(r"^\S+:\d+:\d+: ", checked, re.M)) == 2, checked
    for foreground in ([], ["--foreground"]):
        status, said = d.call("run", *foreground)
        assert status == 78 and said == checked, said
    assert not os.path.exists(d.path("one")) and not os.path.exists(d.path("pid"))


@case
def a_crash_in_start_is_named(d):
    open(d.path("crash"), "w").close()
    for command in (["check"], ["run"], ["run", "--foreground"]):
        status, said = d.call(*command)
        assert status == 78 and "signal 6 (Aborted)" in said, said
        assert 'filter "unruly" in its start callback' in said, said


@case
def a_socket_that_cannot_be_opened(d):
    busy = socket.socket(socket.AF_UNIX)
    busy.bind(d.path("one"))
    busy.listen()
    for arguments in ([], ["--foreground"]):
        status, said = d.call("run", *arguments)
        assert status == 71 and "another process is listening on it" in said, said
    assert not os.path.exists(d.path("two"))
    busy.close()


@case
def a_user_that_cannot_read_the_configuration(d):
    if os.geteuid() != 0:
        return
    d.write(top="user nobody;")
    os.chmod(d.config, 0o600)
    status, said = d.call("run", "--foreground")
    assert status == 78 and said.count("cannot read") == 1, said


@case
def a_user_that_cannot_read_a_list(d):
    if os.geteuid() != 0:
        return
    d.write(top="user nobody; list l { file secret.list; }")
    with open(d.path("secret.list"), "w", encoding="ascii") as file:
        os.fchmod(file.fileno(), 0o600)
    for command in (["check"], ["run"], ["run", "--foreground"]):
        status, said = d.call(*command)
        assert status == 78 and said.count("Permission denied for user nobody") == 1, said


# ---- background, pid file, stop ----


@case
def in_the_background(d):
    status, said = d.call("run")
    assert status == 0, said
    with open(d.path("pid"), encoding="ascii") as file:
        master = int(file.read())
    assert d.judge() == b"c"
    assert len(d.workers(master)) == 3
    status, said = d.call("run")
    assert status == 69 and f"its process id is {master}" in said, said
    assert d.judge() == b"c"
    status, said = d.call("stop")
    assert status == 0 and not exists(master), said
    assert sorted(os.listdir(d.folder)) == ["filterd.conf", "unruly.so"], os.listdir(d.folder)
    status, said = d.call("stop")
    assert status == 69 and "no filterd is running" in said, said


@case
def stopped_by_its_pid_file(d):
    d.start()
    stopped = subprocess.run([PROGRAM, "stop", "--pid-file", d.path("pid")], timeout=30)
    assert stopped.returncode == 0 and d.child.wait(5) == 0


@case
def a_link_to_the_lock_of_another_daemon_stops_nobody(d):
    with open(d.path("lock"), "w", encoding="ascii") as lock:
        d.child = subprocess.Popen(["sleep", "1000"], pass_fds=(lock.fileno(),), preexec_fn=lambda:
            fcntl.lockf(lock, fcntl.LOCK_EX))
    os.symlink("lock", d.path("pid"))
    os.mkfifo(d.path("fifo"))
    for name in ("pid", "fifo"):
        command = [PROGRAM, "stop", "--now", "--pid-file", d.path(name)]
        stopped = subprocess.run(command, timeout=30, capture_output=True)
        assert stopped.returncode == 66, stopped
    assert d.child.poll() is None
    os.unlink(d.path("pid"))


@case
def idle_sessions_do_not_hold_it(d):
    d.start()
    session = Session(d.path("one"))
    begin = time.monotonic()
    d.stop()
    assert time.monotonic() - begin < 10
    session.close()


@case
def signals_to_the_whole_group(d):
    """As a terminal sends them: workers leave it to the master."""
    d.start(start_new_session=True)
    os.killpg(d.child.pid, signal.SIGHUP)
    assert await_that(lambda: "reloaded" in d.log()), d.log()
    assert d.judge() == b"c"
    os.killpg(d.child.pid, signal.SIGINT)
    assert d.child.wait(20) == 0
    assert "worker died" not in d.log(), d.log()


@case
def sigquit_to_the_whole_group(d):
    """It has the master drain, and ends no worker."""
    d.start(start_new_session=True)
    kept = Session(d.path("one"))
    assert kept.message() == b"c"
    os.killpg(d.child.pid, signal.SIGQUIT)
    assert await_that(lambda: "draining, then stopping" in d.log()), d.log()
    assert kept.message() == b"c"
    kept.quit()
    assert d.child.wait(20) == 0
    assert "worker died" not in d.log(), d.log()


# ---- watching workers ----


@case
def a_killed_worker_is_replaced(d):
    d.start()
    before = d.workers()
    for worker in before:
        os.kill(worker, signal.SIGKILL)
    assert await_that(lambda: len(d.workers()) == 3 and not set(d.workers()) & set(before))
    assert d.log().count("worker died") == 3, d.log()
    assert d.judge() == b"c" and d.judge("two") == b"c"
    d.stop()


@case
def workers_that_die_young_are_replaced_ever_later(d):
    d.start()
    open(d.path("crash"), "w").close()
    os.kill(d.workers()[0], signal.SIGKILL)
    assert await_that(lambda: "listener one have died 2 times in a row" in d.log()), d.log()
    assert 'while it ran filter \\"unruly\\" in its start callback' in d.log(), d.log()
    os.unlink(d.path("crash"))
    assert await_that(lambda: len(d.workers()) == 3)
    d.stop()


@case
def workers_die_with_the_master(d):
    d.start()
    workers = d.workers()
    d.child.kill()
    d.child.wait()
    assert await_that(lambda: not any(exists(worker) for worker in workers), 5)
    d.start()  # on the sockets and the pid file that were left behind
    assert d.judge() == b"c"
    d.stop()


# ---- privileges, supervisors, log ----


@case
def workers_drop_privileges(d):
    if os.geteuid() != 0:
        return
    nobody = pwd.getpwnam("nobody")
    d.write(top="user nobody;")
    d.start()
    assert status_of(d.child.pid)["Uid"].split()[0] == "0"
    for worker in d.workers():
        status = status_of(worker)
        assert status["Uid"].split() == [str(nobody.pw_uid)] * 4, status
        assert status["Gid"].split() == [str(nobody.pw_gid)] * 4, status
        assert status["Groups"].split() in ([], [str(nobody.pw_gid)]), status
        assert status["NoNewPrivs"] == "1" and int(status["CapEff"], 16) == 0, status
    assert os.stat(d.path("two")).st_uid == nobody.pw_uid
    assert os.stat(d.path("two")).st_mode & 0o777 == 0o600
    assert d.judge("two") == b"c"
    d.stop()


@case
def workers_share_no_memory_but_the_stages_of_filters(d):
    d.start()
    d.reload()
    assert await_that(lambda: len(d.workers()) == 3)
    first, *others = [shared_memory(pid) for pid in d.workers()]
    for other in others:
        common = first & other
        assert common and max(size for _, _, size in common) <= 65536, common
        assert max(size for _, _, size in other) > 65536, "its notes are its own"
    d.stop()


@case
def no_plugin_starts_as_root_because_of_a_mistake(d):
    if os.geteuid() != 0:
        return
    os.mkdir(d.path("roots"), 0o700)
    open(d.path("roots/file"), "w").close()
    only_root_fails = f"fail-if {d.folder}/roots/file;"
    d.write(top="mistake;", inside=only_root_fails)
    assert "does not start" in d.call("check")[1], "root would see the file"
    for user in ("user nobody;", "group nogroup;\nuser nobody;"):
        d.write(top=user + " mistake;", inside=only_root_fails)
        for command in (["check"], ["run"], ["run", "--foreground"]):
            status, said = d.call(*command)
            assert status == 78 and 'unknown option "mistake"' in said, said
            assert "does not start" not in said, said
    d.write(top="user nobody;", inside=only_root_fails)
    d.start()
    d.write(top="usr nobody;", inside=only_root_fails)
    status, said = d.call("reload")
    assert status == 78 and 'unknown option "usr"' in said and "does not start" not in said, said
    d.stop()


@case
def an_unknown_user_hides_no_mistake(d):
    if os.geteuid() != 0:
        return
    d.write(top="user no-such-user; mistake;")
    status, said = d.call("check")
    assert status == 78 and 'unknown option "mistake"' in said, said
    assert said.count('there is no user "no-such-user"') == 1, said


@case
def log_lines_are_json(d):
    d.write(top="log { format json; level debug; }")
    d.start()
    assert d.judge() == b"c"
    d.stop()
    lines = [json.loads(line) for line in d.log().splitlines()]
    assert {"time", "level", "pid", "event"} <= set(lines[0])
    assert [line for line in lines if line["event"] == "message"][0]["queue"] == "4QUEUE1", lines
