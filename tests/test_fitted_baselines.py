"""The baselines whose weights are fitted on playlists, and the blocks that only they have."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from islands import ISLAND, checkerboard, some_playlists, two_islands

from segue.groups import DTYPES
from segue.models.recommender import Query
from training_pipeline.evaluation.baselines import artist_graph, fitted_blend
from training_pipeline.evaluation.baselines.als import factorize
from training_pipeline.evaluation.baselines.predicted_co_listening import predicted_factors
from training_pipeline.evaluation.methods import Fit

FITS = (fitted_blend.fit_content, fitted_blend.fit_predicted, fitted_blend.fit_all)
every_fit = pytest.mark.parametrize("fit", FITS, ids=lambda fit: fit.__name__)
PLAYLISTS = [np.array(rows) for rows in some_playlists(40, 20, seed=3).values()]
QUERY = Query(np.arange(5), np.ones(5, np.float32))


def catalog(tracks: pd.DataFrame) -> pd.DataFrame:
    """Return tracks as methods get them."""
    return tracks.astype(dict.fromkeys(("artists", "genres", "artist_genres"), DTYPES["text"])).set_index("track_id")


@every_fit
def test_the_same_playlists_give_the_same_weights(fit: Fit) -> None:
    """Listeners, halves and alternatives are drawn with a fixed seed: scores are equal to the last bit."""
    recordings = catalog(two_islands())
    first, second = (fit(recordings, PLAYLISTS).scores([QUERY]) for _ in range(2))
    assert np.array_equal(first, second)


@every_fit
def test_playlists_that_are_too_short_to_learn_weights_from_leave_those_set_by_hand(fit: Fit) -> None:
    """Nobody is held out: the blocks of content weigh what they weigh by hand, and the list stays on the island."""
    short = [rows[:8] for rows in PLAYLISTS]
    scores = fit(catalog(two_islands()), short).scores([QUERY])[0]
    assert scores[:ISLAND].min() > scores[ISLAND:].max()


@every_fit
def test_a_catalog_that_lacks_what_a_block_uses_is_no_error(fit: Fit) -> None:
    """Nothing has a genre, a year, an artist or a popularity: sound tells, and nobody is sent to the other island."""
    tracks = two_islands()
    tracks[["genres", "artists"]] = pd.NA
    tracks[["year", "popularity"]] = np.nan
    scores = fit(catalog(tracks), PLAYLISTS).scores([QUERY])[0]
    assert scores[5:ISLAND].min() > scores[ISLAND:].max()


def test_weights_follow_what_playlists_are_made_by() -> None:
    """By hand an artist counts more than a year; where playlists keep to a year, the year decides."""
    tracks = checkerboard()
    tracks["year"] = np.where(np.arange(len(tracks)) % 2, 1975, 2015)
    playlists = [np.arange(color % 2, len(tracks), 2) for color in range(20)]
    query = Query(np.arange(0, 40, 2), np.ones(20, np.float32))
    scores = fitted_blend.fit_content(catalog(tracks), playlists).scores([query])[0]
    assert scores[40::2].min() > scores[1::2].max()


def test_artists_are_as_near_as_the_playlists_they_share() -> None:
    """Artist 0 is on playlists {0, 1}, artist 1 on {1}, artist 2 on {2}: roots of 1, 1 / sqrt 2 and 0."""
    made = sp.csr_array(np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 0, 0]], np.float32))
    playlists = [np.array([0, 3]), np.array([0, 1]), np.array([2])]
    scores = artist_graph.block(made, playlists)(sp.csr_array(np.array([[1, 0, 0, 0]], np.float32)))
    assert scores[0] == pytest.approx([1, 2**-0.25, 0, 1])


def test_a_recording_that_is_on_no_playlist_is_placed_by_what_it_is_like() -> None:
    """Even tracks share playlists and a kind, odd ones others; the last two are on none and land with their kind."""
    kinds = np.tile(np.eye(2, dtype=np.float32), (11, 1))
    playlists = [np.arange(color % 2, 20, 2) for color in range(8)]
    placed = predicted_factors({"kind": kinds}, factorize(playlists, len(kinds)))
    nearness = placed[20:] @ placed[:20].T
    assert nearness[0, ::2] == pytest.approx(1, abs=1e-3)
    assert nearness[0, 1::2].max() < 0.9
    assert np.allclose(nearness[1, 1::2], 1, atol=1e-3)
