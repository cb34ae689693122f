"""The spaces and their blend, on worlds where the right answer is known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from catalogs import made_up_tracks, random_features
from hypothesis import given, settings
from hypothesis import strategies as st
from mapped import is_mapped
from numpy.typing import NDArray
from scipy.special import log_softmax

from segue.groups import AUDIO_FEATURES
from segue.models import ranking as ranking_module
from segue.models.blend import Blend
from segue.models.chances import Weights
from segue.models.choice import SPACES, fit_model
from segue.models.content import place_by_content
from segue.models.fitting import fit_weights, listeners_at_once
from segue.models.hybrid import KNOWN, UNKNOWN, blend
from segue.models.knn import PreferenceKNN
from segue.models.ranking import Query, rank, top
from segue.models.spaces.colisten.playlists import Playlists
from segue.models.vectors import seed_weights

N = 120
WORLDS = ("islands", "checkerboard")


def kinds(world: str) -> NDArray[np.intp]:
    """Return the taste that each of `N` recordings is for: the two halves, or every other one."""
    numbers = np.arange(N)
    return (numbers >= N // 2).astype(int) if world == "islands" else numbers % 2


def build(world: str) -> pd.DataFrame:
    """Return a catalog of two tastes that share no artist, genre, decade, sound or popularity."""
    kind = kinds(world)
    tracks = made_up_tracks(N)
    within = np.where(kind == 0, np.arange(N) // 7, 100 + np.arange(N) // 7)
    noise = np.random.default_rng(0).uniform(0, 0.05, N)
    for name in AUDIO_FEATURES:
        tracks[name] = (kind + noise).astype("float32")
    tracks["artists"] = [f"Artist {number}" for number in within]
    tracks["genres"] = np.where(kind == 0, "folk", "techno")
    tracks["year"] = pd.array(np.where(kind == 0, 1970, 2015), dtype="Int64")
    tracks["popularity"] = pd.array(np.where(kind == 0, 5, 90), dtype="Int64")
    return tracks.set_index("track_id")


def playlists_of(world: str, n: int = 100, length: int = 57) -> list[NDArray[np.intp]]:
    """Return playlists, each of one taste and nearly all of it, as on the checkerboard that `implicit` tests with."""
    kind, generator = kinds(world), np.random.default_rng(1)
    return [np.sort(generator.choice(np.flatnonzero(kind == number % 2), length, replace=False)) for number in range(n)]


def precision(model: Blend, world: str, n_seeds: int = 10) -> float:
    """Return the share of right ones among the first 20, over listeners of both tastes."""
    kind, generator = kinds(world), np.random.default_rng(2)
    seeds = [generator.choice(np.flatnonzero(kind == taste), n_seeds, replace=False) for taste in (0, 1) * 5]
    queries = [Query(one, np.ones(n_seeds, np.float32)) for one in seeds]
    rankings = rank(model, queries, 20, None, model.artists, model.discount)
    hits = [kind[ranking.rows] == kind[query.seeds[0]] for ranking, query in zip(rankings, queries, strict=True)]
    return float(np.mean(hits))


# An artist's name says nothing of the other artists of a taste: with 20 to be found, it cannot find them all.
@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize("space", sorted(set(SPACES) - {"artist"}))
def test_two_tastes_are_told_apart(world: str, space: str) -> None:
    """Every space that has anything to go by recommends nothing of the other taste, with playlists."""
    content = place_by_content(build(world))
    assert precision(fit_model(space, content, playlists_of(world)), world) == 1


@pytest.mark.parametrize("world", WORLDS)
def test_two_tastes_are_told_apart_without_playlists(world: str) -> None:
    """By what the catalog says alone."""
    assert precision(fit_model("hybrid", place_by_content(build(world)), []), world) == 1


@pytest.mark.parametrize("world", WORLDS)
def test_playlists_alone_tell_tastes_apart(world: str) -> None:
    """Where the catalog knows nothing but random sounds, what is listened to together is enough."""
    tracks = made_up_tracks(N).assign(genres=None, popularity=pd.array([None] * N, dtype="Int64"))
    tracks["artists"] = [f"Artist {number}" for number in range(N)]
    content = place_by_content(tracks.set_index("track_id"))
    assert precision(fit_model("hybrid", content, playlists_of(world)), world) > 0.95


def test_artists_are_recommended_first() -> None:
    """The other songs of the artists that are liked come before everybody else's."""
    content = place_by_content(build("islands"))
    model = fit_model("artist", content, [])
    (ranking,) = rank(model, [Query(np.array([0, 7]), np.ones(2, np.float32))], 12)
    assert set(model.artists[ranking.rows]) == set(model.artists[[0, 7]])


