"""Every page, in a real browser: quiet, at home, readable, and within reach of a keyboard."""

from __future__ import annotations

import pytest
from browsing import Browse, violations
from playwright.sync_api import Page, expect

pytest_plugins = ("browser_fixture",)

GRADIO = ("/", "/playlists", "/songs")
PLAIN = ("/account", "/privacy", "/terms", "/status")


def open_page(page: Page, path: str) -> None:
    """Open a page, and wait until nothing more comes."""
    page.goto(path)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.wait_for_load_state("networkidle")


@pytest.mark.parametrize("path", [*GRADIO, *PLAIN])
@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 1280), ("light", 390), ("dark", 390)])
def test_a_page_can_be_read(browse: Browse, path: str, scheme: str, width: int) -> None:
    """By everybody, as far as axe can tell, in light and dark, wide and narrow; it never scrolls sideways."""
    page = browse(scheme, width)
    open_page(page, path)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_an_unknown_address_has_a_page(browse: Browse, trouble: list[str], scheme: str, width: int) -> None:
    """In the same frame as all others, with a way on."""
    page = browse(scheme, width)
    open_page(page, "/no/such/page?<script>")
    expect(page.get_by_role("heading", level=1)).to_have_text("Nothing is here")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.get_by_role("main").get_by_role("link", name="Find music").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Find music that goes with yours")
    # The browser notes that the page has the status 404, and nothing else.
    assert [said for said in trouble if "404" not in said] == []
    trouble.clear()


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_the_page_that_stands_in_for_spotify_can_be_read(browse: Browse, scheme: str, width: int) -> None:
    """It says that it does; no script is needed on it."""
    page = browse(scheme, width)
    page.goto("/auth/login")
    expect(page.get_by_role("status")).to_contain_text("stands in for Spotify")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == width


FOCUSABLE = "a[href], button:enabled, select:enabled, textarea:enabled, summary, [tabindex='0'], input:enabled"
UNREACHED = f"""
() => [...document.querySelectorAll("{FOCUSABLE}")]
  // Of a group of radio buttons one is reached by Tab, the others by the arrow keys.
  .filter(each => each.checkVisibility({{visibilityProperty: true}}) && each.type !== "radio" && each.tabIndex >= 0)
  .filter(each => !("reached" in each.dataset))
  .map(each => each.outerHTML.slice(0, 200))
"""
MARK = "() => { document.activeElement.dataset.reached = 'yes'; return document.activeElement === document.body; }"


@pytest.mark.parametrize("path", [*GRADIO, *PLAIN])
def test_everything_is_within_reach_of_a_keyboard(browse: Browse, path: str) -> None:
    """Tab goes through all of it, beginning with the link that skips the header."""
    page = browse()
    open_page(page, path)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    for _ in range(2 * page.locator(FOCUSABLE).count()):
        if page.evaluate(MARK):
            break
        page.keyboard.press("Tab")
    assert page.evaluate(UNREACHED) == []


@pytest.mark.parametrize("path", ["/playlists", "/status"])
def test_the_header_can_be_skipped(browse: Browse, path: str) -> None:
    """Without leaving the page."""
    page = browse()
    open_page(page, path)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    assert page.evaluate("location.pathname") == path


@pytest.mark.parametrize("path", [*GRADIO, "/status"])
def test_the_header_says_which_page_it_is(browse: Browse, path: str) -> None:
    """To those who see it, and to those who hear it; there are the same ways to all pages on each."""
    page = browse()
    open_page(page, path)
    links = page.get_by_role("navigation", name="Pages").get_by_role("link")
    assert links.all_text_contents() == ["Find music", "Your playlists", "Song to songs", "Status"]
    current = page.locator("[aria-current=page]")
    expect(current).to_have_count(1)
    expect(current).to_have_attribute("href", path)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_page_can_be_asked_for_in_light_or_dark(browse: Browse, theme: str) -> None:
    """Whatever the system prefers, header and content agree."""
    page = browse("dark" if theme == "light" else "light")
    page.goto(f"/playlists?__theme={theme}")
    page.wait_for_load_state("networkidle")
    colors = [
        page.evaluate(f"getComputedStyle(document.querySelector('{part}')).color")
        for part in (".masthead .wordmark", "gradio-app")
    ]
    light = colors[0] == "rgb(33, 28, 31)"
    assert light == (theme == "light")
    assert colors[0] == colors[1]


def test_the_description_of_the_api_opens(browse: Browse) -> None:
    """From the app itself, within its policy: nothing of it is on another server."""
    page = browse()
    page.goto("/status")
    page.get_by_role("link", name="API for programs").click()
    expect(page.locator(".opblock").first).to_be_visible()
