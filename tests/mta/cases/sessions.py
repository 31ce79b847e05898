# SPDX-License-Identifier: BSD-2-Clause
"""What clients do with a session: several messages, RSET, pipelining, HELO, size, and vanishing."""

from lab.failure import equal, equal_bytes
from lab.letter import letter, without_trace
from lab.registry import case

RULES = r"""
    rule mark    { when sender == "marked@example.org"; add-header X-Mark "${recipient}"; }
    rule refuse  { when recipient == "refused@example.net"; reject 550 5.1.1 "No such user"; }
    rule hello   { when helo == "old.example.org"; add-header X-Helo "${helo}"; }
    rule large   { when size > 10000000; add-header X-Large "yes"; }
    rule swap    { when sender == "swap@example.org"; replace-body /one/ "three"; }
"""

MEGABYTE = 1 << 20


def marked(message, value="bob@example.net"):
    return message.replace(b"X-Last: 1\r\n", b"X-Last: 1\r\nX-Mark: " + value.encode() + b"\r\n")


def arrives(t, message, wanted):
    delivery = t.delivery(message)
    equal_bytes("delivered message", without_trace(delivery.data), wanted)
    return delivery


@case("two messages in one session are judged apart")
def two_messages(t):
    first, second, third = letter(b"X-Last: 1"), letter(b"X-Last: 1"), letter(b"X-Last: 1")
    with t.connect() as client:
        client.transaction(first, "marked@example.org", ["bob@example.net"], "250")
        client.transaction(second, "alice@example.org", ["bob@example.net"], "250")
        client.transaction(third, "marked@example.org", ["carol@example.net"], "250")
    arrives(t, first, marked(first))
    arrives(t, second, second)
    arrives(t, third, marked(third, "carol@example.net"))


@case("RSET in the middle forgets the message")
def rset(t):
    message = letter(b"X-Last: 1")
    with t.connect() as client:
        client.envelope("marked@example.org", ["dave@example.net"])
        client.say("RSET", "250")
        client.transaction(message, "alice@example.org", ["bob@example.net"], "250")
        again = letter(b"X-Last: 1")
        client.say("MAIL FROM:<alice@example.org>", "250")
        client.say("RSET", "250")
        client.transaction(again, "marked@example.org", ["bob@example.net"], "250")
    equal("recipients", arrives(t, message, message).recipients, ["bob@example.net"])
    equal("recipients", arrives(t, again, marked(again)).recipients, ["bob@example.net"])


@case("EHLO in the middle forgets the message")
def ehlo_again(t):
    message = letter(b"X-Last: 1")
    with t.connect() as client:
        client.envelope("marked@example.org", ["dave@example.net"])
        client.say("EHLO again.example.org", "250")
        client.transaction(message, "marked@example.org", ["bob@example.net"], "250")
    equal("recipients", arrives(t, message, marked(message)).recipients, ["bob@example.net"])


@case("pipelined commands get their own replies")
def pipelining(t):
    message = letter(b"X-Last: 1")
    with t.connect() as client:
        replies = client.pipeline(
            "MAIL FROM:<marked@example.org>",
            "RCPT TO:<bob@example.net>",
            "RCPT TO:<refused@example.net>",
            "DATA",
        )
        equal("codes", [reply[:3] for reply in replies], ["250", "250", "550", "354"])
        client.after_data(message, "250")
    equal("recipients", arrives(t, message, marked(message)).recipients, ["bob@example.net"])


@case("HELO instead of EHLO")
def helo(t):
    message = letter(b"X-Last: 1")
    with t.connect(helo=None) as client:
        client.say("HELO old.example.org", "250")
        client.transaction(message, "alice@example.org", ["bob@example.net"], "250")
    arrives(t, message, message.replace(b"X-Last: 1", b"X-Last: 1\r\nX-Helo: old.example.org"))


@case("all recipients refused: no DATA, and the session goes on")
def nobody_left(t):
    message = letter(b"X-Last: 1")
    with t.connect() as client:
        client.say("MAIL FROM:<marked@example.org>", "250")
        client.say("RCPT TO:<refused@example.net>", "550 5.1.1")
        client.say("DATA", "5")
        client.say("RSET", "250")
        client.transaction(message, "marked@example.org", ["bob@example.net"], "250")
    arrives(t, message, marked(message))


@case("clients that vanish at any point leave filterd well")
def vanish(t):
    steps = (
        b"",
        b"MAIL FROM:<marked@example.org>\r\n",
        b"RCPT TO:<bob@example.net>\r\n",
        b"DATA\r\n",
        b"Subject: cut\r\nX-Half",
        b": line\r\n\r\nbody" + b"x" * 100000,
    )
    for count in range(1, len(steps) + 1):
        client = t.connect()
        client.send(b"".join(steps[:count]))
        client.vanish()
    message = letter(b"X-Last: 1")
    t.becomes(message, marked(message), sender="marked@example.org")


@case("over an inet socket")
def inet(t):
    message = letter(b"X-Last: 1")
    t.becomes(message, marked(message), sender="marked@example.org", listener="inet")
    with t.connect("inet") as client:
        client.envelope("alice@example.org", ["bob@example.net"])
        client.say("RCPT TO:<refused@example.net>", "550 5.1.1")


@case("a message of 20 MB")
def large(t):
    line = b"0123456789 the quick brown fox jumps over the lazy dog, and again and again.\r\n"
    message = letter(b"X-Last: 1", body=line * (20 * MEGABYTE // len(line) + 1))
    t.becomes(message, message.replace(b"X-Last: 1", b"X-Last: 1\r\nX-Large: yes", 1))


@case("a message of 20 MB whose body is replaced")
def large_replaced(t):
    line = b"0123456789 one, and the quick brown fox jumps over the lazy dog as before.\r\n"
    message = letter(b"X-Last: 1", body=line * (20 * MEGABYTE // len(line) + 1))
    wanted = message.replace(b" one,", b" three,").replace(
        b"X-Last: 1", b"X-Last: 1\r\nX-Large: yes", 1
    )
    t.becomes(message, wanted, sender="swap@example.org")


@case("many sessions at once")
def many(t):
    clients = [t.connect() for _ in range(20)]
    messages = [letter(b"X-Last: 1") for _ in clients]
    for client in clients:
        client.envelope("marked@example.org", ["bob@example.net"])
    for client, message in zip(clients, messages):
        client.content(message, "250")
    for client, message in zip(clients, messages):
        client.close()
        arrives(t, message, marked(message))