def with_playlists(world: str = "checkerboard") -> Blend:
    """Return a hybrid whose playlists know three quarters of the recordings."""
    content = place_by_content(build(world))
    known = [
        playlist[playlist % 4 > 0] if world == "islands" else playlist[playlist % 8 > 1]
        for playlist in playlists_of(world)
    ]
    weights = Weights(dict.fromkeys(UNKNOWN, 0.7), dict.fromkeys(KNOWN, 0.4))
    return blend(content, Playlists.of(known, N), weights)


def test_scores_are_a_distribution() -> None:
    """With playlists, the chances of all recordings sum to 1; those of the known ones to the share of known seeds."""
    model = with_playlists()
    assert model.known is not None
    seeds = np.concatenate([np.flatnonzero(model.known)[:6], np.flatnonzero(~model.known)[:3]])
    chances = np.exp(model.scores([Query(seeds, np.ones(9, np.float32))])[0].astype(np.float64))
    assert chances.sum() == pytest.approx(1, abs=1e-4)
    assert chances[model.known].sum() == pytest.approx(6.1 / 9.2, abs=1e-4)


WITH_PLAYLISTS = with_playlists()


def known_of(model: Blend) -> NDArray[np.bool_]:
    """Return which recordings the playlists of `model` know."""
    assert model.known is not None
    return model.known


def test_terms_sum_to_the_score_but_for_what_all_share() -> None:
    """Within what playlists know, and within what they do not, seeds and spaces add up to the differences of scores."""
    model = with_playlists()
    query = Query(np.arange(0, 50, 5), np.linspace(-0.3, 1, 10, dtype=np.float32))
    summed = np.sum(list(model.terms(query, np.arange(N)).values()), axis=(0, 2))
    rest = model.scores([query])[0] - summed
    for world in (known_of(model), ~known_of(model)):
        assert np.ptp(rest[world]) < 1e-4


@pytest.mark.parametrize("every", [1, 4, N])
def test_the_chances_of_all_recordings_sum_to_one(every: int) -> None:
    """Whether playlists know all of them, some, or a single one."""
    content = place_by_content(build("islands"))
    weights = Weights(dict.fromkeys(UNKNOWN, 0.7), dict.fromkeys(KNOWN, 0.4))
    model = blend(content, Playlists.of([np.arange(0, N, every)], N), weights)
    scores = model.scores([Query(np.array([3, 8]), np.array([1.0, 0.5])), Query(np.array([5]), np.array([-1.0]))])
    assert np.exp(scores.astype(np.float64)).sum(axis=1) == pytest.approx(1, abs=1e-4)


def listeners_of(n: int, random: np.random.Generator) -> list[Query]:
    """Return listeners with one to forty seeds, some of them disliked."""
    seeds = [random.choice(N, random.integers(1, 41), replace=False) for _ in range(n)]
    return [Query(np.sort(one), random.uniform(-0.5, 1, len(one)).astype(np.float32)) for one in seeds]


@pytest.mark.parametrize("learned", [False, True], ids=["without playlists", "with playlists"])
def test_a_score_is_the_weighted_sum_of_what_the_spaces_say(learned: bool) -> None:
    """However it is worked out, turned into a chance; with playlists for the known and the unknown apart."""
    model = with_playlists("islands") if learned else fit_model("hybrid", place_by_content(build("islands")), [])
    queries = listeners_of(20, np.random.default_rng(3))
    said = {name: space.scores(seed_weights(queries, N)) for name, space in model.spaces.items()}
    scores = model.scores(queries)
    for known in (False, True) if learned else (False,):
        rows = known_of(model) == known if learned else np.ones(N, bool)
        weights = model.weights.known if known else model.weights.unknown
        summed = np.sum([weight * said[name][:, rows].astype(np.float64) for name, weight in weights.items()], axis=0)
        summed = log_softmax(summed, axis=1)
        if learned:
            share = np.array([np.mean(known_of(model)[one.seeds[one.preferences > 0]]) for one in queries])
            n_liked = np.array([np.count_nonzero(one.preferences > 0) for one in queries])
            gate = (np.nan_to_num(share) * n_liked + 0.1) / (n_liked + 0.2)
            summed += np.log(gate if known else 1 - gate)[:, None]
        assert scores[:, rows] == pytest.approx(summed, abs=1e-4)


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 40), st.integers(0, 2**32 - 1))
def test_a_listener_gets_the_same_in_any_company(n: int, seed: int) -> None:
    """Neither who else is asked for at the same time nor how many they are changes a score; asking again, not a bit."""
    queries = listeners_of(n, np.random.default_rng(seed))
    one = seed % n
    scores = WITH_PLAYLISTS.scores(queries)
    assert np.array_equal(scores, WITH_PLAYLISTS.scores(queries))
    assert scores[one] == pytest.approx(WITH_PLAYLISTS.scores([queries[one]])[0], abs=1e-5)


