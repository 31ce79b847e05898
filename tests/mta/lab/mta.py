# SPDX-License-Identifier: BSD-2-Clause
"""What the two MTAs have in common: a private instance, its ports and its queue.

PORTS has the ports with their milters. Where attached is false none has any: that is for proving
that no case can pass without one.
"""

import os
from dataclasses import dataclass

from .failure import Failure
from .openssl import make_certificate
from .ports import free_ports, greets, port_answers
from .process import Child, tail, wait_until


@dataclass(frozen=True)
class Port:
    """milters are names of sockets, in the order in which they are asked."""

    milters: tuple
    family: str = "inet"
    accept: bool = False  # the default action: else temporary failure
    patience: int = 30  # seconds for each answer of a milter


PORTS = {
    "unix": Port(("unix",)),
    "inet": Port(("inet",)),
    "open": Port(("unix",), accept=True),
    "bare": Port(()),  # for comparison: what the MTA does to a message by itself
    "hasty": Port(("unix",), patience=2),
    "six": Port(("unix",), family="inet6"),
    "chained": Port(("unix", "second")),  # two filterd
    "signed": Port(("signer", "unix")),  # filterd behind OpenDKIM
    "sign": Port(("unix", "signer")),  # and before it
    "verify": Port(("unix", "verifier")),
}


class Mta:
    """name, binaries and the methods below differ; a folder is the instance's own."""

    name = None
    start_seconds = 20

    def __init__(self, unpacked, folder, sockets, sink_port, attached):
        self.unpacked = unpacked
        self.binaries = os.path.join(unpacked, self.name)
        self.folder = os.path.join(folder, self.name)
        self.sockets = sockets
        self.sink_port = sink_port
        self.attached = attached
        self.ports = dict(zip(PORTS, free_ports(len(PORTS))))
        self.child = None
        os.mkdir(self.folder)
        make_certificate(self.path("tls.key"), self.path("tls.pem"))
        self.configure()

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)

    def start(self):
        self.child = Child(self.command(), self.path("output"), self.environment())
        wait_until(
            lambda: all(map(port_answers, self.inet_ports())) or not self.child.running,
            self.start_seconds,
            0.1,
        )
        if not (self.child.running and all(map(greets, self.inet_ports()))):
            raise Failure(f"{self.name} did not start:\n{self.log_tail()}")

    def stop(self):
        if self.child:
            self.child.stop()

    def log_tail(self):
        return "\n".join(filter(None, [tail(self.path(name)) for name in ("output", "log/mail")]))

    def wait_idle(self, seconds=30):
        """Wait until the queue holds nothing but what is held back."""
        if not wait_until(lambda: not self.queued(), seconds):
            raise Failure(f"still in the queue: {self.queued()}\n{self.log_tail()}")

    def inet_ports(self):
        return [port for name, port in self.ports.items() if PORTS[name].family == "inet"]

    # What differs.

    def configure(self):
        """Write the config files and make the queue."""
        raise NotImplementedError

    def command(self):
        """The program and its arguments; it must stay in the foreground."""
        raise NotImplementedError

    def environment(self):
        return {}

    def queued(self):
        """Names of the files of messages that are still to be delivered."""
        raise NotImplementedError

    def submission(self, sender, recipient):
        """The command by which a local program sends mail, and what it has in its environment."""
        raise NotImplementedError

    def held(self):
        """What the MTA's own queue listing says of the messages held back, as text."""
        raise NotImplementedError

    def hold_notes(self):
        """What the MTA records of messages held back, as text; Postfix drops a milter's reason."""
        raise NotImplementedError

    def drop_held(self):
        """Remove the messages held back."""
        raise NotImplementedError
