# SPDX-License-Identifier: BSD-2-Clause
"""Real mail with footers: both readers see the same parts as before, and the footers in its texts."""

import email
import email.policy
import glob
import os

from judge import leaves

MESSAGES = 60
OPTIONS = ('footer top { place before; text "[Grüße € oben]"; }\n'
           'footer low { text "Footer ä €"; html "<p>Footer ä €</p>"; }')
FORMS = "Footer ä €", "Footer &#228; &#8364;"


def corpus():
    """Some messages of the corpus, as they were sent; none where it is not at hand."""
    paths = sorted(glob.glob(os.environ.get("BUILD_ROOT", "") + "/corpus/package/data/*/*.txt"))
    for path in paths[:: len(paths) // MESSAGES + 1]:
        with open(path, "rb") as file:
            text = file.read()
        if text.startswith(b"From "):
            text = text.partition(b"\n")[2]
        if b"\nFrom " not in text:  # not a mailbox to filterd
            yield text.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def text_of(part):
    """As mail programs that people use have it: what is said to be ISO-8859-1 is windows-1252."""
    charset = part.get_content_charset("us-ascii")
    if charset in ("iso-8859-1", "latin1"):
        charset = "windows-1252"
    content = part.get_payload(decode=True)
    try:
        return content.decode(charset, "replace")
    except LookupError:
        return content.decode("us-ascii", "replace")


def check(judge, message):
    """Whether it got the footers; then nothing else has changed. What GMime read as Python's email
    does, it still does."""
    read = judge.read(OPTIONS, message)
    theirs = judge.read_by_gmime("message.eml")
    before, after = leaves(message), leaves(read.content)
    if read.values == ["none", "none"]:
        assert read.content == message, read.content
        return False
    assert [part[0] for part in before] == [part[0] for part in after], after
    edited = [i for i, part in enumerate(before) if part != after[i]]
    assert len(edited) == len(read.results[1]["properties"]["policy.parts"].split(", ")), edited
    if theirs == [(media, (content or b"").hex() or "-") for media, content in before]:
        judge.agree(read)
    parts = list(email.message_from_bytes(read.content, policy=email.policy.default).walk())
    for i in edited:
        text = text_of(parts[i])
        assert any(form in text for form in FORMS), text
        assert max(map(len, after[i][1].split(b"\n"))) < 1000 or \
            parts[i]["Content-Transfer-Encoding"] in ("quoted-printable", "base64") or \
            max(map(len, before[i][1].split(b"\n"))) >= 1000
    return True


def real_mail(judge):
    messages = list(corpus())
    if not messages:
        print("skip footer real mail: there is no corpus")
        return
    added = sum(check(judge, message) for message in messages)
    assert added > len(messages) // 2, f"{added} of {len(messages)}"


CASES = [("in real mail", real_mail)]
