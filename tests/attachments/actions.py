# SPDX-License-Identifier: BSD-2-Clause
"""What each criterion finds, and what each action does."""

import email
import email.policy

from made import message, part, zipped

PROGRAM = b"MZ" + bytes(60)


def read(content):
    return email.message_from_bytes(content, policy=email.policy.default)


def attachments(content):
    return [one for one in read(content).walk() if not one.is_multipart()]


def expect(judge, rules, parts, verdict="accept", results=None):
    found = judge.judge(rules, message(*parts))
    assert found.verdict == verdict, (found.verdict, found.report)
    if results is not None:
        assert found.results == results, found.results
    return found


def reject(judge):
    found = expect(judge, 'rule x { extension exe; reject 554 5.7.7 "no {name} ({rule}): {why}"; }',
                   [part(PROGRAM, name="a.exe")], "reject", ["reject"])
    assert "554" in found.reply and "5.7.7" in found.reply, found.reply
    assert "no a.exe (x): its name is" in found.reply, found.reply
    assert found.rules == ["x"], found.rules


def others(judge):
    for action, verdict in (("tempfail", "tempfail"), ("discard", "discard")):
        expect(judge, f"rule x {{ extension exe; {action}; }}", [part(PROGRAM, name="a.exe")],
               verdict, [action])
    found = expect(judge, 'rule x { extension exe; quarantine "has {name}"; }',
                   [part(PROGRAM, name="a.exe")], "quarantine", ["quarantine"])
    assert found.report["quarantine"] == "has a.exe", found.report


def nothing_found(judge):
    mail = message(part(b"text", "text/plain", "a.txt"))
    found = judge.judge("rule x { extension exe; strip; }", mail)
    assert found.verdict == "accept" and found.results == ["pass"], found.report
    assert found.content == mail


def first_rule_counts(judge):
    rules = "rule good { file-name /^good/; keep; } rule x { extension exe; reject; }"
    expect(judge, rules, [part(PROGRAM, name="good.exe")], results=["keep"])
    expect(judge, rules, [part(PROGRAM, name="good.exe"), part(PROGRAM, name="bad.exe")], "reject",
           ["keep", "reject"])


def strip(judge):
    evil = part(PROGRAM, name="evil.exe")
    last = part(b"last", "text/plain", "last.txt")
    mail = message(evil, last)
    found = judge.judge('notice "gone: {name}, {type}, {rule}, ${sender}"; '
                        "rule x { extension exe; strip; }", mail)
    assert found.results == ["strip"], found.report
    before, behind = mail.split(evil.replace("\n", "\r\n").encode())
    assert found.content.startswith(before), found.content
    assert found.content.endswith(behind), found.content
    text, notice, kept = attachments(found.content)
    assert text.get_content().strip() == "The text."
    assert notice.get_content_type() == "text/plain" and notice.get_filename() is None, notice
    assert notice.get_content().strip() == \
        "gone: evil.exe, application/octet-stream, x, a@example.org", notice
    assert kept.get_filename() == "last.txt" and b"MZ" not in found.content


def strip_several(judge):
    parts = [part(PROGRAM, name=f"{i}.exe") for i in range(3)]
    found = expect(judge, "rule x { extension exe; strip; }", parts, results=["strip"] * 3)
    notices = attachments(found.content)[1:]
    assert [one.get_content_type() for one in notices] == ["text/plain"] * 3
    for i, one in enumerate(notices):
        assert f"Name: {i}.exe" in one.get_content(), one


def strip_the_message(judge):
    mail = ("From: a@example.org\r\nMIME-Version: 1.0\r\n"
            + part(PROGRAM, name="a.exe").replace("\n", "\r\n") + "\r\n").encode()
    found = judge.judge("rule x { extension exe; strip; }", mail)
    only, = attachments(found.content)
    assert only.get_content_type() == "text/plain" and only.get_filename() is None, found.content
    assert "Name: a.exe" in only.get_content()


def strip_in_an_enclosed_message(judge):
    inner = message(part(PROGRAM, name="a.exe")).decode().replace("\r\n", "\n")
    found = expect(judge, "rule x { extension exe; strip; }",
                   ["Content-Type: message/rfc822\n\n" + inner], results=["strip"])
    assert "Name: a.exe" in attachments(found.content)[-1].get_content(), found.content


def strip_uuencoded(judge):
    block = "begin 644 a.exe\n\"35H \n`\nend\n"
    mail = f"From: a@example.org\n\nBefore\n{block}Behind\n".replace("\n", "\r\n").encode()
    found = judge.judge("rule x { extension exe; strip; }", mail)
    assert b"begin 644" not in found.content, found.content
    text, notice = attachments(found.content)
    assert text.get_content().split() == ["Before", "Behind"], found.content
    assert "Name: a.exe" in notice.get_content(), found.content


