# SPDX-License-Identifier: BSD-2-Clause
"""The quarantine store: listed, searched, and a message with its explanation; releases by the API."""

import json
import urllib.error
import urllib.request

import served
from daemon import await_that
from support import await_text, case, violations, visit

ROWS = "#quarantine-rows tr"


def ask(daemon, path, token=None, method="GET"):
    """Status and object of an answer of the API."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    request = urllib.request.Request(daemon.address + path, method=method, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def release_error(daemon, id_):
    return ask(daemon, "api/quarantine/" + id_)[1].get("release", {}).get("error") or ""


def held(daemon, queue, sender):
    """A message that goes into the store; its row."""
    assert daemon.send(queue, subject="keep", sender=sender, recipients=(served.EVIL_RECIPIENT,),
                       fields=[("X-Why", served.EVIL_FIELD)]) == b"d"
    status, answer = ask(daemon, "api/quarantine?sender=" + sender)
    assert status == 200 and answer["total"] == 1, answer
    return answer["messages"][0]


@case
def the_quarantine_is_listed_and_explained(browser, daemon):
    browser.complaints()
    row = held(daemon, "4HELD1", "held1@example.net")
    held(daemon, "4HELD2", "held2@example.net")
    visit(browser, daemon, "#quarantine")
    await_text(browser, ROWS, "held")
    browser.type("#quarantine-form [name=sender]", "HELD1@")
    browser.await_that(f"document.querySelectorAll('{ROWS}').length === 1")
    said = browser.text(ROWS)
    for text in ("held1@example.net", served.EVIL_RECIPIENT, "marks: keep", "kept:", "held"):
        assert text in said, f"{text} is not in {said}"
    browser.click(ROWS + " .opener")
    await_text(browser, "#quarantine-entry", "filterd quarantine release " + row["id"])
    await_text(browser, "#quarantine-entry pre", '"rule": "keep"')
    assert browser.run("return window.hit") is None
    assert violations(browser) == []


@case
def a_release_wants_the_token_and_its_end_is_in_the_entry(browser, daemon):
    row = held(daemon, "4HELD3", "held3@example.net")
    path = "api/quarantine/release/" + row["id"]
    assert ask(daemon, path)[0] == 405
    assert ask(daemon, path, "another token of somebody", "POST")[0] == 401
    assert ask(daemon, "api/quarantine/" + row["id"])[1]["state"] == "held"
    status, answer = ask(daemon, path, served.TOKEN, "POST")
    assert (status, answer) == (202, {"begun": row["id"]}), answer
    await_that(lambda: release_error(daemon, row["id"]))
    entry = ask(daemon, "api/quarantine/" + row["id"])
    assert "Connection refused" in release_error(daemon, row["id"]), entry  # nobody listens there
    assert ask(daemon, "api/quarantine/" + row["id"])[1]["state"] == "held"
    assert ask(daemon, "api/quarantine/../../etc/passwd")[0] == 404
    assert ask(daemon, "api/quarantine/20240101T000000-0123456789abcdef")[0] == 404
