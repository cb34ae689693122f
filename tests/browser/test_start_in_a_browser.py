"""The first page, as somebody without a login uses it."""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from browsing import Browse, Site, violations
from playwright.sync_api import FilePayload, Page, Route, expect

from segue.groups import TRACKS

pytest_plugins = ("browser_fixture",)

Known = dict[str, str]
PATIENCE = 60


@pytest.fixture(scope="module")
def known(site: Site) -> Known:
    """Return title and artist of a few songs of the catalog, by id."""
    tracks = site.store.read(TRACKS, ["track_id", "title", "artists"]).sort_values("track_id")
    single = tracks[~tracks["title"].duplicated(keep=False) & ~tracks["artists"].str.contains(";")].head(3)
    return {track_id: f"{title} {artist}" for track_id, title, artist in single.itertuples(index=False)}


def start(page: Page, path: str = "/") -> None:
    """Open the page, and wait until it can be used."""
    page.goto(path)
    expect(page.get_by_role("button", name=re.compile("^Start with")).first).to_be_visible()


def search(page: Page, text: str) -> None:
    """Type into the search, as fast as people do."""
    field = page.get_by_label("Add a song you like")
    field.click()
    field.press_sequentially(text, delay=30)
    expect(page.get_by_role("list", name="Songs that this may mean")).to_be_visible()


def bring(page: Page, name: str, content: bytes) -> None:
    """Choose a file."""
    with page.expect_file_chooser() as choosing:
        page.get_by_role("button", name="Bring a file").click()
    choosing.value.set_files([FilePayload(name=name, mimeType="application/octet-stream", buffer=content)])


@dataclass
class Held:
    """Answers that have not been handed over yet."""

    page: Page
    routes: list[Route] = field(default_factory=list)

    def wait_for(self, count: int) -> None:
        """Wait until so many are asked for."""
        until = time.monotonic() + PATIENCE
        while len(self.routes) < count and time.monotonic() < until:
            self.page.wait_for_timeout(20)
        assert len(self.routes) == count


@contextmanager
def held(page: Page, event: str) -> Iterator[Held]:
    """Let an event's requests wait until the block ends, as over a slow line."""
    answers = Held(page)
    events = page.request.get("/config").json()["dependencies"]
    (number,) = [each["id"] for each in events if each["api_name"] == event]

    def hold(route: Route) -> None:
        if route.request.post_data_json["fn_index"] == number:
            answers.routes.append(route)
        else:
            route.continue_()

    page.route("**/gradio_api/run/**", hold)
    yield answers
    for route in answers.routes:
        route.continue_()
    page.unroute("**/gradio_api/run/**")


def is_listed(page: Page, songs: str) -> None:
    """Wait for the list that so many songs have led to."""
    expect(page.get_by_text(re.compile(rf"^\d+ tracks from {songs}\."))).to_be_visible()


def test_a_song_that_is_typed_leads_to_others(browse: Browse, known: Known) -> None:
    """Each with a reason; the search is empty then, and the song can be taken out again."""
    page = browse()
    start(page)
    search(page, next(iter(known.values())))
    page.keyboard.press("Enter", delay=50)
    is_listed(page, "1 song")
    expect(page.get_by_label("Add a song you like")).to_have_value("")
    tracks = page.locator(".tracks li")
    expect(tracks).to_have_count(50)
    assert all(reason.startswith("Like ") for reason in page.locator(".tracks .reason").all_inner_texts())
    page.locator("#picked").get_by_title("Remove").first.click()
    expect(tracks.first).to_be_hidden()


def test_a_song_is_chosen_among_what_is_found(browse: Browse, known: Known) -> None:
    """By the keyboard, or by a click; a link to a song finds it, too."""
    page = browse()
    start(page)
    found = page.get_by_role("list", name="Songs that this may mean")
    for track_id, press in zip(known, ("Enter", "click"), strict=False):
        search(page, f"spotify:track:{track_id}")
        if press == "click":
            found.get_by_role("button").first.click()
        else:
            page.keyboard.press("Tab")
            page.keyboard.press(press)
        expect(page.get_by_label("Add a song you like")).to_have_value("")
        expect(found).to_be_hidden()
    is_listed(page, "2 songs")


def test_two_songs_picked_at_once_are_both_there(browse: Browse) -> None:
    """Though neither answer knows of the other; the field calls each by its name."""
    page = browse()
    start(page)
    search(page, "the")
    found = page.get_by_role("list", name="Songs that this may mean").get_by_role("button")
    names = found.all_inner_texts()[:2]
    with held(page, "add") as answers:
        for number in range(2):
            found.nth(number).click()
        answers.wait_for(2)
    is_listed(page, "2 songs")
    picked = page.locator("#picked")
    expect(picked.get_by_title("Remove")).to_have_count(2)
    for name in names:
        expect(picked.get_by_text(name)).to_be_visible()


