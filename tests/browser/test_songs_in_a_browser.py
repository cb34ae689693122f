"""Song to songs in a real browser: type, choose, go on, go back."""

from __future__ import annotations

import pytest
from browsing import Browse, Site, violations
from playwright.sync_api import Locator, Page, expect

from segue.groups import TRACKS

pytest_plugins = ("browser_fixture",)

UNKNOWN = "9" * 22


def shown(page: Page) -> Locator:
    """Return the heading above the neighbors."""
    return page.get_by_role("heading", name="Songs like", level=2)


def some_song(site: Site) -> tuple[str, str]:
    """Return id and title of a song of the catalog."""
    track = site.store.read(TRACKS, ["track_id", "recording_id", "title"]).query("track_id == recording_id").iloc[0]
    return str(track["track_id"]), str(track["title"])


def test_a_song_is_found_while_it_is_typed_and_named_in_the_address(browse: Browse, site: Site) -> None:
    """By the keyboard alone; whoever gets the address sees the same."""
    page, (_, title) = browse(), some_song(site)
    page.goto("/songs")
    page.get_by_label("Song").press_sequentially(title[:-1])
    found = page.get_by_role("list", name="Songs that this may mean").get_by_role("link", name=title).first
    expect(found).to_be_visible(timeout=15_000)
    found.press("Enter")
    expect(shown(page)).to_be_visible()
    page.wait_for_url("**/songs?song=*")
    other = browse()
    other.goto(page.url)
    expect(shown(other)).to_have_text(shown(page).inner_text())


def test_enter_takes_the_song_that_the_text_means_most_likely(browse: Browse, site: Site) -> None:
    """Nobody has to look at the list."""
    page, (_, title) = browse(), some_song(site)
    page.goto("/songs")
    page.get_by_label("Song").fill(title)
    page.get_by_label("Song").press("Enter")
    expect(shown(page)).to_have_text(f"Songs like {title}")


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 1280), ("light", 390), ("dark", 390)])
def test_the_neighbors_can_be_read(browse: Browse, site: Site, scheme: str, width: int) -> None:
    """Columns, bars and the map, which is fetched; nothing is wider than the screen."""
    page, (song, title) = browse(scheme, width), some_song(site)
    with page.expect_response("**/pictures/map.png*") as fetched:
        page.goto(f"/songs?song={song}")
    assert fetched.value.ok
    expect(shown(page)).to_have_text(f"Songs like {title}")
    expect(page.get_by_role("heading", name="Sound", exact=True)).to_be_visible()
    expect(page.get_by_role("img", name="A map of the catalog")).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_each_neighbor_leads_on_and_the_way_back_is_kept(browse: Browse, site: Site) -> None:
    """As on any pages that link to one another."""
    page, (song, title) = browse(), some_song(site)
    page.goto(f"/songs?song={song}")
    onward = page.get_by_role("link", name="Songs like this").first
    following = (onward.get_attribute("aria-label") or "").removeprefix("Songs like this: ")
    onward.click()
    expect(shown(page)).to_have_text(f"Songs like {following}")
    page.go_back()
    expect(shown(page)).to_have_text(f"Songs like {title}")


@pytest.mark.parametrize("asked", [UNKNOWN, "<img src=x onerror=alert(1)>", "%00", "x" * 3000])
def test_an_unknown_song_is_said_beside_the_field(browse: Browse, asked: str) -> None:
    """Whatever the address holds, and the page goes on."""
    page = browse()
    page.goto(f"/songs?song={asked}")
    expect(page.get_by_role("alert")).to_contain_text("No song is found for")
    expect(shown(page)).to_have_count(0)
