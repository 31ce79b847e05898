# SPDX-License-Identifier: BSD-2-Clause
"""The overview and the rules, what can be done from there, and an outage."""

import os
import re

import served
from daemon import RULES as PLUGINS
from served import TOKEN
from support import await_text, case, visit

RULES_PLUGIN = os.path.join(PLUGINS, "rules.so")


@case
def overview_of_the_daemon(browser, daemon):
    daemon.send("4OVER1", subject="hello")
    visit(browser, daemon)
    await_text(browser, "#listeners", "Listener mx")
    await_text(browser, "#listeners", "Listener out")
    row = "#listeners section:first-child tbody tr:nth-child({})"
    browser.await_that("/accept [1-9]/.test(document.querySelector('#listeners').innerText)")
    marks, trial = browser.text(row.format(1)), browser.text(row.format(3))
    assert "marks" in marks and "enforce" in marks and "tempfail" in marks and "7 s" in marks, marks
    assert "continue" in marks and re.search(r"\d (µs|ms)\b", marks), marks
    assert "trial" in trial and "shadow" in trial and "skip" in trial, trial
    tiles = browser.text("#tiles")
    for name in ("Messages", "Sessions open", "Workers", "Generation", "Memory", "Descriptors"):
        assert name in tiles, tiles


@case
def a_shadow_configuration(browser, daemon):
    path = daemon.path("second.conf")
    with open(path, "w", encoding="ascii") as file:
        file.write("listener mx { socket unix:/nowhere; chain all; }\n"
                   f"filter all {{ plugin {RULES_PLUGIN}; rule all {{ reject; }} }}\n")
    visit(browser, daemon)
    await_text(browser, "#tiles", "Descriptors")
    assert "Shadow" not in browser.text("#tiles")
    daemon.configure(top=f"shadow {{ config {path}; }}\n")
    daemon.reload()
    daemon.send("4SHAD1", subject="hello")
    await_text(browser, "#tiles", "Shadow")
    await_text(browser, "#tiles", "of 1 differ")
    daemon.configure()
    daemon.reload()
    browser.await_that("!document.querySelector('#tiles').innerText.includes('Shadow')")


@case
def rates_move_while_it_looks(browser, daemon):
    visit(browser, daemon)
    for number in range(200):
        daemon.send(f"4RATE{number}")
        if number % 10 == 0 and browser.run(
                "return Number(document.querySelector('#rates .legend b').innerText) > 0"):
            break
    browser.await_that("document.querySelectorAll('#rates path.area').length === 6")
    browser.await_that("/[1-9]/.test(document.querySelector('#waits .legend').innerText)")
    label = browser.run("return document.querySelector('#rates svg').getAttribute('aria-label')")
    assert label.startswith("Messages a second: accept "), label


@case
def latency_of_a_filter(browser, daemon):
    visit(browser, daemon)
    await_text(browser, "#listeners", "marks")
    browser.click("#listeners tr:first-child .opener")
    opened = "#listeners .more:not([hidden])"
    browser.await_that(f"document.querySelectorAll('{opened} .bar').length > 1")
    more = browser.text(opened)
    assert "filterd.conf:" in more and "p50" in more and "calls" not in more.split("Calls")[0], more


RULES = "return [...document.querySelectorAll('#rules-rows tr')].map((row) => row.innerText)"


@case
def hits_of_rules(browser, daemon):
    daemon.send("4RULE1", subject="hello")
    visit(browser, daemon, "#rules")
    browser.await_that("document.querySelectorAll('#rules-rows tr').length === 6")
    rows = browser.run(RULES)
    assert any(row.startswith("tag") and "never" not in row for row in rows), rows
    assert any(row.startswith(served.EVIL_RULE) for row in rows), rows
    browser.click("#rules-never")
    browser.await_that("document.querySelectorAll('#rules-rows tr').length < 6")
    rows = browser.run(RULES)
    assert any(row.startswith("never") for row in rows), rows
    assert not any(row.startswith("tag") for row in rows), rows


@case
def a_filter_that_was_removed(browser, daemon):
    visit(browser, daemon)
    row = "#listeners section:nth-child(2) tbody tr"
    browser.await_that(f"document.querySelector('{row}')?.innerText.includes('enforce')")
    try:
        daemon.send("4CRASH", fields=[("X-Unruly", "abort")], listener="out")
        raise AssertionError("no crash")
    except ConnectionError:
        pass
    await_text(browser, row, "removed")
    await_text(browser, row, "crashes 1")
    await_text(browser, "#listeners section:nth-child(2)", "workers that died: 1")
    daemon.reload()
    browser.await_that(f"!document.querySelector('{row}').innerText.includes('removed')")


@case
def reload_wants_the_token(browser, daemon):
    visit(browser, daemon)
    generation = browser.run("return (await (await fetch('api/status')).json()).generation")
    browser.click("#reload-open")
    browser.type("#reload-token", "a-wrong-token-of-the-test")
    browser.press("enter")
    browser.await_that("document.querySelector('#reload-answer').className === 'bad' &&"
                       " document.querySelector('#reload-token').value === ''")
    browser.type("#reload-token", TOKEN)
    browser.press("enter")
    browser.await_that("document.querySelector('#reload-answer').className === 'good' &&"
                       " document.querySelector('#reload-answer').innerText.includes(arguments[0])",
                       f"generation {generation + 1}")
    browser.press("escape")
    await_text(browser, "#about", f"generation {generation + 1}")
    kept = browser.run("return JSON.stringify([localStorage, sessionStorage, document.cookie])")
    assert TOKEN not in kept, kept


@case
def it_says_when_filterd_is_gone(browser, daemon):
    visit(browser, daemon)
    assert browser.run("return document.querySelector('#outage').hidden")
    daemon.stop()
    await_text(browser, "#outage", "cannot be reached")
    assert "as of" in browser.text("#outage")
    daemon.start()
    browser.await_that("document.querySelector('#outage').hidden")
    assert "again" in browser.run("return document.querySelector('#announce').textContent")
    await_text(browser, "#about", "generation 1")
