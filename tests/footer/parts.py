# SPDX-License-Identifier: BSD-2-Clause
"""Which parts get a footer: what a reader takes as the text, and nothing else."""

import base64

from judge import mail, mime, multipart, part

BOTH = 'footer f { text "Example"; html "<p>Example</p>"; }'
TEXT = part(b"Content-Type: text/plain", body=b"Hi")
HTML = part(b"Content-Type: text/html", body=b"<body><p>Hi</p></body>")
EDITED_TEXT = TEXT + b"\r\n\r\nExample"
EDITED_HTML = HTML.replace(b"</body>", b"\r\n<p>Example</p>\r\n</body>")
PDF = part(b"Content-Type: application/pdf; name=a.pdf", b"Content-Transfer-Encoding: base64",
           body=base64.encodebytes(b"%PDF" + bytes(range(256))).replace(b"\n", b"\r\n"))
CALENDAR = part(b"Content-Type: text/calendar; method=REQUEST",
                body=b"BEGIN:VCALENDAR\r\nEND:VCALENDAR")
IMAGE = part(b"Content-Type: image/png", b"Content-ID: <i@example.org>",
             b"Content-Transfer-Encoding: base64", body=b"iVBORw==")


def nested(kind, *parts, more=b""):
    field, body = multipart(kind, *parts, boundary=b"inner", more=more)
    return part(field, body=body)


def expect(judge, message, *edited):
    """The message with these texts in the place of others; all other bytes are the same."""
    read = judge.judge(BOTH, message)
    wanted = message
    for old, new in edited:
        assert wanted.count(old) >= 1, (old, wanted)
        wanted = wanted.replace(old, new, 1)
    body = wanted.partition(b"\r\n\r\n")[2]
    assert read.body == body, f"{read.body!r}\nand not\n{body!r}"
    return read


def alternative(judge):
    read = expect(judge, mime(b"alternative", TEXT, HTML, CALENDAR), (TEXT, EDITED_TEXT),
                  (HTML, EDITED_HTML))
    result, = read.results
    assert result["properties"] == {"policy.footer": "f",
                                    "policy.parts": "text/plain, text/html"}, result


def mixed(judge):
    second = part(b"Content-Type: text/plain", body=b"second")
    attached = part(b"Content-Type: text/plain",
                    b"Content-Disposition: attachment; filename=a.txt", body=b"attached")
    inner = part(b"Content-Type: message/rfc822", body=mail(body=b"within"))
    expect(judge, mime(b"mixed", TEXT, second, PDF), (TEXT, EDITED_TEXT))
    expect(judge, mime(b"mixed", PDF, attached, inner, HTML, TEXT), (HTML, EDITED_HTML))
    expect(judge, mime(b"mixed", CALENDAR, IMAGE, TEXT), (TEXT, EDITED_TEXT))


def mixed_with_alternative(judge):
    message = mime(b"mixed", nested(b"alternative", TEXT, HTML), PDF)
    expect(judge, message, (TEXT, EDITED_TEXT), (HTML, EDITED_HTML))


def related(judge):
    expect(judge, mime(b"related", HTML, IMAGE), (HTML, EDITED_HTML))
    root = HTML.replace(b"\r\n\r\n", b"\r\nContent-ID: <root@example.org>\r\n\r\n", 1)
    edited = root.replace(b"</body>", b"\r\n<p>Example</p>\r\n</body>")
    for start in b'start="<root@example.org>"', b"start=root@example.org", b"START=<root@example.org>":
        expect(judge, mime(b"related", IMAGE, root, more=b"; x=\"start=<no>\"; " + start),
               (root, edited))
    message = mime(b"alternative", TEXT, nested(b"related", HTML, IMAGE))
    expect(judge, message, (TEXT, EDITED_TEXT), (HTML, EDITED_HTML))


def the_last_alternative_first(judge):
    """Alternatives with parts of their own, as one mail program sends them."""
    message = mime(b"alternative", TEXT, nested(b"mixed", HTML, PDF, HTML))
    expect(judge, message, (TEXT, EDITED_TEXT), (HTML, EDITED_HTML))


def other_edits_are_kept(judge):
    before = ("filter rules { plugin rules; rule r { replace-text /lunch/ \"dinner\"; "
              "prefix-subject \"[x] \"; } }\nfilter attachments { plugin attachments; "
              "rule a { extension pdf; strip; } }")
    message = mime(b"mixed", part(b"Content-Type: text/plain; charset=iso-8859-1",
                                  b"Content-Transfer-Encoding: quoted-printable",
                                  body=b"lunch=FC"), PDF)
    read = judge.judge(BOTH, message, before=before)
    assert read.texts[0] == "dinnerü\n\nExample", read.texts
    assert "Name: a.pdf" in read.texts[1] and "Example" not in read.texts[1], read.texts
    assert read.message["Subject"] == "[x] lunch"


CASES = [
    ("multipart/alternative: text and HTML, no calendar", alternative),
    ("multipart/mixed: the first text that is no attachment", mixed),
    ("multipart/mixed with alternatives", mixed_with_alternative),
    ("multipart/related: its root", related),
    ("alternatives with parts of their own", the_last_alternative_first),
    ("edits of other filters are kept", other_edits_are_kept),
]
