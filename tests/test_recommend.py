"""Recommending for a file of seeds, and saying why."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from catalogs import made_up_tracks, store_and_train, track_id, vectors_of
from islands import some_playlists, two_islands
from scipy.special import log_softmax
from typer.testing import CliRunner

from inference_pipeline.batch import CATALOG_COLUMNS, recommend_batch
from inference_pipeline.cli import program
from inference_pipeline.library import Library
from inference_pipeline.links import NAMES, link_words
from inference_pipeline.output import check_output, write_output
from inference_pipeline.seeds import read_seeds
from inference_pipeline.sound import audible
from inference_pipeline.wording import Wording
from segue.errors import InputError, ModelNotFoundError
from segue.groups import TRACKS
from segue.models import second_fitting
from segue.models.blend import Blend
from segue.models.catalog import Catalog, read_catalog
from segue.models.choice import fit_model
from segue.models.content import place_by_content
from segue.models.ranking import Query, rank
from segue.store import FeatureStore

N = 90
Trained = tuple[Catalog, Blend]


@pytest.fixture
def trained(store: FeatureStore) -> Trained:
    """Return a small catalog and a model of it; tracks 1 and 0 are one recording."""
    tracks = made_up_tracks(N)
    tracks.loc[1, "recording_id"] = track_id(0)
    return store_and_train(store, tracks)


PLAYLISTS = some_playlists(30, 12, seed=3)


@pytest.fixture
def islands(store: FeatureStore, monkeypatch: pytest.MonkeyPatch) -> Trained:
    """Return the two islands of taste, and a hybrid that has learned both its stages from playlists."""
    monkeypatch.setattr(second_fitting, "LEAST", 20)
    tracks = two_islands()
    store.replace(TRACKS, tracks)
    recordings = tracks.set_index("track_id").sort_index()
    playlists = [
        recordings.index.get_indexer([track_id(number) for number in numbers]) for numbers in PLAYLISTS.values()
    ]
    return read_catalog(store, CATALOG_COLUMNS), fit_model("hybrid", place_by_content(recordings), playlists)


def seeds_frame(*rows: tuple[str, int, float]) -> pd.DataFrame:
    """Return seeds as `read_seeds` does, the tracks by number."""
    return pd.DataFrame(
        {
            "query_id": [query for query, _, _ in rows],
            "track_id": [track_id(number) for _, number, _ in rows],
            "preference": np.array([liked for _, _, liked in rows], dtype="float32"),
        }
    )


def recommend(trained: Trained, seeds: pd.DataFrame, k: int = 10) -> pd.DataFrame:
    """Return the recommendations as a frame."""
    catalog, model = trained
    found: pd.DataFrame = recommend_batch(Library(model, catalog), seeds, k).table.to_pandas()
    return found


def test_each_query_gets_the_recordings_with_the_highest_scores(trained: Trained) -> None:
    """By the weighted mean of the cosines with the seeds; a disliked one pushes away."""
    catalog, model = trained
    vectors = vectors_of(model)
    seeds = seeds_frame(("a", 3, 1.0), ("a", 40, 0.5), ("b", 7, 1.0), ("b", 8, -1.0))
    found = recommend(trained, seeds)
    assert found.groupby("query_id")["rank"].agg(list).to_dict() == {name: list(range(1, 11)) for name in "ab"}
    for query, part in seeds.groupby("query_id"):
        rows = model.rows(part["track_id"])
        weights = part["preference"].to_numpy() / part["preference"].abs().sum()
        alone = log_softmax(vectors @ (weights @ vectors[rows]))
        alone[rows] = -np.inf
        expected = model.track_ids[np.argsort(-alone, kind="stable")[:10]]
        answer = found[found["query_id"] == query]
        assert answer["track_id"].tolist() == expected.tolist()
        assert np.allclose(answer["score"], np.sort(alone)[::-1][:10], atol=1e-6)
    assert len(catalog.recordings) == N - 1


def test_no_seed_comes_back_and_no_recording_comes_twice(trained: Trained) -> None:
    """Asked for more than there is, a query gets every other recording once, whatever id its seed had."""
    found = recommend(trained, seeds_frame(("a", 1, 1.0), ("a", 5, 1.0)), k=1000)
    assert len(found) == found["track_id"].nunique() == N - 1 - 2
    assert not {track_id(0), track_id(1), track_id(5)} & set(found["track_id"])


def test_who_knows_everything_gets_nothing(trained: Trained) -> None:
    """A query whose seeds are the whole catalog has no rows, alone or beside others."""
    seeds = seeds_frame(*(("a", number, 1.0) for number in range(N)), ("b", 5, 1.0))
    assert set(recommend(trained, seeds)["query_id"]) == {"b"}
    assert recommend(trained, seeds[seeds["query_id"] == "a"]).empty


def test_the_same_recording_twice_is_one_seed(trained: Trained) -> None:
    """Two ids of one recording, liked 1 and 0.5, are one seed liked 0.75."""
    twice = recommend(trained, seeds_frame(("a", 0, 1.0), ("a", 1, 0.5), ("a", 9, 0.2)))
    once = recommend(trained, seeds_frame(("a", 0, 0.75), ("a", 9, 0.2)))
    pd.testing.assert_frame_equal(twice, once)


def test_queries_do_not_influence_one_another(trained: Trained) -> None:
    """The answer to a query is the same alone and among others, and the queries keep their order."""
    names = ["z", "a", "m"]
    parts = [seeds_frame((name, 3 * number, 1.0), (name, 3 * number + 20, 0.4)) for number, name in enumerate(names)]
    together = recommend(trained, pd.concat(parts, ignore_index=True))
    pd.testing.assert_frame_equal(together, pd.concat([recommend(trained, part) for part in parts], ignore_index=True))
    assert together["query_id"].drop_duplicates().tolist() == names


def test_unknown_tracks_are_counted_and_cost_nothing(trained: Trained) -> None:
    """A query with some unknown ids is answered from the others; one with nothing else has no rows."""
    seeds = seeds_frame(("a", 3, 1.0), ("a", 5000, 1.0), ("b", 5001, 1.0))
    batch = recommend_batch(Library(trained[1], trained[0]), seeds, 10)
    assert batch.unknown_tracks == [track_id(5000), track_id(5001)]
    assert batch.unanswered == ["b"]
    pd.testing.assert_frame_equal(batch.table.to_pandas(), recommend(trained, seeds_frame(("a", 3, 1.0))))


def test_a_link_to_something_else_is_named_as_what_it_is(trained: Trained) -> None:
    """Alone it is an error, among others a note: people paste albums and artists."""
    assert trained
    album = f"https://open.spotify.com/album/{track_id(3)}?si=1"
    arguments = ["recommend", "--seeds", "seeds.csv", "--out", "out.csv", "--model", "audio"]
    pd.DataFrame({"query_id": ["a"], "track_id": [album]}).to_csv("seeds.csv", index=False)
    alone = CliRunner().invoke(program, arguments)
    assert f"first '{album}' (a link to an album, not to a track)" in str(alone.exception)
    pd.DataFrame({"query_id": "a", "track_id": [album, track_id(3)]}).to_csv("seeds.csv", index=False)
    among = CliRunner().invoke(program, arguments)
    assert among.exit_code == 0
    assert f"does not know: 1, first '{album}' (a link to an album, not to a track)" in among.stderr


@pytest.mark.parametrize(
    ("seeds", "message"),
    [
        ([("a", 5000, 1.0), ("b", 5001, 1.0)], f"knows none of these 2 seeds, first '{track_id(5000)}'"),
        ([("a", 3, -1.0), ("a", 4, -0.2)], "no liked seed to start from"),
        ([("a", 3, 0.0)], "no liked seed to start from"),
        ([("a", 3, 1.0), ("a", 3, -1.0)], "no liked seed to start from"),
        ([("a", 0, 1.0), ("a", 1, -1.0)], "no liked seed to start from"),
    ],
)
def test_seeds_that_lead_nowhere_are_one_clear_line(
    trained: Trained, seeds: list[tuple[str, int, float]], message: str
) -> None:
    """All unknown; all disliked; liked and disliked alike, perhaps under two ids: and nothing is written."""
    seeds_frame(*seeds).to_csv("seeds.csv", index=False)
    arguments = ["recommend", "--seeds", "seeds.csv", "--out", "out.csv", "--model", "audio"]
    result = CliRunner().invoke(program, arguments)
    assert trained
    assert isinstance(result.exception, InputError)
    assert message in str(result.exception)
    assert "\n" not in str(result.exception)
    assert not Path("out.csv").exists()


def test_a_query_of_dislikes_is_left_out_where_others_can_be_answered(trained: Trained) -> None:
    """It is named; the others are not touched by it."""
    seeds = seeds_frame(("a", 3, -1.0), ("b", 4, 1.0))
    batch = recommend_batch(Library(trained[1], trained[0]), seeds, 10)
    assert batch.unanswered == ["a"]
    pd.testing.assert_frame_equal(batch.table.to_pandas(), recommend(trained, seeds_frame(("b", 4, 1.0))))


def test_contradictory_seeds_count_by_their_mean(trained: Trained) -> None:
    """Liked 1 and disliked 0.5 is liked a quarter."""
    both = recommend(trained, seeds_frame(("a", 3, 1.0), ("a", 3, -0.5), ("a", 9, 0.2)))
    pd.testing.assert_frame_equal(both, recommend(trained, seeds_frame(("a", 3, 0.25), ("a", 9, 0.2))))


def test_five_thousand_seeds_are_one_query_like_any_other(store: FeatureStore) -> None:
    """None of them comes back, and a reason still names three at most."""
    catalog, model = store_and_train(store, made_up_tracks(5_400), "audio")
    seeds = pd.DataFrame({"query_id": "a", "track_id": model.track_ids[:5_000], "preference": np.float32(1)})
    found = recommend((catalog, model), seeds, k=500)
    assert len(found) == 400
    assert not set(found["track_id"]) & set(seeds["track_id"])
    assert found["reason"].str.count(r"Song \d+ by Artist").between(0, 3).all()


def test_what_has_left_the_catalog_is_not_recommended(trained: Trained, store: FeatureStore) -> None:
    """A model that is older than the catalog recommends only what both know."""
    store.delete(TRACKS, {"track_id": [track_id(number) for number in range(50, N)]})
    found = recommend((Catalog(trained[0].tracks.iloc[:50]), trained[1]), seeds_frame(("a", 3, 1.0)), k=1000)
    assert set(found["track_id"]) == {track_id(number) for number in range(50)} - {track_id(1), track_id(3)}


@pytest.mark.parametrize("space", ["audio", "hybrid"])
def test_the_named_seeds_are_the_largest_terms(store: FeatureStore, space: str) -> None:
    """A reason names the seeds that add most to the score, the largest first; one that lowers it never."""
    catalog, model = store_and_train(store, made_up_tracks(N), space)
    rows = [("a", number, liked) for number, liked in zip(range(10, 20), np.linspace(-1, 1, 10), strict=True)]
    seeds = seeds_frame(*rows)
    query = Query(model.rows(seeds["track_id"]), seeds["preference"].to_numpy())
    for answer in recommend((catalog, model), seeds).itertuples():
        by_space = model.terms(query, model.rows([str(answer.track_id)]))
        terms = np.sum(list(by_space.values()), axis=0)[0]
        terms[seeds["preference"] <= 0] = 0
        best = [position for position in np.argsort(-terms, kind="stable")[:3] if terms[position] > 0]
        named = re.findall(r"Song (\d+) by Artist", str(answer.reason))
        assert named == [str(10 + position) for position in best]


def test_the_named_seeds_are_the_largest_terms_of_both_stages(islands: Trained) -> None:
    """Where playlists teach a second stage, what it changes counts: the reason explains the score that is served."""
    catalog, model = islands
    assert model.second is not None
    seeds = seeds_frame(*(("a", number, 1.0) for number in (0, 5, 9, 14, 23)))
    query = Query(model.rows(seeds["track_id"]), seeds["preference"].to_numpy())
    candidates = catalog.recommendable(model.track_ids)
    (ranking,) = rank(model, [query], 10, candidates, model.artists, model.discount)
    terms = np.sum(list(model.terms(query, ranking.rows, ranking.basis).values()), axis=0)
    first = np.sum(list(model.terms(query, ranking.rows).values()), axis=0)
    assert not np.allclose(terms, first, atol=1e-3)
    for answer, own in zip(recommend((catalog, model), seeds).itertuples(), terms, strict=True):
        named = [track_id(int(number)) for number in re.findall(r"Song (\d+) by Artist", str(answer.reason))]
        best = [position for position in np.argsort(-own, kind="stable")[:3] if own[position] > 0]
        assert named == seeds["track_id"].iloc[best].tolist()


LINK_SPACES = {
    r"on playlists|similar playlists": ("als", "neighbors", "embedding"),
    r"genre|genres|, like ": ("genre", "tags"),
    r"same artist|with Artist|is on": ("artist",),
    r"close in sound": ("audio",),
    r"years": ("era",),
    r"well known": ("popularity",),
}
"""What the words of a link look like, and the spaces that it stands for."""


def test_the_named_link_is_one_that_links_these_seeds_to_this_track(islands: Trained) -> None:
    """The spaces behind the words add to the score through the very seeds that are named."""
    catalog, model = islands
    seeds = seeds_frame(*(("a", number, 1.0) for number in (0, 5, 9, 14, 70, 75)))
    query = Query(model.rows(seeds["track_id"]), seeds["preference"].to_numpy())
    candidates = catalog.recommendable(model.track_ids)
    (ranking,) = rank(model, [query], 100, candidates, model.artists, model.discount)
    seen = set()
    for answer in recommend((catalog, model), seeds, k=100).itertuples():
        named = re.findall(r"Song (\d+) by Artist", str(answer.reason))
        columns = [seeds["track_id"].tolist().index(track_id(int(number))) for number in named]
        link = str(answer.reason).split(": ", 1)[1]
        spaces = next(found for words, found in LINK_SPACES.items() if re.search(words, link))
        terms = model.terms(query, model.rows([str(answer.track_id)]), ranking.basis)
        assert sum(float(terms[space][0, columns].sum()) for space in spaces if space in terms) > 0
        seen.add(spaces[0])
    assert len(seen) > 1


@pytest.mark.parametrize("k", [1, 5, 40])
def test_a_reason_does_not_hang_on_how_many_tracks_are_listed(islands: Trained, k: int) -> None:
    """The same seeds and the same link, whatever else is on the list."""
    seeds = seeds_frame(*(("a", number, 1.0) for number in (0, 5, 9, 14, 70, 75)))
    pd.testing.assert_frame_equal(recommend(islands, seeds, k=k), recommend(islands, seeds, k=100).head(k))


def test_what_a_link_claims_is_true(islands: Trained) -> None:
    """Shared playlists are shared, of whom it is said; the same artist, genre and years likewise."""
    catalog, model = islands
    known = catalog.recordings
    lists = [set(map(track_id, numbers)) for numbers in PLAYLISTS.values()]
    seeds = seeds_frame(*(("a", number, 1.0) for number in (0, 5, 9, 14, 70, 75)))
    for answer in recommend((catalog, model), seeds, k=100).itertuples():
        own, reason = str(answer.track_id), str(answer.reason)
        named = [track_id(int(number)) for number in re.findall(r"Song (\d+) by Artist", reason)]
        alone = re.search(r"(?:playlists with|, like|years as|artist as|is on) Song (\d+)", reason)
        of = [track_id(int(alone[1]))] if alone else named
        if "on playlists" in reason:
            assert all(any({own, seed} <= playlist for playlist in lists) for seed in of)
        if "same artist" in reason:
            assert len(set(known["artists"][[own, *of]])) == 1
        if ", like" in reason:
            assert known["genres"][own] == known["genres"][of[0]]
        if "same genre" in reason:
            assert len(set(known["genres"][[own, *named]])) == 1
        if "same years" in reason:
            assert np.ptp(known["year"][[own, *of]].to_numpy(int)) <= 5


def test_a_guest_is_not_the_same_artist() -> None:
    """It is said who is on both; "same artist" is only who comes first on all."""
    artists = ["Ann;Bob", "Bob", "Cid;Bob", "Ann", "Ann;Dot", "The ANN"]
    known = pd.DataFrame({"title": [f"Song {n}" for n in range(6)], "artists": artists})
    known[["genres", "artist_genres", "year"]] = None
    cases = [
        ([0, 1, 2], "all with Bob"),
        ([1, 0, 3], "Bob is on Song 0 too"),
        ([3, 5, 4], "same artist"),
        ([3, 1, 0], "same artist as Song 0"),
    ]
    for (own, *seeds), words in cases:
        places = np.array([[own, *seeds, 0]])
        there = np.array([[True, True, False]])
        found = link_words(Wording(known), places, there, np.array([NAMES.index("artist")]), ~there)
        assert found == [words]


def test_words_for_a_sound_are_true_whatever_the_rest_of_the_catalog_sounds_like(store: FeatureStore) -> None:
    """In a catalog without voices the least whisper stands out, but is not "heavy on words"; nor is it live."""
    tracks = made_up_tracks(40)
    for name in ("speechiness", "liveness", "instrumentalness", "acousticness"):
        tracks[name] = np.linspace(0.0, 0.1, len(tracks), dtype="float32")
    tracks.loc[[38, 39], "instrumentalness"] = np.float32([0.8, 0.9])
    _, model = store_and_train(store, tracks)
    found = recommend((read_catalog(store, CATALOG_COLUMNS), model), seeds_frame(("a", 39, 1.0)), k=39)
    assert not found["reason"].str.contains("heavy on words|live|acoustic").any()
    instrumental = found["reason"].str.contains("instrumental")
    assert found.loc[instrumental, "track_id"].tolist() in ([], [track_id(38)])
    assert audible(model, read_catalog(store, CATALOG_COLUMNS))[[38, 39]].max() > 0


def test_where_no_seed_speaks_for_a_recording_no_seed_is_named(trained: Trained) -> None:
    """Asked for everything, the last ones are like no seed; and only what is disliked makes them unlike it."""
    liked = recommend(trained, seeds_frame(("a", 30, 1.0)), k=1000)["reason"]
    assert liked.iloc[-1] == "The best of what was left"
    assert not liked.str.contains("disliked").any()
    both = recommend(trained, seeds_frame(("a", 30, 0.1), ("a", 40, -1.0)), k=1000)
    assert both["reason"].eq("Unlike what was disliked").any()


@pytest.mark.parametrize("space", ["audio", "genre", "tags", "era", "artist", "popularity", "hybrid"])
def test_the_terms_sum_to_the_score(store: FeatureStore, space: str) -> None:
    """What the seeds add through all spaces is the score, up to the constant that makes it a log chance."""
    _, model = store_and_train(store, made_up_tracks(N), space)
    liked = np.linspace(-0.5, 1, 12, dtype=np.float32)
    query = Query(np.arange(0, 60, 5), liked)
    terms = np.sum(list(model.terms(query, np.arange(N)).values()), axis=(0, 2))
    assert log_softmax(terms) == pytest.approx(model.scores([query])[0], abs=1e-4)


def test_the_named_features_agree_most(store: FeatureStore) -> None:
    """A quiet, acoustic seed is close to the other quiet, acoustic song, because of just that."""
    tracks = made_up_tracks(40)
    for name in ("danceability", "liveness", "valence", "speechiness", "instrumentalness", "tempo", "duration_ms"):
        tracks[name] = tracks[name].mean()
    tracks[["mode", "time_signature", "key", "energy"]] = [1.0, 4.0, 0.0, 0.5]
    tracks.loc[[0, 1], ["loudness", "acousticness"]] = [-50.0, 0.999]
    _, model = store_and_train(store, tracks)
    found = recommend((read_catalog(store, CATALOG_COLUMNS), model), seeds_frame(("a", 0, 1.0)))
    assert found["track_id"].iloc[0] == track_id(1)
    assert re.search(r": close in sound; both (quiet and acoustic|acoustic and quiet)$", found["reason"].iloc[0])


def test_few_seeds_make_short_reasons(trained: Trained) -> None:
    """One seed stands alone, two are joined by "and"."""
    one = recommend(trained, seeds_frame(("a", 30, 1.0)))["reason"]
    assert one.str.match(r"Like Song 30 by Artist 10: close in sound(; both [a-z ]+)?$").all()
    two = recommend(trained, seeds_frame(("a", 30, 1.0), ("a", 33, 1.0)))["reason"]
    assert two.str.contains(r"Like Song 3[03] by Artist 1[01](?: and Song 3[03] by Artist 1[01])?(?::|$)").all()


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_the_command_reads_and_writes_both_formats(trained: Trained, suffix: str) -> None:
    """From file to file, with the counts on standard output as JSON."""
    seeds = seeds_frame(("007", 3, 1.0), ("007", 5000, 1.0))
    source, target = Path(f"seeds{suffix}"), Path(f"out{suffix}")
    seeds.to_csv(source, index=False) if suffix == ".csv" else seeds.to_parquet(source)
    arguments = ["recommend", "--seeds", str(source), "--out", str(target), "--k", "4", "--model", "audio@1", "--json"]
    result = CliRunner().invoke(program, arguments)
    assert result.exit_code == 0
    assert json.loads(result.stdout) == {
        "model": "audio@1",
        "queries": 1,
        "rows": 4,
        "unknown_tracks": [track_id(5000)],
        "unanswered": [],
        "out": str(target),
    }
    assert "does not know: 1" in result.stderr
    found = (
        pd.read_csv(target, dtype={"query_id": str, "track_id": str}) if suffix == ".csv" else pd.read_parquet(target)
    )
    assert found.columns.tolist() == ["query_id", "rank", "track_id", "title", "artists", "score", "reason"]
    assert found["query_id"].tolist() == ["007"] * 4
    catalog = trained[0].recordings.loc[found["track_id"]]
    assert found["title"].tolist() == catalog["title"].tolist()
    assert found["artists"].tolist() == catalog["artists"].tolist()
    assert found["track_id"].tolist() == recommend(trained, seeds, k=4)["track_id"].tolist()
    assert [path.name for path in Path().iterdir() if path.name.startswith(".")] == []


def test_what_has_no_name_stays_empty(store: FeatureStore) -> None:
    """In a CSV too; its reason goes by the id."""
    tracks = made_up_tracks(9)
    tracks[["title", "artists"]] = None
    found = recommend(store_and_train(store, tracks), seeds_frame(("a", 3, 1.0)))
    assert found[["title", "artists"]].isna().all(axis=None)
    assert found["reason"].str.startswith(f"Like {track_id(3)}").any()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (b"query_id,track_id\n", "no seeds in it"),
        (b"query_id,track\na,b\n", "column 'track_id': this column is missing"),
        (b"query_id,track_id,preference\na,b,0.5\na,c,1.5\n", "column 'preference', row 2: '1.5' is not a number from"),
        (b"query_id,track_id,preference\na,b,NaN\n", "column 'preference', row 1: 'NaN' is not a number from -1"),
        (b"query_id,track_id,preference\na,b,-inf\n", "row 1: '-inf' is not a number from"),
        (b"query_id,track_id,preference\na,b,lots\n", "row 1: 'lots' is not a number from"),
        (b"query_id,track_id\n,b\n", "column 'query_id', row 1: is missing"),
        (b"query_id,track_id\na,b\n\na,b,c,d\n", "row 2: there are 4 values, but 2 columns: query_id, track_id"),
        (b"query_id,track_id\na,b\na,\xff\xfe\n", "column 'track_id', row 2: this is no text in UTF-8"),
        (b"\xff\xfeq\x00\n\x00", "no CSV file in UTF-8"),
        (b"query_id,query_id,track_id\na,b,c\n", "column 'query_id': this column is there more than once"),
    ],
)
def test_bad_seeds_are_one_clear_line(tmp_path: Path, content: bytes, message: str) -> None:
    """It names the file, and the column and row where there is one."""
    file = tmp_path / "seeds.csv"
    file.write_bytes(content)
    with pytest.raises(InputError, match=re.escape(message)) as caught:
        read_seeds(file)
    assert str(caught.value).startswith(str(file))
    assert "\n" not in str(caught.value)


def test_seeds_that_are_no_table_are_one_clear_line(tmp_path: Path) -> None:
    """A missing file, an unknown kind of file, a broken Parquet file, ids that are numbers."""
    with pytest.raises(InputError, match="no such file"):
        read_seeds(tmp_path / "none.csv")
    with pytest.raises(InputError, match=r"end in \.csv or \.parquet"):
        read_seeds(tmp_path / "seeds.xlsx")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(InputError, match="this is a folder"):
        read_seeds(tmp_path / "folder.csv")
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 no more")
    with pytest.raises(InputError, match="no whole Parquet file"):
        read_seeds(tmp_path / "broken.parquet")
    pd.DataFrame({"query_id": ["a"], "track_id": [5]}).to_parquet(tmp_path / "numbers.parquet")
    with pytest.raises(InputError, match="track ids must be text"):
        read_seeds(tmp_path / "numbers.parquet")


def test_seeds_may_be_ids_uris_or_links(tmp_path: Path) -> None:
    """As people copy them out of Spotify; anything else stays as it is, to be reported."""
    track = "4GiXBCUF7H6YfNQsnBRIzl"
    written = [track, f"spotify:track:{track}", f" https://open.spotify.com/track/{track}?si=1 ", "nonsense"]
    pd.DataFrame({"query_id": 1, "track_id": written}).to_csv(tmp_path / "seeds.csv", index=False)
    assert read_seeds(tmp_path / "seeds.csv")["track_id"].tolist() == [track, track, track, "nonsense"]


@pytest.mark.parametrize("missing", ["", None])
def test_a_seed_without_a_track_is_unknown(trained: Trained, tmp_path: Path, missing: str | None) -> None:
    """An empty cell, or a missing value: counted, and it costs the others nothing."""
    seeds = pd.DataFrame({"query_id": "a", "track_id": [missing, track_id(3)]}, dtype="string")
    seeds.to_parquet(tmp_path / "seeds.parquet")
    batch = recommend_batch(Library(trained[1], trained[0]), read_seeds(tmp_path / "seeds.parquet"), 10)
    assert batch.unknown_tracks == [""]
    pd.testing.assert_frame_equal(batch.table.to_pandas(), recommend(trained, seeds_frame(("a", 3, 1.0))))


def test_a_seed_without_a_preference_is_liked(tmp_path: Path) -> None:
    """An absent column, or an empty cell, means 1."""
    (tmp_path / "a.csv").write_text("query_id,track_id,preference\n1,x,\n1,y,-0.5\n")
    (tmp_path / "b.csv").write_text("query_id,track_id\n1,x\n")
    assert read_seeds(tmp_path / "a.csv")["preference"].tolist() == [1.0, -0.5]
    assert read_seeds(tmp_path / "b.csv")["preference"].tolist() == [1.0]


def test_results_that_cannot_be_written_are_one_clear_line(trained: Trained, tmp_path: Path) -> None:
    """It is said before any work is done; what was there before stays."""
    for target, message in (("out.txt", "csv or .parquet"), ("none/out.csv", "folder does not exist"), (".", "or")):
        with pytest.raises(InputError, match=message):
            check_output(tmp_path / target)
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(InputError, match="this is a folder"):
        check_output(tmp_path / "folder.csv")
    table = recommend_batch(Library(trained[1], trained[0]), seeds_frame(("a", 3, 1.0)), 5).table
    with pytest.raises(InputError, match="cannot be written"):
        write_output(table, tmp_path / "folder.csv")
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


@pytest.mark.parametrize("alias", ["seeds.csv", "./seeds.csv", "linked.csv"])
def test_results_never_overwrite_the_seeds(trained: Trained, alias: str) -> None:
    """Under whatever name; the seeds stay as they are."""
    assert trained
    seeds_frame(("a", 3, 1.0)).to_csv("seeds.csv", index=False)
    Path("linked.csv").symlink_to("seeds.csv")
    before = Path("seeds.csv").read_bytes()
    result = CliRunner().invoke(program, ["recommend", "--seeds", "seeds.csv", "--out", alias, "--model", "audio"])
    assert isinstance(result.exception, InputError)
    assert "the file of seeds itself" in str(result.exception)
    assert Path("seeds.csv").read_bytes() == before


@pytest.mark.parametrize(
    ("label", "error", "message"),
    [
        ("taste", ModelNotFoundError, "there is no model 'taste': choose audio, or train one of hybrid, genre"),
        ("genre", ModelNotFoundError, "'genre' is registered yet, but audio: run `segue train --space genre`"),
        ("audio@7", ModelNotFoundError, "model 'audio' has no version 7, but 1"),
        ("audio@x", InputError, "write a name, such as audio, or name@3"),
    ],
)
def test_models_that_do_not_exist_are_one_clear_line(
    trained: Trained, label: str, error: type[Exception], message: str
) -> None:
    """The message says which there are, and what makes others."""
    assert trained
    seeds_frame(("a", 3, 1.0)).to_csv("seeds.csv", index=False)
    arguments = ["recommend", "--seeds", "seeds.csv", "--out", "out.csv", "--model", label]
    result = CliRunner().invoke(program, arguments)
    assert isinstance(result.exception, error)
    assert message in str(result.exception)
    assert not Path("out.csv").exists()


def test_a_space_is_named_as_in_the_other_commands(trained: Trained) -> None:
    """`--space` means what `--model` does."""
    assert trained
    seeds_frame(("a", 3, 1.0)).to_csv("seeds.csv", index=False)
    for option in ("--model", "--space"):
        arguments = ["recommend", "--seeds", "seeds.csv", "--out", f"{option}.csv", option, "audio"]
        assert CliRunner().invoke(program, arguments).exit_code == 0
    assert Path("--model.csv").read_bytes() == Path("--space.csv").read_bytes()


def test_fewer_than_one_track_is_wrong_use(trained: Trained) -> None:  # noqa: ARG001 - all else is right
    """Exit status 2, as for any option out of its range."""
    seeds_frame(("a", 3, 1.0)).to_csv("seeds.csv", index=False)
    result = CliRunner().invoke(program, ["recommend", "--seeds", "seeds.csv", "--out", "out.csv", "--k", "0"])
    assert result.exit_code == 2
