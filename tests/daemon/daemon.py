# SPDX-License-Identifier: BSD-2-Clause
"""The filterd of a case: a folder with a configuration, and the daemon that is started on it."""

import glob
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from milter import Session

BUILD = os.environ["BUILD_DIR"]
PROGRAM = os.path.join(BUILD, "filterd/filterd")
RULES = os.path.join(BUILD, "plugins/rules")
UNRULY = os.path.join(BUILD, "tests/daemon/unruly.so")
ADMIN = "filterd-admin"  # how the admin process calls itself

CONFIG = """\
pid-file {folder}/pid;
control {folder}/control;
{top}
listener one {{ socket unix:{folder}/one; mode 0666; workers 2; chain unruly; }}
listener two {{ socket unix:{folder}/two; mode 0600; workers 1; chain unruly; }}
filter unruly {{ plugin {folder}/unruly.so; crash-if {folder}/crash; {inside} }}
"""

# A generation that says its number at several stages. Its listeners come before.
GENERATION = """\
pid-file {folder}/pid;
control {folder}/control;
plugin-path {rules};
log {{ level debug; }}
{top}
filter first {{
    plugin rules;
    rule refuse {{ when recipient == "probe@example.com"; reject 550 5.7.1 "generation-{number}"; }}
    rule mark {{ when header.Subject == "probe"; add-header X-First "generation-{number}"; }}
}}
filter unruly {{ plugin {folder}/unruly.so; {inside} }}
filter second {{
    plugin rules;
    rule mark {{ when subject in @subjects; add-header X-Second "generation-{number}"; }}
}}
list subjects {{ file {folder}/subjects; }}
"""

LISTENER = "listener {name} {{ socket unix:{folder}/{name}; {options} chain first unruly second; }}\n"

EDITION = b"generation-%04d"

cases = []


class Skip(Exception):
    """A case cannot be tried here; says why."""


def case(function):
    cases.append(function)
    return function


class Daemon:
    """A folder with a configuration, and the filterd that is started on it."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="filterd-daemon-")
        os.chmod(self.folder, 0o755)
        shutil.copy(UNRULY, self.path("unruly.so"))
        self.config = self.path("filterd.conf")
        self.child = None
        self.write()

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, top="", inside=""):
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(CONFIG.format(folder=self.folder, top=top, inside=inside))

    def listener(self, name, options="mode 0666; workers 2;"):
        return LISTENER.format(folder=self.folder, name=name, options=options)

    def write_generation(self, number, top=None, inside=""):
        """Into the configuration: one whose messages show that number, three times."""
        with open(self.path("subjects"), "w", encoding="utf-8") as file:
            file.write(f"probe\nof generation {number}\n")
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(
                GENERATION.format(
                    folder=self.folder,
                    rules=RULES,
                    number=number,
                    top=top or self.listener("one"),
                    inside=inside,
                )
            )

    def write_plugin(self, number):
        """In the place of the plugin's file, as an upgrade does: one whose messages show that number too."""
        with open(UNRULY, "rb") as file:
            code = file.read()
        assert code.count(EDITION % 0) == 1
        with open(self.path("upgrade"), "wb") as file:
            file.write(code.replace(EDITION % 0, EDITION % number))
        os.rename(self.path("upgrade"), self.path("unruly.so"))

    def reload(self):
        status, said = self.call("reload")
        assert status == 0, f"status {status}: {said}{self.log()[-4000:]}"
        return said

    def judged_by(self, listener="one"):
        """The generation that judges a message on a new connection."""
        session = Session(listener if isinstance(listener, tuple) else self.path(listener))
        found = set(session.generations())
        session.quit()
        assert len(found) == 1, found
        return found.pop()

    def call(self, command, *arguments, **options):
        """The exit status of a command, and what it said."""
        done = subprocess.run(
            [PROGRAM, command, "-c", self.config, *arguments],
            capture_output=True, text=True, timeout=60, errors="replace", **options,
        )
        return done.returncode, done.stdout + done.stderr

    def begin(self, wrap=(), **options):
        """In the foreground; it may not serve yet."""
        command = [*wrap, PROGRAM, "run", "--foreground", "-c", self.config]
        with open(self.path("log"), "wb") as log:
            self.child = subprocess.Popen(command, stderr=log, **options)

    def start(self, wrap=(), **options):
        """In the foreground, once it serves."""
        self.begin(wrap, **options)
        await_that(lambda: "serving" in self.log() or self.child.poll() is not None)
        assert self.child.poll() is None, self.log()

    def stop(self):
        """Ends it with SIGTERM; it must leave by itself, in time and with status 0."""
        self.child.terminate()
        status = self.child.wait(20)
        assert status == 0, f"status {status}:\n{self.log()}"

    def log(self):
        with open(self.path("log"), encoding="utf-8", errors="replace") as file:
            return file.read()

    def workers(self, master=None):
        """A child that was forked a moment ago does not say yet that it is the admin process."""
        master = master or self.child.pid
        await_that(lambda: self.admin(master) or not children(master) or self.without_admin(), 5)
        return [pid for pid in children(master) if name_of(pid) != ADMIN]

    def without_admin(self):
        with open(self.config, encoding="utf-8") as file:
            return "listen none" in file.read()

    def admin(self, master=None):
        """The process id of the admin process; None: there is none."""
        found = [pid for pid in children(master or self.child.pid) if name_of(pid) == ADMIN]
        return found[0] if found else None

    def known_admin(self):
        """The same, once there is one."""
        assert await_that(self.admin), self.log()
        return self.admin()

    def judge(self, listener="one", **fields):
        session = Session(self.path(listener))
        try:
            return session.message(**fields)
        finally:
            session.close()

    def clean_up(self):
        if self.child and self.child.poll() is None:
            self.child.kill()
            self.child.wait()
        try:
            with open(self.path("pid"), encoding="ascii") as file:
                os.kill(int(file.read()), signal.SIGKILL)
        except (OSError, ValueError):
            pass
        shutil.rmtree(self.folder, ignore_errors=True)


def ask(path, request):
    """What comes back from a control socket."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(20)
        connection.connect(path)
        connection.sendall(request)
        answer = b""
        while more := connection.recv(4096):
            answer += more
    return answer


def children(pid):
    found = []
    for path in glob.glob("/proc/[0-9]*/stat"):
        try:
            with open(path, encoding="utf-8", errors="replace") as file:
                fields = file.read().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid and fields[0] != "Z":
            found.append(int(path.split("/")[2]))
    return sorted(found)


def name_of(pid):
    try:
        with open(f"/proc/{pid}/comm", encoding="utf-8") as file:
            return file.read().rstrip()
    except OSError:
        return None


def shared_memory(pid):
    """Of each part that the process can write to and share with others: inode, offset, size."""
    found = set()
    with open(f"/proc/{pid}/maps", encoding="utf-8") as file:
        for line in file:
            span, rights, offset, _, inode = line.split()[:5]
            if rights == "rw-s":
                begin, end = (int(part, 16) for part in span.split("-"))
                found.add((int(inode), int(offset, 16), end - begin))
    return found


def exists(pid):
    return os.path.exists(f"/proc/{pid}") and b"State:\tZ" not in open(f"/proc/{pid}/status", "rb").read()


def await_that(condition, seconds=15):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return condition()


def status_of(pid):
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        return dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)
