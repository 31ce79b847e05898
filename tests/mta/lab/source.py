# SPDX-License-Identifier: BSD-2-Clause
"""Mail in quantity: Postfix's own smtp-source, which gives up at the first reply that refuses."""

import os
import subprocess
import threading

from .failure import Failure
from .ports import HOST

BATCH = 50  # messages of one run


class Source(threading.Thread):
    """Sends batches until it is told to end. Messages have the token in their subject."""

    def __init__(self, unpacked, port, token, sessions=10):
        super().__init__(daemon=True)
        postfix = os.path.join(unpacked, "postfix")
        self.command = [
            os.path.join(postfix, "usr/sbin/smtp-source"),
            *("-s", str(sessions), "-m", str(BATCH), "-l", "2000"),
            *("-f", "alice@example.org", "-t", "bob@example.net", "-S", token),
            f"inet:{HOST}:{port}",
        ]
        self.environment = {**os.environ, "LD_LIBRARY_PATH": os.path.join(postfix, "usr/lib/postfix")}
        self.sent = 0
        self.failure = None
        self.ending = False
        self.start()

    def run(self):
        while not self.ending and self.failure is None:
            done = subprocess.run(
                self.command, env=self.environment, capture_output=True, text=True, check=False
            )
            if done.returncode == 0:
                self.sent += BATCH
            else:
                self.failure = f"status {done.returncode}: {done.stdout}{done.stderr}"

    def end(self):
        """How many messages were taken; a Failure when one was not."""
        self.ending = True
        self.join(120)
        if self.failure or self.is_alive():
            raise Failure(f"smtp-source: {self.failure}")
        return self.sent
