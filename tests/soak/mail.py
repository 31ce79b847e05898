# SPDX-License-Identifier: BSD-2-Clause
"""Mail of many kinds, in sessions long and short; each message says its number, and so must what the
daemon answers. RULES are what it is judged by."""

import itertools
import random
import threading
import time

from milter import Session

RULES = r"""
    rule no-such-user { when recipient == "nobody@example.com"; reject 550 5.1.1 "No ${recipient}"; }
    rule forbidden { when header.Subject ~ /^forbidden (\d+)/; reject 550 5.7.1 "Not $1"; }
    rule later { when header.Subject ~ /^later (\d+)/; tempfail 451 4.7.1 "Later $1"; }
    rule drop { when subject in @dropped; discard; }
    rule hold { when header.Subject ~ /^hold (\d+)/; quarantine "Held $1"; }
    rule content { when body.raw ~ /unwanted content (\d+)/; reject 550 5.7.1 "Content $1"; }
    rule big { when size > 1m; replace-body /needle (\d+)/ "NEEDLE $1"; }
    rule mark { when exists header.Subject; add-header X-Soak "${subject}"; prefix-subject "[soak] "; }
"""
LISTS = "list dropped { file %s; }\n"
DROPPED = "drop this\n"

FIELDS = 12
LINE = b"Lorem ipsum dolor sit amet, consectetur adipiscing elit.\r\n"
CHUNK = 65535


class Wrong(Exception):
    """A verdict that is not the one that the rules ask for."""


def expect(found, wanted):
    if found != wanted:
        raise Wrong(f"wanted {wanted!r}, got {found!r}")


class Message:
    """One transaction on an open session."""

    numbers = itertools.count(1)

    def __init__(self, session):
        self.session = session
        self.number = next(self.numbers)

    def envelope(self, recipient=b"<user@example.com>"):
        self.session.macros(b"M", "i", f"4SOAK{self.number}")
        self.session.event(b"M", b"<a@example.net>\0", 0x4, 0x4000)
        return self.session.event(b"R", recipient + b"\0", 0x8, 0x8000)

    def header(self, subject, fields=FIELDS):
        for number in range(fields):
            self.session.event(b"L", b"X-Field-%d\0 value %d\0" % (number, number), 0x20, 0x80)
        self.session.event(b"L", b"Subject\0 " + subject + b"\0", 0x20, 0x80)
        return self.session.event(b"N", b"", 0x40, 0x40000)

    def body(self, data):
        for start in range(0, len(data), CHUNK):
            answer = self.session.event(b"B", data[start : start + CHUNK], 0x10, 0x80000)
            if answer and answer[0] == b"s":
                return

    def end(self):
        """Every answer at end of message; the last is the verdict."""
        self.session.send(b"E")
        answers = []
        while not answers or answers[-1][0] in b"hicmbq+-2ep" and answers[-1][0] != b"c":
            answers.append(self.session.receive())
        return answers

    def is_marked(self, answers, subject):
        expect(answers[-1][0], b"c")
        added = [text for command, text in answers if command == b"h"]
        if not any(b"X-Soak\0" in text and subject in text for text in added):
            raise Wrong(f"no field names {subject!r}: {answers!r}")

    def passes(self, data=LINE * 30, fields=FIELDS):
        subject = b"passing %d" % self.number
        self.envelope()
        self.header(subject, fields)
        self.body(data)
        self.is_marked(self.end(), subject)

    # The kinds of mail.

    def plain(self):
        self.passes()

    def wordy(self):
        self.passes(fields=200)

    def big(self):
        needle = b"needle %d\r\n" % self.number
        subject = b"big %d" % self.number
        body = LINE * 30000 + needle
        self.envelope()
        self.header(subject)
        self.body(body)
        answers = self.end()
        self.is_marked(answers, subject)
        replaced = b"".join(text for command, text in answers if command == b"b")
        expect((len(replaced), replaced[-len(needle) :]), (len(body), needle.replace(b"needle", b"NEEDLE")))

    def recipient(self):
        expect(self.envelope(b"<nobody@example.com>"), (b"y", b"550 5.1.1 No nobody@example.com\0"))
        self.session.event(b"A", b"", 0, 0xFFFFFFFF)

    def refused(self):
        self.envelope()
        expect(self.header(b"forbidden %d" % self.number), (b"y", b"550 5.7.1 Not %d\0" % self.number))

    def later(self):
        self.envelope()
        expect(self.header(b"later %d" % self.number), (b"y", b"451 4.7.1 Later %d\0" % self.number))

    def dropped(self):
        self.envelope()
        expect(self.header(b"drop this")[0], b"d")

    def held(self):
        self.envelope()
        self.header(b"hold %d" % self.number)
        self.body(LINE)
        answers = self.end()
        expect(answers[-1][0], b"c")
        expect([text for command, text in answers if command == b"q"], [b"Held %d\0" % self.number])

    def content(self):
        self.envelope()
        self.header(b"about content")
        self.body(LINE * 300 + b"unwanted content %d\r\n" % self.number)
        expect(self.end()[-1], (b"y", b"550 5.7.1 Content %d\0" % self.number))

    def aborted(self):
        self.envelope()
        self.header(b"to be given up")
        self.body(LINE * 100)
        self.session.event(b"A", b"", 0, 0xFFFFFFFF)


KINDS = (
    *[Message.plain] * 8,
    Message.wordy,
    Message.big,
    Message.recipient,
    Message.refused,
    Message.later,
    Message.dropped,
    Message.held,
    Message.content,
    Message.aborted,
)


class Player(threading.Thread):
    """Sessions one after the other, each for at most so many seconds; some vanish in mid-message."""

    def __init__(self, address, longest):
        super().__init__(daemon=True)
        self.address = address
        self.longest = longest
        self.messages = 0
        self.sessions = 0
        self.wrong = None
        self.ending = False
        self.start()

    def run(self):
        while not self.ending and not self.wrong:
            try:
                self.session()
                self.sessions += 1
            except Exception as failure:
                self.wrong = repr(failure)

    def session(self):
        session = Session(self.address)
        end = time.monotonic() + random.uniform(0, self.longest)
        try:
            while not self.ending:
                random.choice(KINDS)(Message(session))
                self.messages += 1
                if time.monotonic() > end:
                    break
            if random.random() < 0.1:
                Message(session).envelope()
            else:
                session.quit()
        finally:
            session.close()
