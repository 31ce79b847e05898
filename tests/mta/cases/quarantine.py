# SPDX-License-Identifier: BSD-2-Clause
"""Quarantined mail goes into filterd's own store, and comes back when it is released: once, as it
was, and past the filters; a mark that filterd did not make is worth nothing."""

import glob
import json
import os
import re
import subprocess

from lab.failure import Skip, check, equal, equal_bytes
from lab.filterd import Chain
from lab.letter import letter, token, without_trace
from lab.process import wait_until
from lab.registry import case

FILTERS = r"""
{top}
filter rules {{
    plugin rules;
    rule strange {{ when header.X-Strange == "yes"; quarantine "strange: ${{header.X-Strange}}"; add-header X-Seen "yes"; }}
    rule refused {{ when recipient == "refused@example.net"; reject 550 5.1.1 "No such user"; }}
    rule seen    {{ when not header.X-Strange == "yes"; add-header X-Seen "yes"; }}
}}
"""
FIELD = b"X-Strange: yes"
SEEN = b"X-Seen: yes\r\n"
SENDER = "alice@example.org"
RECIPIENTS = ["bob@example.net", "carol@example.net"]
MARK = b"X-Filterd-Release"


def chain(top=""):
    return Chain(("rules",), FILTERS.format(top=top))


RULES = chain()


def with_store(t, name="store", port="unix", more=""):
    """The folder of the store that filterd has from now on; releases go to that port."""
    folder = os.path.join(t.filterd.folder, name)
    release = f"release smtp inet:{t.mta.ports[port]}@127.0.0.1;"
    t.filterd.reload(chain(f"quarantine {{ store {folder}; {release} {more} }}"))
    return folder


def command(t, *words):
    """The status of filterd quarantine, and all that it said."""
    done = subprocess.run(
        [t.filterd.program, "quarantine", words[0], "-c", t.filterd.config, *words[1:]],
        capture_output=True, timeout=60,
    )
    return done.returncode, done.stdout, done.stderr.decode(errors="replace")


def rows(t, *selection):
    status, said, complaint = command(t, "list", "--json", *selection)
    equal(f"status of list ({complaint})", status, 0)
    return [json.loads(line) for line in said.splitlines()]


def held(t, message, **how):
    """The row of a message that is sent, taken, and in the store instead of delivered."""
    t.send(message, sender=SENDER, recipients=RECIPIENTS, wanted="250", **how)
    t.not_delivered(message)
    found = [row for row in rows(t) if row["message_id"].encode() == token(message)]
    equal("rows of the message", len(found), 1)
    return found[0]


def state_of(t, row):
    """Of one message among others, which may be of the same second."""
    (found,) = [one for one in rows(t) if one["id"] == row["id"]]
    return found["state"]


def release(t, *words, wanted=0):
    status, said, complaint = command(t, "release", *words)
    equal(f"status of release ({said!r} {complaint})", status, wanted)
    return complaint


@case("quarantined, listed, shown, released once: as it was, and past the filters")
def release_once(t):
    for listener in ("unix", "inet"):
        with_store(t, port=listener)
        message = letter(FIELD, b"X-Folded: one\r\n\ttwo", body=b".dot\r\n..\r\nlast \xe9\r\n" + 90000 * b"x y\r\n")
        row = held(t, message, listener=listener)
        equal("sender", row["sender"], SENDER)
        equal("recipients", row["recipients"], RECIPIENTS)
        equal("why", (row["filter"], row["rules"], row["reason"]), ("rules", ["strange"], "strange: yes"))
        equal_bytes("stored", command(t, "show", "--message", row["id"])[1], message)
        shown = command(t, "show", row["id"])[1]
        check(b"X-Strange: yes" in shown and b'"rule": "strange"' in shown, f"shown: {shown!r}")
        release(t, row["id"])
        delivery = t.delivery(message)
        equal_bytes("released", without_trace(delivery.data), message)
        equal("sender", delivery.sender, SENDER)
        equal("recipients", sorted(delivery.recipients), RECIPIENTS)
        check("released before" not in release(t, row["id"], wanted=69), "released twice")
        equal("state", rows(t, "--state", "released")[0]["state"], "released")
        t.delivery(message)  # still one
    t.filterd.reload(RULES)


@case("held in the MTA's own queue where there is no store")
def no_store(t):
    t.filterd.reload(RULES)
    message = letter(FIELD)
    t.send(message, wanted="250")
    t.not_delivered(message)
    check(wait_until(lambda: t.mta.held(), 10), "the MTA holds nothing")
    t.mta.drop_held()