def test_many_listeners_are_ranked_as_one_is() -> None:
    """Those of all blocks and threads: the same recordings with the same scores, in the order of the queries."""
    queries = listeners_of(70, np.random.default_rng(4))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ranking_module, "MAX_SCORES", 8 * N)
        together = list(rank(WITH_PLAYLISTS, queries, 10, None, WITH_PLAYLISTS.artists, 0.3))
    for query, ranking in zip(queries, together, strict=True):
        (alone,) = rank(WITH_PLAYLISTS, [query], 10, None, WITH_PLAYLISTS.artists, 0.3)
        assert ranking.scores == pytest.approx(alone.scores, abs=1e-5)
        assert ranking.scores == pytest.approx(_discounted(WITH_PLAYLISTS, query, ranking.rows, 0.3), abs=1e-5)


def _discounted(model: Blend, query: Query, rows: NDArray[np.intp], discount: float) -> NDArray[np.floating]:
    """Return the scores of ranked recordings after the artist discount."""
    artists = pd.Series(model.artists[rows])
    return model.scores([query])[0, rows] - discount * np.log(artists.groupby(artists).cumcount().to_numpy() + 1)


@given(st.lists(st.integers(-3, 3), min_size=1, max_size=400), st.integers(1, 12), st.integers(0, 400))
def test_the_top_is_that_of_a_stable_sort(values: list[int], k: int, gone: int) -> None:
    """Of equal scores the first row comes first, and what may not be recommended never comes."""
    scores = np.array(values, np.float32)
    scores[gone % len(scores) :: 3] = -np.inf
    order = np.argsort(-scores, kind="stable")
    assert top(scores, k).tolist() == order[np.isfinite(scores[order])][:k].tolist()


def test_what_the_playlists_do_not_hold_is_served_from_content() -> None:
    """A listener of nothing but unknown recordings gets unknown recordings of the same taste."""
    model = with_playlists()
    kind = kinds("checkerboard")
    seeds = np.flatnonzero(~known_of(model) & (kind == 1))[:6]
    (ranking,) = rank(model, [Query(seeds, np.ones(6, np.float32))], 5)
    assert (kind[ranking.rows] == 1).all()
    assert not known_of(model)[ranking.rows].any()


@pytest.mark.parametrize("space", ["audio", "genre", "tags", "artist"])
def test_a_cosine_space_ranks_as_the_regressor_does(space: str) -> None:
    """Its score is the numerator of the KNN regressor with all seeds, up to a constant and a factor."""
    content = place_by_content(
        made_up_tracks(90).assign(genres=[f"g{n % 7};h{n % 5}" for n in range(90)]).set_index("track_id")
    )
    vectors = content.spaces[space].vectors_  # type: ignore[attr-defined] # all four have vectors
    vectors = vectors if isinstance(vectors, np.ndarray) else vectors.toarray()
    liked = np.array([1.0, 0.4, -0.6], np.float32)
    seeds = np.array([3, 40, 77])
    numerator = PreferenceKNN().fit(vectors[seeds], liked).contributions(vectors).sum(axis=1)
    score = (liked / np.abs(liked).sum()) @ vectors[seeds] @ vectors.T
    known = np.linalg.norm(vectors, axis=1) > 0
    assert (2 * numerator - liked.sum())[known] == pytest.approx(score[known] * np.abs(liked).sum(), abs=1e-5)
    if space != "artist":  # which takes the root
        model = fit_model(space, content, [])
        assert model.scores([Query(seeds, liked)])[0] == pytest.approx(log_softmax(score), abs=1e-5)


