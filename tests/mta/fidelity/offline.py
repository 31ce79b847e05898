# SPDX-License-Identifier: BSD-2-Clause
"""What `filterd test` says becomes of a message: the program's own model, without an MTA."""

import json
import os
import subprocess

from lab.failure import Failure


def judge(filterd, name, content, sender, recipients, folder):
    """(verdict, sender, recipients, bytes of the message) as it would be delivered."""
    given, made = os.path.join(folder, name, "given"), os.path.join(folder, name, "made")
    with open(given, "wb") as file:
        file.write(content)
    command = [filterd.program, "test", "-c", filterd.config, "--json", "--output", made]
    command += ["--from", sender, *(word for one in recipients for word in ("--rcpt", one))]
    done = subprocess.run([*command, given], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Failure(f"filterd test: status {done.returncode}: {done.stdout}{done.stderr}")
    said = json.loads(done.stdout)
    with open(made, "rb") as file:
        return said["verdict"], said["sender"], said["recipients"], file.read()
