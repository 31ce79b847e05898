# SPDX-License-Identifier: BSD-2-Clause
"""Footers in texts: what a part says afterwards, in which character set and encoding."""

import base64
import quopri

from judge import mail, mime, part

PLAIN = 'footer f { text "Example Ltd."; }'
UMLAUT = 'footer f { text "Grüße, Example Ltd."; }'
EURO = 'footer f { text "Only € 5"; }'


def ascii_stays_7bit(judge):
    message = mail(body=b"Hi\r\n")
    read = judge.judge(PLAIN, message)
    assert read.body == b"Hi\r\n\r\nExample Ltd.\r\n", read.content
    assert read.content == message.replace(b"lunch\r\n", b"lunch\r\nX-Footer: f\r\n") + \
        b"\r\nExample Ltd.\r\n", read.content


def empty_lines_are_not_doubled(judge):
    for body, wanted in [(b"", b"Example Ltd.\r\n"), (b"\r\n", b"\r\nExample Ltd.\r\n"),
                         (b"Hi\r\n\r\n", b"Hi\r\n\r\nExample Ltd.\r\n")]:
        read = judge.judge(PLAIN, mail(body=body))
        assert read.body == wanted, read.body


def before(judge):
    read = judge.judge('footer f { place before; text "[External]"; }', mail(body=b"Hi\r\n"))
    assert read.body == b"[External]\r\n\r\nHi\r\n", read.body
    read = judge.judge('footer f { place before; text "[External]"; }',
                       mail(b"Content-Type: text/plain; charset=utf-8",
                            body=b"\xef\xbb\xbfHi\r\n"))
    assert read.body.startswith(b"\xef\xbb\xbf[External]\r\n"), read.body


def several_in_written_order(judge):
    read = judge.judge('footer a { text "a"; } footer b { place before; text "b"; }\n'
                       'footer c { text "c"; } footer d { place before; text "d\\n"; }',
                       mail(body=b"Hi\r\n"))
    assert read.body == b"b\r\nd\r\n\r\nHi\r\n\r\na\r\nc\r\n", read.body
    assert read.values == ["added"] * 4, read.results


def character_set_that_has_it(judge):
    for encoding, body in [(b"8bit", b"Z\xfcrich\r\n"), (b"quoted-printable", b"Z=FCrich\r\n"),
                           (b"base64", base64.encodebytes(b"Z\xfcrich\r\n"))]:
        read = judge.judge(UMLAUT, mail(
            b"MIME-Version: 1.0", b"Content-Type: text/plain; charset=iso-8859-1; x=y",
            b"Content-Transfer-Encoding: " + encoding, body=body))
        assert read.text == "Zürich\n\nGrüße, Example Ltd.\n", read.text
        assert read.shape == [("text/plain", "iso-8859-1", encoding.decode())], read.shape
        assert read.message["Content-Type"].params["x"] == "y"
    assert b"\xfc" in judge.judge(UMLAUT, mail(
        b"Content-Type: text/plain; charset=iso-8859-1",
        b"Content-Transfer-Encoding: 8bit", body=b"Z\xfcrich\r\n")).body


def character_set_that_lacks_it(judge):
    for encoding, body in [(b"8bit", b"Z\xfcrich\r\n"), (b"quoted-printable", b"Z=FCrich\r\n"),
                           (b"base64", base64.encodebytes(b"Z\xfcrich\r\n"))]:
        read = judge.judge(EURO, mail(
            b"MIME-Version: 1.0", b"Content-Type: text/plain; charset=iso-8859-1; x=y",
            b"Content-Transfer-Encoding: " + encoding, body=body))
        assert read.text == "Zürich\n\nOnly € 5\n", read.text
        assert read.shape == [("text/plain", "utf-8", encoding.decode())], read.shape
        assert read.message["Content-Type"].params["x"] == "y"


def seven_bit_stays_seven_bit(judge):
    for fields in ([], [b"Content-Type: text/plain; charset=us-ascii"],
                   [b"Content-Type: text/plain; charset=iso-8859-1",
                    b"Content-Transfer-Encoding: 7bit"],
                   [b"Content-Type: text/html"]):
        read = judge.judge(UMLAUT, mail(*fields, body=b"Hi\r\n"))
        assert max(read.content) < 128, read.content
        if b"html" in b"".join(fields):
            assert "Gr&#252;&#223;e" in read.text, read.text
            assert read.shape[0][2] == "7bit", read.shape
        else:
            assert read.text == "Hi\n\nGrüße, Example Ltd.\n", read.text
            assert read.shape[0][2] == "quoted-printable", read.shape


