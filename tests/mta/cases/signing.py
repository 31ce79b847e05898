# SPDX-License-Identifier: BSD-2-Clause
"""Signed messages: what dkim-sign and arc-seal have signed arrives so that it verifies, by dkimpy."""

import base64
import os
import re
import tempfile

from cases.corpus import messages
from lab.failure import Failure, Skip, check, equal
from lab.filterd import Chain
from lab.letter import letter, without_trace
from lab.openssl import openssl
from lab.registry import case

try:
    import dkim
except ImportError:
    dkim = None

DOMAIN = "example.org"
KEYS = tempfile.TemporaryDirectory(prefix="filterd-keys-")
RSA, ED = (os.path.join(KEYS.name, name) for name in ("rsa.pem", "ed.pem"))
openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", RSA)
openssl("genpkey", "-algorithm", "ED25519", "-out", ED)

SIGN = """
filter {name} {{
    plugin dkim-sign;
    when   sender.local == {name};
    header-canonicalization {name};
    body-canonicalization   {name};
    key {{ domain example.org; selector rsa; file {rsa}; identity "${{sender}}"; }}
    key {{ domain example.org; selector ed;  file {ed}; }}
}}
"""
FILTERS = """
filter rules {
    plugin rules;
    rule mark {
        when           header.X-Edit == yes;
        set-header     Subject "edited: a subject that is long enough to be folded, and then some more of it";
        insert-header  X-First "1";
        replace-body   /colou?r/ "paint";
    }
}
filter arc { plugin arc; }
filter seal {
    plugin arc-seal;
    key { domain example.org; selector rsa; file @RSA; }
}
""".replace("@RSA", RSA) + "".join(
    SIGN.format(name=name, rsa=RSA, ed=ED) for name in ("relaxed", "simple")
)
RULES = Chain(("rules", "arc", "relaxed", "simple", "seal"), FILTERS)
KINDS = ("relaxed", "simple")


def public(path, skip):
    made = path + ".pub"
    openssl("pkey", "-in", path, "-pubout", "-outform", "DER", "-out", made)
    with open(made, "rb") as file:
        return base64.b64encode(file.read()[skip:])


RECORDS = {
    b"rsa._domainkey.example.org.": b"v=DKIM1; k=rsa; p=" + public(RSA, 0),
    b"ed._domainkey.example.org.": b"v=DKIM1; k=ed25519; p=" + public(ED, 12),
}


def answer(name, timeout=5):
    return RECORDS.get(name, b"")


def verdicts(data):
    """What dkimpy finds of both signatures and of the chain."""
    if not dkim:
        raise Skip("there is no dkimpy")
    both = dkim.DKIM(data)
    signed = tuple(both.verify(index, dnsfunc=answer) for index in (0, 1))
    return signed + (dkim.arc_verify(data, dnsfunc=answer)[0],)


def arrives_good(t, message, kind):
    data = t.deliver(message, sender=f"{kind}@example.org").data
    equal(f"{kind}: what dkimpy finds in\n{data!r}", verdicts(data), (True, True, b"pass"))
    t.sink.forget()
    return data


@case("a signed message arrives verifiable, relaxed and simple")
def plain(t):
    odd = (b"X-Odd:  no  order ", b"References: <a@example.org>\r\n\t <b@example.org>", b"CC: c@d.example")
    bodies = (
        b"",
        b"\r\n",
        b"Good morning.\r\n\r\n  two  blanks \t\r\n.\r\n..\r\n\r\n\r\n",
        b"tabs\t\tand 8-bit: \xc3\xa9\xff\r\n" + b"x" * 900 + b"\r\n",
        b"a line of a large body\r\n" * 20000,
    )
    for kind in KINDS:
        for body in bodies:
            arrives_good(t, letter(*odd, body=body), kind)


@case("the signature stands above all fields of the message, and covers what filters have edited")
def edited(t):
    for kind in KINDS:
        data = arrives_good(t, letter(b"X-Edit: yes", body=b"A colour.\r\n"), kind)
        check(b"A paint.\r\n" in data and b"\r\nX-First: 1\r\n" in data, f"not edited: {data!r}")
        names = re.findall(rb"^([\w-]+):", without_trace(data), re.MULTILINE)
        wanted = [b"ARC-Seal", b"ARC-Message-Signature", b"ARC-Authentication-Results"]
        equal("first fields", names[:5], wanted + [b"DKIM-Signature"] * 2)


@case("fields that the MTA adds where they lack do not break a signature")
def lacking(t):
    for kind in KINDS:
        message = re.sub(rb"Date: [^\n]*\n", b"", letter())
        data = arrives_good(t, message, kind)
        added = bool(re.search(rb"^Date: ", data, re.MULTILINE))
        equal(f"Date added in {data!r}", added, t.by_mta(postfix=False, sendmail=True))


def bare(t, message):
    """The message as the MTA delivers it without a milter."""
    t.send(message, "relaxed@example.org", wanted="250", listener="bare")
    t.mta.wait_idle()
    (delivery,) = t.sink.holding(b"")
    t.sink.forget()
    return without_trace(delivery.data)


def with_from(sample):
    """Those that can be signed, without the field that both MTAs drop."""
    for message in sample:
        header, _, body = message.partition(b"\r\n\r\n")
        header = re.sub(rb"^Return-Path:[^\n]*\n", b"", header, flags=re.MULTILINE | re.IGNORECASE)
        if re.search(rb"^From:.*@", header, re.MULTILINE | re.IGNORECASE):
            yield header + b"\r\n\r\n" + body


@case("real messages that the MTA leaves alone arrive verifiable")
def real(t):
    sample = list(with_from(messages()))
    if not sample:
        raise Skip("there are no messages: tests/corpus/fetch")
    alone, wrong = 0, []
    for number, message in enumerate(sample):
        t.sink.forget()
        if bare(t, message) != message:
            continue
        alone += 1
        for kind in KINDS:
            t.send(message, f"{kind}@example.org", wanted="250")
            t.mta.wait_idle()
            (delivery,) = t.sink.holding(b"")
            t.sink.forget()
            if verdicts(delivery.data) != (True, True, b"pass"):
                wrong.append(f"message {number}, {kind}: {verdicts(delivery.data)}")
    print(f"# {alone} of {len(sample)} messages are left alone by the MTA", flush=True)
    check(alone > 0, "the MTA leaves none alone")
    if wrong:
        raise Failure("\n".join(wrong))