def test_liking_everything_half_as_much_changes_nothing() -> None:
    """Only how preferences compare counts."""
    model = with_playlists()
    liked = np.linspace(0.2, 1, 10, dtype=np.float32)
    whole, half = model.scores([Query(np.arange(0, 50, 5), liked), Query(np.arange(0, 50, 5), liked / 2)])
    assert whole == pytest.approx(half, abs=1e-4)


def test_dislikes_push_away_and_never_break_anything() -> None:
    """A disliked seed lowers what is like it, and a listener of dislikes alone gets finite scores."""
    model = with_playlists()
    kind = kinds("checkerboard")
    liked = Query(np.array([1, 3, 5, 9]), np.ones(4, np.float32))
    torn = Query(np.array([1, 3, 5, 9, 0, 2]), np.array([1, 1, 1, 1, -1, -1], np.float32))
    plain, pushed = model.scores([liked, torn])
    gap = plain[kind == 1].mean() - plain[kind == 0].mean()
    assert pushed[kind == 1].mean() - pushed[kind == 0].mean() > gap * 0.99
    assert np.isfinite(model.scores([Query(np.array([0]), -np.ones(1, np.float32))])).all()


def test_many_seeds_and_one() -> None:
    """One seed and all of them are queries like any other."""
    model = with_playlists()
    everything = Query(np.arange(N), np.ones(N, np.float32))
    assert np.isfinite(model.scores([everything, Query(np.array([5]), np.ones(1, np.float32))])).all()


def test_a_discount_spreads_the_list_and_is_exact() -> None:
    """The k best after the discount, found among everything, not only among the first."""
    content = place_by_content(build("islands"))
    model = fit_model("genre", content, [])
    query = Query(np.array([0, 20]), np.ones(2, np.float32))
    (ranking,) = rank(model, [query], 5, None, model.artists, 0.4)
    scores = model.scores([query])[0]
    scores[query.seeds] = -np.inf
    order = np.argsort(-scores, kind="stable")
    place = pd.Series(model.artists[order]).groupby(model.artists[order]).cumcount().to_numpy() + 1
    spread = scores[order] - 0.4 * np.log(place)
    assert ranking.scores == pytest.approx(np.sort(spread)[::-1][:5], abs=1e-6)


def test_weights_are_learned_the_same_way_each_time() -> None:
    """And give most to what tells the tastes apart; too few playlists give none."""
    content = place_by_content(build("checkerboard"))
    playlists = playlists_of("checkerboard")
    first, second = fit_weights(content, playlists), fit_weights(content, playlists)
    assert first == second
    assert first is not None
    assert set(first.known) == set(KNOWN)
    assert fit_weights(content, []) is None
    assert fit_weights(content, [np.arange(3)]) is None


@pytest.mark.parametrize(("n", "most"), [(1_000, 32), (200_000, 32), (800_000, 8), (100_000_000, 1)])
def test_fewer_listeners_are_scored_at_once_where_the_catalog_is_large(n: int, most: int) -> None:
    """What fitting holds in memory at a time does not grow with the catalog; every listener has their turn."""
    slices = list(listeners_at_once(70, n))
    assert [number for part in slices for number in range(70)[part]] == list(range(70))
    assert max(part.stop - part.start for part in slices) == most


def test_a_model_is_the_same_after_saving(tmp_path: Path) -> None:
    """Its arrays are mapped into memory, its answers do not change."""
    model = with_playlists()
    model.save(tmp_path)
    loaded = Blend.load(tmp_path)
    query = Query(np.array([1, 2, 3]), np.ones(3, np.float32))
    assert np.array_equal(loaded.scores([query]), model.scores([query]))
    assert loaded.track_ids.equals(model.track_ids)
    assert is_mapped(loaded.recordings)


def test_a_catalog_that_knows_next_to_nothing_has_a_model() -> None:
    """Without artists, genres, years and popularity, sound alone ranks."""
    tracks = random_features(30).assign(
        title="x", artists=None, genres=None, artist_genres=None, year=pd.array([None] * 30, dtype="Int64")
    )
    tracks = tracks.assign(popularity=pd.array([None] * 30, dtype="Int64"))
    model = fit_model("hybrid", place_by_content(tracks.set_index(pd.Index([f"{n:022d}" for n in range(30)]))), [])
    assert len(set(model.artists.tolist())) == 30
    assert np.isfinite(model.scores([Query(np.array([0]), np.ones(1, np.float32))])).all()
