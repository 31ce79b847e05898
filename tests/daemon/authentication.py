# SPDX-License-Identifier: BSD-2-Clause
"""spf, dkim, arc and dmarc with resolvers that are down, slow or lie, and with messages and records
that ask for too much: each has its stated result, in a bounded time and with few queries."""

import base64
import hashlib
import json
import os
import socket

from daemon import BUILD, case
from resolver import CNAME, MX, NXDOMAIN, PTR, REFUSED, SERVFAIL, TXT, A, Resolver, mx, name, record, text

PLUGINS = ("spf", "dkim", "arc", "dmarc")
CONFIG = """\
dns {{ resolver {resolver}; {dns} }}
listener auth {{ socket unix:{folder}/auth; workers 1; chain {chain}; }}
"""
BODY = b"body\r\n"
HASH = base64.b64encode(hashlib.sha256(BODY).digest()).decode()
SIGNATURE = base64.b64encode(bytes(256)).decode()
TAGS = f"a=rsa-sha256; c=relaxed/relaxed; s=s; h=from; bh={HASH}; b={SIGNATURE}"
FOUND = "v=spf1 ip4:127.0.0.0/8 ip4:192.0.2.7 -all"


def signature(domain):
    return f"DKIM-Signature: v=1; d={domain}; {TAGS}\n"


def arc_set(instance, domain):
    cv = "none" if instance == 1 else "pass"
    return (f"ARC-Seal: i={instance}; a=rsa-sha256; cv={cv}; d={domain}; s=s; b={SIGNATURE}\n"
            f"ARC-Message-Signature: i={instance}; d={domain}; {TAGS}\n"
            f"ARC-Authentication-Results: i={instance}; {domain}; spf=pass\n")


def message(*fields, author="a@sender.example"):
    return "".join(fields) + f"From: {author}\nSubject: hi\n\nbody\n"


SIGNED = message(signature("signer.example"), arc_set(1, "sealer.example"))


def judge(d, resolver, mail=SIGNED, dns="timeout 400ms;", chain=PLUGINS, options=None, recipients=1):
    """What `filterd test` explains; the longest that one call of a filter took is its "took"."""
    address = resolver.address if isinstance(resolver, Resolver) else resolver
    filters = "".join(
        f"filter {one} {{ plugin {BUILD}/plugins/{one}/{one}.so; {(options or {}).get(one, '')} }}\n"
        for one in chain
    )
    d.write(top=CONFIG.format(resolver=f"forward {address}", dns=dns, folder=d.folder,
                              chain=" ".join(chain)) + filters)
    with open(d.path("message"), "w", encoding="utf-8") as file:
        file.write(mail)
    to = [part for i in range(recipients) for part in ("--rcpt", f"b@{i}.rcpt.example")]
    status, said = d.call("test", "--json", "--listener", "auth", "--client", "192.0.2.7,mail.sender.example",
                          "--helo", "mail.sender.example", "--from", "a@sender.example", *to, d.path("message"))
    assert status == 0, said
    explained = json.loads(said.splitlines()[0])
    explained["took"] = max(one["time_us"] for one in explained["filters"]) / 1e6
    return explained


def results(explained, method):
    """Without those of HELO."""
    return [one["result"] for one in explained["results"]
            if one["method"] == method and "smtp.helo" not in one["properties"]]


def all_results(explained):
    return [results(explained, one) for one in PLUGINS]


def good(asked, kind):
    """A domain with all records that it should have; its key is none that has signed anything."""
    if kind != TXT:
        return {"rcode": NXDOMAIN}
    if asked.startswith("_dmarc."):
        found = b"v=DMARC1; p=none" if asked == "_dmarc.sender.example" else None
    elif "._domainkey." in asked:
        found = b"v=DKIM1; k=ed25519; p=" + base64.b64encode(bytes(32))
    else:
        found = FOUND.encode()
    return {"answers": [record(asked, TXT, text(found))]} if found else {"rcode": NXDOMAIN}


def behind_aliases(count):
    """The same behind so many aliases, one a query."""

    def answer(asked, kind):
        step, _, rest = asked.partition(".")
        left, rest = (int(step[1:]), rest) if step.startswith("~") else (count, asked)
        if left > 0:
            return {"answers": [record(asked, CNAME, name(f"~{left - 1}.{rest}"))]}
        made = good(rest, kind)
        at = len(name(rest)) + 10
        return {**made, "answers": [record(asked, TXT, one[at:]) for one in made.get("answers", [])]}

    return answer


def of_everybody(*answers, kind=TXT, **more):
    """The same answer whatever is asked."""
    return lambda asked, _: {"answers": [record(asked, kind, one) for one in answers], **more}


