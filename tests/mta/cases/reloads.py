# SPDX-License-Identifier: BSD-2-Clause
"""filterd reloads, with other rules, another list and another plugin each time, while mail flows."""

import os
import re

from lab.failure import check, equal
from lab.filterd import Chain
from lab.letter import letter
from lab.registry import case
from lab.source import Source

# Decided at MAIL, at RCPT, at the end of the header and in the body; all say the same number.
TEMPLATE = r"""
    rule sender    { when sender == "alice@example.org"; add-header X-At-Mail "generation-1"; }
    rule recipient { when recipient == "probe@example.net"; reject 550 5.7.1 "generation-1"; }
    rule field     { when exists header.Subject; add-header X-At-Header "generation-1"; }
    rule content   { when body.raw ~ /./; add-header X-At-Body "generation-1"; }
"""
RULES = TEMPLATE
LISTED = """
    rule listed    { when sender in @senders; add-header X-At-List "generation-1"; }
"""
FILTERS = """
list senders { file %s; }
filter rules { plugin rules; %s }
filter edition { plugin %s; }
"""
RELOADS = 20
MARK = "mail in quantity"
EDITION = b"generation-%04d"  # in the plugin's file, which says it on every message
FIELDS = 5


def refused_by(reply):
    """The generation whose words the reply holds; Sendmail puts the address before them."""
    found = re.fullmatch(r"550 5\.7\.1 (?:<\S+>\.\.\. )?generation-(\d+)", reply)
    check(found, f"the recipient: {reply!r}")
    return int(found[1])


def write(folder, name, data):
    """A file that is there at once or not at all."""
    path = os.path.join(folder, name)
    with open(path + ".new", "wb") as file:
        file.write(data)
    os.chmod(path + ".new", 0o644)
    os.rename(path + ".new", path)
    return path


def reload(t, number):
    """To a generation of which rules, list and plugin say that number."""
    folder = os.path.dirname(t.filterd.config)
    with open(os.path.join(t.filterd.plugins, "unruly.so"), "rb") as file:
        code = file.read()
    check(code.count(EDITION % 0) == 1, "the plugin has no edition")
    plugin = write(folder, "unruly.so", code.replace(EDITION % 0, EDITION % number))
    others = b"".join(b"%d-%d@example.com\n" % (number, n) for n in range(1000))
    senders = write(folder, "senders", others + b"alice@example.org\n")
    rules = (TEMPLATE + LISTED).replace("generation-1", f"generation-{number}")
    t.filterd.reload(Chain(("rules", "edition"), FILTERS % (senders, rules, plugin)))


def generation_of(delivery):
    """The one that has judged the message."""
    found = re.findall(rb"^X-At-\w+: generation-(\d+)", delivery.data, re.M)
    numbers = set(map(int, found))
    check(len(found) == FIELDS and len(numbers) == 1, f"judged by {found}")
    return numbers.pop()


def transaction(t, client):
    """A message on an open session, and a recipient that is refused; the generations of both."""
    message = letter()
    client.say("MAIL FROM:<alice@example.org>")
    refused = refused_by(client.say("RCPT TO:<probe@example.net>"))
    client.say("RCPT TO:<bob@example.net>")
    client.say("DATA")
    reply = client.after_data(message)
    check(reply.startswith("250"), f"the message: {reply!r}")
    return refused, generation_of(t.delivery(message))


@case("20 reloads under load: nothing is refused, each message is of one generation, sessions last")
def under_load(t):
    reload(t, 1)
    with t.connect() as kept:
        equal("generations of a session", transaction(t, kept), (1, 1))
        sources = [Source(t.mta.unpacked, t.mta.ports[name], MARK) for name in ("unix", "inet")]
        for number in range(2, RELOADS + 2):
            reload(t, number)
            with t.connect() as fresh:
                fresh.say("MAIL FROM:<alice@example.org>")
                reply = fresh.say("RCPT TO:<probe@example.net>")
                equal("the newest generation", refused_by(reply), number)
        sent = sum(source.end() for source in sources)
        equal("generations of a session of before", transaction(t, kept), (1, 1))
    t.mta.wait_idle(120)
    deliveries = t.sink.holding(MARK.encode())
    equal("number of deliveries", len(deliveries), sent)
    seen = {generation_of(delivery) for delivery in deliveries}
    check(len(seen) > RELOADS // 2, f"mail was judged by generations {sorted(seen)} alone")
