# SPDX-License-Identifier: BSD-2-Clause
"""Fields that look inside parts, in conditions and templates of rules."""

import os
import shutil
import subprocess
import tempfile

from made import message, part, rar4, rar5, tnef, zipped

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


def rar_members(judge):
    """Nobody may pack a rar but its author's program; these are made by hand, and what unar's lister says of them
    is what we say."""
    for pack in rar4, rar5:
        rar = pack(("readme.txt", b"hello", False), ("sub/setup.exe", bytes(300), False), ("x.doc", bytes(32), True))
        mail = message(part(rar, name="x.rar"))
        text = holds(judge, 'archive.member.name == "sub/setup.exe" and archive.member.size == 300', mail)
        assert "readme.txt" in text, text
        holds(judge, 'archive.member.encrypted == "yes" and archive.depth == 1', mail)
        holds(judge, "exists archive.defect", mail, False)
        plain = message(part(pack(("a", b"x", False)), name="x.rar"))
        holds(judge, 'archive.member.encrypted == "yes"', plain, False)
        holds(judge, "archive.defect == archive-broken", message(part(rar[:-60], name="x.rar")))
        if shutil.which("lsar"):
            with tempfile.TemporaryDirectory() as folder:
                path = os.path.join(folder, "x.rar")
                with open(path, "wb") as file:
                    file.write(rar)
                said = subprocess.run(["lsar", "-l", path], stdout=subprocess.PIPE, text=True, check=True).stdout
            rows = [line.split() for line in said.splitlines() if line.strip()[:2] in ("0.", "1.", "2.")]
            assert [(row[1], row[2], row[-1]) for row in rows] == [
                ("-----", "5", "readme.txt"), ("-----", "300", "sub/setup.exe"), ("---E-", "32", "x.doc")
            ], said


def tnef_members(judge):
    """Made by hand too; the program tnef finds the same files."""
    winmail = tnef(
        {"title": "readme.txt", "content": b"hello"},
        {"title": "HOLIDA~1.JPG", "content": b"MZ", "long": "holiday.exe"},
        {"title": "inner.zip", "content": zipped(("a.scr", b"xyz"))},
        {"title": "note.msg", "message": tnef({"title": "deep.lnk", "content": b"L"})},
    )
    for one in part(winmail, "application/ms-tnef", name="winmail.dat"), part(winmail, name="x.bin"):
        mail = message(one)
        for name in "readme.txt", "HOLIDA~1.JPG", "holiday.exe", "inner.zip", "a.scr", "note.msg", "deep.lnk":
            assert name in holds(judge, f'archive.member.name == "{name}"', mail), name
        holds(judge, "archive.depth == 2 and archive.member.size == 5", mail)
        holds(judge, "exists archive.defect or mime.defect == opaque", mail, False)
    holds(judge, "archive.defect == archive-broken", message(part(winmail[:-9], name="winmail.dat")))
    holds(judge, "mime.defect == opaque", message(part(b"no TNEF", name="winmail.dat")))
    if shutil.which("tnef"):
        said = subprocess.run(["tnef", "-t"], input=winmail, stdout=subprocess.PIPE, check=True).stdout.decode()
        found = [line.split("|")[0].strip() for line in said.splitlines()]
        assert found[:3] == ["readme.txt", "holiday.exe", "inner.zip"], said


def cases():
    return [("fields of links", links), ("fields of archives", archive_members), ("members of rars", rar_members),
            ("files of a TNEF", tnef_members)]
