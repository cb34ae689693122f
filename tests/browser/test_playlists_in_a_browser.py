"""A listener's way through their playlists, in a real browser: log in, see, judge, steer, refresh."""

from __future__ import annotations

import re

import pytest
from browsing import Browse, Site, log_in, violations
from playwright.sync_api import Page, expect

from segue.groups import FEEDBACK, RECOMMENDATIONS
from segue.spotify.listeners import update_listener

pytest_plugins = ("browser_fixture",)

JUNIPER = "sandbox-juniper"
PATIENCE = 120_000


@pytest.fixture(autouse=True)
def _forget(site: Site) -> None:
    """Let Juniper have said nothing yet."""
    site.store.delete(FEEDBACK, {"listener_id": JUNIPER})
    update_listener(site.store, JUNIPER, settings=None)


@pytest.fixture
def page(browse: Browse) -> Page:
    """Return Juniper's browser, at their playlists."""
    opened = browse()
    log_in(opened)
    opened.goto("/playlists")
    expect(opened.locator("#tracks li").first).to_be_visible()
    return opened


def verdicts(site: Site) -> list[str]:
    """Return what Juniper said so far."""
    return list(site.store.read(FEEDBACK, ["verdict"], {"listener_id": JUNIPER})["verdict"])


def test_each_playlist_is_opened_by_its_button(page: Page) -> None:
    """With a reason for each of its songs."""
    expect(page.get_by_role("heading", name="Segue Familiar")).to_be_visible()
    page.get_by_role("button", name="Discover", exact=True).click()
    expect(page.get_by_role("heading", name="Segue Discover")).to_be_visible()
    expect(page.locator("#tracks li")).to_have_count(50)
    expect(page.locator("#tracks .reason")).to_have_count(50)
    expect(page.get_by_role("button", name="Discover", exact=True)).to_have_attribute("aria-pressed", "true")


def test_songs_are_judged_by_keyboard(page: Page, site: Site) -> None:
    """The button that was pressed stays in focus, says so, and takes it back."""
    like = page.get_by_role("button", name=re.compile("^Like ")).first
    like.focus()
    page.keyboard.press("Enter")
    expect(like).to_have_attribute("aria-pressed", "true")
    expect(like).to_be_focused()
    assert verdicts(site) == ["like"]
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name=re.compile("^Dislike ")).first).to_have_attribute("aria-pressed", "true")
    assert verdicts(site) == ["dislike"]
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name=re.compile("^Dislike ")).first).to_have_attribute("aria-pressed", "false")
    assert verdicts(site) == []


def test_never_this_artist_can_be_undone(page: Page) -> None:
    """In the list, where the panel knows of it, too."""
    never = page.get_by_role("button", name=re.compile("^Never ")).first
    artist = (never.get_attribute("aria-label") or "").removeprefix("Never ")
    never.click()
    undo = page.get_by_role("button", name=f"Undo: never {artist}", exact=True).first
    expect(undo).to_be_visible()
    expect(page.locator("#said")).to_contain_text(f"{artist} will be on none of your playlists.")
    page.get_by_role("button", name="What should be on your playlists").click()
    expect(page.get_by_text(artist, exact=True).first).to_be_visible()
    undo.click()
    expect(undo).to_have_count(0)


def test_what_is_wished_for_is_refreshed(page: Page, site: Site) -> None:
    """From the panel to the playlists in Spotify, while one watches; what is wrong is said beside the field."""
    page.get_by_role("button", name="What should be on your playlists").click()
    genres = page.get_by_label("Only these genres")
    genres.fill("polkaa")
    genres.press("Enter")
    save = page.get_by_role("button", name="Save")
    save.click()
    expect(page.get_by_role("alert").filter(has_text="There is no genre")).to_be_visible()
    genres.press("Backspace")
    page.get_by_role("checkbox", name=re.compile("^Calm")).check()
    length = page.get_by_label("Songs on each playlist")
    length.fill("200")
    save.click()
    expect(page.get_by_role("alert").filter(has_text="less than or equal to 100")).to_be_visible()
    expect(length).to_have_value("200")
    length.fill("20")
    save.click()
    expect(page.get_by_text("Saved. It holds from the next refresh on")).to_be_visible()
    page.get_by_role("button", name="Refresh now").click()
    expect(page.get_by_text(re.compile("3 of 3 playlists refreshed"))).to_be_visible(timeout=PATIENCE)
    page.get_by_role("button", name="Calm", exact=True).click()
    expect(page.locator("#tracks li")).to_have_count(20)
    made = site.store.read(RECOMMENDATIONS, ["playlist"], {"listener_id": JUNIPER})["playlist"]
    assert made.value_counts().to_dict() == {"familiar": 20, "discover": 20, "calm": 20}


def test_what_was_wished_for_stands_in_the_panel(page: Page) -> None:
    """On every later visit; where only one model is trained, there is no choice of it."""
    page.get_by_role("button", name="What should be on your playlists").click()
    page.get_by_role("checkbox", name="1990s").check()
    page.get_by_role("button", name="Save").click()
    saved = page.get_by_text("Saved. It holds from the next refresh on")
    expect(saved.get_by_role("link", name="Refresh now")).to_be_visible()
    page.reload()
    page.get_by_role("button", name="What should be on your playlists").click()
    expect(page.get_by_role("checkbox", name="1990s")).to_be_checked()
    expect(page.get_by_role("checkbox", name="2000s")).not_to_be_checked()
    expect(page.get_by_text("What to go by")).to_be_hidden()


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_all_of_it_can_be_read(browse: Browse, scheme: str, width: int) -> None:
    """With every part opened, as far as axe can tell."""
    page = browse(scheme, width)
    log_in(page)
    page.goto("/playlists")
    for part in ("What should be on your playlists", "Taste, in pictures", "What Spotify told Segue"):
        page.get_by_role("button", name=part).click()
    expect(page.locator(".picture svg").nth(2)).to_be_visible(timeout=PATIENCE)
    page.get_by_role("button", name=re.compile("^Like ")).first.click()
    expect(page.locator("#said")).to_contain_text("from the next refresh on")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == width
