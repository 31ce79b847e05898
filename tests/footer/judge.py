# SPDX-License-Identifier: BSD-2-Clause
"""Messages through `filterd test`, and how mail programs read what it writes."""

import email
import email.policy
import json
import os
import subprocess


class Read:
    """What became of one message."""

    def __init__(self, judge, report, content):
        self.judge = judge
        self.report = report
        self.content = content
        self.message = email.message_from_bytes(content, policy=email.policy.default)

    @property
    def body(self):
        return self.content.partition(b"\r\n\r\n")[2]

    @property
    def results(self):
        return [result for result in self.report["results"] if result["method"] == "footer"]

    @property
    def values(self):
        return [result["result"] for result in self.results]

    @property
    def texts(self):
        """The text of each text part, with "\\n" for line ends."""
        return [part.get_content().replace("\r\n", "\n") for part in self.message.walk()
                if part.get_content_maintype() == "text"]

    @property
    def text(self):
        text, = self.texts
        return text

    @property
    def shape(self):
        """(type, character set, encoding) of each part."""
        return [(part.get_content_type(), part.get_content_charset(),
                 str(part.get("Content-Transfer-Encoding", "7bit")).lower())
                for part in self.message.walk()]


class Judge:
    """filterd test in a folder of its own."""

    def __init__(self, folder):
        self.folder = folder
        self.filterd = os.environ["FILTERD"]
        self.plugins = os.environ["FILTERD_PLUGINS"]
        self.source = os.environ["SRC_DIR"]
        self.gmime = self.build_gmime()

    def build_gmime(self):
        """A program that prints types and contents as GMime has them; None: there is no GMime."""
        flags = subprocess.run(["pkg-config", "--cflags", "--libs", "gmime-3.0"],
                               capture_output=True, check=False)
        if flags.returncode != 0:
            print("skip footer: messages as GMime reads them")
            return None
        program = self.path("gmime_shape")
        subprocess.run(["cc", self.source + "/tests/suites/gmime_shape.c", "-o", program,
                        *flags.stdout.decode().split()], check=True)
        return program

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, content):
        with open(self.path(name), "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
        return self.path(name)

    def config(self, options, before=""):
        """A configuration with the plugin, and with other filters in front of it."""
        names = [line.split()[1] for line in before.splitlines() if line.startswith("filter ")]
        chain = " ".join([*names, "footer"])
        return self.write("filterd.conf", f"plugin-path {self.plugins};\n"
                          f"listener inbound {{ socket inet:8891@127.0.0.1; chain {chain}; }}\n"
                          f"{before}\nfilter footer {{ plugin footer;\n{options}\n}}\n")

    def run(self, *arguments):
        return subprocess.run([self.filterd, *arguments], capture_output=True, timeout=120,
                              check=False)

    def read(self, options, message, *arguments, before=""):
        """What becomes of a message, bytes with CRLF."""
        config = self.config(options, before)
        output = self.path("output.eml")
        if os.path.exists(output):
            os.unlink(output)
        done = self.run("test", "-c", config, "--from", "a@example.org", "--rcpt",
                        "b@example.org", *arguments, "--json", "--output", output,
                        self.write("message.eml", message))
        if done.returncode not in (0, 1) or not done.stdout:
            raise AssertionError(f"exit {done.returncode}: {done.stderr.decode()}")
        with open(output, "rb") as file:
            content = file.read()
        read = Read(self, json.loads(done.stdout.splitlines()[0]), content)
        assert read.report["verdict"] == "accept", read.report
        return read

    def judge(self, options, message, *arguments, before=""):
        """The same. When it was edited, Python's email and GMime agree about it."""
        read = self.read(options, message, *arguments, before=before)
        if read.content != message:
            self.agree(read)
        return read

    def agree(self, read):
        """Both readers have the same parts with the same content."""
        theirs = self.read_by_gmime("output.eml")
        ours = [(media, (content or b"").hex() or "-") for media, content in leaves(read.content)]
        if self.gmime and not any(media.startswith("message/") for media, _ in ours):
            assert theirs == ours, f"GMime: {theirs}\nPython: {ours}"

    def read_by_gmime(self, name):
        """(type, content in hexadecimal digits, or "-") of each part; none without GMime."""
        if not self.gmime:
            return []
        said = subprocess.run([self.gmime, self.path(name)], capture_output=True, check=True)
        lines = [line.split(" ") for line in said.stdout.decode().splitlines()]
        return [(media.lower(), content or "-") for media, content in lines]


def leaves(content):
    """(type, content) of each part; None where it holds others."""
    return [(part.get_content_type(), None if part.is_multipart() else
             part.get_payload(decode=True)) for part in email.message_from_bytes(content).walk()]


def mail(*fields, body=b""):
    """A message of these header fields."""
    return (b"From: a@example.org\r\nTo: b@example.org\r\nSubject: lunch\r\n" +
            b"".join(field + b"\r\n" for field in fields) + b"\r\n" + body)


def part(*fields, body=b""):
    return b"".join(field + b"\r\n" for field in fields) + b"\r\n" + body


def multipart(kind, *parts, boundary=b"limit", more=b""):
    """Header fields and body of a multipart."""
    body = b"".join(b"--%s\r\n%s\r\n" % (boundary, one) for one in parts)
    return (b"Content-Type: multipart/%s; boundary=%s%s" % (kind, boundary, more),
            body + b"--%s--\r\n" % boundary)


def mime(kind, *parts, more=b""):
    """A message that is a multipart."""
    field, body = multipart(kind, *parts, more=more)
    return mail(b"MIME-Version: 1.0", field, body=b"Preamble\r\n" + body + b"Epilogue\r\n")


def check_same(read, message):
    assert read.content == message, f"{read.content!r}\nand not\n{message!r}"
