# SPDX-License-Identifier: BSD-2-Clause
"""What the cases share: looking at the page, and the list of cases."""

cases = []

LIST = "#messages-rows tr"
# The queue ids that the list shows, as one text.
QUEUES = f"[...document.querySelectorAll('{LIST} a')].map((one) => one.innerText).join(' ')"


def case(function):
    cases.append(function)
    return function


def visit(browser, daemon, hash_=""):
    """The page from scratch, when it has its first numbers."""
    browser.open("about:blank")
    browser.open(daemon.address + hash_)
    browser.await_that("document.querySelector('#about').innerText.includes('generation')")


def await_text(browser, selector, text):
    browser.await_that("document.querySelector(arguments[0])?.innerText.includes(arguments[1])",
                       selector, text)


def search(browser, key, text):
    """One key alone, as a reader does it."""
    browser.click("#search button[type=reset]")
    browser.await_that("location.hash === '#messages'")
    if key == "verdict":
        browser.run("const one = document.querySelector('#search [name=verdict]');"
                    "one.value = arguments[0]; one.dispatchEvent(new Event('change'));", text)
    else:
        browser.type(f"#search [name={key}]", text)
        browser.press("enter")
    browser.await_that("location.hash.startsWith('#' + arguments[0] + '=')", key)


def violations(browser):
    """Whatever the browser has complained about but connections that failed."""
    return [one for one in browser.complaints() if one["source"] != "network"]
