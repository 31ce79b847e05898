# SPDX-License-Identifier: BSD-2-Clause
"""Who sends, and how: what filters learn of it from each MTA."""

import email
import email.policy
import os
import re
import signal
import ssl
import subprocess

from lab.failure import Skip, check, equal, equal_bytes
from lab.letter import letter, without_trace
from lab.registry import case
from lab.trial import RECIPIENT, SENDER

RULES = r"""
    rule at-mail { when sender == "never@example.org"; reject; }
    rule at-rcpt { when recipient == "never@example.net"; reject; }
    rule client {
        when       header.X-Tell == "client";
        add-header X-Client "${client.ip} ${client.name} ${helo}";
    }
    rule tls {
        when       header.X-Tell == "tls";
        add-header X-Tls "[${tls.version} ${tls.cipher}]";
    }
    rule auth {
        when       header.X-Tell == "auth";
        add-header X-Auth "[${auth.user}]";
    }
    rule world {
        when          sender.domain == "xn--bcher-kva.example" and header.X-Tell == "größe";
        add-header    X-World "${header.X-Tell} an ${recipient.local}";
        add-recipient "kopie@bücher.example";
    }
    rule copy {
        when          sender == "copy@example.org";
        add-recipient "kopie@bücher.example";
    }
    rule at-data {
        when       sender == "queue@example.org";
        at         data;
        add-header X-Data "[${macro.i}]";
    }
    rule at-end {
        when       sender == "queue@example.org";
        at         message;
        add-header X-End "[${macro.i}]";
    }
"""


def told(delivery, name):
    """The value of a field that a rule has added."""
    found = re.search(rb"^%s: (.*)\r\n" % name, delivery.data, re.MULTILINE)
    return found.group(1).decode() if found else None


def taken(t, client, message, sender=SENDER):
    """The delivery of a message sent on a connection that is open."""
    client.transaction(message, sender, [RECIPIENT], "250")
    return t.delivery(message)


@case("a client with an IPv6 address")
def six(t):
    with t.connect("six", source="::1") as client:
        delivery = taken(t, client, letter(b"X-Tell: client"))
    equal("client", (told(delivery, b"X-Client") or "none").split()[0], "::1")


@case("a client without a name")
def unknown(t):
    with t.connect(source="127.0.0.5") as client:
        delivery = taken(t, client, letter(b"X-Tell: client"))
    equal("client", told(delivery, b"X-Client"), "127.0.0.5 [127.0.0.5] client.example.org")


@case("SMTPUTF8: addresses and fields beyond ASCII are matched, changed and delivered")
def international(t):
    with t.connect() as client:
        if "SMTPUTF8" not in client.say("EHLO client.example.org", "250"):
            raise Skip("this MTA has no SMTPUTF8")
        message = letter("X-Tell: größe".encode(), subject="Grüße")
        client.say("MAIL FROM:<søren@bücher.example> SMTPUTF8", "250")
        client.say("RCPT TO:<größe@example.net>", "250")
        client.content(message, "250")
    delivery = t.delivery(message)
    equal("sender", delivery.sender, "søren@bücher.example")
    check("SMTPUTF8" in delivery.sender_arguments.upper(), f"arguments {delivery.sender_arguments!r}")
    equal("recipients", sorted(delivery.recipients), ["größe@example.net", "kopie@bücher.example"])
    said = email.message_from_bytes(delivery.data, policy=email.policy.SMTP)["X-World"]
    equal("the field that was added", said, "größe an größe")
    rest = re.sub(rb"^X-World: [^\n]*\n", b"", without_trace(delivery.data), 1, re.MULTILINE)
    equal_bytes("the message without it", rest, message)


@case("without SMTPUTF8 an address that a rule adds has A-labels")
def international_without(t):
    message = letter()
    with t.connect() as client:
        delivery = taken(t, client, message, "copy@example.org")
    equal("recipients", sorted(delivery.recipients), sorted([RECIPIENT, "kopie@xn--bcher-kva.example"]))


