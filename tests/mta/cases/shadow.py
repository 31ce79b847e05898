# SPDX-License-Identifier: BSD-2-Clause
"""A second configuration that judges the same mail: one that is the same finds nothing, whatever
the MTA is, and another one finds each difference. Neither has an effect on mail."""

import json
import os
import subprocess

from lab.failure import check, equal
from lab.filterd import Chain
from lab.letter import letter
from lab.process import wait_until
from lab.registry import case

SECONDS = 20
JUDGED = 8

RULES = r"""
    rule refused { when recipient == "refused@example.net"; reject 550 5.1.1 "No ${recipient}"; }
    rule sender  { when sender == "refused@example.org"; reject 553 5.1.8 "No, ${sender}"; }
    rule field   { when header.Subject == "field"; set-header Subject "changed"; score 2; }
    rule top     { when header.Subject == "top"; insert-header X-Top "${client.name} ${helo}"; }
    rule body    { when body.raw ~ /confidential/; replace-body /confidential/ "open"; }
    rule drop    { when body.raw ~ /drop this/; discard; }
    rule macro   { when exists macro.j and header.Subject == "macro"; add-header X-I "${macro.i}"; }
"""
OTHER = r"""
    rule other   { when header.Subject == "field"; reject 554 5.7.1 "Otherwise"; }
    rule more    { when header.Subject == "top"; add-header X-More "1"; }
"""
FILTER = "filter rules { plugin rules; %s }\n"


def configure(t, rules):
    """The daemon reloads, with these rules in its shadow; what has been counted until now."""
    path = os.path.join(os.path.dirname(t.filterd.config), "second.conf")
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"plugin-path {t.filterd.plugins};\n")
        for name in ("unix", "inet"):
            file.write(f"listener {name} {{ socket unix:/nowhere/{name}; chain rules; }}\n")
        file.write(FILTER % rules)
    os.chmod(path, 0o644)
    t.filterd.reload(Chain(("rules",), FILTER % RULES + f"shadow {{ config {path}; }}\n"))
    return counted(t)


def counted(t):
    done = subprocess.run(
        [t.filterd.program, "status", "--json", "-c", t.filterd.config],
        capture_output=True, text=True, timeout=60,
    )
    equal("status of filterd status", done.returncode, 0)
    return json.loads(done.stdout)["shadow"]


def send_all(t):
    """Messages, one of which is refused at MAIL and one at RCPT: JUDGED in all."""
    with t.connect() as client:
        client.say("EHLO client.example.org")
        client.say("MAIL FROM:<refused@example.org>")
        client.say("RSET")
        client.say("MAIL FROM:<alice@example.org>")
        client.say("RCPT TO:<refused@example.net>")
        client.say("RSET")
        client.say("QUIT")
    t.unchanged(letter())
    message = letter(subject="field")
    t.becomes(message, message.replace(b"Subject: field", b"Subject: changed"))
    t.deliver(letter(subject="top"))
    t.deliver(letter(subject="macro"))
    message = letter(body=b"This is confidential.\r\n" * 9000)
    t.becomes(message, message.replace(b"confidential", b"open"))
    message = letter(body=b"drop this\r\n")
    t.send(message, wanted="250")
    t.not_delivered(message)


def judged(t, before, number):
    """Once so many more have been judged, how many of them differed."""
    wait_until(lambda: counted(t)["messages"] >= before["messages"] + number, SECONDS)
    now = counted(t)
    check(now["messages"] >= before["messages"] + number, f"judged: {before}, then {now}")
    equal("dropped", now["dropped"], before["dropped"])
    return now["differing"] - before["differing"]


@case("the same rules find no difference")
def same(t):
    before = configure(t, RULES)
    send_all(t)
    equal("differing", judged(t, before, JUDGED), 0)


@case("other rules find theirs, and mail is as it was")
def other(t):
    before = configure(t, RULES + OTHER)
    send_all(t)
    equal("differing", judged(t, before, JUDGED), 2)
