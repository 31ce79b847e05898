# SPDX-License-Identifier: BSD-2-Clause
"""Fields that look inside parts, in conditions and templates of rules."""

from made import message, part, zipped

HTML = (b'<html><body><a href="http://evil.example/x">https://www.bank.example/</a>'
        b'<img src="http://img.example/1.png"></body></html>')


def matched(judge, condition, mail):
    """Whether the condition holds; what a template makes of the text in the rule's action."""
    config = judge.write("filterd.conf", f"plugin-path {judge.plugins};\n"
                         "listener inbound { socket inet:8891@127.0.0.1; chain rules; }\n"
                         f"filter rules {{ plugin rules; rule x {{ when {condition}; "
                         'reject "${url.domain} ${archive.member.name} ${archive.depth}"; } }\n')
    done = judge.run("-c", config, judge.write("message.eml", mail), "--json")
    assert done.returncode in (0, 1), done
    return done.stdout.decode()


def holds(judge, condition, mail, wanted=True):
    text = matched(judge, condition, mail)
    assert ('"verdict": "reject"' in text or '"verdict":"reject"' in text) == wanted, \
        (condition, text)
    return text


def links(judge):
    mail = message(part(HTML, "text/html", encoding="7bit"))
    holds(judge, 'url == "http://evil.example/x"', mail)
    holds(judge, 'url.domain == "EVIL.example"', mail)
    holds(judge, 'url.domain == "img.example"', mail)
    holds(judge, 'url.mismatch ~ /evil/', mail)
    holds(judge, 'url.mismatch ~ /img/', mail, False)
    plain = message(part(b"see www.plain.example, ok", "text/plain", encoding="7bit"))
    assert "www.plain.example" in holds(judge, 'url == "http://www.plain.example"', plain)
    holds(judge, "exists url", message(), False)


def archive_members(judge):
    inner = zipped(("dir/a.exe", b"MZ"))
    mail = message(part(zipped(("inner.zip", inner), ("b.txt", b"xyz")), name="x.zip"))
    holds(judge, 'archive.member.name ~ /\\.exe$/', mail)
    holds(judge, 'archive.member.size == 3', mail)
    holds(judge, 'archive.depth == 2', mail)
    holds(judge, 'archive.member.encrypted == "yes"', mail, False)
    holds(judge, 'exists archive.defect', mail, False)
    secret = message(part(zipped(("b.txt", b"xyz"), encrypted=True), name="x.zip"))
    holds(judge, 'archive.member.encrypted == "yes"', secret)
    holds(judge, 'archive.depth == 0', message())


def cases():
    return [("fields of links", links), ("fields of archives", archive_members)]
