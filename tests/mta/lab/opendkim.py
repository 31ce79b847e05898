# SPDX-License-Identifier: BSD-2-Clause
"""Debian's OpenDKIM as a milter beside filterd, with a key of its own and no DNS."""

import os
import socket

from .failure import Failure, Skip
from .ports import answers
from .openssl import openssl
from .process import Child, tail, wait_until

DOMAIN, SELECTOR = "example.org", "test"

CONFIG = """\
Mode                {mode}
Socket              local:{socket}
UMask               000
Domain              {domain}
Selector            {selector}
KeyFile             {folder}/dkim.key
TestPublicKeys      {folder}/dkim.keys
InternalHosts       {hosts}
Canonicalization    simple/simple
OversignHeaders     From
Syslog              no
RequireSafeKeys     no
"""


class OpenDkim:
    """mode is s to sign, v to verify; name that of its socket."""

    def __init__(self, unpacked, folder, name, mode):
        self.program = os.path.join(unpacked, "opendkim/usr/sbin/opendkim")
        if not os.access(self.program, os.X_OK):
            raise Skip("tests/mta/install has not unpacked opendkim")
        self.path = os.path.join(folder, name + ".sock")
        self.log = os.path.join(folder, name + ".log")
        self.config = os.path.join(folder, name + ".conf")
        make_keys(folder)
        hosts = os.path.join(folder, name + ".hosts")  # whose mail is signed; others' is verified
        with open(hosts, "w", encoding="ascii") as file:
            file.write("127.0.0.1\n" if mode == "s" else "192.0.2.1\n")
        with open(self.config, "w", encoding="ascii") as file:
            file.write(
                CONFIG.format(
                    mode=mode,
                    socket=self.path,
                    domain=DOMAIN,
                    selector=SELECTOR,
                    folder=folder,
                    hosts=hosts,
                )
            )

    def __enter__(self):
        self.child = Child([self.program, "-f", "-x", self.config], self.log)
        wait_until(lambda: answers(socket.AF_UNIX, self.path) or not self.child.running, 20)
        if not self.child.running:
            raise Failure(f"opendkim did not start:\n{tail(self.log)}")
        os.chmod(self.path, 0o666)
        return self

    def __exit__(self, *_):
        self.child.stop(seconds=1)  # it would wait for the MTA to leave


def make_keys(folder):
    """The private key, and the public one as a DNS record in a file; once."""
    key, record = os.path.join(folder, "dkim.key"), os.path.join(folder, "dkim.keys")
    if os.path.exists(record):
        return
    openssl("genrsa", "-out", key, "2048")
    public = "".join(openssl("rsa", "-in", key, "-pubout").splitlines()[1:-1])
    with open(record, "w", encoding="ascii") as file:
        file.write(f"{SELECTOR}._domainkey.{DOMAIN} v=DKIM1; k=rsa; p={public}\n")
