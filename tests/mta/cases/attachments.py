# SPDX-License-Identifier: BSD-2-Clause
"""Attachments that are refused, held back, stripped and renamed: what arrives, to the byte."""

import base64
import email
import email.policy

from lab.failure import check, equal
from lab.filterd import Chain
from lab.letter import letter, without_trace
from lab.registry import case

RULES = Chain(("attachments",), r"""
filter attachments {
    plugin attachments;
    notice "Removed: {name}";
    rule good   { file-name /^good/; keep; }
    rule refuse { extension scr; reject 554 5.7.7 "Not here: {name}"; }
    rule strip  { extension exe; strip; }
    rule rename { extension docm; rename; }
}
""")
PARTS = b"""Preamble\r
--limit\r
Content-Type: text/plain\r
\r
 Text with\ttabs, trailing blanks  \r
.\r
\r
--limit\r
%s--limit\r
Content-Type: application/octet-stream\r
Content-Disposition: attachment; filename=last.bin\r
Content-Transfer-Encoding: base64\r
\r
TGFz\r
dA==\r
--limit--\r
Epilogue\r
"""


def attached(name, content=b"MZ" + bytes(range(256)) * 40):
    return (
        b'Content-Type: application/octet-stream; name="%s"\r\nX-Kept: yes\r\n'
        b'Content-Disposition: attachment;\r\n\tfilename="%s"\r\n'
        b"Content-Transfer-Encoding: base64\r\n\r\n%s"
        % (name, name, base64.encodebytes(content).replace(b"\n", b"\r\n"))
    )


def mail(name):
    return letter(
        b"MIME-Version: 1.0", b"Content-Type: multipart/mixed; boundary=limit",
        body=PARTS % attached(name),
    )


def second_part(delivered):
    return email.message_from_bytes(delivered, policy=email.policy.default).get_payload(1)


def deliver(t, message, name):
    """What arrives; all but the part is as it was sent."""
    data = without_trace(t.deliver(message).data)
    before, behind = message.split(attached(name))
    check(data.startswith(before), f"before the part: {data!r}")
    check(data.endswith(behind), f"behind the part: {data!r}")
    return data


@case("an attachment is stripped, the rest stays as it was")
def strip(t):
    message = mail(b"evil.exe")
    part = second_part(deliver(t, message, b"evil.exe"))
    equal("its type", part.get_content_type(), "text/plain")
    equal("its text", part.get_content().strip(), "Removed: evil.exe")
    equal("another field of it", part["X-Kept"], "yes")


@case("an attachment is renamed, its content stays as it was")
def rename(t):
    message = mail(b"macro.docm")
    part = second_part(deliver(t, message, b"macro.docm"))
    equal("its name", part.get_filename(), "macro.docm.blocked")
    equal("its content", part.get_content(), b"MZ" + bytes(range(256)) * 40)


@case("an attachment is refused")
def refuse(t):
    message = mail(b"evil.scr")
    t.send(message, wanted="554 5.7.7 Not here: evil.scr")
    t.not_delivered(message)


@case("an attachment that is kept leaves the message as it was")
def keep(t):
    t.unchanged(mail(b"good.exe"))
