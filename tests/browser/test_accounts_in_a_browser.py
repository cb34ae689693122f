"""Who logs in sees what is theirs, and nobody else does."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import Any

import httpx
import pytest
from browsing import Browse, Site, log_in, violations
from playwright.sync_api import Page, expect

from inference_pipeline.kept import Kept, read_kept, write_kept
from segue.groups import LISTENERS, LISTENS, RECOMMENDATIONS, SESSIONS, TRACKS

pytest_plugins = ("browser_fixture",)

JUNIPER, THEO = "sandbox-juniper", "sandbox-theo"
# Nobody whom another test is about: whoever runs every event has their playlists refreshed, and that takes a while.
ATTACKER = "kaya"


def own_titles(site: Site, listener_id: str) -> set[str]:
    """Return the titles on a listener's playlists that nobody else has there or plays, and that no other track has."""
    listed = site.store.read(RECOMMENDATIONS, ["listener_id", "track_id"])
    tracks = site.store.read(TRACKS, ["track_id", "title"]).drop_duplicates("title", keep=False)
    titles = listed.merge(tracks, on="track_id")
    own = titles["listener_id"] == listener_id
    return set(titles.loc[own, "title"]) - set(titles.loc[~own, "title"]) - set(site.store.read(LISTENS)["title"])


def see_playlists(page: Page) -> str:
    """Open the page of the playlists, and return all the text that it then holds."""
    page.goto("/playlists")
    expect(page.locator("#tracks li").first).to_be_visible()
    return page.locator("body").text_content() or ""


def test_two_listeners_see_their_own(site: Site, browse: Browse) -> None:
    """At the same time, in two browsers, on every page; also after both have reloaded."""
    hers, his = own_titles(site, JUNIPER), own_titles(site, THEO)
    first, second = browse(), browse()
    log_in(first, "juniper")
    log_in(second, "theo")
    for _ in range(2):
        expect(first.get_by_role("heading", level=1)).to_have_text("Juniper Vale")
        expect(second.get_by_role("heading", level=1)).to_have_text("Theo Marchetti")
        shown = see_playlists(first), see_playlists(second)
        assert [title for title in hers if title in shown[0]]
        assert [title for title in his if title in shown[1]]
        assert not [title for title in his if title in shown[0]]
        assert not [title for title in hers if title in shown[1]]
        first.goto("/account")
        second.goto("/account")


def stolen_hash(page: Page) -> str:
    """Return the session_hash that Gradio's program sends along from a page."""
    with page.expect_request(lambda request: "session_hash" in (request.post_data or "")) as asked:
        page.goto("/playlists")
    stolen: str = json.loads(asked.value.post_data or "{}")["session_hash"]
    return stolen


def events(site: Site) -> list[dict[str, Any]]:
    """Return every event of every page, as Gradio itself describes them to whoever asks."""
    described: list[dict[str, Any]] = httpx.get(f"{site.address}/config", timeout=30).json()["dependencies"]
    return described


def call_everything(site: Site, session_hash: str, cookies: dict[str, str]) -> str:
    """Run every event under somebody's session_hash, directly and through the queue; return all the answers."""
    said = []
    with httpx.Client(base_url=site.address, headers={"Origin": site.address}, cookies=cookies, timeout=60) as attacker:
        joined = 0
        for event in events(site):
            body = {"fn_index": event["id"], "data": [None] * len(event["inputs"]), "session_hash": session_hash}
            said.append(attacker.post("/gradio_api/run/predict", json=body).text)
            joined += attacker.post("/gradio_api/queue/join", json=body).status_code == httpx.codes.OK
        with attacker.stream("GET", "/gradio_api/queue/data", params={"session_hash": session_hash}) as stream:
            for line in stream.iter_lines():
                said.append(line)
                joined -= "process_completed" in line
                if joined <= 0:
                    break
    return "\n".join(said)


@pytest.mark.parametrize("listener", [None, ATTACKER])
def test_a_stolen_session_hash_opens_nothing(site: Site, browse: Browse, listener: str | None) -> None:
    """Whoever names somebody else's runs events as nobody, or as themselves."""
    victim, attacker = browse(), browse()
    log_in(victim, "juniper")
    cookies = {}
    if listener is not None:
        log_in(attacker, listener)
        cookies = {cookie["name"]: cookie["value"] for cookie in attacker.context.cookies()}
    stolen = stolen_hash(victim)
    said = call_everything(site, stolen, cookies)
    assert len(said) > 1_000
    # Some event may name any track of the catalog by chance; her playlists would be there as a whole.
    hers = own_titles(site, JUNIPER)
    shown = [title for title in hers if title in said]
    assert len(shown) < len(hers) / 4


