# SPDX-License-Identifier: BSD-2-Clause
"""The filterd of the cases, and asking its doctor."""

import json
import os
import socket
import subprocess
import time

HERE = os.path.dirname(os.path.realpath(__file__))
BUILD = os.environ["BUILD_DIR"]
PROGRAM = os.path.join(BUILD, "filterd/filterd")
RULES = os.path.join(BUILD, "plugins/rules")
ROOT = os.environ.get("BUILD_ROOT", os.path.join(HERE, "../../build"))
UNPACKED = os.path.realpath(os.path.join(ROOT, "mta"))

# What both MTAs are attached to. On every Debian there is a user "mail", and its group.
CONFIG = """\
control {folder}/control;
plugin-path {rules};
{top}
listener unix {{ socket unix:{queue}/filterd/milter.sock; {access} workers 1; chain {chain}; }}
listener inet {{ socket inet:{port}@127.0.0.1; workers 1; chain rules; }}
filter rules {{
    plugin rules;
    {filter}
    rule early {{ when {when}; reject 550 5.7.1 "no"; }}
}}
"""
HEALTHY = {
    "top": "",
    "filter": "",
    "when": 'helo == "bad.example"',
    "access": "group mail; mode 0660;",
    "chain": "rules",
}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Site:
    """A folder with the queue folder of a Postfix that does not run, and a filterd that does."""

    def __init__(self, folder):
        self.folder = folder
        self.queue = self.path("queue")
        self.port = free_port()
        self.config = self.path("filterd.conf")
        self.child = None
        os.makedirs(self.path("queue/filterd"))
        self.reset()

    def path(self, name):
        return os.path.join(self.folder, name)

    def reset(self):
        """The configuration, and modes of folders, as they are when nothing is wrong."""
        for name in ("queue", "queue/filterd"):
            os.chmod(self.path(name), 0o755)
        self.write()

    def write(self, control=None, **changes):
        """The configuration, with other texts in some of its places."""
        text = CONFIG.format(
            folder=self.folder, queue=self.queue, rules=RULES, port=self.port,
            **{**HEALTHY, **changes},
        )
        if control:
            text = text.replace(f"control {self.folder}/control;", f"control {control};")
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(text)

    def start(self):
        with open(self.path("log"), "wb") as log:
            self.child = subprocess.Popen(
                [PROGRAM, "run", "--foreground", "-c", self.config], stderr=log
            )
        end = time.monotonic() + 30
        while "serving" not in self.log():
            assert self.child.poll() is None and time.monotonic() < end, self.log()
            time.sleep(0.02)

    def log(self):
        with open(self.path("log"), encoding="utf-8", errors="replace") as file:
            return file.read()

    def stop(self):
        if self.child:
            self.child.terminate()
            self.child.wait(30)

    def doctor(self, *arguments, environment=None):
        """The exit status and what it said."""
        done = subprocess.run(
            [PROGRAM, "doctor", "-c", self.config, *arguments],
            env={**os.environ, **(environment or {})}, capture_output=True, text=True, timeout=60,
        )
        return done.returncode, done.stdout, done.stderr

    def findings(self, *arguments, environment=None):
        """The findings; the status must fit them."""
        status, said, complaints = self.doctor("--json", *arguments, environment=environment)
        assert said, f"status {status}: {complaints}"
        answer = json.loads(said)
        assert answer["daemon"] is None or answer["daemon"]["pid"] == self.child.pid, answer
        errors = [one for one in answer["findings"] if one["severity"] == "error"]
        lonely = [one["name"] for one in errors] == ["not-running"]
        assert status == (69 if lonely else 78 if errors else 0), (status, said)
        return answer["findings"]


def names(findings):
    return sorted({f"{one['severity']} {one['name']}" for one in findings})


def run_case(mta, fault, expected, cured):
    """Makes the fault in a healthy configuration: exactly the expected findings must come, and that
    of the first one's name be gone when what it says has been done."""
    fault(mta)
    findings = mta.findings()
    assert names(findings) == sorted(expected), findings
    if not (expected and cured):
        return
    done = [one for one in findings if one["name"] == expected[0].split()[1]]
    for finding in done:
        mta.cure(finding)
    again = names(mta.findings())
    assert expected[0] not in again, (done, again)


class Faults:
    """The cases of one MTA, which is what make() of a site gives."""

    def __init__(self, name, make):
        self.name, self.make, self.known = name, make, []

    def fault(self, name, *expected, cured=True):
        """A case: the function makes the fault; see run_case()."""

        def keep(function):
            self.known.append((name, function, expected, cured))
            return function

        return keep

    def cases(self):
        """The name and the function of each, which takes the site."""
        for name, function, expected, cured in self.known:
            yield (
                f"{self.name}: {name}",
                lambda site, f=function, e=expected, c=cured: run_case(self.make(site), f, e, c),
            )
