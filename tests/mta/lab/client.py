# SPDX-License-Identifier: BSD-2-Clause
"""The SMTP client: says what it is told to, well-behaved or not, and records every reply.

A reply is text as the server sent it, the lines of a long one joined by newlines: '250-a\\n250
b'. A connection that the server has closed gives the reply ''.
"""

import socket
import struct

from .failure import Failure
from .ports import HOST, HOST6

TIMEOUT = 30


class Client:
    """One connection. With helo, the greeting and the answer to EHLO must be good ones."""

    def __init__(self, port, helo="client.example.org", source=HOST):
        self.replies = []
        host = HOST6 if ":" in source else HOST
        self.socket = socket.create_connection((host, port), TIMEOUT, (source, 0))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.input = self.socket.makefile("rb")
        self.greeting = self.reply()
        if helo:
            if not self.greeting.startswith("220"):
                raise Failure(f"greeting: {self.greeting!r}")
            self.say(f"EHLO {helo}", "250")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.input.close()
        self.socket.close()

    def reply(self):
        lines = []
        try:
            while line := self.input.readline():
                lines.append(line.decode("utf-8", "replace").rstrip("\r\n"))
                if line[3:4] != b"-":
                    break
        except ConnectionError:
            pass
        except OSError as error:
            raise Failure(f"no answer in time after {self.replies[-1:]}") from error
        self.replies.append("\n".join(lines))
        return self.replies[-1]

    def send(self, data):
        """Bytes as they are; a server that is gone shows in the next reply."""
        try:
            self.socket.sendall(data)
        except ConnectionError:
            pass

    def say(self, line, wanted=None):
        """Send a line and return its reply, which must begin with what is wanted."""
        self.send(line.encode() + b"\r\n")
        return self.expect(line, self.reply(), wanted)

    def pipeline(self, *lines):
        """Send lines in one write and return their replies."""
        self.send(b"".join(line.encode() + b"\r\n" for line in lines))
        return [self.reply() for _ in lines]

    def secure(self, context):
        """Go on in TLS, when STARTTLS has been answered."""
        self.input.close()
        self.socket = context.wrap_socket(self.socket)
        self.input = self.socket.makefile("rb")

    def envelope(self, sender, recipients):
        self.say(f"MAIL FROM:<{sender}>", "250")
        for recipient in recipients:
            self.say(f"RCPT TO:<{recipient}>", "250")

    def content(self, message, wanted=None):
        """DATA and the message, dots stuffed; the reply to its end."""
        self.say("DATA", "354")
        return self.after_data(message, wanted)

    def after_data(self, message, wanted=None):
        """The message, dots stuffed, when DATA has been said; the reply to its end."""
        self.send(stuffed(message) + b".\r\n")
        return self.expect("end of message", self.reply(), wanted)

    def transaction(self, message, sender, recipients, wanted=None):
        """A whole message on the open connection; the reply to its end."""
        self.envelope(sender, recipients)
        return self.content(message, wanted)

    def vanish(self):
        """Reset the connection, as a client that has crashed does."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()

    @staticmethod
    def expect(line, reply, wanted):
        if wanted is not None and not reply.startswith(wanted):
            raise Failure(f"reply to {line!r}:\n    wanted {wanted!r}\n    got    {reply!r}")
        return reply


def stuffed(message):
    """The message with every dot that begins a line doubled."""
    data = message.replace(b"\r\n.", b"\r\n..")
    return b"." + data if data.startswith(b".") else data