def test_what_is_typed_after_enter_stays(browse: Browse, known: Known) -> None:
    """The answer empties the search only of what was asked."""
    page = browse()
    start(page)
    first, second, _ = known.values()
    search(page, first)
    with held(page, "add_first") as answers:
        page.keyboard.press("Enter")
        answers.wait_for(1)
        page.get_by_label("Add a song you like").fill(second)
    is_listed(page, "1 song")
    expect(page.get_by_label("Add a song you like")).to_have_value(second)


def test_a_song_picked_while_a_file_is_read_counts(browse: Browse, known: Known) -> None:
    """What is shown in the end goes with both."""
    page = browse()
    start(page)
    picked, *others = known
    with held(page, "bring") as answers:
        bring(page, "others.txt", "\n".join(others).encode())
        answers.wait_for(1)
        search(page, f"spotify:track:{picked}")
        page.keyboard.press("Enter")
        is_listed(page, "1 song")
    is_listed(page, "3 songs")


def test_what_nobody_is_called_is_said(browse: Browse) -> None:
    """Beside the field."""
    page = browse()
    start(page)
    page.get_by_label("Add a song you like").press_sequentially("qqqqzzzz", delay=30)
    expect(page.get_by_role("status").filter(has_text="No song and nobody in the catalog")).to_be_visible()


def test_an_address_can_hold_the_songs(browse: Browse, known: Known) -> None:
    """What is no song of the catalog is left out."""
    page = browse()
    start(page, f"/?songs={','.join(known)},{'z' * 22},<script>")
    is_listed(page, "3 songs")


@pytest.mark.parametrize(("name", "songs"), [("Start with", "3 songs"), ("Surprise me", "1 song")])
def test_nobody_needs_to_know_a_song(browse: Browse, name: str, songs: str) -> None:
    """A genre, or chance, will do."""
    page = browse()
    start(page)
    page.get_by_role("button", name=re.compile(f"^{name}")).first.click()
    is_listed(page, songs)


def test_a_file_leads_to_songs_and_is_deleted(browse: Browse, known: Known) -> None:
    """What of it is not in the catalog is named, whatever it is called."""
    page = browse()
    start(page)
    name = "songs-of-the-start-page.txt"
    bring(page, name, "\n".join([*known, "<b>Nothing</b> - Nobody"]).encode())
    expect(page.get_by_text("3 of them are in the catalog. Not there: <b>Nothing</b> by Nobody.")).to_be_visible()
    is_listed(page, "3 songs")
    assert not list(Path(tempfile.gettempdir()).glob(f"segue-uploads-*/*/{name}"))
    page.get_by_role("button", name="Leave out the file").click()
    expect(page.locator(".tracks li").first).to_be_hidden()


def test_a_wrong_file_is_said_beside_the_field(browse: Browse, known: Known) -> None:
    """The app stays up, and what was there stays."""
    page = browse()
    start(page, f"/?songs={','.join(known)}")
    is_listed(page, "3 songs")
    bring(page, "wrong.zip", b"PK\x03\x04 and nothing else")
    expect(page.get_by_role("alert").filter(has_text="damaged or locked")).to_be_visible()
    is_listed(page, "3 songs")


def test_options_change_the_list(browse: Browse, known: Known) -> None:
    """What is wrong with one is said beside them."""
    page = browse()
    start(page, f"/?songs={','.join(known)}")
    is_listed(page, "3 songs")
    page.get_by_role("button", name="More to choose").click()
    # The fields are made when they are first shown: an answer to one of them says that they are ready.
    with page.expect_response("**/gradio_api/run/**"):
        page.get_by_label("Explicit lyrics are fine").uncheck()
    length = page.get_by_role("spinbutton", name=re.compile("How many tracks"))
    length.fill("10")
    length.press("Tab")
    expect(page.locator(".tracks li")).to_have_count(10)
    page.get_by_label("Only these genres").fill("polka of the moon")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert").filter(has_text="There is no genre")).to_be_visible()


def test_the_list_can_be_taken_along(browse: Browse, known: Known) -> None:
    """As a file, and as text."""
    page = browse()
    start(page, f"/?songs={','.join(known)}")
    is_listed(page, "3 songs")
    page.get_by_role("tab", name="Take along").click()
    with page.expect_download() as downloading:
        page.get_by_role("link", name="CSV").click()
    assert downloading.value.suggested_filename == "segue.csv"
    assert len(downloading.value.path().read_text(encoding="utf-8").splitlines()) == 51
    assert len(page.get_by_role("textbox", name="Titles").input_value().splitlines()) == 50


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_the_filled_page_can_be_read(browse: Browse, known: Known, scheme: str, width: int) -> None:
    """By everybody, with every part of it open; it never scrolls sideways."""
    page = browse(scheme, width)
    start(page, f"/?songs={','.join(known)}")
    is_listed(page, "3 songs")
    page.get_by_role("button", name="More to choose").click()
    for tab in ("Songs", "Taste", "Map", "Take along"):
        page.get_by_role("tab", name=tab).click()
        page.wait_for_load_state("networkidle")
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") == width
