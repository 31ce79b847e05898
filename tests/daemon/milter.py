# SPDX-License-Identifier: BSD-2-Clause
"""The least of an MTA: one session over a unix socket, one message at a time."""

import re
import socket
import struct


class Session:
    """Negotiates with everything offered, so that most events get no answer."""

    def __init__(self, address, begin=True):
        """A path, or a host and a port."""
        family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
        self.socket = socket.socket(family)
        self.socket.settimeout(20)
        self.socket.connect(address)
        self.progress = 0  # words that work goes on
        if begin:
            self.begin()

    def begin(self, name=b"client.example", ip=b"192.0.2.1"):
        self.send(b"O", struct.pack(">III", 6, 0x1FF, 0x1FFFFF))
        self.steps = struct.unpack(">III", self.receive()[1][:12])[2]
        self.macros(b"C", "v", "Postfix 3.7")
        return self.event(b"C", name + b"\0004" + struct.pack(">H", 25) + ip + b"\0", 0x1, 0x1000)

    def send(self, command, data=b""):
        self.socket.sendall(struct.pack(">I", len(data) + 1) + command + data)

    def receive(self):
        length = struct.unpack(">I", self.exactly(4))[0]
        frame = self.exactly(length)
        return frame[:1], frame[1:]

    def exactly(self, count):
        data = b""
        while len(data) < count:
            more = self.socket.recv(count - len(data))
            if not more:
                raise ConnectionError("the daemon has closed the connection")
            data += more
        return data

    def macros(self, command, *words):
        self.send(b"D", command + b"".join(word.encode() + b"\0" for word in words))

    def event(self, command, data, unwanted, silent):
        """Sends it unless it is unwanted; the answer, or None when there is to be none."""
        if self.steps & unwanted:
            return None
        self.send(command, data)
        return None if self.steps & silent else self.receive()

    def message(self, **fields):
        """The answer at end of message, edits passed over."""
        self.macros(b"M", "i", "4QUEUE1")
        self.event(b"M", b"<a@example.net>\0", 0x4, 0x4000)
        self.event(b"R", b"<b@example.com>\0", 0x8, 0x8000)
        for name, value in fields.items():
            name = name.replace("_", "-").encode()
            self.event(b"L", name + b"\0 " + value.encode() + b"\0", 0x20, 0x80)
        self.event(b"N", b"", 0x40, 0x40000)
        self.send(b"E")
        self.edits = []
        while True:
            command, text = self.receive()
            self.progress += command == b"p"
            if command not in b"himbq+-2ep":
                self.reply = text.decode(errors="replace")
                return command
            self.edits.append(command + text)

    def generations(self):
        """A message; what its replies and added fields say of who judged it, all of it."""
        said = []
        self.macros(b"M", "i", "4QUEUE1")
        self.event(b"M", b"<a@example.net>\0", 0x4, 0x4000)
        command, text = self.event(b"R", b"<probe@example.com>\0", 0x8, 0x8000)
        said.append((command + text).decode())
        self.event(b"R", b"<b@example.com>\0", 0x8, 0x8000)
        self.event(b"L", b"Subject\0 probe\0", 0x20, 0x80)
        self.event(b"N", b"", 0x40, 0x40000)
        self.send(b"E")
        command = b""
        while command not in (b"c", b"a"):
            command, text = self.receive()
            if command in (b"h", b"i"):
                said.append(text.decode())
            elif command not in (b"c", b"a"):
                raise AssertionError(f"an answer {command!r} {text!r}")
        return [int(re.search(r"generation-(\d+)", one)[1]) for one in said]

    def quit(self):
        self.send(b"Q")
        self.close()

    def close(self):
        self.socket.close()
