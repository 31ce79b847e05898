# SPDX-License-Identifier: BSD-2-Clause
"""Messages through `filterd test`, and what there is to say of the result."""

import json
import os
import subprocess


class Skip(Exception):
    """A case cannot run here; its text says why."""


class Verdict:
    """What became of one message."""

    def __init__(self, report, content):
        self.report = report
        self.content = content

    @property
    def verdict(self):
        return self.report["verdict"]

    @property
    def reply(self):
        return json.dumps(self.report.get("reply"))

    @property
    def rules(self):
        return [rule["rule"]
                for one in self.report["filters"] for rule in one.get("rules", [])]

    @property
    def results(self):
        return [result["result"] for result in self.report["results"]
                if result["method"] == "attachments"]


class Judge:
    """filterd test in a folder of its own."""

    def __init__(self, folder):
        self.folder = folder
        self.filterd = os.environ["FILTERD"]
        self.plugins = os.environ["FILTERD_PLUGINS"]
        self.source = os.environ["SRC_DIR"]
        self.count = 0

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, content):
        with open(self.path(name), "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
        return self.path(name)

    def config(self, filters):
        """A configuration with these filter blocks; all in the chain `attachments`."""
        return self.write("filterd.conf", f"plugin-path {self.plugins};\n"
                          "listener inbound { socket inet:8891@127.0.0.1; chain attachments; }\n"
                          f"filter attachments {{ plugin attachments; {filters} }}\n")

    def run(self, *arguments):
        return subprocess.run([self.filterd, "test", *arguments], capture_output=True,
                              timeout=120, check=False)

    def judge(self, filters, message):
        """The verdict on a message, bytes with CRLF, by rules of the plugin."""
        config = self.config(filters)
        path = self.write("message.eml", message)
        output = self.path("output.eml")
        if os.path.exists(output):
            os.unlink(output)
        done = self.run("-c", config, "--from", "a@example.org", "--rcpt", "b@example.org",
                        "--json", "--output", output, path)
        if done.returncode not in (0, 1) or not done.stdout:
            raise AssertionError(f"exit {done.returncode}: {done.stderr.decode()}")
        content = b""
        if os.path.exists(output):
            with open(output, "rb") as file:
                content = file.read()
        return Verdict(json.loads(done.stdout.splitlines()[0]), content)


def suites(folder):
    """The folder of a published suite."""
    base = os.environ.get("SUITES", os.path.join(os.environ["SRC_DIR"], "../../../../shared/suites"))
    for candidate in (os.environ.get("SUITES"), base, "../shared/suites"):
        if candidate and os.path.isdir(os.path.join(candidate, folder)):
            return os.path.join(candidate, folder)
    raise Skip(f"the suite {folder} is not here")
