# SPDX-License-Identifier: BSD-2-Clause
"""Messages with attachments, and archives, made for the cases."""

import base64
import io
import struct
import zipfile
import zlib

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


def rar4(*members):
    """A rar as before 5.0 of (name, bytes, whether it is marked as encrypted), all stored."""

    def block(kind, flags, fields, data=b""):
        rest = struct.pack("<BHH", kind, flags, 7 + len(fields)) + fields
        return struct.pack("<H", zlib.crc32(rest) & 0xFFFF) + rest + data

    made = b"Rar!\x1a\7\0" + block(0x73, 0, bytes(6))
    for name, content, encrypted in members:
        size = len(content)
        fields = struct.pack("<IIBII", size, size, 3, zlib.crc32(content), 0x50210000)
        fields += struct.pack("<BBHI", 20, 0x30, len(name), 0o100644) + name.encode()
        made += block(0x74, 0x8004 if encrypted else 0x8000, fields, content)
    return made + block(0x7B, 0x4000, b"")


def rar5(*members):
    """The same as of 5.0."""

    def number(value):
        return (bytes([value & 127 | 128]) + number(value >> 7)) if value > 127 else bytes([value])

    def block(fields, data=b""):
        rest = number(len(fields)) + fields
        return struct.pack("<I", zlib.crc32(rest)) + rest + data

    made = b"Rar!\x1a\7\1\0" + block(bytes([1, 0, 0]))
    for name, content, encrypted in members:
        written = name.encode()
        record = bytes([1, 0, 0, 15]) + bytes(32)
        extra = number(len(record)) + record if encrypted else b""
        fields = bytes([2, 3]) + number(len(extra)) if encrypted else bytes([2, 2])
        fields += number(len(content)) + bytes([4]) + number(len(content)) + number(0o100644)
        fields += struct.pack("<I", zlib.crc32(content)) + bytes([0, 1])
        made += block(fields + number(len(written)) + written + extra, content)
    return made + block(bytes([5, 0, 0]))


def tnef(*files):
    """A winmail.dat of files, each a dictionary: title, content, long (name), message (a TNEF that is attached)."""

    def attribute(level, kind, data):
        return struct.pack("<BII", level, kind, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)

    def properties(*items):
        made = struct.pack("<I", len(items))
        for kind, value in items:
            made += struct.pack("<III", kind, 1, len(value)) + value + bytes(-len(value) % 4)
        return made

    made = struct.pack("<IH", 0x223E9F78, 1) + attribute(1, 0x89006, struct.pack("<I", 0x10000))
    made += attribute(1, 0x69007, struct.pack("<II", 1252, 0))
    for file in files:
        made += attribute(2, 0x69002, struct.pack("<HIHHI", 1, 0xFFFFFFFF, 32, 32, 0))
        items = []
        if "title" in file:
            made += attribute(2, 0x18010, file["title"].encode("cp1252") + b"\0")
        if "content" in file:
            made += attribute(2, 0x6800F, file["content"])
        if "long" in file:
            items.append((0x3707001F, file["long"].encode("utf-16le") + b"\0\0"))
        if "message" in file:
            items.append((0x3701000D, bytes(16) + file["message"]))
        if items:
            made += attribute(2, 0x69005, properties(*items))
    return made


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
