# SPDX-License-Identifier: BSD-2-Clause
"""A resolver on loopback, UDP and TCP, that answers what a case wants, and lies when it is to."""

import socket
import struct
import threading
import time

A, CNAME, PTR, MX, TXT, AAAA = 1, 5, 12, 15, 16, 28
NOERROR, SERVFAIL, NXDOMAIN, REFUSED = 0, 2, 3, 5


def name(text):
    """Of labels divided by dots; of bytes, which are labels themselves."""
    labels = text if isinstance(text, list) else [one.encode() for one in text.split(".") if one]
    return b"".join(bytes([len(one)]) + one for one in labels) + b"\0"


def record(owner, kind, data, ttl=60):
    return name(owner) + struct.pack("!HHIH", kind, 1, ttl, len(data)) + data


def text(*strings):
    return b"".join(bytes([len(one)]) + one for one in strings)


def mx(preference, host):
    return struct.pack("!H", preference) + name(host)


def bind_both():
    """Sockets of TCP and UDP with the same port, which may be taken of one when it is free of the other."""
    while True:
        tcp = socket.create_server(("127.0.0.1", 0))
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            udp.bind(tcp.getsockname())
            return tcp, udp
        except OSError:
            tcp.close()
            udp.close()


class Resolver:
    """`answer` is a function of name and type: None for silence, or the keyword arguments of
    reply(). Queries that came are in `asked`."""

    def __init__(self, answer, delay=0):
        self.answer = answer
        self.delay = delay
        self.asked = []
        self.over_tcp = []
        self.tcp, self.udp = bind_both()
        self.port = self.tcp.getsockname()[1]
        self.address = f"127.0.0.1@{self.port}"
        for serve in (self.serve_udp, self.serve_tcp):
            threading.Thread(target=serve, daemon=True).start()

    def close(self):
        for one in (self.tcp, self.udp):
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            one.close()

    def serve_udp(self):
        while True:
            try:
                query, peer = self.udp.recvfrom(4096)
            except OSError:
                return
            if not query:
                return
            threading.Thread(target=self.answer_udp, args=(query, peer), daemon=True).start()

    def answer_udp(self, query, peer):
        reply = self.reply_to(query, False)
        try:
            if reply:
                self.udp.sendto(reply, peer)
        except OSError:
            pass

    def serve_tcp(self):
        while True:
            try:
                connection, _ = self.tcp.accept()
            except OSError:
                return
            threading.Thread(target=self.answer_tcp, args=(connection,), daemon=True).start()

    def answer_tcp(self, connection):
        try:
            with connection, connection.makefile("rb") as stream:
                while len(head := stream.read(2)) == 2:
                    reply = self.reply_to(stream.read(*struct.unpack("!H", head)), True)
                    if reply:
                        connection.sendall(struct.pack("!H", len(reply)) + reply)
        except OSError:
            pass  # who asked has gone

    def reply_to(self, query, tcp):
        labels, at = [], 12
        while query[at]:
            labels.append(query[at + 1 : at + 1 + query[at]])
            at += query[at] + 1
        asked = b".".join(labels).decode("latin-1").lower()
        (kind,) = struct.unpack_from("!H", query, at + 1)
        (self.over_tcp if tcp else self.asked).append((asked, kind))
        if self.delay:
            time.sleep(self.delay)
        said = self.answer(asked, kind)
        if said is None:
            return None
        return reply(query[:2], query[12 : at + 5], tcp=tcp, **said)


def reply(identity, question, tcp, rcode=NOERROR, answers=(), truncate=False, wrong_id=False, junk=b"",
          authentic=False):
    """A message, RFC 1035 section 4.1. truncate: over UDP it says that it is, and has no answers."""
    cut = truncate and not tcp
    if wrong_id:
        identity = bytes(255 - one for one in identity)
    flags = 0x8180 | rcode | (0x0200 if cut else 0) | (0x0020 if authentic else 0)
    kept = () if cut else answers
    return identity + struct.pack("!HHHHH", flags, 1, len(kept), 0, 0) + question + b"".join(kept) + junk
