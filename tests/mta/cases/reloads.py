# SPDX-License-Identifier: BSD-2-Clause
"""filterd reloads, with other rules each time, while mail flows."""

import re

from lab.failure import check, equal
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
RELOADS = 20
MARK = "mail in quantity"


def refused_by(reply):
    """The generation whose words the reply holds; Sendmail puts the address before them."""
    found = re.fullmatch(r"550 5\.7\.1 (?:<\S+>\.\.\. )?generation-(\d+)", reply)
    check(found, f"the recipient: {reply!r}")
    return int(found[1])


def generation_of(delivery, fields=3):
    """The one that has judged the message."""
    found = re.findall(rb"^X-At-\w+: generation-(\d+)", delivery.data, re.M)
    check(len(found) == fields and len(set(found)) == 1, f"judged by {found}")
    return int(found[0])


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
    with t.connect() as kept:
        equal("generations of a session", transaction(t, kept), (1, 1))
        sources = [Source(t.mta.unpacked, t.mta.ports[name], MARK) for name in ("unix", "inet")]
        for number in range(2, RELOADS + 2):
            t.filterd.reload(TEMPLATE.replace("generation-1", f"generation-{number}"))
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
