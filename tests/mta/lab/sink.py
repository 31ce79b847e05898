# SPDX-License-Identifier: BSD-2-Clause
"""The SMTP sink: the host that both MTAs deliver to.

It takes every message and keeps the envelope, with its ESMTP arguments, and the exact bytes
after DATA, with dots unstuffed and nothing else changed.
"""

import socketserver
import threading
from dataclasses import dataclass

from .ports import HOST


@dataclass
class Delivery:
    """One message as the MTA delivered it: paths stand without their brackets."""

    sender: str
    sender_arguments: str
    recipients: list
    data: bytes


class Sink:
    def __init__(self):
        self._lock = threading.Lock()
        self._deliveries = []
        self._server = _Server((HOST, 0), _Session)
        self._server.sink = self
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()

    def keep(self, delivery):
        with self._lock:
            self._deliveries.append(delivery)

    def holding(self, token):
        """The deliveries whose bytes hold the token, in the order of arrival."""
        with self._lock:
            return [d for d in self._deliveries if token in d.data]

    def forget(self):
        with self._lock:
            self._deliveries.clear()


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 64


class _Session(socketserver.StreamRequestHandler):
    rbufsize = 1 << 20
    disable_nagle_algorithm = True

    def handle(self):
        self.answer("220 sink.test ESMTP")
        self.reset()
        while line := self.rfile.readline(65536):
            words = line.decode("utf-8", "replace").strip()
            verb = words.split(" ", 1)[0].upper()
            getattr(self, "on_" + verb.lower(), self.on_other)(words)
            if verb == "QUIT":
                return

    def answer(self, *lines):
        self.wfile.write("".join(line + "\r\n" for line in lines).encode())

    def reset(self):
        self.sender, self.arguments, self.recipients = None, "", []

    def on_ehlo(self, _words):
        self.answer("250-sink.test", "250-8BITMIME", "250-SMTPUTF8", "250-SIZE 0", "250 DSN")

    def on_mail(self, words):
        self.sender, self.arguments = _path(words)
        self.answer("250 2.1.0 Ok")

    def on_rcpt(self, words):
        self.recipients.append(_path(words)[0])
        self.answer("250 2.1.5 Ok")

    def on_data(self, _words):
        self.answer("354 Go on")
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                return
            lines.append(line[1:] if line.startswith(b".") else line)
        delivery = Delivery(self.sender, self.arguments, self.recipients, b"".join(lines))
        self.server.sink.keep(delivery)
        self.reset()
        self.answer("250 2.0.0 Kept")

    def on_rset(self, _words):
        self.reset()
        self.answer("250 2.0.0 Ok")

    def on_quit(self, _words):
        self.answer("221 2.0.0 Bye")

    def on_other(self, _words):
        self.answer("250 2.0.0 Ok")


def _path(words):
    """The address and the arguments of 'MAIL FROM:<address> arguments'."""
    address, _, arguments = words.partition("<")[2].partition(">")
    return address, arguments.strip()
