"""The pages of plain HTML: what they say, and in what frame."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from catalogs import made_up_tracks, store_and_train
from fastapi import FastAPI
from serving import serving

from app.about.legal import legal_routes
from app.about.status_page import status_routes
from app.accounts.account import account_routes
from app.context import Context
from segue.runs import recorded_run
from segue.settings import load_settings
from segue.spotify.budget import Budget
from segue.store import FeatureStore

FRAMED = {"Sec-Fetch-Dest": "iframe"}


@contextmanager
def pages() -> Iterator[httpx.Client]:
    """Serve the pages with the settings as they are now."""
    context = Context.of(load_settings())

    def make(_: str) -> FastAPI:
        app = FastAPI()
        for routes in (account_routes, status_routes, legal_routes):
            app.include_router(routes(context))
        return app

    with serving(make) as address, httpx.Client(base_url=address) as client:
        yield client


def test_before_anything_has_run_the_status_says_so() -> None:
    """And what to run; it is a page like any other."""
    with pages() as visitor:
        page = visitor.get("/status")
    assert page.status_code == 200
    for said in ("Nothing has run yet", "It is empty", "There is none yet", "0 of 450"):
        assert said in page.text


def test_the_status_tells_what_there_is(store: FeatureStore) -> None:
    """Runs with their counts, tracks by dataset, models, calls; no name of a file."""
    store_and_train(store, made_up_tracks(30))
    with recorded_run(store, "features") as report:
        report["files"] = {"/home/annabel/songs.csv": "tracks: songs"}
        report["tracks"] = {"sources": [{"name": "test", "title": "Songs of a Test"}]}
        report["written"] = {"tracks": 30, "recordings": 30}
    with pytest.raises(RuntimeError), recorded_run(store, "playlists"):
        raise RuntimeError
    budget = Budget(store, load_settings())
    budget.reserve("annabel", 7)
    with pages() as visitor:
        page = visitor.get("/status").text
    for said in ("30 tracks, 30 recordings", "Songs of a Test", "did not end well", "audio, version 1", "7 of 450"):
        assert said in page
    assert "annabel" not in page


def test_a_status_that_cannot_be_read_is_said(store: FeatureStore) -> None:
    """On the page, which comes all the same."""
    store_and_train(store, made_up_tracks(30))
    (Path("var/models/audio/1/model.json")).write_text("{")
    with pages() as visitor:
        page = visitor.get("/status")
    assert (page.status_code, "cannot be read now" in page.text) == (200, True)


@pytest.mark.parametrize(("switch", "said"), [("false", "public datasets alone"), ("true", "play count as a public")])
def test_privacy_says_what_the_settings_do(monkeypatch: pytest.MonkeyPatch, switch: str, said: str) -> None:
    """Whether models learn from listeners is up to whoever runs Segue."""
    monkeypatch.setenv("SEGUE_LEARN_FROM_LISTENERS", switch)
    with pages() as visitor:
        assert said in visitor.get("/privacy").text


def test_where_nobody_can_log_in_the_app_can_be_opened_on_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a Space, in the frame that its page has for it; outside of the frame one logs in."""
    monkeypatch.setenv("SPACE_ID", "me/segue")
    monkeypatch.setenv("SPACE_HOST", "me-segue.hf.space")
    with pages() as visitor:
        inside = [visitor.get("/terms", headers=FRAMED).text, visitor.get("/terms").text]
        outside = visitor.get("/terms", headers={"Sec-Fetch-Dest": "document"}).text
    for page in inside:
        assert 'href="https://me-segue.hf.space/terms" target="_blank" rel="noopener">Open in full' in page
        assert "Log in" not in page
    assert "Open in full" not in outside
    assert ">Log in</a>" in outside
    assert "https://huggingface.co/spaces/me/segue/tree/main" in outside


def test_elsewhere_no_request_makes_it_a_space() -> None:
    """Whatever it says of itself."""
    with pages() as visitor:
        page = visitor.get(
            "/terms", headers={**FRAMED, "Host": "evil.example", "X-Forwarded-Host": "evil.example"}
        ).text
    assert "Open in full" not in page
    assert "evil" not in page
