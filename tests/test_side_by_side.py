"""The nearest songs of a song, in each space by itself."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from catalogs import track_id, train_small
from islands import ISLAND, two_islands
from listening import as_catalog

from inference_pipeline.library import Library
from inference_pipeline.side_by_side import HYBRID, neighbors_by_space
from segue.models.chances import Weights
from segue.models.content import place_by_content
from segue.models.hybrid import KNOWN, UNKNOWN, blend
from segue.models.spaces.colisten.playlists import Playlists


@pytest.fixture(scope="module")
def library() -> Library:
    """Return a model that has learned from playlists of half of the first island; song 7 is a version of song 5."""
    tracks = two_islands()
    tracks.loc[7, "title"] = "Song 5 (Acoustic)"
    catalog = as_catalog(tracks)
    generator = np.random.default_rng(0)
    playlists = [generator.permutation(30)[:12] for _ in range(60)]
    learned = Playlists.of(playlists, len(tracks))
    weights = Weights(dict.fromkeys(UNKNOWN, 1.0), dict.fromkeys(KNOWN, 1.0))
    return Library(blend(place_by_content(catalog.recordings), learned, weights), catalog)


def test_every_space_has_its_own_neighbors(library: Library) -> None:
    """The nearest first, never the song itself nor a version of it."""
    found = neighbors_by_space(library, track_id(5))
    assert [*found] == [HYBRID, "audio", "genre", "tags", "artist", "colisten"]
    for near in found.values():
        assert 0 < len(near) <= 8
        assert near["similarity"].is_monotonic_decreasing or near["similarity"].diff().max() < 1e-3
        assert not {track_id(5), track_id(7)} & {*near.index}
        assert near[["genre", "sound"]].notna().all(axis=None)


def test_an_artist_has_two_songs_but_in_the_space_of_artists(library: Library) -> None:
    """There it is all theirs."""
    found = neighbors_by_space(library, track_id(5))
    assert (found["artist"]["artists"] == "Artist 0").all()
    for name in found.keys() - {"artist"}:
        assert found[name]["artists"].value_counts().max() <= 2


def test_a_song_that_is_on_no_playlist_has_no_company_there(library: Library) -> None:
    """And where there is some, all of it is on a playlist."""
    assert neighbors_by_space(library, track_id(40))["colisten"].empty
    together = neighbors_by_space(library, track_id(5))["colisten"]
    assert {int(number) for number in together.index} <= set(range(30))


def test_a_space_that_knows_nothing_of_a_song_is_empty() -> None:
    """Without a genre there is nothing to compare."""
    tracks = two_islands()
    tracks.loc[0, "genres"] = None
    tracks.loc[0, "artists"] = None
    found = neighbors_by_space(Library(train_small(tracks, "hybrid"), as_catalog(tracks)), track_id(0))
    assert [name for name, near in found.items() if near.empty] == ["genre", "tags", "artist"]


def test_the_autoencoder_stands_beside_them_where_there_is_one(library: Library) -> None:
    """Even one that was trained on fewer tracks: what it does not know is far from everything."""
    fewer = two_islands().head(ISLAND)
    autoencoder = Library(train_small(fewer, "autoencoder"), as_catalog(fewer))
    found = neighbors_by_space(library, track_id(5), 4, autoencoder)["autoencoder"]
    assert len(found) == 4
    assert {int(number) for number in found.index} <= set(range(ISLAND))
    assert "autoencoder" not in neighbors_by_space(library, track_id(ISLAND + 5), 4, autoencoder)


def test_a_song_that_came_after_the_model_has_neighbors_by_sound(library: Library) -> None:
    """Which stand for all together, too; of nothing else is anything known."""
    tracks = two_islands()
    later = tracks.iloc[[5]].assign(track_id=track_id(999), recording_id=track_id(999), title="New", artists="New")
    grown = Library(library.model, as_catalog(pd.concat([tracks, later])))
    found = neighbors_by_space(grown, track_id(999), 4)
    assert [*found] == [HYBRID, "audio"]
    assert found[HYBRID].index.tolist() == found["audio"].index.tolist()
    assert found["audio"].index[0] == track_id(5)
    assert found["audio"]["artists"].value_counts().max() <= 2
    assert [*neighbors_by_space(grown, track_id(999), 4, names={"genre"})] == []
