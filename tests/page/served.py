# SPDX-License-Identifier: BSD-2-Clause
"""A filterd with its admin page on a port of its own, and mail for it to judge."""

import base64
import contextlib
import os
import socket

from daemon import Daemon, RULES, await_that
from milter import Session

TOKEN = "a-token-of-the-page-test"

# What must never be more than text, wherever it stands.
EVIL_RULE = "<img src=x onerror=window.hit=1>"
EVIL_HELO = "<svg/onload=window.hit=1>\u0007"
EVIL_SENDER = '"<img/src=x/onerror=window.hit=1>"@example.net'
EVIL_RECIPIENT = '"</script><script>window.hit=1</script>"@example.com'
EVIL_FIELD = "\"'><iframe src=javascript:window.hit=1></iframe>"
EVIL_SUBJECT = ("</title></textarea><img src=x onerror=window.hit=1>"
                "\u202egpj.exe\u202c &lt;b&gt; \"'")

CONFIG = """\
pid-file {folder}/pid;
control {folder}/control;
crash-limit 1;
log {{ level debug; }}
quarantine {{ store {folder}/store; release smtp inet:1@127.0.0.1; }}
admin {{ listen inet:{port}@127.0.0.1; token-file {folder}/token; }}
listener mx {{ socket unix:{folder}/mx; workers 2; chain marks trial unruly; }}
listener out {{ socket unix:{folder}/out; workers 1; chain fragile; }}
filter marks {{
	plugin {rules};
	timeout 7s;
	rule tag {{ at message; when subject == hello; add-header X-Tagged yes; score 2.5; }}
	rule refuse {{ at message; when subject == bad; reject 550 5.7.1 "not here, ${{sender}}"; }}
	rule keep {{ at message; when subject == keep; quarantine "kept: ${{header.X-Why}}"; }}
	rule never {{ at message; when subject == nothing; discard; }}
	rule "{evil_rule}" {{ at message; when exists header.X-Evil;
		set-header Subject "${{header.X-Evil}}"; reject 550 5.7.1 "${{header.X-Evil}}"; }}
}}
filter trial {{
	plugin {rules};
	mode shadow;
	on-error skip;
	rule all {{ at message; when subject == hello; set-header Subject x; }}
}}
filter unruly {{ plugin {folder}/unruly.so; when subject != aside; }}
filter fragile {{ plugin {folder}/unruly.so; on-error accept; }}
"""


def free_port():
    with contextlib.closing(socket.socket()) as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def encoded(text):
    """As encoded words, RFC 2047, so that any character can be in it; each is short enough."""
    parts = [text[i:i + 15].encode() for i in range(0, len(text), 15)]
    return " ".join(f"=?utf-8?B?{base64.b64encode(part).decode()}?=" for part in parts)


class Served(Daemon):
    """A daemon with the configuration above."""

    def __init__(self):
        super().__init__()
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}/"
        with open(self.path("token"), "w", encoding="ascii") as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(TOKEN + "\n")
        self.configure()

    def configure(self, top=""):
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(top + CONFIG.format(folder=self.folder, port=self.port, evil_rule=EVIL_RULE,
                                     rules=os.path.join(RULES, "rules.so")))

    def start(self, **options):
        super().start(**options)
        assert await_that(self.answers), self.log()

    def answers(self):
        try:
            socket.create_connection(("127.0.0.1", self.port), 5).close()
            return True
        except OSError:
            return False

    def send(self, queue, subject="plain", sender="a@example.net", recipients=("b@example.com",),
             client=("client.example", "192.0.2.1"), helo="client.example", fields=(),
             listener="mx"):
        """A message in a session of its own; the code of the last answer."""
        session = Session(self.path(listener), begin=False)
        try:
            session.begin(*(part.encode() for part in client))
            session.event(b"H", helo.encode() + b"\0", 0x2, 0x2000)
            session.macros(b"M", "i", queue)
            session.event(b"M", f"<{sender}>\0".encode(), 0x4, 0x4000)
            for one in recipients:
                session.event(b"R", f"<{one}>\0".encode(), 0x8, 0x8000)
            return content(session, [("Subject", subject), *fields])
        finally:
            session.close()

    def send_evil(self):
        return self.send("4EVIL", subject=encoded(EVIL_SUBJECT), sender=EVIL_SENDER,
                         recipients=(EVIL_RECIPIENT,), helo=EVIL_HELO,
                         client=("<b>client</b>", "192.0.2.66"), fields=[("X-Evil", EVIL_FIELD)])


def content(session, fields):
    for name, value in fields:
        session.event(b"L", f"{name}\0 {value}\0".encode(), 0x20, 0x80)
    session.event(b"N", b"", 0x40, 0x40000)
    session.event(b"B", b"One line.\r\n", 0x10, 0x80000)
    session.send(b"E")
    command = b"h"
    while command in b"hicmbq+-2ep" and command != b"c":
        command, _ = session.receive()
    return command