@case("mail by the sendmail command")
def local(t):
    message = letter(b"X-Tell: client")
    done = subprocess.run(
        t.mta.submission(SENDER, RECIPIENT),
        input=message.replace(b"\r\n", b"\n"),
        env={**os.environ, **t.mta.environment()},
        capture_output=True,
        check=False,
    )
    check(done.returncode == 0, f"status {done.returncode}: {done.stderr!r} {done.stdout!r}")
    delivery = t.delivery(message)
    check(told(delivery, b"X-Client"), f"not filtered: {delivery.data!r}")
    equal("client", told(delivery, b"X-Client").split()[:2], ["127.0.0.1", "localhost"])


@case("a session with STARTTLS")
def tls(t):
    message = letter(b"X-Tell: tls")
    with t.connect() as client:
        client.say("STARTTLS", "220")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        client.secure(context)
        client.say("EHLO client.example.org", "250")
        version, cipher = client.socket.version(), client.socket.cipher()[0]
        delivery = taken(t, client, message)
    equal("version and cipher", told(delivery, b"X-Tls"), f"[{version} {cipher}]")
    t.sink.forget()
    delivery = t.deliver(letter(b"X-Tell: tls"))
    equal("without TLS", told(delivery, b"X-Tls"), "[ ]")


@case("a client that has logged in")
def auth(t):
    if t.mta.name != "postfix":
        raise Skip("Sendmail has no XCLIENT, and this instance no accounts")
    with t.connect() as client:
        client.say("XCLIENT NAME=host.example.com ADDR=192.0.2.7 LOGIN=joe", "220")
        client.say("EHLO client.example.org", "250")
        delivery = taken(t, client, letter(b"X-Tell: auth"))
        equal("user", told(delivery, b"X-Auth"), "[joe]")
        t.sink.forget()
        delivery = taken(t, client, letter(b"X-Tell: client"))
        wanted = "192.0.2.7 host.example.com client.example.org"
        equal("client", told(delivery, b"X-Client"), wanted)
    t.sink.forget()
    with t.connect() as client:
        client.say("XCLIENT NAME=[UNAVAILABLE] ADDR=IPV6:2001:db8::7", "220")
        client.say("EHLO client.example.org", "250")
        delivery = taken(t, client, letter(b"X-Tell: client"))
    wanted = "2001:db8::7 [2001:db8::7] client.example.org"
    equal("client", told(delivery, b"X-Client"), wanted)


@case("the queue id is known from DATA on")
def queue_id(t):
    delivery = t.deliver(letter(), sender="queue@example.org")
    own = "[" + re.search(rb"\bid ([^\s;]+)", delivery.data).group(1).decode() + "]"
    equal("queue id", [told(delivery, name) for name in (b"X-Data", b"X-End")], [own, own])


@case("a bare CR or LF in the body")
def bare(t):
    for bad in (b"a\rb", b"a\nb"):
        message = letter(body=b"One " + bad + b" two.\r\n")
        with t.connect() as client:
            client.envelope(SENDER, [RECIPIENT])
            reply = client.content(message)
        if t.mta.name == "sendmail":
            equal("reply", reply[:9], "421 4.5.0")
            t.not_delivered(message)
            continue
        seen = message.replace(b"a\rb", b"a b").replace(b"a\nb", b"a\r\nb")
        equal_bytes("delivered message", without_trace(t.delivery(message).data), seen)
    t.sink.forget()
    delivery = t.deliver(letter(b"X-Tell: client"))
    check(told(delivery, b"X-Client"), "the next message is not filtered")


@case("a milter that is too slow: a temporary failure, and the message is not lost")
def slow(t):
    message = letter()
    for step in ("MAIL", "RCPT", "end"):
        with t.connect("hasty") as client:
            reply = stall(t, client, message, step)
        check(reply[:1] in ("4", ""), f"{step} with a stopped filterd: {reply!r}")
        t.not_delivered(message)
    t.unchanged(message)


def stall(t, client, message, step):
    """The reply to a step at which filterd stands still."""
    for name, line in (
        ("MAIL", f"MAIL FROM:<{SENDER}>"),
        ("RCPT", f"RCPT TO:<{RECIPIENT}>"),
        ("DATA", "DATA"),
        ("end", None),
    ):
        if name == step:
            os.killpg(t.filterd.child.process.pid, signal.SIGSTOP)
        try:
            reply = client.say(line) if line else client.after_data(message)
        finally:
            if name == step:
                os.killpg(t.filterd.child.process.pid, signal.SIGCONT)
        if reply[:1] not in "23" or not reply:
            return reply
    return reply
