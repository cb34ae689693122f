"""Recommendations for those who ask at the same moment."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from datetime import datetime
from typing import cast

import pytest
from catalogs import track_id, train_small
from gradio import Request
from islands import ISLAND, two_islands
from joblib import cpu_count
from listening import NOW, as_catalog
from starlette.requests import Request as HttpRequest

from app.security.work import PER_MINUTE, TooMuchError, Work
from app.together import MOST, Together
from inference_pipeline.from_songs import FromSongs, Seeds, recommend_from_songs, recommend_together
from inference_pipeline.library import Library
from inference_pipeline.wishes import Wishes
from segue.errors import InputError
from segue.settings import load_settings

SHORT = Wishes(length=10)
UNKNOWN = ["z" * 22]


def library() -> Library:
    """Return a model and a catalog of two islands of taste."""
    tracks = two_islands()
    tracks["artists"] = [f"Artist {number // 4}" for number in range(len(tracks))]
    return Library(train_small(tracks, "hybrid"), as_catalog(tracks))


@pytest.fixture(scope="module")
def islands() -> Library:
    """Return one of which nobody changes anything."""
    return library()


@pytest.fixture
def work() -> Work:
    """Return the places of an app that limits nobody."""
    return Work(load_settings().model_copy(update={"limit_rates": False}))


def visitor(number: int = 1) -> Request:
    """Return the request of somebody without a login."""
    return Request(HttpRequest({"type": "http", "client": (f"192.0.2.{number}", 1), "headers": []}))


def listed(found: FromSongs) -> list[str]:
    """Return the tracks and their reasons, in order."""
    return [
        f"{track}: {why}"
        for track, why in zip(found.playlist.tracks["track_id"], found.playlist.tracks["reason"], strict=True)
    ]


class Crowd:
    """People who ask while all processors are busy; they are let in one processor at a time."""

    def __init__(self, together: Together, work: Work) -> None:
        self.together, self.work = together, work
        self.asking = ThreadPoolExecutor(30)
        self.busy = ExitStack()
        for _ in range(cpu_count()):
            self.busy.enter_context(work.places)

    def ask(self, library: Library, songs: Seeds) -> Future[FromSongs]:
        """Let somebody ask, and return what they will be answered once they wait."""
        waited = self.together.waiting
        asked = self.asking.submit(self.together.recommend, visitor(), library, songs, SHORT)
        while self.together.waiting == waited and not asked.done():
            time.sleep(0.001)
        return asked


@pytest.fixture
def crowd(work: Work) -> Iterator[Crowd]:
    """Return an app's people; whatever a test does, nobody waits in the end."""
    people = Crowd(Together(work), work)
    yield people
    people.busy.close()
    people.asking.shutdown()


def test_in_company_everybody_gets_what_they_get_alone(islands: Library) -> None:
    """Also beside somebody who gets nothing."""
    asked: list[Seeds] = [
        [track_id(0)],
        [track_id(1), track_id(2)],
        UNKNOWN,
        [track_id(ISLAND + 3)],
        {track_id(4): 0.5, track_id(70): 1.0},
    ]
    together = list(recommend_together(islands, [(songs, SHORT) for songs in asked], NOW))
    for songs, found in zip(asked, together, strict=True):
        if songs == UNKNOWN:
            assert isinstance(found, InputError)
        else:
            assert isinstance(found, FromSongs)
            assert listed(found) == listed(recommend_from_songs(islands, songs, SHORT, NOW))


def test_nobody_asks_and_nothing_happens(islands: Library) -> None:
    """Not even an error."""
    assert list(recommend_together(islands, [], NOW)) == []


def test_whoever_comes_first_is_served_first(crowd: Crowd, islands: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many wait: some are taken together, and never so many that they wait for one another."""
    batches: list[list[str]] = []

    def noted(of: Library, asked: list[tuple[list[str], Wishes]], now: datetime) -> Iterator[FromSongs | InputError]:
        batches.append([songs[0] for songs, _ in asked])
        return recommend_together(of, asked, now)

    monkeypatch.setattr("app.together.recommend_together", noted)
    asked = [crowd.ask(islands, [track_id(number)]) for number in range(3 * MOST)]
    assert crowd.together.waiting == 3 * MOST
    # One processor is free now.
    crowd.work.places.release()
    found = [each.result(60) for each in asked]
    crowd.work.places.acquire()
    assert [song for batch in batches for song in batch] == [track_id(number) for number in range(3 * MOST)]
    assert 1 < max(map(len, batches)) <= MOST
    for number, each in enumerate(found):
        assert listed(each) == listed(recommend_from_songs(islands, [track_id(number)], SHORT, NOW))


def test_who_gets_nothing_is_told_alone(crowd: Crowd, islands: Library) -> None:
    """Those beside them get their tracks."""
    asked = [crowd.ask(islands, songs) for songs in ([track_id(0)], UNKNOWN, [track_id(1)])]
    crowd.busy.close()
    assert len(asked[0].result(60).playlist.tracks) == len(asked[2].result(60).playlist.tracks) == 10
    with pytest.raises(InputError, match="none of these songs is in the catalog"):
        asked[1].result(60)


def test_an_error_of_one_is_nobody_elses(crowd: Crowd, islands: Library) -> None:
    """Whatever it is, and whoever they were taken together with."""
    broken = cast("dict[str, float]", {track_id(0): "much"})
    asked = [crowd.ask(islands, songs) for songs in ([track_id(0)], broken, [track_id(1)])]
    crowd.busy.close()
    assert len(asked[0].result(60).playlist.tracks) == len(asked[2].result(60).playlist.tracks) == 10
    with pytest.raises(ValueError, match="could not convert"):
        asked[1].result(60)


def test_models_are_not_mixed(crowd: Crowd, islands: Library) -> None:
    """Two that were asked in turns answer for themselves."""
    other = two_islands().head(40)
    few = Library(train_small(other, "hybrid"), as_catalog(other))
    asked = [crowd.ask(each, [track_id(0)]) for each in (islands, few, few, islands)]
    crowd.busy.close()
    of_few = {track for each in asked[1:3] for track in each.result(60).playlist.tracks["track_id"]}
    assert of_few <= set(other["track_id"])
    assert listed(asked[0].result(60)) == listed(asked[3].result(60))


def test_what_goes_wrong_for_some_is_over_with_them(crowd: Crowd, islands: Library) -> None:
    """They hear of it, and whoever comes next is served."""
    broken = Library(islands.model, None)  # type: ignore[arg-type] # that is what is wrong with it
    asked = [crowd.ask(broken, [track_id(0)]) for _ in range(2)]
    crowd.busy.close()
    for each in asked:
        with pytest.raises(AttributeError):
            each.result(60)
    assert len(crowd.together.recommend(visitor(), islands, [track_id(0)], SHORT).playlist.tracks) == 10


def test_the_limit_holds_here_too(islands: Library) -> None:
    """Of one visitor; another is served."""
    limited = Work(load_settings())
    together = Together(limited)
    for _ in range(PER_MINUTE):
        limited.admit(visitor(1))
    with pytest.raises(TooMuchError):
        together.recommend(visitor(1), islands, [track_id(0)], SHORT)
    assert len(together.recommend(visitor(2), islands, [track_id(0)], SHORT).playlist.tracks) == 10
