# SPDX-License-Identifier: BSD-2-Clause
"""Conditions, files, mistakes in the configuration, and the example."""

import os

from judge import check_same, mail, mime
from parts import HTML, TEXT


def by_condition(judge):
    options = ('footer in { when sender.domain == example.org; text "in"; }\n'
               'footer out { when sender.domain == example.net; text "out"; }\n'
               'footer once { when not body ~ /^once$/m; text "once"; }')
    read = judge.judge(options, mail(body=b"Hi\r\n"))
    assert read.body == b"Hi\r\n\r\nin\r\nonce\r\n", read.body
    read = judge.judge(options, mail(body=b"Hi\r\nonce\r\n"))
    assert read.body == b"Hi\r\nonce\r\n\r\nin\r\n", read.body
    rules = [rule["rule"] for rule in read.report["filters"][0]["rules"]]
    assert rules == ["in"], rules


def nothing_to_do(judge):
    message = mail(body=b"Hi\r\n")
    read = judge.judge('footer f { when listener == other; text "x"; }', message)
    check_same(read, message)
    assert read.values == [], read.results


def unsigned_only(judge):
    options = 'footer f { when not exists header.DKIM-Signature; text "x"; }'
    message = mail(b"DKIM-Signature: v=1; d=example.org", body=b"Hi\r\n")
    check_same(judge.judge(options, message), message)


def files(judge):
    judge.write("legal.txt", "Regards to ${sender}\r\n$$ 5 – Example\n")
    judge.write("legal.html", '<p class="x">\nRegards to <b>${subject}</b>\n</p>\n')
    message = mime(b"alternative", TEXT, HTML).replace(b"lunch", b"a < b")
    read = judge.judge("footer f { text-file legal.txt; html-file legal.html; }", message)
    text, html = read.texts
    assert text == "Hi\n\nRegards to a@example.org\n$ 5 – Example", text
    assert '<p class="x">\nRegards to <b>a &lt; b</b>\n</p>\n</body>' in html, html


def expect_mistake(judge, options, *said):
    done = judge.run("check", "-c", judge.config(options))
    assert done.returncode == 78, done
    for text in said:
        assert text in done.stderr.decode(), done.stderr.decode()


def mistakes(judge):
    judge.write("bad.txt", "first line\nand ${nobody} there\n")
    judge.write("large.txt", "x" * 65537)
    expect_mistake(judge, "footer f { }", 'footer "f" needs either `text` or `text-file`')
    expect_mistake(judge, 'footer f { text a; text-file legal.txt; }', "needs either")
    expect_mistake(judge, 'footer f { text a; html a; html-file bad.txt; }', "bad.txt:2:7:")
    judge.write("good.html", "x")
    expect_mistake(judge, 'footer f { text a; html a; html-file good.html; }', "has `html` already")
    expect_mistake(judge, "footer f { text-file bad.txt; }", "bad.txt:2:7: unknown field",
                   "and ${nobody} there\n          ^~~~~~")
    expect_mistake(judge, "footer f { text-file none.txt; }", "none.txt", "No such file")
    expect_mistake(judge, "footer f { text-file large.txt; }", "large.txt")
    expect_mistake(judge, "footer f { text-file *.txt; }", "expected one file")
    expect_mistake(judge, 'marker "X Y"; footer f { text a; }', "the name of a header field")
    expect_mistake(judge, 'footer f { text a; place middle; }', "before")


def example(judge):
    """The configuration that is installed does what it says."""
    path = os.path.join(judge.source, "conf/examples/footer.conf")
    config = judge.path("example.conf")
    with open(path, encoding="utf-8") as file:
        text = file.read()
    judge.write("example.conf", f"plugin-path {judge.plugins};\n" + text)
    done = judge.run("check", "-c", config)
    assert done.returncode == 0, done.stderr.decode()


CASES = [
    ("by condition", by_condition),
    ("no condition holds", nothing_to_do),
    ("only where there is no DKIM signature", unsigned_only),
    ("texts in files", files),
    ("mistakes in the configuration", mistakes),
    ("the example", example),
]
