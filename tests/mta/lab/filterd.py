# SPDX-License-Identifier: BSD-2-Clause
"""The filterd under test: one daemon at a time, always on the same two sockets."""

import os
import signal
import socket
import subprocess
from dataclasses import dataclass

from .failure import Failure
from .ports import HOST, answers, free_ports, port_answers
from .process import Child, tail, wait_until

ADMIN = "filterd-admin"  # how the admin process calls itself

CONFIG = """\
plugin-path {plugins};
control {control};
admin {{ listen unix:{control}.admin; }}
log {{
    to    stderr;
    level info;
}}
listener unix {{
    socket unix:{socket};
    mode   0666;
    chain  {chain};
    {listener}
}}
listener inet {{
    socket inet:{port}@{host};
    chain  {chain};
    {listener}
}}
{filters}"""


@dataclass
class Chain:
    """What the filters are: their names, in order, and their blocks of the configuration."""

    names: tuple
    filters: str
    listener: str = ""  # more options of both listeners


def name_of(pid):
    """What a process calls itself; None when it is gone."""
    try:
        with open(f"/proc/{pid}/comm", encoding="utf-8") as file:
            return file.read().rstrip()
    except OSError:
        return None


def rules_alone(statements):
    """The chain that has one filter, of the rules plugin."""
    return Chain(("rules",), f"filter rules {{\n    plugin rules;\n{statements}}}\n")


class Filterd:
    """name is what its files are called, and its socket for the MTA; the first one's is 'unix'."""

    def __init__(self, program, plugins, folder, name="filterd"):
        self.program = program
        self.plugins = plugins
        self.folder = folder
        self.config = os.path.join(folder, name + ".conf")
        self.log = os.path.join(folder, name + ".log")
        self.path = os.path.join(folder, name + ".sock")
        self.control = os.path.join(folder, name + ".control")
        self.port = free_ports(1)[0]
        self.child = None

    def sockets(self, postfix):
        """All sockets of milters, those that a case may start too, as the MTA writes them."""
        others = {
            name: f"unix:{os.path.join(self.folder, name)}.sock"
            for name in ("second", "signer", "verifier")
        }
        inet = f"inet:{HOST}:{self.port}" if postfix else f"inet:{self.port}@{HOST}"
        return {"unix": f"unix:{self.path}", "inet": inet, **others}

    def another(self, name):
        """A filterd beside this one."""
        return Filterd(self.program, self.plugins, self.folder, name)

    def start(self, rules):
        """Run with a Chain, or with statements of the rules plugin alone.

        Returns once both sockets take connections.
        """
        self.write(rules)
        command = [self.program, "run", "--foreground", "-c", self.config]
        self.child = Child(command, self.log)
        wait_until(lambda: self.is_complete() or not self.child.running, 30)
        if not self.is_complete():
            raise Failure(f"filterd did not start:\n{tail(self.log)}")

    def write(self, rules):
        """The configuration; a running filterd reads it when it reloads."""
        chain = rules if isinstance(rules, Chain) else rules_alone(rules)
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(
                CONFIG.format(
                    plugins=self.plugins,
                    control=self.control,
                    socket=self.path,
                    port=self.port,
                    host=HOST,
                    chain=" ".join(chain.names),
                    listener=chain.listener,
                    filters=chain.filters,
                )
            )

    def reload(self, rules):
        """Have the running daemon serve with these statements; a Failure unless it does."""
        self.write(rules)
        done = subprocess.run(
            [self.program, "reload", "-c", self.config],
            capture_output=True,
            text=True,
            timeout=60,
        )
        if done.returncode != 0:
            raise Failure(f"filterd reload: status {done.returncode}:\n{done.stdout}{done.stderr}")

    def is_complete(self):
        """It serves, and the admin process is there too, so that no other child is taken for a worker."""
        return self.listening() and ADMIN in map(name_of, self.children())

    def listening(self):
        return answers(socket.AF_UNIX, self.path) and port_answers(self.port)

    def stop(self):
        """End the daemon; a Failure unless it ends by itself, in time and with status 0."""
        if self.child is None:
            return
        child, self.child = self.child, None
        status = child.stop(seconds=20)
        if status == -signal.SIGKILL:
            raise Failure(f"filterd did not stop when told to:\n{tail(self.log)}")
        if status != 0:
            raise Failure(f"filterd left with status {status}:\n{tail(self.log)}")

    def workers(self):
        """Their process ids."""
        return [pid for pid in self.children() if name_of(pid) != ADMIN]

    def children(self):
        pid = self.child.process.pid
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            return [int(word) for word in file.read().split()]

    def kill_workers(self, victims):
        """SIGKILL; a Failure unless as many others are there soon."""
        wanted = len(self.workers())
        for pid in victims:
            os.kill(pid, signal.SIGKILL)
        if not wait_until(lambda: self.has_replaced(victims, wanted), 10):
            raise Failure(f"no new workers:\n{tail(self.log)}")

    def has_replaced(self, victims, wanted):
        workers = self.workers()
        return len(workers) == wanted and not set(workers) & set(victims)

    def kill_master(self):
        """SIGKILL to it alone; its workers are left to themselves."""
        self.child.process.kill()
        self.child.process.wait()
        self.child = None

    def kill(self):
        """End whatever still runs, and judge nothing."""
        if self.child is not None:
            self.child.stop(seconds=0)
            self.child = None
