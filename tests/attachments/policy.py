# SPDX-License-Identifier: BSD-2-Clause
"""The policy that is installed as an example: what it lets through, what it stops, and mail that was
made to get past filters."""

import csv
import json
import os

from judge import suites
from made import message, part, zipped


def example(judge, *paths):
    """(file, verdict, quarantine, rules) of each message, by conf/examples/attachments.conf."""
    with open(os.path.join(judge.source, "conf/examples/attachments.conf"), encoding="utf-8") as file:
        text = file.read()
    config = judge.write("example.conf", f"plugin-path {judge.plugins};\n" + text)
    done = judge.run("-c", config, "--json", *paths)
    assert done.returncode in (0, 1), done.stderr.decode()
    reports = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(reports) == len(paths), (len(reports), len(paths))
    return reports


def is_stopped(report):
    return report["verdict"] != "accept" or report.get("quarantine") or report["edits"]


def plain_mail_passes(judge):
    png = bytes.fromhex("89504e470d0a1a0a") + bytes(20)
    mails = [
        message(), message(part(png, "image/png", "logo.png")),
        message(part(b"%PDF-1.4 x", "application/pdf", "Invoice 12.2024.pdf")),
        message(part(zipped(("[Content_Types].xml", b"<?xml?>"), ("word/document.xml", b"<x/>")),
                     "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
                     "letter.docx")),
        message(part(zipped(("photos/a.jpg", b"\xff\xd8\xff"), ("notes.txt", b"x")),
                     "application/zip", "photos.zip")),
        message(part(b"<html><p>Hello", "text/html; charset=utf-8", encoding="7bit"),
                kind="alternative"),
        message(part(b"BEGIN:VCALENDAR", "text/calendar", "invite.ics")),
    ]
    paths = [judge.write(f"plain-{i}.eml", mail) for i, mail in enumerate(mails)]
    for report in example(judge, *paths):
        assert not is_stopped(report), report


def what_it_stops(judge):
    stopped = [
        ("program", part(b"MZ", name="a.scr")), ("program", part(b"x", name="a.JS")),
        ("program", part(zipped(("x/a.lnk", b"L")), name="a.zip")),
        ("program-by-content", part(b"MZ" + bytes(20), "image/png", "a.png")),
        ("double-extension", part(b"x", name="a.pdf.foo")),
        ("disk-image", part(b"x", name="a.iso")), ("macros", part(b"x", name="a.docm")),
        ("encrypted", part(zipped(("a.txt", b"x"), encrypted=True), name="a.zip")),
        ("archive-defect", part(zipped(("a.txt", b"x"))[:30], name="a.zip")),
        ("not-what-it-says", part(b"%PDF-1.4", "image/png", "a.png")),
    ]
    paths = [judge.write(f"stopped-{i}.eml", message(one)) for i, (_, one) in enumerate(stopped)]
    for report, (rule, _) in zip(example(judge, *paths), stopped):
        names = [one["rule"] for one in report["filters"][0]["rules"]]
        assert is_stopped(report) and names == [rule], (rule, report)


def evasions(judge):
    """At validity 2 and 3 the attachment is found by itself: a rule for its name or content stops it.
    Below that the structure may be the reason. Zips are what all of them carry."""
    folder = os.path.join(suites("mime"), "noxxi")
    with open(os.path.join(folder, "index.tsv"), encoding="utf-8") as file:
        mails = list(csv.DictReader(file, delimiter="\t"))
    config = judge.write("noxxi.conf", f"plugin-path {judge.plugins};\n"
                         "listener inbound { socket inet:8891@127.0.0.1; chain found; }\n"
                         "filter found { plugin attachments;\n"
                         'rule found { file-name /(?:eicar\\.com|\\.zip|\\.png)$/i; reject; } }\n')
    paths = [os.path.join(folder, one["file"]) for one in mails]
    done = judge.run("-c", config, "--json", *paths)
    found = [json.loads(line)["verdict"] == "reject" for line in done.stdout.splitlines()]
    stopped = [bool(is_stopped(report)) for report in example(judge, *paths)]
    assert len(found) == len(mails), done.stderr.decode()
    plain = [one["file"] for one, is_found in zip(mails, found)
             if int(one["validity"]) >= 2 and not is_found]
    odd = [one["file"] for one, is_found, is_stopped in zip(mails, found, stopped)
           if int(one["validity"]) < 2 and not is_found and not is_stopped]
    content = [one["file"] for one, is_stopped in zip(mails, stopped)
               if one["attachment"] == "eicar.zip" and not is_stopped]
    assert not plain and not odd and not content, {"plain": plain, "odd": odd, "passed": content}


def cases():
    return [("the example lets plain mail pass", plain_mail_passes),
            ("the example stops what it should", what_it_stops),
            ("the example and mail that evades filters", evasions)]
