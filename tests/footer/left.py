# SPDX-License-Identifier: BSD-2-Clause
"""Mail that is left as it was: signed, encrypted, without a text, or read in several ways."""

from judge import check_same, mail, mime, multipart, part
from parts import CALENDAR, HTML, IMAGE, PDF, TEXT

FOOTER = 'footer f { text "Example"; html "<p>Example</p>"; }\nfooter g { place before; text "x"; }'
KEY = b"-----BEGIN PGP %s-----\r\n\r\niQEzBAEBCAAdFiEE\r\n-----END PGP %s-----\r\n"


def expect(judge, message, reason):
    read = judge.judge(FOOTER, message)
    check_same(read, message)
    assert read.values == ["none", "none"], read.results
    assert read.results[0]["reason"] == reason, read.results


def signed(judge):
    signature = part(b"Content-Type: application/pgp-signature",
                     body=KEY % (b"SIGNATURE", b"SIGNATURE"))
    more = b"; micalg=pgp-sha256; protocol=\"application/pgp-signature\""
    expect(judge, mime(b"signed", TEXT, signature, more=more), "signed")
    field, body = multipart(b"signed", TEXT, signature, boundary=b"inner", more=more)
    expect(judge, mime(b"mixed", part(field, body=body), PDF, TEXT), "signed")
    field, body = multipart(b"alternative", TEXT, HTML, boundary=b"inner")
    expect(judge, mime(b"signed", part(field, body=body), signature, more=more), "signed")


def encrypted(judge):
    version = part(b"Content-Type: application/pgp-encrypted", body=b"Version: 1")
    data = part(b"Content-Type: application/octet-stream", body=KEY % (b"MESSAGE", b"MESSAGE"))
    expect(judge, mime(b"encrypted", version, data,
                       more=b'; protocol="application/pgp-encrypted"'), "encrypted")
    for kind in b"application/pkcs7-mime", b"application/x-pkcs7-mime":
        for smime in b"enveloped-data", b"signed-data":
            expect(judge, mail(b"MIME-Version: 1.0", b"Content-Type: %s; smime-type=%s; "
                               b"name=smime.p7m" % (kind, smime),
                               b"Content-Transfer-Encoding: base64", body=b"MIIB\r\n"),
                   "encrypted")


def pgp(judge):
    for kind in b"MESSAGE", b"SIGNED MESSAGE":
        armour = KEY % (kind, kind)
        expect(judge, mail(body=armour), "PGP")
        expect(judge, mail(body=b"See below\r\n\r\n" + armour), "PGP")
        expect(judge, mail(b"Content-Type: text/html", body=b"<pre>" + armour), "PGP")
        expect(judge, mime(b"alternative", TEXT, part(b"Content-Type: text/html",
                                                      body=b"<div>" + armour)), "PGP")
    read = judge.judge(FOOTER, mail(body=b"> -----BEGIN PGP MESSAGE-----\r\nquoted\r\n"))
    assert read.values == ["added", "added"], read.results


def without_text(judge):
    expect(judge, mime(b"mixed", PDF), "no text")
    expect(judge, mime(b"alternative", CALENDAR), "no text")
    expect(judge, mime(b"related", IMAGE, HTML), "no text")
    expect(judge, mime(b"report", TEXT, more=b"; report-type=delivery-status"), "no text")
    expect(judge, mail(b"MIME-Version: 1.0", b"Content-Type: application/pdf", body=b"%PDF\r\n"),
           "no text")
    expect(judge, mail(b"MIME-Version: 1.0", b"Content-Type: text/plain; name=a.txt",
                       body=b"a file\r\n"), "no text")
    expect(judge, mail(b"MIME-Version: 1.0", b"Content-Type: text/plain",
                       b"Content-Disposition: attachment", body=b"a file\r\n"), "no text")
    expect(judge, mail(b"Content-Type: multipart/mixed", body=b"--a\r\n\r\nHi\r\n--a--\r\n"),
           "no text")
    expect(judge, mime(b"mixed", part(b"Content-Type: message/rfc822", body=mail(body=b"x"))),
           "no text")


def read_in_several_ways(judge):
    text = b"Content-Type: text/plain"
    for message, defect in [
            (mail(text, b"Content-Type: text/html", body=b"Hi\r\n"), "type-repeated"),
            (mail(text, b"Content-Transfer-Encoding: 7bit", b"Content-Transfer-Encoding: base64",
                  body=b"SGk=\r\n"), "encoding-repeated"),
            (mail(text, b"Content-Transfer-Encoding: x-zip", body=b"Hi\r\n"), "encoding-unknown"),
            (mail(text, body=b"Hi \x00\r\n"), "nul"),
            (mail(b"Content-Type: multipart/mixed; boundary=a; boundary=b",
                  body=b"--a\r\n\r\nHi\r\n--b\r\n\r\nHo\r\n--a--\r\n--b--\r\n"),
             "boundary-repeated")]:
        expect(judge, message, f"defect {defect}")


CASES = [
    ("signed mail stays as it was", signed),
    ("encrypted mail, and S/MIME, stay as they were", encrypted),
    ("PGP within a text stays as it was", pgp),
    ("mail without a text stays as it was", without_text),
    ("mail that is read in several ways stays as it was", read_in_several_ways),
]
