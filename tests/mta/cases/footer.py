# SPDX-License-Identifier: BSD-2-Clause
"""Footers in mail that is delivered: they are in its texts, and all else is as it was sent."""

import email
import email.policy

from lab.failure import check, equal
from lab.filterd import Chain
from lab.letter import letter, without_trace
from lab.registry import case

RULES = Chain(("footer",), r"""
filter footer {
    plugin footer;
    footer banner { place before; when sender.domain == example.org; text "From ${sender}"; }
    footer legal  { text "Grüße, Example €"; html "<p>Grüße, Example €</p>"; }
}
""")
MARKERS = b"X-Footer: banner\r\nX-Footer: legal\r\n"
PARTS = b"""Preamble\r
--limit\r
Content-Type: multipart/alternative; boundary=inner\r
\r
--inner\r
Content-Type: text/plain; charset=iso-8859-1\r
Content-Transfer-Encoding: quoted-printable\r
\r
Z=FCrich\r
--inner\r
Content-Type: text/html; charset=us-ascii\r
\r
<html><body class=3D"x">\r
<p>Z&uuml;rich</p>\r
</body></html>\r
--inner--\r
\r
--limit\r
Content-Type: application/octet-stream; name=last.bin\r
Content-Transfer-Encoding: base64\r
\r
TGFz\r
dA==\r
--limit--\r
Epilogue\r
"""


def read(data):
    return email.message_from_bytes(data, policy=email.policy.default)


def text_of(part):
    return part.get_content().replace("\r\n", "\n")


def deliver(t, message):
    return without_trace(t.deliver(message, sender="alice@example.org").data)


@case("a 7-bit text gets its footers, and nothing else changes")
def plain(t):
    message = letter(body=b" Good\tmorning.  \r\n.\r\n..dots\r\n\r\n")
    data = deliver(t, message)
    head, _, body = message.partition(b"\r\n\r\n")
    check(data.startswith(head + b"\r\n"), f"header: {data!r}")
    check(MARKERS in data, f"markers: {data!r}")
    found = read(data)
    equal("encoding", found["Content-Transfer-Encoding"], "quoted-printable")
    equal("text", text_of(found).encode(), b"From alice@example.org\n\n" +
          body.replace(b"\r\n", b"\n") + "Grüße, Example €\n".encode())
    check(max(data) < 128, f"8-bit: {data!r}")


@case("text and HTML get their footers, all else stays as it was")
def parts(t):
    message = letter(
        b"MIME-Version: 1.0", b"Content-Type: multipart/mixed; boundary=limit", body=PARTS,
    )
    data = deliver(t, message)
    body = data.partition(b"\r\n\r\n")[2]
    check(body.startswith(PARTS[: PARTS.index(b"Content-Type: text/plain")]), f"beginning: {data!r}")
    check(body.endswith(PARTS[PARTS.index(b"\r\n</body>") :]), f"end: {data!r}")
    text, html = read(data).get_payload(0).get_payload()
    equal("text", text_of(text), "From alice@example.org\n\nZürich\n\nGrüße, Example €")
    equal("HTML", text_of(html),
          '<html><body class=3D"x">\n<div>From alice@example.org</div>\n<p>Z&uuml;rich</p>\n'
          "<p>Gr&#252;&#223;e, Example &#8364;</p>\n</body></html>")


@case("a message that has its footers arrives as it was sent")
def again(t):
    first = deliver(t, letter(
        b"MIME-Version: 1.0", b"Content-Type: multipart/mixed; boundary=limit", body=PARTS,
    ))
    t.sink.forget()
    equal("the second time", deliver(t, first), first)


@case("signed mail arrives as it was sent")
def signed(t):
    body = PARTS.replace(b"application/octet-stream; name=last.bin", b"application/pgp-signature")
    t.unchanged(letter(
        b"MIME-Version: 1.0", b"Content-Type: multipart/signed; boundary=limit", body=body,
    ))
