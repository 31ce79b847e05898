# SPDX-License-Identifier: BSD-2-Clause
"""Filters that ask the DNS: what answers come to, that lies and silence cost a stated time and no
more, limits, and that nothing is left behind."""

import json
import os
import socket

from daemon import BUILD, await_that, case, status_of
from milter import Session
from resolver import A, AAAA, CNAME, MX, NXDOMAIN, PTR, REFUSED, SERVFAIL, TXT, Resolver, mx, name, record, text

PATIENT = "timeout 60s;"  # with a machine that is busy
ASK = os.path.join(BUILD, "tests/plugins/ask.so")
CONFIG = """\
dns {{ resolver {resolver}; {dns} }}
listener ask {{ socket unix:{folder}/ask; workers 1; chain ask; }}
filter ask {{ plugin {plugin}; {filter} }}
"""


def write(d, resolver, dns="", inside=""):
    address = f"forward {resolver.address}" if isinstance(resolver, Resolver) else resolver
    d.write(top=CONFIG.format(resolver=address, dns=dns, folder=d.folder, plugin=ASK, filter=inside))


def ask(d, *queries, arguments=()):
    """What `filterd test` explains of a message that asks, and the seconds that the filter took."""
    with open(d.path("message"), "w", encoding="utf-8") as file:
        file.write("From: a@example.org\nTo: b@rcpt.example.org\n")
        file.writelines(f"X-Ask: {query}\n" for query in queries)
        file.write("\nbody\n")
    status, said = d.call("test", "--json", "--listener", "ask", *arguments, d.path("message"))
    assert status == 0, said
    explained = json.loads(said.splitlines()[0])
    return explained, explained["filters"][0]["time_us"] / 1e6


def answers(explained):
    return [edit["value"].strip() for edit in explained["edits"] if edit["name"] == "X-Answer"]


ZONE = {
    ("mail.example.org", A): [bytes([192, 0, 2, 1]), bytes([192, 0, 2, 2])],
    ("mail.example.org", AAAA): [bytes(15) + b"\1"],
    ("example.org", MX): [mx(10, "Mail.Example.ORG")],
    ("null.example.org", MX): [mx(0, "")],
    ("dotted.example.org", MX): [mx(5, [b"a.b", b"x y", b"org"])],
    ("spf.example.org", TXT): [text(b"v=spf1 ", b"-all")],
    ("nul.example.org", TXT): [text(b"a\0b")],
    ("1.2.0.192.in-addr.arpa", PTR): [name("mail.example.org")],
}


def answer_zone(asked, kind):
    found = ZONE.get((asked, kind))
    if found:
        return {"answers": [record(asked, kind, data) for data in found]}
    if asked.startswith("alias."):
        target = asked[len("alias.") :]
        rest = answer_zone(target, kind).get("answers", [])
        return {"answers": [record(asked, CNAME, name(target)), *rest]}
    return {"rcode": 0 if any(asked == one for one, _ in ZONE) else NXDOMAIN}


@case
def dns_answers(d):
    resolver = Resolver(answer_zone)
    write(d, resolver, dns=PATIENT, inside=PATIENT)
    explained, _ = ask(
        d, "A mail.example.org", "AAAA MAIL.example.org.", "MX example.org", "MX null.example.org",
        "MX dotted.example.org", "TXT spf.example.org", "TXT nul.example.org",
        "PTR 1.2.0.192.in-addr.arpa", "A alias.mail.example.org", "TXT mail.example.org",
        "A none.example.org", "A a..b", "A " + "x" * 64 + ".org", "NS example.org",
    )
    found = answers(explained)
    assert found[0].startswith("found mail.example.org count=2") and "c0000201" in found[0], found
    assert found[1] == "found mail.example.org count=1 0:16:" + "00" * 15 + "01", found
    assert found[2] == "found example.org count=1 10:16:" + b"mail.example.org".hex(), found
    assert found[3] == "found null.example.org count=1 0:0:", found
    assert found[4] == "found dotted.example.org count=1 5:15:" + rb"a\.b.x\032y.org".hex(), found
    assert found[5] == "found spf.example.org count=1 0:11:" + b"v=spf1 -all".hex(), found
    assert found[6] == "found nul.example.org count=1 0:3:610062", found
    assert found[7] == "found 1.2.0.192.in-addr.arpa count=1 0:16:" + b"mail.example.org".hex(), found
    assert found[8].startswith("found mail.example.org count=2"), found
    assert found[9:] == [f"{one} - count=0" for one in ("nodata", "nxdomain", "invalid", "invalid", "invalid")]
    listed = {(one["name"], one["type"]): one["status"] for one in explained["dns"]}
    assert listed["none.example.org", "A"] == "nxdomain" and len(listed) == 12, listed
    resolver.close()


