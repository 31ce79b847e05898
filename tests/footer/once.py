# SPDX-License-Identifier: BSD-2-Clause
"""A footer is added once, whoever sees the message again, and whatever strangers claim."""

from judge import check_same, mail, mime
from parts import HTML, TEXT

FOOTERS = ('footer legal { text "Grüße, Example Ltd. €"; html "<p>Grüße, Example Ltd. €</p>"; }\n'
           'footer banner { place before; text "From outside: ${sender}"; }\n')
ALL = [mime(b"alternative", TEXT, HTML), mail(body=b"Hi\r\n"),
       mail(b"Content-Type: text/html; charset=utf-8", b"Content-Transfer-Encoding: 8bit",
            body="<p>Zürich</p>".encode()),
       mail(b"Content-Type: text/plain; format=flowed", body=b"Hi \r\nyou\r\n")]


def twice(judge):
    for message in ALL:
        first = judge.judge(FOOTERS, message)
        assert first.values == ["added", "added"], first.results
        assert first.message.get_all("X-Footer") == ["legal", "banner"], first.content
        second = judge.judge(FOOTERS, first.content)
        check_same(second, first.content)
        assert second.values == ["present", "present"], second.results


def what_is_missing_is_added(judge):
    legal = FOOTERS.splitlines()[0]
    first = judge.judge(legal, ALL[0])
    second = judge.judge(FOOTERS, first.content)
    assert second.values == ["present", "added"], second.results
    assert second.texts[0].count("Example") == 1 and "From outside" in second.texts[0]


def a_reply_is_another_message(judge):
    for message in ALL:
        first = judge.judge(FOOTERS, message)
        reply = first.content.replace(b"X-Footer: legal\r\nX-Footer: banner\r\n", b"")
        second = judge.judge(FOOTERS, reply)
        assert second.values == ["added", "added"], second.results
        assert second.texts[0].count("From outside") == 2, second.texts


def a_forged_marker_does_not_help(judge):
    for body in b"Hi\r\n", b"Hi\r\n" * 5000 + b"From outside: a@example.org\r\n":
        read = judge.judge(FOOTERS, mail(b"X-Footer: banner", body=body))
        assert read.values == ["added", "added"], read.results
        assert read.text.startswith("From outside: a@example.org\n\n"), read.text
        assert read.message.get_all("X-Footer") == ["banner", "legal"], read.content


def markers_of_some_are_believed(judge):
    options = "believe client.ip == 192.0.2.0/24;\n" + FOOTERS
    message = mail(b"X-Footer: banner", b"X-Footer: other", body=b"Hi\r\n")
    read = judge.judge(options, message, "--client", "192.0.2.7")
    assert read.values == ["added", "present"], read.results
    assert read.text == "Hi\n\nGrüße, Example Ltd. €\n", read.text
    assert read.message.get_all("X-Footer") == ["banner", "other", "legal"], read.content
    read = judge.judge(options, message, "--client", "198.51.100.7")
    assert read.values == ["added", "added"], read.results
    assert read.message.get_all("X-Footer") == ["legal", "banner"], read.content


def filters_of_one_chain(judge):
    """One does not remove what the other has just added."""
    options = "believe listener == other;\n"
    read = judge.judge(options + 'footer b { text "b"; }',
                       mail(b"X-Footer: b", b"X-Footer: c", body=b"Hi\r\n"),
                       before='filter first { plugin footer; footer a { text "a"; } }')
    assert read.body == b"Hi\r\n\r\na\r\n\r\nb\r\n", read.body
    assert read.message.get_all("X-Footer") == ["a", "b"], read.content


def another_marker(judge):
    read = judge.judge("marker X-Our-Footer;\n" + FOOTERS, mail(body=b"Hi\r\n"))
    assert read.message.get_all("X-Our-Footer") == ["legal", "banner"], read.content
    assert read.message["X-Footer"] is None


def values_that_differ_later(judge):
    """Where a text is another one at the next hop, its marker is to be believed."""
    options = 'footer f { text "Seen by ${client.ip}"; }'
    first = judge.judge(options, mail(body=b"Hi\r\n"), "--client", "192.0.2.1")
    second = judge.judge(options, first.content, "--client", "192.0.2.2")
    assert second.values == ["added"], second.results
    second = judge.judge("believe client.ip == 192.0.2.2;\n" + options, first.content, "--client",
                         "192.0.2.2")
    check_same(second, first.content)


CASES = [
    ("once, however often filterd sees the message", twice),
    ("what is missing is added", what_is_missing_is_added),
    ("a reply is another message", a_reply_is_another_message),
    ("a forged marker does not help", a_forged_marker_does_not_help),
    ("markers of some are believed, others removed", markers_of_some_are_believed),
    ("two filters of one chain", filters_of_one_chain),
    ("another marker", another_marker),
    ("values that differ later", values_that_differ_later),
]