def html_keeps_its_character_set(judge):
    for encoding, body in [(b"8bit", b"<p>Z\xfcrich</p>\r\n"),
                           (b"base64", base64.encodebytes(b"<p>Z\xfcrich</p>\r\n"))]:
        read = judge.judge('footer f { text "Grüße, € 5"; }', mail(
            b"MIME-Version: 1.0", b"Content-Type: text/html; charset=iso-8859-1",
            b"Content-Transfer-Encoding: " + encoding, body=body))
        assert read.shape == [("text/html", "iso-8859-1", encoding.decode())], read.shape
        assert "<div>Gr&#252;&#223;e, &#8364; 5</div>" in read.text, read.text
        read = judge.judge(UMLAUT, mail(
            b"MIME-Version: 1.0", b"Content-Type: text/html; charset=iso-8859-1",
            b"Content-Transfer-Encoding: " + encoding, body=body))
        assert read.text == "<p>Zürich</p>\n<div>Grüße, Example Ltd.</div>\n", read.text


def character_sets_unlike_ascii(judge):
    for charset in "utf-16", "utf-16le", "iso-2022-jp", "utf-7":
        text = "日本\r\n" if charset != "utf-7" else "Zürich\r\n"
        for media, footer in ("plain", "\nExample Ltd.\n"), ("html", "<div>Example Ltd.</div>\n"):
            read = judge.judge(PLAIN, mail(
                b"MIME-Version: 1.0", b"Content-Type: text/%s; charset=%s" % (
                    media.encode(), charset.encode()),
                b"Content-Transfer-Encoding: base64",
                body=base64.encodebytes(text.encode(charset))))
            assert read.text == text.replace("\r", "") + footer, (charset, read.text)
            assert read.shape[0][1] == charset, read.shape


def bytes_that_are_no_text_stay(judge):
    body = b"Z\xfcrich \x01\x0c\xff\r\n"
    for fields in ([], [b"Content-Type: text/plain; charset=utf-8"],
                   [b"Content-Type: text/plain; charset=x-unknown"]):
        read = judge.judge(PLAIN, mail(*fields, body=body))
        assert read.body == body + b"\r\nExample Ltd.\r\n", read.body
        read = judge.judge(UMLAUT, mail(*fields, body=body))
        if b"utf-8" in b"".join(fields):
            assert read.body == body + "\r\nGrüße, Example Ltd.\r\n".encode(), read.body
            continue
        assert read.body == body, read.body
        assert read.values == ["none"], read.results
        assert read.results[0]["reason"] == "not in its character set", read.results


def unlabelled_utf8(judge):
    read = judge.judge(UMLAUT, mail(body="Zürich\r\n".encode()))
    assert read.body == "Zürich\r\n\r\nGrüße, Example Ltd.\r\n".encode(), read.body


def flowed(judge):
    read = judge.judge('footer f { text "-- \\nOne   \\n two\\n>three\\nFrom me"; }', mail(
        b"MIME-Version: 1.0", b"Content-Type: text/plain; format=flowed; delsp=yes",
        body=b"a paragraph that goes \r\non \r\n"))
    assert read.body.split(b"\r\n") == [
        b"a paragraph that goes ", b"on ", b"", b"-- ", b"One", b"  two", b" >three", b" From me",
        b"",
    ], read.body
    assert read.message["Content-Type"].params["format"] == "flowed"


def behind_a_signature(judge):
    read = judge.judge(PLAIN, mail(body=b"Hi\r\n-- \r\nBob\r\n"))
    assert read.body == b"Hi\r\n-- \r\nBob\r\n\r\nExample Ltd.\r\n", read.body


def no_line_is_too_long(judge):
    long = "x" * 1200
    for encoding in b"7bit", b"8bit", b"quoted-printable":
        for media in b"plain", b"html":
            for text in "Hi €", "Hi":
                body = text if encoding == b"8bit" else "Hi"
                read = judge.judge(f'footer f {{ text "{long} ä"; }}', mail(
                    b"MIME-Version: 1.0", b"Content-Type: text/%s; charset=utf-8" % media,
                    b"Content-Transfer-Encoding: " + encoding, body=body.encode() + b"\r\n"))
                assert max(len(line) for line in read.content.split(b"\r\n")) <= 998
                assert long in read.text and body in read.text, read.text