def answer_lies(asked, kind):
    if asked == "type.example.org":
        return {"answers": [record(asked, A, bytes(4))]}
    if asked == "short.example.org":
        return {"answers": [record(asked, kind, bytes(3))]}
    if asked == "string.example.org":
        return {"answers": [record(asked, kind, b"\x09abc")]}
    if asked == "many.example.org":
        return {"answers": [record(asked, kind, i.to_bytes(4, "big")) for i in range(1500)], "truncate": True}
    if asked == "some.example.org":
        return {"answers": [record(asked, kind, i.to_bytes(4, "big")) for i in range(400)], "truncate": True}
    if asked == "loop.example.org":
        return {"answers": [record(asked, CNAME, name(asked))]}
    if asked == "other.example.org":
        return {"answers": [record("another.example.org", kind, bytes(4))]}
    if asked == "large.example.org":
        return {"answers": [record(asked, TXT, text(*[b"x" * 255] * 200))], "truncate": True}
    if asked == "junk.example.org":
        return {"junk": b"\xff" * 30, "answers": [b"\xc0\xff\xc0"]}
    return {"rcode": {"refused.example.org": REFUSED, "servfail.example.org": SERVFAIL}.get(asked, NXDOMAIN)}


@case
def dns_lies(d):
    resolver = Resolver(answer_lies)
    write(d, resolver, dns="timeout 3s;")
    explained, _ = ask(
        d, "TXT type.example.org", "A short.example.org", "TXT string.example.org", "A many.example.org",
        "A some.example.org", "A loop.example.org", "A other.example.org", "TXT large.example.org",
        "A refused.example.org", "A servfail.example.org", "A junk.example.org",
    )
    found = answers(explained)
    for i in (1, 2, 3, 5, 8, 9, 10):
        assert found[i] in ("servfail - count=0", "timeout - count=0"), (i, found)
    assert found[0] == "nodata - count=0" and found[6] in ("nodata - count=0", "servfail - count=0"), found
    assert found[4].startswith("found some.example.org count=400 "), found
    assert found[7].startswith("found large.example.org count=1 0:51000:7878"), found
    assert ("large.example.org", TXT) in resolver.over_tcp, resolver.over_tcp
    assert explained["verdict"] == "accept", explained
    resolver.close()


