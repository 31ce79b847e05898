# SPDX-License-Identifier: BSD-2-Clause
"""The history of messages: searching it, following it, and one message in full."""

import served
from support import LIST, QUEUES, await_text, case, search, violations, visit


@case
def search_by_each_key(browser, daemon):
    daemon.send("4KEYS1", subject="hello", sender="Anna.Key@sender.example")
    daemon.send("4KEYS2", subject="bad", recipients=("berta@rcpt.example", "c@example.com"))
    daemon.send("4KEYS3", subject="Green apples", client=("keys.example", "198.51.100.7"))
    visit(browser, daemon, "#messages")
    for key, text, wanted in (
            ("queue", "4KEYS1", "4KEYS1"), ("queue", "4KEYS", "4KEYS3 4KEYS2 4KEYS1"),
            ("sender", "anna.key@", "4KEYS1"), ("recipient", "BERTA@rcpt", "4KEYS2"),
            ("client", "198.51.100.7", "4KEYS3"), ("client", "keys.example", "4KEYS3"),
            ("text", "apples", "4KEYS3")):
        search(browser, key, text)
        browser.await_that(f"{QUEUES} === arguments[0]", wanted)
    for key, text, least in (("verdict", "reject", "4KEYS2"), ("rule", "refuse", "4KEYS2")):
        search(browser, key, text)
        browser.await_that(f"{QUEUES}.includes(arguments[0]) && !{QUEUES}.includes('4KEYS3')",
                           least)
    search(browser, "queue", "4NONE")
    await_text(browser, "#messages-empty", "fits this search")


@case
def explanation_and_difference(browser, daemon):
    daemon.send("4WHY1", subject="hello", sender="why@example.net")
    visit(browser, daemon, "#queue=4WHY1")
    browser.await_that(f"{QUEUES} === '4WHY1'")
    browser.click(LIST + " a")
    await_text(browser, "#message h2", "hello")
    said = browser.text("#message")
    for text in ("why@example.net", "b@example.com", "192.0.2.1", "accept", "marks", "trial",
                 "unruly", "tag", "filterd.conf:", "shadow", "Score 2.5", "add-header", "X-Tagged"):
        assert text in said, f"{text} is not in {said}"
    added = browser.run("return [...document.querySelectorAll('#message .diff ins')].map("
                        "(one) => one.innerText.trim())")
    assert added == ["+X-Tagged: yes"], added


def seen(text):
    """As the page shows it: what would not show, by its number."""
    for character in "\u202e\u202c\u0007":
        text = text.replace(character, f"U+{ord(character):04X}")
    return text


@case
def nothing_from_mail_is_markup(browser, daemon):
    browser.complaints()
    assert daemon.send_evil() == b"y"
    visit(browser, daemon, "#queue=4EVIL")
    browser.await_that(f"{QUEUES} === '4EVIL'")
    row = browser.text(LIST)
    subject = seen(served.EVIL_SUBJECT)
    for text in (subject, served.EVIL_SENDER, served.EVIL_RECIPIENT, served.EVIL_RULE,
                 served.EVIL_FIELD, "<b>client</b>"):
        assert text in row, f"{text} is not in {row}"
    browser.click(LIST + " a")
    await_text(browser, "#message h2", subject)
    said = browser.text("#message")
    for text in (served.EVIL_SENDER, served.EVIL_RECIPIENT, served.EVIL_RULE,
                 seen(served.EVIL_HELO), "550 5.7.1 " + served.EVIL_FIELD, "<b>client</b>"):
        assert text in said, f"{text} is not in {said}"
    browser.open(daemon.address + "#rules")
    await_text(browser, "#rules-rows", served.EVIL_RULE)
    assert browser.run("return window.hit ?? null") is None
    found = browser.run("return document.querySelectorAll('img, iframe, svg[onload], main b b,"
                        " script:not([src=\"admin.js\"])').length")
    assert found == 0, browser.run("return document.body.innerHTML")
    assert violations(browser) == []


@case
def new_messages_come_by_themselves(browser, daemon):
    visit(browser, daemon, "#queue=4LIVE")
    await_text(browser, "#messages-empty", "fits this search")
    daemon.send("4LIVE1")
    browser.await_that(f"{QUEUES} === '4LIVE1'")
    browser.run(f"document.querySelector('{LIST} a').focus()")
    daemon.send("4LIVE2")
    browser.await_that(f"{QUEUES} === '4LIVE2 4LIVE1'")
    assert browser.run("return document.activeElement.innerText") == "4LIVE1"
    browser.click("#live")
    daemon.send("4LIVE3")
    polls = ("performance.getEntriesByType('resource').filter((one) =>"
             " one.name.endsWith('api/status')).length")
    before = browser.run(f"return {polls}")
    browser.await_that(f"{polls} > arguments[0] + 1", before)
    assert browser.run(f"return {QUEUES}") == "4LIVE2 4LIVE1"
    browser.click("#live")
    browser.await_that(f"{QUEUES} === '4LIVE3 4LIVE2 4LIVE1'")


@case
def pages_and_the_way_back(browser, daemon):
    for number in range(60):
        daemon.send(f"4PAGE{number:02}")
    visit(browser, daemon, "#queue=4PAGE")
    browser.await_that(f"{QUEUES}.startsWith('4PAGE59') && {QUEUES}.split(' ').length === 50")
    browser.click("#page-older")
    browser.await_that(f"{QUEUES}.startsWith('4PAGE09') && {QUEUES}.split(' ').length === 10")
    browser.click(LIST + ":nth-child(2) a")
    await_text(browser, "#message", "4PAGE08")
    browser.command("refresh")
    await_text(browser, "#message", "4PAGE08")
    browser.command("back")
    browser.await_that("document.querySelector('#message').hidden")
    browser.await_that(f"{QUEUES}.startsWith('4PAGE09')")
    browser.command("back")
    browser.await_that(f"{QUEUES}.startsWith('4PAGE59')")
    assert browser.run("return document.querySelector('[name=queue]').value") == "4PAGE"
    visit(browser, daemon, "#message=999999999")
    await_text(browser, "#message h2", "not kept")


@case
def addresses_that_are_not_kept(browser, daemon):
    daemon.configure("history { addresses none; }\n")
    daemon.reload()
    try:
        daemon.send("4NONE1", sender="secret@example.net")
        visit(browser, daemon, "#queue=4NONE1")
        browser.await_that(f"{QUEUES} === '4NONE1'")
        assert "secret" not in browser.text(LIST), browser.text(LIST)
        field = "document.querySelector('#search [name=sender]')"
        assert browser.run(f"return [{field}.disabled, {field}.placeholder]") == [True, "not kept"]
    finally:
        daemon.configure()
        daemon.reload()