def values_are_no_markup(judge):
    options = ('footer f { text "About ${subject}, ${sender}"; '
               'html "<p title=\\"${subject}\\">${subject}</p>"; }')
    message = mime(b"alternative", part(b"Content-Type: text/plain", body=b"Hi"),
                   part(b"Content-Type: text/html", body=b"<p>Hi</p>")).replace(
        b"lunch", b"=?utf-8?q?=3C/p=3E=3Cscript=3E_=22=26_=E2=80=AEx=07y=0Az?=")
    read = judge.judge(options, message)
    text, html = read.texts
    assert text == 'Hi\n\nAbout </p><script> "& x y z, a@example.org', text
    assert html == ('<p>Hi</p>\n<p title="&lt;/p&gt;&lt;script&gt; &quot;&amp; x y z">'
                    "&lt;/p&gt;&lt;script&gt; &quot;&amp; x y z</p>"), html


def a_long_value_hides_nothing(judge):
    for media in b"plain", b"html":
        message = mail(b"Content-Type: text/" + media, body=b"Hi\r\n").replace(
            b"lunch", b"\r\n ".join([b"x" * 900] * 100))
        read = judge.judge('footer f { place before; text "${subject}: from outside"; }', message)
        assert ": from outside" in read.text, read.text
        assert read.text.count("x") <= 1000, read.text


def hostile_html(judge):
    """Footers are seen: not in comments, scripts, attributes or what is never shown."""
    options = ('footer a { text "a"; html "<i>a</i>"; }\n'
               'footer b { place before; text "b"; html "<i>b</i>"; }')
    for before_it, after_it in [
            (b"", b""), (b"<!DOCTYPE html>\r\n<html><head><title><body></title></head><body>", b""),
            (b"<!-- <body> -->", b"<!-- </body> -->"),
            (b"<style>/* <body> */</style>", b"<style>/* </body> */</style>"),
            (b"<html><script>'</body><body>'</script><body a='>' b=\">\">", b"</body></html>"),
            (b"<template><body><p>x</p></template>", b"<template><p></body></template>"),
            (b"<head><base x='<body>'></head>", b"</html>")]:
        for tail in b"", b"<!-- never closed", b"<a href='", b"<template></body>", b"<textarea>":
            document = before_it + b"<p>Hi</p>" + after_it + tail
            read = judge.judge(options, mail(b"Content-Type: text/html", body=document))
            text = read.text
            where = text.index("<i>b</i>"), text.index("<p>Hi</p>"), text.index("<i>a</i>")
            assert list(where) == sorted(where), text
            assert text.index("<i>b</i>") >= len(before_it.replace(b"\r", b"")), text
            closing = (after_it + tail).decode()
            if not after_it.startswith((b"<!--", b"<style", b"<template")):
                assert text.rstrip().endswith(("\n<i>a</i>\n" + closing).rstrip()), text


def quoted_printable_reads_the_same(judge):
    """What stood there before reads as it did, whatever was encoded in it."""
    body = b"caf=E9 =3D =20\r\nsoft=\r\n end=\r\n\r\n"
    read = judge.judge(PLAIN, mail(b"MIME-Version: 1.0",
                                   b"Content-Type: text/plain; charset=iso-8859-1",
                                   b"Content-Transfer-Encoding: quoted-printable", body=body))
    content = read.message.get_payload(decode=True)
    assert content.startswith(quopri.decodestring(body)), content


CASES = [
    ("ASCII in a 7bit text: nothing else changes", ascii_stays_7bit),
    ("an empty line between, and no second one", empty_lines_are_not_doubled),
    ("before a text, behind a byte order mark", before),
    ("several, in written order", several_in_written_order),
    ("a character set that has the footer stays, and its encoding", character_set_that_has_it),
    ("a character set that lacks the footer becomes UTF-8", character_set_that_lacks_it),
    ("7-bit stays 7-bit", seven_bit_stays_seven_bit),
    ("HTML keeps its character set", html_keeps_its_character_set),
    ("character sets unlike ASCII", character_sets_unlike_ascii),
    ("bytes that are no text stay", bytes_that_are_no_text_stay),
    ("UTF-8 that is not declared", unlabelled_utf8),
    ("format=flowed", flowed),
    ("behind a signature", behind_a_signature),
    ("no line is longer than 998 bytes", no_line_is_too_long),
    ("values are no markup", values_are_no_markup),
    ("a long value hides nothing", a_long_value_hides_nothing),
    ("HTML that would hide it", hostile_html),
    ("quoted-printable reads the same", quoted_printable_reads_the_same),
]
