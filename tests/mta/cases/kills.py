# SPDX-License-Identifier: BSD-2-Clause
"""Workers and the master are killed: the MTA answers 4xx, and what is sent again arrives once."""

import itertools
import threading
import time

from lab.client import Client, stuffed
from lab.failure import Failure, check, equal, equal_bytes
from lab.letter import letter, token, without_trace
from lab.process import wait_until
from lab.registry import case

RULES = r"""
    rule mark { when subject == "Hello" and body.raw ~ /morning/; add-header X-Mark "yes"; }
"""
SENDER = "alice@example.org"
RECIPIENT = "bob@example.net"
PATIENCE = 60  # seconds until mail that is put off has failed
PAUSE = 0.02  # between two attempts
LOST = ("4", "")  # a temporary failure, or the connection is closed


def message_of(size):
    return letter(b"X-Last: 1", body=b"Good morning.\r\n" * (size // 15 + 1))


def marked(message):
    return message.replace(b"X-Last: 1\r\n", b"X-Last: 1\r\nX-Mark: yes\r\n")


def offer(client, message):
    """A whole transaction; the first reply that is no success, or the last one."""
    for line in ("EHLO client.example.org", f"MAIL FROM:<{SENDER}>", f"RCPT TO:<{RECIPIENT}>", "DATA"):
        reply = client.say(line)
        if reply[:1] not in "23" or not reply:
            return reply
    return client.after_data(message)


def send_until_taken(port, message):
    """As a client that keeps to RFC 5321 does, only faster; how often it was put off."""
    end = time.monotonic() + PATIENCE
    for attempt in itertools.count():
        try:
            with Client(port, helo=None) as client:
                reply = offer(client, message) if client.greeting.startswith("220") else client.greeting
        except (ConnectionError, Failure):
            reply = ""
        if reply.startswith("250"):
            return attempt
        check(reply[:1] in LOST, f"a reply that is final: {reply!r}")
        check(time.monotonic() < end, f"not taken in {attempt + 1} attempts; at last {reply!r}")
        time.sleep(PAUSE)


class Senders:
    """Threads that each send one message after the other, until told to end."""

    def __init__(self, t, *listeners):
        self.sent = []
        self.put_off = 0
        self.failure = None
        self.ending = False
        self.lock = threading.Lock()
        self.sizes = itertools.cycle((100, 3000, 40000, 200000))
        ports = [t.mta.ports[name] for name in listeners]
        self.threads = [
            threading.Thread(target=self.run, args=(port,), daemon=True) for port in ports * 3
        ]
        for thread in self.threads:
            thread.start()

    def run(self, port):
        try:
            while not self.ending:
                with self.lock:
                    message = message_of(next(self.sizes))
                put_off = send_until_taken(port, message)
                with self.lock:
                    self.sent.append(message)
                    self.put_off += put_off
        except Exception as failure:
            self.failure = failure

    def go_on(self, count=30):
        wanted = len(self.sent) + count
        wait_until(lambda: len(self.sent) >= wanted or self.failure, 120)
        check(len(self.sent) >= wanted, f"mail has stopped: {self.failure!r}")

    def end(self, t):
        """All of it has been delivered once, and as the rules say."""
        self.ending = True
        for thread in self.threads:
            thread.join(120)
        check(not self.failure, repr(self.failure))
        t.mta.wait_idle(120)
        for message in self.sent:
            found = t.sink.holding(token(message))
            equal(f"number of deliveries of {token(message)}", len(found), 1)
            equal_bytes("delivered message", without_trace(found[0].data), marked(message))


def kill_workers_and_go_on(t):
    t.filterd.kill_workers(t.filterd.workers())


def kill_master_and_start(t):
    t.filterd.kill_master()
    t.filterd.start(t.rules)


def cut_after(t, step, how):
    """The transaction in which the daemon is hurt behind a step; then the same message again."""
    message = message_of(100000)
    body = stuffed(message) + b".\r\n"
    with t.connect() as client:
        client.envelope(SENDER, [RECIPIENT])
        if step == "RCPT":
            how(t)
        reply = client.say("DATA")
        if reply.startswith("354"):
            client.send(body[:50000])
            if step == "half of the content":
                how(t)
            client.send(body[50000:])
            reply = client.reply()
    check(reply[:1] in LOST, f"behind {step}: {reply!r}")
    t.not_delivered(message)
    send_until_taken(t.mta.ports["unix"], message)
    equal_bytes("delivered message", without_trace(t.delivery(message).data), marked(message))


@case("workers killed in a transaction: the client sees 4xx, and its retry is delivered once")
def workers_in_a_transaction(t):
    for step in ("RCPT", "half of the content"):
        cut_after(t, step, kill_workers_and_go_on)


@case("the master killed in a transaction, and started again: the same")
def master_in_a_transaction(t):
    for step in ("RCPT", "half of the content"):
        cut_after(t, step, kill_master_and_start)


@case("workers killed under load: all mail is delivered once, and filtered")
def workers_under_load(t):
    senders = Senders(t, "unix", "inet")
    for _ in range(3):
        for victim in t.filterd.workers():
            senders.go_on(6)
            t.filterd.kill_workers([victim])
    senders.go_on()
    senders.end(t)
    check(senders.put_off > 0, "no message was cut, so nothing is proved")


@case("the master killed under load: the same, once it has been started again")
def master_under_load(t):
    senders = Senders(t, "unix", "inet")
    for _ in range(3):
        senders.go_on()
        kill_master_and_start(t)
    senders.go_on()
    senders.end(t)
    check(senders.put_off > 0, "no message was cut, so nothing is proved")
