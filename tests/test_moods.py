"""Moods as ranges of audio features."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from catalogs import made_up_tracks, train_small
from listening import NOW, as_catalog, feedback_of, listens_of

from inference_pipeline.candidates import describe_candidates
from inference_pipeline.filters import Candidates, FeatureRanges
from inference_pipeline.library import Library
from inference_pipeline.moods import HIGH, LOW, MOODS, Mood, learn_ranges
from inference_pipeline.playlist import make_playlist
from inference_pipeline.playlist_kinds import KINDS
from inference_pipeline.profile import profile_of
from inference_pipeline.ranked import Ranked, rank_catalog
from inference_pipeline.rotation import nothing_served
from inference_pipeline.wishes import Wishes, read_wishes

LIVELY = Mood(frozenset({"lively", "sour"}), {"valence": HIGH, "acousticness": LOW})
# A catalog whose features are spread evenly, so that its quantiles are known.
EVEN = np.arange(1000) / 999


def catalog_of(labels: list[str | None], **features: object) -> pd.DataFrame:
    """Return the candidates of a catalog of 1,000 tracks."""
    tracks = made_up_tracks(1000).assign(genres=labels, **features)
    catalog = as_catalog(tracks)
    return describe_candidates(catalog, catalog.recordings.index)


def test_without_examples_the_catalog_says_how_high() -> None:
    """From its 60 % quantile upwards, and up to its 40 % quantile."""
    ranges = learn_ranges(LIVELY, catalog_of([None] * 1000, valence=EVEN, acousticness=EVEN))
    assert ranges["valence"] == pytest.approx((0.6, 1.0), abs=1e-3)
    assert ranges["acousticness"] == pytest.approx((0.0, 0.4), abs=1e-3)


def test_examples_that_agree_make_it_narrower() -> None:
    """The quartile that is least like the mood becomes the edge."""
    labels = ["lively" if value >= 0.8 else None for value in EVEN]
    ranges = learn_ranges(LIVELY, catalog_of(labels, valence=EVEN, acousticness=EVEN[::-1]))
    assert ranges["valence"] == pytest.approx((0.85, 1.0), abs=5e-3)
    assert ranges["acousticness"] == pytest.approx((0.0, 0.15), abs=5e-3)


def test_a_word_that_means_something_else_is_not_believed() -> None:
    """A label "happy" that holds sad tracks must not make happy playlists sad."""
    labels = ["sour" if value <= 0.2 else "lively" if value >= 0.8 else None for value in EVEN]
    ranges = learn_ranges(LIVELY, catalog_of(labels, valence=EVEN, acousticness=EVEN[::-1]))
    assert ranges["valence"] == pytest.approx((0.85, 1.0), abs=5e-3)


def test_a_handful_of_examples_is_not_believed_either() -> None:
    """Fewer than 50 say nothing about a catalog."""
    labels = ["lively" if value >= 0.96 else None for value in EVEN]
    ranges = learn_ranges(LIVELY, catalog_of(labels, valence=EVEN, acousticness=EVEN[::-1]))
    assert ranges["valence"] == pytest.approx((0.6, 1.0), abs=1e-3)


def test_a_feature_that_the_catalog_lacks_is_left_out() -> None:
    """A mood of the other ones remains."""
    ranges = learn_ranges(LIVELY, catalog_of([None] * 1000, valence=EVEN, acousticness=np.nan))
    assert list(ranges) == ["valence"]


@pytest.mark.parametrize("name", list(MOODS))
def test_every_mood_leaves_something_of_any_catalog(name: str) -> None:
    """Features that know nothing of one another are the hardest case."""
    candidates = catalog_of([None] * 1000)
    kept = FeatureRanges(learn_ranges(MOODS[name], candidates)).keep(Candidates.of(candidates))
    assert 0 < kept.sum() < len(candidates) / 2


@pytest.fixture(scope="module")
def library() -> Library:
    """Return a model and a catalog of 4,000 tracks, whose features know nothing of one another."""
    tracks = made_up_tracks(4000)
    return Library(train_small(tracks), as_catalog(tracks))


@pytest.fixture(scope="module")
def ranked(library: Library) -> Ranked:
    """Return the catalog as a listener will like it."""
    return rank_for_a_listener(library)


@pytest.mark.parametrize("name", list(MOODS))
def test_a_mood_narrows_the_catalog_before_it_is_ranked(library: Library, name: str) -> None:
    """Nearly the playlist of ranking everything, which is not done: of an artist only what fits the mood counts."""
    narrowed = rank_for_a_listener(library)
    made = make_playlist(narrowed, KINDS[name], nothing_served(NOW))
    assert "whole" not in vars(narrowed)
    thorough = rank_for_a_listener(library)
    vars(thorough)["shortlist"] = thorough.whole
    expected = make_playlist(thorough, KINDS[name], nothing_served(NOW))
    assert len(set(made.tracks["track_id"]) & set(expected.tracks["track_id"])) >= 45
    assert expected.removed["other moods"] >= made.removed["other moods"] > 0


def rank_for_a_listener(library: Library) -> Ranked:
    """Rank the catalog for somebody who plays 20 of its tracks."""
    listens = listens_of(*((number, "short_term", number + 1, "id") for number in range(20)))
    return rank_catalog(library, profile_of(listens, feedback_of(), library.catalog, read_wishes(None), NOW))


def test_a_playlist_is_the_same_whatever_else_is_made_of_the_ranking(library: Library, ranked: Ranked) -> None:
    """The catalog is ranked once for all kinds, and making one leaves it as it was."""
    history = nothing_served(NOW)
    for kind in KINDS.values():
        made = make_playlist(ranked, kind, history)
        alone = make_playlist(rank_for_a_listener(library), kind, history)
        pd.testing.assert_frame_equal(made.tracks, alone.tracks)
        assert made.removed == alone.removed


@pytest.mark.parametrize("name", list(MOODS))
def test_a_mood_playlist_is_all_of_its_mood(library: Library, ranked: Ranked, name: str) -> None:
    """Every one of 50 tracks is within the ranges, whatever the listener plays; at most three by an artist."""
    made = make_playlist(ranked, KINDS[name], nothing_served(NOW))
    assert made.widened == ()
    assert len(made.tracks) == Wishes().length
    rows = library.model.rows(made.tracks["track_id"])
    assert FeatureRanges(library.mood_ranges[name]).keep(library.at(rows)).all()
    assert library.candidates["first_artist"].iloc[rows].value_counts().max() <= 3


def test_moods_of_the_real_catalog_sound_like_their_names(shared_data: Path) -> None:
    """Learned from real genre labels; "happy" is happy hardcore there, and must not be taken at its word."""
    columns = ["track_id", "track_genre", "valence", "energy", "danceability", "acousticness", "instrumentalness"]
    columns += ["tempo", "loudness", "mode"]
    frame = pd.read_csv(shared_data / "maharshipandya_dataset.csv", usecols=columns).dropna()
    labels = frame.groupby("track_id")["track_genre"].agg(";".join)
    candidates = frame.drop_duplicates("track_id").set_index("track_id").assign(labels=labels)
    middles = candidates.median(numeric_only=True)
    found = {
        name: candidates[FeatureRanges(learn_ranges(mood, candidates)).keep(Candidates.of(candidates))].median(
            numeric_only=True
        )
        for name, mood in MOODS.items()
    }
    assert found["happy"]["valence"] > middles["valence"] + 0.2
    assert found["melancholy"]["valence"] < middles["valence"] - 0.15
    assert found["calm"]["energy"] < middles["energy"] - 0.3
    assert found["workout"]["tempo"] > middles["tempo"] + 10
    assert found["party"]["danceability"] > middles["danceability"] + 0.1
    assert found["focus"]["instrumentalness"] > 0.7
