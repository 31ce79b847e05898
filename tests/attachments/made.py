# SPDX-License-Identifier: BSD-2-Clause
"""Messages with attachments, and archives, made for the cases."""

import base64
import io
import zipfile

BOUNDARY = "=_boundary"


def zipped(*members, encrypted=False):
    """A zip of (name, bytes); encrypted: its members are marked so, which is all that is looked at."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0)), content)
    data = bytearray(file.getvalue())
    if encrypted:
        start = 0
        for mark, flag in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
            start = 0
            while (start := data.find(mark, start)) >= 0:
                data[start + flag] |= 1
                start += 4
    return bytes(data)


def part(content, kind="application/octet-stream", name=None, disposition=None, encoding="base64"):
    """A part with its header, without a boundary. disposition overrides what is made of the name."""
    lines = [f"Content-Type: {kind}" + (f'; name="{name}"' if name else "")]
    lines.append(f"Content-Transfer-Encoding: {encoding}")
    if disposition or name:
        lines.append("Content-Disposition: " +
                     (disposition or f'attachment; filename="{name}"'))
    if encoding == "base64":
        body = base64.encodebytes(content).decode().strip()
    else:
        body = content.decode()
    return "\n".join(lines) + "\n\n" + body


def message(*parts, kind="mixed", header=""):
    """A message of parts; CRLF. The first part is a text."""
    text = part(b"The text.", "text/plain; charset=us-ascii", encoding="7bit")
    body = "".join(f"--{BOUNDARY}\n{one}\n" for one in (text, *parts))
    return (f"From: a@example.org\nTo: b@example.org\nSubject: test\n{header}MIME-Version: 1.0\n"
            f'Content-Type: multipart/{kind}; boundary="{BOUNDARY}"\n\nPreamble\n{body}'
            f"--{BOUNDARY}--\nEpilogue\n").replace("\n", "\r\n").encode()