ERRORS = [["temperror"], ["temperror"], ["fail"], ["temperror"]]
NOTHING = [["none"], ["permerror"], ["fail"], ["none"]]
USUAL = [["pass"], ["permerror"], ["fail"], ["pass"]]

RESOLVERS = {
    "good": (good, USUAL),
    "SERVFAIL": (lambda *_: {"rcode": SERVFAIL}, ERRORS),
    "REFUSED": (lambda *_: {"rcode": REFUSED}, ERRORS),
    "NXDOMAIN": (lambda *_: {"rcode": NXDOMAIN}, NOTHING),
    "no data": (of_everybody(), NOTHING),
    "records of another type": (of_everybody(bytes(4), kind=A), NOTHING),
    "records of nothing": (of_everybody(b"\0", b"\4\0\xff\n;"), NOTHING),
    "text that ends early": (of_everybody(b"\x20short"), ERRORS),
    "1,500 records": (of_everybody(*[b"\3abc"] * 1500, truncate=True), ERRORS),
    "truncated": (lambda asked, kind: {**good(asked, kind), "truncate": True}, USUAL),
    "truncated for ever": (of_everybody(text(*[b"v=spf1 " + b"x" * 200] * 300), truncate=True),
                           [["permerror"], ["permerror"], ["fail"], ["none"]]),
    "five aliases": (behind_aliases(5), USUAL),
    "thirty aliases": (behind_aliases(30), ERRORS),
    "an alias of itself": (lambda asked, _: {"answers": [record(asked, CNAME, name(asked))]}, ERRORS),
    "no message": (of_everybody(junk=b"\xff" * 30, truncate=False), NOTHING),
}


@case
def auth_of_bad_resolvers(d):
    """What each says comes to; none takes more than the time of a few queries."""
    for what, (answer, expected) in RESOLVERS.items():
        resolver = Resolver(answer)
        explained = judge(d, resolver, dns="timeout 3s;")
        assert all_results(explained) == expected, (what, explained["results"], explained["dns"])
        assert explained["verdict"] == "accept" and explained["took"] < 15, (what, explained)
        assert what != "truncated" or resolver.over_tcp, what
        resolver.close()