@case
def dns_silence_costs_the_timeout(d):
    """Of a resolver that is not there, of one that says nothing, and of one that knows not its id."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
        for resolver in (f"forward 127.0.0.1@{port}", Resolver(lambda *_: None), Resolver(lambda *_: {"wrong_id": True})):
            write(d, resolver, dns="timeout 700ms;")
            explained, took = ask(d, "A one.example.org", "A two.example.org", "TXT three.example.org")
            assert answers(explained) == ["timeout - count=0"] * 3, explained
            assert all(one["status"] == "timeout" for one in explained["dns"] if "two" in one["name"]), explained
            assert 0.69 <= took < 8, took
    write(d, f"forward 127.0.0.1@{port}", dns="timeout 5s;")
    explained, took = ask(d, "A one.example.org")
    assert answers(explained)[0] in ("servfail - count=0", "timeout - count=0"), (explained, took)


@case
def dns_late_answers_are_timeouts(d):
    resolver = Resolver(answer_zone, delay=30)
    write(d, resolver, dns="timeout 300ms;")
    explained, took = ask(d, "A mail.example.org", "A mail.example.org")
    assert answers(explained) == ["timeout - count=0"] * 2 and took < 8, (explained, took)
    resolver.close()


@case
def dns_leaves_the_filter_time(d):
    """The deadline of the filter comes first: it gets its answer before that, and does not end in error."""
    resolver = Resolver(lambda *_: None)
    write(d, resolver, dns="timeout 60s;", inside="timeout 5s;")
    explained, took = ask(d, "A one.example.org", "A two.example.org")
    assert explained["verdict"] == "accept" and answers(explained) == ["timeout - count=0"] * 2, explained
    assert 4.4 <= took < 5, took
    resolver.close()


@case
def dns_queries_run_beside_each_other(d):
    """A hundred, one of them the recipient's, that take a second each, take less than a quarter of a
    hundred seconds."""
    resolver = Resolver(lambda asked, kind: {"answers": [record(asked, kind, bytes(4))]}, delay=1)
    write(d, resolver, dns=PATIENT, inside=PATIENT)
    explained, took = ask(d, "A many.example.org 99")
    assert len(answers(explained)) == 99 and all(one.startswith("found") for one in answers(explained))
    assert 1 <= took < 25, took
    assert len({one for one, _ in resolver.asked}) >= 100, len(resolver.asked)
    resolver.close()


@case
def dns_limits(d):
    resolver = Resolver(answer_zone)
    for limit, count in (("queries-per-message 20; queries-per-filter 50;", 20), ("queries-per-filter 10;", 10)):
        write(d, resolver, dns=limit + PATIENT, inside=PATIENT)
        explained, _ = ask(d, "A x.example.org 30", "A 0.x.example.org")
        found = answers(explained)
        # one is the recipient's, which nobody awaits
        assert found.count("nxdomain - count=0") == count - 1 + 1, found
        assert found.count("limit - count=0") == 30 - (count - 1), found
        assert found[-1] == "nxdomain - count=0", found
        assert len(explained["dns"]) == count
    resolver.close()


@case
def dns_zone_file_asks_no_network(d):
    with open(d.path("zone"), "w", encoding="utf-8") as file:
        file.write("$ORIGIN example.org.\n@ MX 10 mail\nmail A 192.0.2.7\n!SERVFAIL bad\n!TIMEOUT slow TXT\n")
    resolver = Resolver(answer_zone)
    for dns, arguments in (("", ("--dns", d.path("zone"))), (f"zone-file {d.path('zone')};", ())):
        write(d, resolver, dns=dns)
        explained, _ = ask(
            d, "MX example.org", "A mail.example.org", "A bad.example.org", "TXT slow.example.org",
            "A slow.example.org", "A spf.example.org", arguments=arguments,
        )
        found = [one.split()[0] for one in answers(explained)]
        assert found == ["found", "found", "servfail", "timeout", "nodata", "nxdomain"], found
    assert not resolver.asked, resolver.asked
    with open(d.path("zone"), "a", encoding="utf-8") as file:
        file.write("mail A 192.0.2\n")
    status, said = d.call("check")
    assert status == 78 and f"{d.path('zone')}:6:8: expected an IPv4 address" in said, said
    resolver.close()


# ---- the daemon ----


def threads(pid):
    return int(status_of(pid)["Threads"])


def ask_daemon(d, *queries):
    session = Session(d.path("ask"))
    try:
        return session.message(**{"X-Ask": queries[0]} if queries else {})
    finally:
        session.close()


def leave_early(d, recipient):
    """A session that is gone when the recipient has been told, of whose domain the filter asks."""
    session = Session(d.path("ask"))
    session.event(b"M", b"<a@example.net>\0", 0x4, 0x4000)
    session.event(b"R", f"<{recipient}>\0".encode(), 0x8, 0x8000)
    session.close()


def counted(d):
    status, said = d.call("status", "--json")
    assert status == 0, said
    return [one for one in json.loads(said)["listeners"] if one["name"] == "ask"][0]


@case
def dns_of_a_worker(d):
    """Its threads begin with the first query, all its sessions share a cache, and what was asked is counted."""
    resolver = Resolver(lambda asked, kind: {"answers": [record(asked, kind, bytes(4))]})
    write(d, resolver)
    d.start()
    before = {one: threads(one) for one in d.workers()}
    for _ in range(5):
        ask_daemon(d, "A one.example.org")
    assert [one for one, _ in resolver.asked].count("one.example.org") == 1, resolver.asked
    assert sum(threads(one) - before[one] >= 2 for one in d.workers()) == 1, before
    assert await_that(lambda: counted(d)["dns_queries"]["found"] >= 5), counted(d)
    assert counted(d)["dns_time"]["count"] >= 5
    d.reload()
    ask_daemon(d, "A one.example.org")
    assert [one for one, _ in resolver.asked].count("one.example.org") == 2, resolver.asked
    d.stop()
    resolver.close()


@case
def dns_of_nobody_starts_nothing(d):
    write(d, "system")
    d.start()
    before = {one: threads(one) for one in d.workers()}
    assert d.judge("one") == b"c"
    assert all(threads(one) - before[one] <= 1 for one in d.workers()), before
    d.stop()


@case
def dns_survives_who_asked(d):
    """Sessions that are gone before the answer comes; a reload, and an end, with queries on their way."""
    resolver = Resolver(lambda asked, kind: {"answers": [record(asked, kind, bytes(4))]}, delay=1)
    write(d, resolver)
    d.start()
    for i in range(20):
        leave_early(d, f"b@{i}.example.org")
    assert await_that(lambda: len(resolver.asked) >= 20), resolver.asked
    d.reload()
    for i in range(20, 40):
        leave_early(d, f"b@{i}.example.org")
    assert await_that(lambda: counted(d)["dns_queries"]["abandoned"] >= 1), counted(d)
    d.stop()
    assert "crash" not in d.log() and "died" not in d.log(), d.log()
    resolver.close()