def test_logging_out_is_a_click(browse: Browse) -> None:
    """Afterwards the browser is a stranger's, and the header says so."""
    page = browse()
    log_in(page)
    expect(page.get_by_role("banner").get_by_role("link", name="Account")).to_be_visible()
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("link", name="Log in with Spotify")).to_be_visible()
    expect(page.get_by_role("banner").get_by_role("link", name="Log in")).to_be_visible()
    assert page.context.cookies() == []


def test_a_removed_playlist_comes_back_by_a_click(site: Site, browse: Browse) -> None:
    """The next night makes it again."""
    page = browse()
    log_in(page, "theo")
    there = read_kept(site.store, THEO)["discover"]
    write_kept(site.store, THEO, "discover", Kept(id=there.id, removed_at=datetime.now(timezone.utc)))
    page.reload()
    page.get_by_role("button", name="Bring Segue Discover back").click()
    expect(page.get_by_role("button", name="Log out")).to_be_visible()
    expect(page.get_by_role("button", name="Bring Segue Discover back")).to_have_count(0)
    assert read_kept(site.store, THEO)["discover"].brought_back


def test_the_account_says_what_is_kept(site: Site, browse: Browse) -> None:
    """As many as there are, of each kind."""
    page = browse()
    log_in(page)
    counts = page.get_by_role("table").locator("td.number").all_text_contents()
    of = {"listener_id": JUNIPER}
    assert counts[0] == f"{len(site.store.read(LISTENS, ['rank'], of)):,}"
    assert f"{len(site.store.read(RECOMMENDATIONS, ['rank'], of)):,}" in counts
    assert f"{len(site.store.read(SESSIONS, ['session'], of)):,}" in counts


def test_who_was_about_to_leave_can_stay(site: Site, browse: Browse) -> None:
    """They are asked, and nothing has happened."""
    page = browse()
    log_in(page, "theo")
    page.get_by_role("link", name="Disconnect and delete").click()
    page.get_by_role("link", name="Stay").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Theo Marchetti")
    assert not site.store.read(RECOMMENDATIONS, ["listener_id"], {"listener_id": THEO}).empty


def test_disconnecting_deletes_everything_in_every_browser(site: Site, browse: Browse) -> None:
    """Once it has been asked for and confirmed; where somebody was logged in elsewhere, that has ended, too.

    Others do not notice.
    """
    page, elsewhere, other = browse(), browse(), browse()
    log_in(page, "walter")
    log_in(elsewhere, "walter")
    log_in(other, "theo")
    page.get_by_role("link", name="Disconnect and delete").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Disconnect and delete?")
    assert violations(page) == []
    assert not site.store.read(LISTENERS, ["listener_id"], {"listener_id": "sandbox-walter"}).empty
    page.get_by_role("button", name="Disconnect and delete").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Disconnected")
    expect(page.get_by_role("banner").get_by_role("link", name="Log in")).to_be_visible()
    for group in (LISTENERS, LISTENS, RECOMMENDATIONS, SESSIONS):
        assert site.store.read(group, ["listener_id"], {"listener_id": "sandbox-walter"}).empty
    elsewhere.reload()
    expect(elsewhere.get_by_role("link", name="Log in with Spotify")).to_be_visible()
    other.reload()
    expect(other.get_by_role("heading", level=1)).to_have_text("Theo Marchetti")


def test_denied_consent_ends_on_a_page_of_ours(browse: Browse, trouble: list[str]) -> None:
    """With a way to try again."""
    page = browse()
    page.goto("/account")
    page.get_by_role("link", name="Log in with Spotify").click()
    page.get_by_role("link", name="Cancel").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Not connected")
    expect(page.get_by_role("link", name="Log in with Spotify")).to_be_visible()
    # The browser notes that the page has the status 400, and nothing else.
    assert [said for said in trouble if "400" not in said] == []
    trouble.clear()