@case
def auth_of_silent_resolvers(d):
    """One that is not there, one that says nothing, and a slow one: the time of a query, in time for a
    verdict, and the client is asked to come again where that is wanted."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as held:
        held.bind(("127.0.0.1", 0))
        gone = f"127.0.0.1@{held.getsockname()[1]}"
        for resolver in (gone, Resolver(lambda *_: None), Resolver(good, delay=20)):
            explained = judge(d, resolver)
            assert all_results(explained) == ERRORS, explained["results"]
            assert 0.3 < explained["took"] < 8, explained
    silent = Resolver(lambda *_: None)
    for plugin, option in (("spf", "temperror tempfail;"), ("dmarc", "temperror tempfail;")):
        explained = judge(d, silent, options={plugin: option})
        assert explained["verdict"] == "tempfail" and explained["reply"].startswith("451 4."), explained
    explained = judge(d, silent, dns="timeout 60s;", options={one: "timeout 2s;" for one in PLUGINS})
    assert explained["verdict"] == "accept" and all_results(explained) == ERRORS, explained
    assert explained["took"] < 2, explained
    silent.close()


@case
def auth_of_many_signatures(d):
    """A hundred, each of another domain, and the longest chain that there is: what is looked at is bounded,
    and a resolver that says nothing costs no more for it."""
    signatures = "".join(signature(f"{i}.signer.example") for i in range(100))
    sets = "".join(arc_set(i, f"{i}.sealer.example") for i in range(50, 0, -1))
    for answer, key, dmarc in ((good, "permerror", "pass"), (lambda *_: None, "temperror", "temperror")):
        resolver = Resolver(answer)
        explained = judge(d, resolver, mail=message(signatures), dns="timeout 2s;")
        assert results(explained, "dkim") == [key] * 8 + ["policy"], explained["results"]
        assert results(explained, "dmarc") == [dmarc], explained["results"]
        assert len({one for one, _ in resolver.asked if "._domainkey." in one}) <= 8, resolver.asked
        assert explained["took"] < 10, explained
        explained = judge(d, resolver, mail=message(sets), dns="timeout 2s;", chain=("arc",))
        assert results(explained, "arc") == ["fail"] and explained["took"] < 10, explained
        assert len(explained["dns"]) <= 100, len(explained["dns"])
        resolver.close()
    resolver = Resolver(good)
    explained = judge(d, resolver, mail=message(signatures), dns="queries-per-filter 5;", chain=("dkim",))
    assert results(explained, "dkim") == ["permerror"] * 5 + ["policy"] * 4, explained["results"]
    resolver.close()


@case
def auth_of_many_recipients(d):
    """A hundred ask no more than one."""
    asked = []
    for recipients in (1, 100):
        resolver = Resolver(good)
        explained = judge(d, resolver, dns="timeout 10s;", recipients=recipients)
        assert all_results(explained) == USUAL, explained["results"]
        asked.append(sorted((one["name"], one["type"]) for one in explained["dns"]))
        resolver.close()
    assert asked[0] == asked[1], asked


@case
def auth_of_many_authors(d):
    """Names of a hundred labels, and several From with many addresses."""
    deep = ".".join(["a"] * 100) + ".sender.example"
    resolver = Resolver(good)
    explained = judge(d, resolver, mail=message(author=f"x@{deep}"))
    assert len([one for one, _ in resolver.asked if one.startswith("_dmarc.")]) <= 8 + 8, resolver.asked
    assert results(explained, "dmarc") == ["pass"], explained["results"]
    many = ", ".join(f"x@{i}.author.example" for i in range(500))
    explained = judge(d, resolver, mail=message(f"From: {many}\n", author=many))
    assert set(results(explained, "dmarc")) <= {"permerror", "none", "fail"}, explained["results"]
    assert len(explained["dns"]) <= 100 and explained["took"] < 10, explained
    resolver.close()


def bomb(terms, others=None):
    """SPF records: that of the sender, that of every other domain; other types as they are told."""

    def answer(asked, kind):
        if kind == TXT:
            said = terms if asked == "sender.example" else terms.replace("SELF", asked)
            said = said.replace("SELF", asked).encode()
            strings = [said[at : at + 255] for at in range(0, len(said), 255)]
            return {"answers": [record(asked, TXT, text(*strings))], "truncate": len(said) > 400}
        made = (others or {}).get(kind, [])
        return {"answers": [record(asked, kind, one) for one in made], "truncate": len(made) > 10}

    return answer


HOSTS = [mx(i, f"{i}.mx.example") for i in range(200)]
NAMES = [name(f"{i}.ptr.example") for i in range(300)]
WIDE = " ".join(f"include:{i}.SELF" for i in range(30))

BOMBS = {
    "a tree of includes": (bomb(f"v=spf1 {WIDE} -all"), ["permerror"]),
    "includes of itself": (bomb("v=spf1 include:SELF -all"), ["permerror"]),
    "redirects in a circle": (bomb("v=spf1 redirect=SELF"), ["permerror"]),
    "redirects that grow": (bomb("v=spf1 redirect=a.SELF"), ["permerror"]),
    "hundreds of a": (bomb("v=spf1 " + " ".join(f"a:{i}.SELF" for i in range(300)) + " -all",
                           {A: [bytes(4)]}), ["permerror"]),
    "names without data": (bomb("v=spf1 a:1.SELF a:2.SELF a:3.SELF a:4.SELF -all"), ["permerror"]),
    "mx with 200 hosts": (bomb("v=spf1 mx mx:a.SELF mx:b.SELF -all", {MX: HOSTS, A: [bytes(4)]}), ["permerror"]),
    "300 names of the client": (bomb("v=spf1 ptr:other.example -all", {PTR: NAMES, A: [bytes(4)]}), ["fail"]),
    "macros that ask for names": (bomb("v=spf1 " + " ".join(["exists:%{p}.%{ir}.%{l}.SELF"] * 50) + " -all",
                                       {PTR: NAMES, A: []}), ["permerror"]),
    "an explanation of another": (bomb("v=spf1 -all exp=%{p}.%{h}.%{d}.%{d}.SELF", {PTR: NAMES}), ["fail"]),
}


@case
def auth_of_spf_bombs(d):
    for what, (answer, expected) in BOMBS.items():
        resolver = Resolver(answer)
        explained = judge(d, resolver, mail=message(), dns="timeout 5s;", chain=("spf",),
                          options={"spf": "timeout 20s;"})
        assert results(explained, "spf") == expected, (what, explained["results"], explained["dns"])
        assert len(explained["dns"]) <= 60 and explained["took"] < 10, (what, len(explained["dns"]), explained["took"])
        resolver.close()
    resolver = Resolver(bomb("v=spf1 include:a.SELF -all"), delay=0.3)
    explained = judge(d, resolver, mail=message(), dns="timeout 5s;", chain=("spf",), options={"spf": "timeout 1s;"})
    assert results(explained, "spf") == ["temperror"] and explained["took"] < 1, explained
    resolver.close()