def rename(judge):
    forms = [
        'attachment; filename="a.exe"; size=3',
        "attachment; filename=a.exe",
        "attachment;\n filename*=utf-8''a.exe",
        "attachment; filename*0=a.; filename*1=exe",
        'attachment; filename="=?utf-8?q?a=2Eexe?="',
    ]
    for form in forms:
        found = expect(judge, "rule x { extension exe; rename; }",
                       [part(PROGRAM, disposition=form)], results=["rename"])
        one = attachments(found.content)[1]
        assert one.get_filename() == "a.exe.blocked", (form, found.content)
        assert one.get_content() == PROGRAM and b"exe\r\n" not in found.content, found.content
    assert "size=3" in judge.judge("rule x { extension exe; rename; }", message(
        part(PROGRAM, disposition=forms[0]))).content.decode()


def rename_both_places(judge):
    found = expect(judge, "rule x { extension exe; rename -off; }",
                   [part(PROGRAM, name="b\303\274.exe".encode("latin-1").decode())],
                   results=["rename"])
    one = attachments(found.content)[1]
    assert one.get_filename() == "b\303\274.exe-off".encode("latin-1").decode(), found.content
    assert one["Content-Type"].params["name"] == one.get_filename(), found.content


def names(judge):
    for criterion, written in (
            ("extension exe", "A.EXE"), ("extension exe", "a.exe. ."),
            ("extension exe", "a.ex\342\200\213e"), ("extension exe", "a.exe::$DATA"),
            ("double-extension yes", "invoice.pdf.exe"),
            ("double-extension yes", "invoice.pdf      .scr"),
            ("disguised yes", "cod\342\200\256fdp.exe"),
            ("file-name /^in.*ce$/", "invoice")):
        name = written.encode("latin-1").decode()
        expect(judge, f"rule x {{ {criterion}; reject; }}", [part(b"x", name=name)], "reject")
    for criterion, name in (("extension exe", "exe"), ("double-extension yes", "a.txt.gz"),
                            ("double-extension yes", "v1.2.pdf"), ("disguised yes", "a b.pdf")):
        expect(judge, f"rule x {{ {criterion}; reject; }}", [part(b"x", name=name)], "accept")


def types(judge):
    program = part(PROGRAM, "image/png", "a.png")
    for criterion in ("type image/*", "type image/png", "detected application/x-dosexec",
                      "mismatch yes", "larger 61"):
        expect(judge, f"rule x {{ {criterion}; reject; }}", [program], "reject")
    for criterion in ("type image", "type video/*", "detected image/png", "larger 62",
                      "type image/png; detected image/png"):
        expect(judge, f"rule x {{ {criterion}; reject; }}", [program], "accept")


def archives(judge):
    inner = zipped(("deep/a.exe", PROGRAM), ("b.txt", b"b"))
    outer = zipped(("inner.dat", inner), ("c.txt", b"c"))
    for content in (inner, outer):
        found = expect(judge, "rule x { extension exe; reject; }",
                       [part(content, "application/zip", "x.zip")], "reject")
        assert "in the archive" in found.reply, found.reply
    for within, verdict in (("archive", "reject"), ("message", "accept"), ("any", "reject")):
        expect(judge, f"rule x {{ extension exe; within {within}; reject; }}",
               [part(inner, "application/zip", "x.zip")], verdict)
    expect(judge, "rule x { encrypted yes; reject; }",
           [part(zipped(("a.txt", b"x"), encrypted=True), name="x.zip")], "reject")
    expect(judge, "rule x { encrypted yes; reject; }", [part(inner, name="x.zip")], "accept")
    expect(judge, "rule x { defect archive-broken; reject; }",
           [part(inner[:40], name="x.zip")], "reject")
    bomb = __import__("bz2").compress(bytes(50000000))
    expect(judge, "rule x { defect archive-bomb; reject; }", [part(bomb, name="x.bz2")], "reject")


def conditions(judge):
    for condition, verdict in (('sender == "a@example.org"', "reject"), ('sender == "c@d"', "accept")):
        expect(judge, f"rule x {{ when {condition}; extension exe; reject; }}",
               [part(PROGRAM, name="a.exe")], verdict)


def mistakes(judge):
    for rule, text in (("reject", "does not say what it looks for"),
                       ("extension exe", "expected one action"),
                       ("extension exe; reject; strip", "expected one action"),
                       ("extension exe; reject 450", "expected a reply code 500 to 599"),
                       ("extension exe; tempfail 451 5.7.1", "such as 4.7.1")):
        config = judge.config(f"rule x {{ {rule}; }}")
        done = judge.run("-c", config, judge.write("message.eml", message()))
        assert done.returncode == 78 and text in done.stderr.decode(), (rule, done)


def cases():
    return [
        ("reject", reject), ("tempfail, discard and quarantine", others),
        ("nothing found, nothing changed", nothing_found), ("first rule counts", first_rule_counts),
        ("strip", strip), ("strip several", strip_several),
        ("strip the message itself", strip_the_message),
        ("strip in an enclosed message", strip_in_an_enclosed_message),
        ("strip what is uuencoded", strip_uuencoded), ("rename", rename),
        ("rename in both places", rename_both_places), ("names", names), ("types", types),
        ("archives", archives), ("conditions", conditions), ("mistakes", mistakes),
    ]
