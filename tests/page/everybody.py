# SPDX-License-Identifier: BSD-2-Clause
"""The page for everybody: by day and night, on a phone, by keyboard, read aloud."""

import urllib.request

from support import LIST, QUEUES, await_text, case, violations, visit


@case
def nothing_comes_from_elsewhere(browser, daemon):
    browser.complaints()
    for view in ("", "#rules", "#messages"):
        visit(browser, daemon, view)
    names = browser.run("return performance.getEntriesByType('resource').map((one) => one.name)")
    assert len(names) > 10 and all(one.startswith(daemon.address) for one in names), names
    with urllib.request.urlopen(daemon.address, timeout=20) as answer:
        policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy, policy
    assert violations(browser) == []


# The worst contrast of a text with what is behind it, and that text; WCAG 2.1, section 1.4.3.
CONTRAST = """
const number = (text) => text.match(/[\\d.]+/g).map(Number);
const light = ([r, g, b]) => [r, g, b].map((one) => one / 255).map((one) =>
	one <= 0.03928 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4)
	.reduce((sum, one, i) => sum + one * [0.2126, 0.7152, 0.0722][i], 0);
const behind = (node) => {
	for (let one = node; one; one = one.parentElement) {
		const colour = number(getComputedStyle(one).backgroundColor);
		if (colour.length < 4 || colour[3] === 1) return colour;
	}
	return [255, 255, 255];
};
let worst = [99, ''];
for (const node of document.querySelectorAll('body *')) {
	const text = [...node.childNodes].filter((one) => one.nodeType === 3 && one.data.trim());
	if (!text.length || !node.checkVisibility()) continue;
	if (node.closest('.hidden, .skip, :disabled')) continue;
	const style = getComputedStyle(node);
	const colour = node.closest('svg') ? style.fill : style.color;
	const pair = [light(number(colour)), light(behind(node))].sort((a, b) => b - a);
	const ratio = (pair[0] + 0.05) / (pair[1] + 0.05);
	if (ratio < worst[0]) worst = [ratio, text[0].data, node.tagName + '.' + node.className];
}
return worst;
"""
VIEWS = ("#overview", "#rules", "#quarantine", "#messages", "#queue=4EVERY")


def every_view(browser, daemon):
    """Each view in turn, the last with a message open."""
    daemon.send("4EVERY", subject="hello")
    for view in VIEWS:
        visit(browser, daemon, view)
        if view == "#overview":
            await_text(browser, "#listeners", "marks")
            browser.click("#listeners tr:first-child .opener")
        elif view == "#queue=4EVERY":
            browser.await_that(f"{QUEUES}.startsWith('4EVERY')")
            browser.click(LIST + " a")
            await_text(browser, "#message h2", "hello")
        yield view


@case
def light_and_dark_can_be_read(browser, daemon):
    back = "return getComputedStyle(document.body).backgroundColor"
    seen = set()
    for scheme in ("light", "dark"):
        browser.scheme(scheme)
        for view in every_view(browser, daemon):
            seen.add(browser.run(back))
            ratio, *what = browser.run(CONTRAST)
            assert ratio >= 4.5, (scheme, view, ratio, what)
    assert len(seen) == 2, seen
    dark = browser.run(back)
    for theme, wanted in (("light", seen - {dark}), ("dark", {dark}), ("", {dark})):
        browser.run("const one = document.querySelector('#theme'); one.value = arguments[0];"
                    "one.dispatchEvent(new Event('change'));", theme)
        assert {browser.run(back)} == wanted, theme
    browser.scheme("light")


@case
def a_phone_needs_no_sideways_scroll(browser, daemon):
    browser.size(360, 740)
    daemon.send_evil()
    try:
        for view in (*every_view(browser, daemon), "evil"):
            if view == "evil":
                visit(browser, daemon, "#queue=4EVIL")
                browser.await_that(f"{QUEUES}.includes('4EVIL')")
                browser.click(LIST + " a")
                await_text(browser, "#message", "gpj.exe")
            width = browser.run("return document.documentElement.scrollWidth")
            assert width <= 360, (view, width)
    finally:
        browser.size(1280, 800)


def tab_to(browser, condition):
    """Presses tab until the focused element, `it`, fits; fails when it has come around."""
    for _ in range(80):
        browser.press("tab")
        if browser.run(f"const it = document.activeElement; return Boolean({condition})"):
            assert browser.run("const { outlineStyle, outlineWidth } ="
                               " getComputedStyle(document.activeElement);"
                               "return outlineStyle !== 'none' && parseFloat(outlineWidth) >= 1")
            return
    raise AssertionError(f"the tab key never comes to {condition}")


@case
def everything_by_keyboard(browser, daemon):
    daemon.send("4HAND", subject="hello")
    visit(browser, daemon)
    await_text(browser, "#listeners", "marks")
    tab_to(browser, "it.id === 'skip'")
    browser.press("enter")
    assert browser.run("return document.activeElement.id") == "main-part"
    browser.await_that("document.querySelectorAll('#rates path').length > 0")
    tab_to(browser, "it.matches('#rates svg')")
    browser.press("left")
    assert browser.text("#rates .when") != "now"
    browser.press("escape")
    assert browser.text("#rates .when") == "now"
    tab_to(browser, "it.matches('.opener')")
    browser.press("enter")
    assert browser.run("return document.activeElement.getAttribute('aria-expanded')") == "true"
    visit(browser, daemon)
    tab_to(browser, "it.dataset.to === 'messages'")
    browser.press("enter")
    browser.await_that("location.hash === '#messages'")
    tab_to(browser, "it.name === 'queue'")
    browser.press(*"4HAND", "enter")
    browser.await_that(f"{QUEUES} === '4HAND'")
    tab_to(browser, f"it.matches('{LIST} a')")
    browser.press("enter")
    browser.await_that("document.activeElement.matches('#message h2')")


@case
def everything_has_a_name(browser, daemon):
    """As a screen reader is told of it."""
    roles = {"button", "link", "textbox", "searchbox", "checkbox", "combobox", "image", "table"}
    for view in every_view(browser, daemon):
        nodes = browser.chrome("Accessibility.getFullAXTree")["nodes"]
        found = [one for one in nodes if not one["ignored"] and one["role"].get("value") in roles]
        nameless = [one["role"]["value"] for one in found if not one.get("name", {}).get("value")]
        assert found and not nameless, (view, nameless)