@case("released to others, by a beginning of its id and by a selection; deleted")
def selections(t):
    with_store(t)
    message, other = letter(FIELD), letter(FIELD, subject="another")
    row = held(t, message)
    release(t, "--to", "dave@example.net,erin@example.net", row["id"][:24])
    equal("recipients", sorted(t.delivery(message).recipients), ["dave@example.net", "erin@example.net"])
    held(t, other)
    release(t, "--subject", "anoth", "--rule", "strange", "--newer", "1h", "--sender", "ALICE")
    t.delivery(other)
    for row in rows(t):
        equal("status of delete", command(t, "delete", row["id"])[0], 0)
    equal("rows", rows(t), [])
    equal("status without any", command(t, "show", row["id"])[0], 66)
    t.filterd.reload(RULES)


@case("a forged mark, and one that was used, are worth nothing: the message is filtered")
def forged(t):
    folder = with_store(t)
    message = letter(FIELD)
    row = held(t, message)
    release(t, row["id"])
    t.delivery(message)
    value = b"v1; %s; 9999999999; %s; 7%s; %s" % (row["id"].encode(), 32 * b"0", 64 * b"0", 64 * b"0")
    another = letter(FIELD)
    forged_one = MARK + b": " + value + b"\r\n" + another
    again = held(t, forged_one)
    equal("state", again["state"], "held")
    plain = letter()
    t.becomes(MARK + b": " + value + b"\r\n" + plain,
              MARK + b": " + value + b"\r\n" + plain.replace(b"\r\n\r\n", b"\r\n" + SEEN + b"\r\n", 1))
    check("forged" in open(t.filterd.log, errors="replace").read(), "the log does not say so")
    check(glob.glob(os.path.join(folder, "spent", "*")), "no mark was used up")
    t.filterd.reload(RULES)


@case("a mark belongs to one message: on another one it is refused, and used twice it is filtered")
def replayed(t):
    with_store(t, port="bare")  # no filterd there: the mark stays in the message
    message = letter(FIELD)
    row = held(t, message)
    release(t, row["id"])
    marked = without_trace(t.delivery(message).data)
    mark = re.match(MARK + rb": [^\r]*\r\n", marked)
    check(mark, f"no mark: {marked[:200]!r}")
    equal_bytes("marked", marked, mark.group() + message)
    other = letter(FIELD)
    reply = t.send(mark.group() + other)
    check(reply.startswith("550 5.7.1"), f"another message with the mark: {reply}")
    t.not_delivered(other)
    t.sink.forget()
    t.becomes(marked, message)
    t.sink.forget()
    t.send(marked, wanted="250")
    t.not_delivered(message)
    equal("held again", len([r for r in rows(t) if r["message_id"].encode() == token(message)]), 2)
    t.filterd.reload(RULES)


@case("a recipient that the MTA refuses: nobody gets it, and it stays held")
def refused(t):
    with_store(t)
    message = letter(FIELD)
    row = held(t, message)
    complaint = release(t, "--to", "bob@example.net,refused@example.net", row["id"], wanted=75)
    check("not released" in complaint, complaint)
    equal("state", state_of(t, row), "held")
    t.not_delivered(message)
    release(t, row["id"])
    t.delivery(message)
    t.filterd.reload(RULES)


@case("a full disk: the message is put off with 451, lost nowhere, and stored when there is room")
def full(t):
    folder = os.path.join(t.filterd.folder, "full")
    os.mkdir(folder)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "none", folder], check=False)
    if mounted.returncode != 0:
        raise Skip("no file system can be mounted here")
    try:
        with_store(t, "full")
        fill = os.path.join(folder, "fill")
        subprocess.run(["dd", "if=/dev/zero", f"of={fill}"], check=False, capture_output=True)
        message = letter(FIELD, body=3000 * b"Good morning.\r\n")
        reply = t.send(message)
        check(reply.startswith("451 4.3.0"), f"no room: {reply}")
        t.not_delivered(message)
        with open(t.filterd.log, errors="replace") as log:
            equal("log lines", log.read().count('event="cannot use quarantine"'), 1)
        left = glob.glob(os.path.join(folder, "messages", "*")) + glob.glob(os.path.join(folder, "new", "*"))
        equal("files", left, [])
        os.unlink(fill)
        row = held(t, message)
        equal_bytes("stored", command(t, "show", "--message", row["id"])[1], message)
        t.filterd.reload(RULES)
    finally:
        subprocess.run(["umount", "-l", folder], check=False)
