# SPDX-License-Identifier: BSD-2-Clause
"""Children: started in a process group of their own, ended by process id, each with a log file."""

import os
import signal
import subprocess
import time


class Child:
    """A program that runs until stop(); its output goes to the end of the file log."""

    def __init__(self, command, log, environment=None):
        self.log = log
        with open(log, "ab") as output:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={**os.environ, **(environment or {})},
                start_new_session=True,
            )

    @property
    def running(self):
        return self.process.poll() is None

    def terminate(self):
        """Ask the program to end, without waiting for it."""
        if self.running:
            self.process.send_signal(signal.SIGTERM)

    def wait(self, seconds):
        """Its exit status; None when it still runs after so many seconds."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def stop(self, seconds=15):
        """End the program and whatever is left of its process group; its exit status."""
        self.terminate()
        status = self.wait(seconds)
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        return self.process.wait() if status is None else status


def tail(path, lines=15):
    """The last lines of a file, as text; a missing file is empty."""
    try:
        with open(path, "rb") as file:
            text = file.read().decode("utf-8", "replace")
    except FileNotFoundError:
        return ""
    return "\n".join("    " + line for line in text.splitlines()[-lines:])


def wait_until(truth, seconds, interval=0.02):
    """Poll until truth() holds; its value, false when the time is over."""
    end = time.monotonic() + seconds
    while True:
        value = truth()
        if value or time.monotonic() > end:
            return value
        time.sleep(interval)
