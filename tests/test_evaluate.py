"""`segue evaluate`: every method on the same playlists, none of which it has seen."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd
import pytest
import typer
from catalogs import track_id
from islands import ISLAND, checkerboard, listed, some_playlists, two_islands
from typer.testing import CliRunner, Result

from segue.errors import InputError, SegueError
from segue.groups import AUDIO_FEATURES, PLAYLIST_TRACKS, TRACKS
from segue.models.catalog import Catalog, read_catalog
from segue.models.choice import SPACES
from segue.models.spaces.colisten.playlists import Playlists
from segue.store import FeatureStore
from training_pipeline.evaluate_cli import evaluate
from training_pipeline.evaluation.baselines import als
from training_pipeline.evaluation.collections import Collection, read_collections
from training_pipeline.evaluation.comparison import compare
from training_pipeline.evaluation.methods import BASELINES, Method, Served
from training_pipeline.evaluation.processes import how_many
from training_pipeline.evaluation.settings import SETTINGS, Protocol
from training_pipeline.holdout import Rows, split_playlists
from training_pipeline.our_methods import our_method

READ = ("title", "artists", "genres", "artist_genres", "year", "popularity", "popularity_percentile", *AUDIO_FEATURES)
TASTE_BLIND = {"random", "popularity"}
LEARNS_ITEMS = ("item co-occurrence", "ALS", "linear blend", "hybrid", "colisten")
program = typer.Typer(add_completion=False, rich_markup_mode=None)
program.command()(evaluate)


@pytest.fixture
def world(store: FeatureStore) -> FeatureStore:
    """Return a store with two islands, and two collections of playlists on them."""
    store.replace(TRACKS, two_islands())
    parts = [listed("north", some_playlists(60, 20, seed=1)), listed("south", some_playlists(60, 12, seed=2))]
    store.replace(PLAYLIST_TRACKS, pd.concat(parts))
    return store


def read(store: FeatureStore) -> tuple[Catalog, list[Collection]]:
    """Return what is compared on."""
    catalog = read_catalog(store, READ)
    return catalog, read_collections(store, catalog)


EVERY_METHOD = (*BASELINES, *map(our_method, SPACES))


@pytest.mark.parametrize(
    "method", [one for one in EVERY_METHOD if one.name not in TASTE_BLIND], ids=lambda method: method.name
)
def test_on_two_islands_of_taste_nobody_is_sent_to_the_other(store: FeatureStore, method: Method) -> None:
    """Where each playlist is a whole island, the hidden half comes before everything else: R-precision is 1."""
    store.replace(TRACKS, two_islands())
    whole = {f"p{number}": range(ISLAND * (number % 2), ISLAND * (number % 2 + 1)) for number in range(20)}
    store.replace(PLAYLIST_TRACKS, listed("whole", whole))
    catalog, collections = read(store)
    tasks = Protocol(catalog.recordings.index).tasks("warm", collections, collections)
    (found,) = compare(catalog.recordings, tasks, [method])
    assert (found.measured[method.name].results["r_precision"] == 1).all()


@pytest.mark.parametrize(
    "method",
    [one for one in EVERY_METHOD if one.name.startswith(LEARNS_ITEMS)],
    ids=lambda method: method.name,
)
def test_on_a_checkerboard_what_playlists_put_together_is_all_that_tells(store: FeatureStore, method: Method) -> None:
    """Where people keep to even or to odd tracks, whatever learns from playlists must find it: R-precision is 1."""
    store.replace(TRACKS, checkerboard())
    store.replace(PLAYLIST_TRACKS, listed("colors", {f"p{color}": range(color % 2, 80, 2) for color in range(20)}))
    catalog, collections = read(store)
    tasks = Protocol(catalog.recordings.index).tasks("warm", collections, collections)
    (found,) = compare(catalog.recordings, tasks, [method])
    assert (found.measured[method.name].results["r_precision"] == 1).all()


@pytest.mark.parametrize("name", ["genre + audio + year", "content by hand"])
def test_a_catalog_that_lacks_what_a_baseline_uses_is_no_error(world: FeatureStore, name: str) -> None:
    """Nothing has a genre, a year, an artist or a popularity: then it finds what the rest tells."""
    tracks = two_islands()
    tracks[["genres", "artists", "year", "popularity"]] = pd.NA
    world.replace(TRACKS, tracks)
    catalog, collections = read(world)
    tasks = Protocol(catalog.recordings.index).tasks("none", collections[:1], [])
    (found,) = compare(catalog.recordings, tasks, [one for one in BASELINES if one.name == name])
    assert found.measured[name].summary()["recall_at_100"] > 0.9


def test_several_processes_measure_what_one_does(world: FeatureStore) -> None:
    """To the last digit, and in the same order."""
    catalog, collections = read(world)
    protocol = Protocol(catalog.recordings.index, folds=2)
    tasks = [task for setting in SETTINGS for task in protocol.tasks(setting, collections[:1], collections)]
    methods = [*BASELINES[-3:], our_method("colisten")]
    alone, together = (compare(catalog.recordings, tasks, methods, processes) for processes in (1, 2))
    assert [found.key for found in alone] == [found.key for found in together]
    for one, other in zip(alone, together, strict=True):
        assert list(one.measured) == list(other.measured)
        for name, measured in one.measured.items():
            pd.testing.assert_frame_equal(measured.results, other.measured[name].results, check_exact=True)


def test_an_error_in_a_process_of_its_own_is_the_caller_s(world: FeatureStore) -> None:
    """What goes wrong there is raised here, as what it is."""

    def fail(recordings: pd.DataFrame, playlists: Sequence[Rows]) -> Served:
        raise InputError(f"{len(playlists)} playlists of {len(recordings)} recordings are nothing to learn from")

    catalog, collections = read(world)
    tasks = Protocol(catalog.recordings.index).tasks("warm", collections, collections)
    with pytest.raises(InputError, match="are nothing to learn from"):
        compare(catalog.recordings, tasks, [Method("failing", fail, learns=True)], processes=2)


def test_chance_finds_what_chance_finds(world: FeatureStore) -> None:
    """In a tenth of the list lies a tenth of what is hidden, within the interval; popularity does no better here."""
    catalog, collections = read(world)
    tasks = Protocol(catalog.recordings.index, folds=5).tasks("none", collections, collections)
    for found in compare(catalog.recordings, tasks, [one for one in BASELINES if one.name in TASTE_BLIND]):
        summary = found.measured["random"].summary()
        n_seeds = 10 if found.collection == "north" else 6
        assert summary["recall_at_10"] == pytest.approx(10 / (2 * ISLAND - n_seeds), abs=0.04)


def test_no_method_has_seen_the_playlists_it_is_tested_on(world: FeatureStore) -> None:
    """Warm learns on other folds, cold without the cold tracks, a transfer on another collection, none on nothing."""
    catalog, collections = read(world)
    protocol = Protocol(catalog.recordings.index, folds=5)
    everything = {rows.tobytes() for one in collections for rows in one.playlists.values()}
    for task in protocol.tasks("warm", collections, collections):
        tested = {np.sort(np.concatenate([test.seeds, test.hidden])).tobytes() for test in task.tests}
        assert tested
        assert tested <= everything
        assert not tested & {rows.tobytes() for rows in task.training}
    for task in protocol.tasks("cold", collections, collections):
        assert task.candidates is not None
        assert not task.candidates[np.concatenate(task.training)].any()
        assert all(task.candidates[test.hidden].all() for test in task.tests)
        assert 0.1 < task.candidates.mean() < 0.3
    assert all(not task.training for task in protocol.tasks("none", collections, collections))
    ways = {(task.learned_on, task.collection) for task in protocol.tasks("transfer", collections, collections)}
    assert ways == {("north", "south"), ("south", "north")}


def test_the_five_folds_test_every_long_playlist_once(world: FeatureStore) -> None:
    """Nothing is tested twice, and nothing is left out."""
    catalog, collections = read(world)
    tasks = Protocol(catalog.recordings.index, folds=5).tasks("warm", collections[:1], collections)
    tested = [test.playlist_id for task in tasks for test in task.tests]
    assert sorted(tested) == sorted(collections[0].playlists)


def test_editions_of_a_tested_playlist_are_not_learned_from() -> None:
    """A transfer must not meet its own answers under another name: not a copy, not what shares half of the shorter."""
    tested = Collection("tested", {"long": np.arange(0, 20), "too short to test": np.arange(50, 53)})
    source = {
        "copy": np.arange(0, 20),
        "excerpt": np.arange(3, 9),
        "half of it": np.arange(14, 26),
        "longer, with half of it": np.arange(10, 50),
        "less than half of it": np.arange(15, 27),
        "longer, with less than half of it": np.arange(11, 50),
        "elsewhere": np.arange(50, 62),
    }
    tracks = pd.Index([track_id(number) for number in range(70)])
    (task,) = Protocol(tracks).tasks("transfer", [tested], [Collection("source", source)])
    assert task.training == [rows for name, rows in source.items() if "less" in name or name == "elsewhere"]


def test_a_transfer_from_nothing_but_copies_is_refused(world: FeatureStore) -> None:
    """It would measure a model that has learned nothing."""
    north = world.read(PLAYLIST_TRACKS, where={"source": "north"})
    world.replace(
        PLAYLIST_TRACKS, pd.concat([north, north.assign(playlist_id="c" + north["playlist_id"], source="copy")])
    )
    failed = run("--setting", "transfer")
    assert failed.exit_code == 1
    assert str(failed.exception).startswith("nothing is left to learn from for transfer/north→copy: every playlist")


def test_two_files_of_the_same_name_are_refused(world: FeatureStore, tmp_path: Path) -> None:
    """Their figures would be told as those of one."""
    del world
    paths = [tmp_path / folder / "mine.csv" for folder in "ab"]
    for path in paths:
        path.parent.mkdir()
        path.write_text(f"playlist_id,track_id\n1,{track_id(1)}\n", encoding="utf-8")
    failed = run("--playlists", str(paths[0]), "--playlists", str(paths[1]))
    assert failed.exit_code == 1
    assert str(failed.exception) == f"{paths[0]} and {paths[1]} are both called 'mine': rename one of the files"


def test_a_playlist_is_split_the_same_way_whatever_the_others_are() -> None:
    """So that versions trained on other days can be compared playlist by playlist; a larger sample holds a smaller."""
    playlists = {f"p{number}": np.arange(number, number + 12) for number in range(40)}
    everything = {one.playlist_id: one for one in split_playlists(playlists)}
    few = split_playlists(playlists, most=7)
    more = {one.playlist_id for one in split_playlists(playlists, most=9)}
    assert len(few) == 7
    assert {one.playlist_id for one in few} <= more
    for one in few:
        assert np.array_equal(one.seeds, everything[one.playlist_id].seeds)
        assert not set(one.seeds) & set(one.hidden)
        assert len(one.seeds) == len(one.hidden) == 6


def test_als_solves_its_equations() -> None:
    """Each row is the solution of (YᵀWY + λI) x = YᵀW r with weights 1 + α on what is there and 1 elsewhere."""
    generator = np.random.default_rng(0)
    others = generator.normal(size=(9, 4))
    on = Playlists.of([np.array([0, 3, 5]), np.array([], np.intp), np.array([1, 2])], 9).matrix
    solved = als.solve(on, others)
    for row, present in zip(solved, on.toarray(), strict=True):
        weights = 1 + als.CONFIDENCE * present
        left = others.T @ (weights[:, None] * others) + als.PENALTY * np.eye(4)
        assert np.allclose(left @ row, others.T @ (weights * present))


def run(*arguments: str) -> Result:
    """Run the command."""
    return CliRunner().invoke(program, ["--model", "audio", "--least", "5", *arguments])


def test_the_command_shows_all_methods_side_by_side(world: FeatureStore, tmp_path: Path) -> None:
    """One table for each collection and setting, and a picture that any browser can draw."""
    mixed = some_playlists(60, 30, seed=1).items()
    apart = [{name: [row for row in rows if row % 2 == part] for name, rows in mixed} for part in (0, 1)]
    world.replace(PLAYLIST_TRACKS, pd.concat([listed("north", apart[0]), listed("south", apart[1])]))
    shown = run("--plot", str(tmp_path / "recall.svg"))
    assert shown.exit_code == 0, shown.stderr
    for title in ("warm: north", "cold: south", "transfer: south, learned on north", "none: north"):
        assert title in shown.stdout
    assert all(method.name in shown.stdout for method in BASELINES)
    drawn = ET.parse(tmp_path / "recall.svg").getroot()  # noqa: S314 - Segue has just written it
    labels = [text.text for text in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert labels.count("content by hand") == 2  # once for each four of the eight sets
    assert [labels.count(setting) for setting in ("warm", "cold", "transfer", "none")] == [2, 2, 2, 2]
    assert labels.count("learned on north") == 3


def test_the_same_run_gives_the_same_figures(world: FeatureStore) -> None:
    """The document for machines is the same to the last digit, and has a ratio to the best other method."""
    del world
    first, second = (run("--setting", "warm", "--playlists", "north", "--json").stdout for _ in range(2))
    assert first == second
    found = json.loads(first)["sets"]["warm/north"]
    assert found["methods"]["audio"]["playlists"] >= 5
    assert found["best_other"] in found["methods"]
    best = found["methods"][found["best_other"]]["recall_at_100"]
    assert found["of_best_other"] == pytest.approx(found["methods"]["audio"]["recall_at_100"] / best)


@pytest.mark.parametrize(
    "columns",
    [
        {"pid": "playlist_id", "track_uri": "track_id"},
        {"playlist_id": "playlist_id", "trackname": "title", "artistname": "artists"},
    ],
    ids=["ids", "titles"],
)
@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_any_file_of_playlists_will_do(
    world: FeatureStore, tmp_path: Path, columns: dict[str, str], suffix: str
) -> None:
    """By Spotify's ids or by title and artist, a file gives the same figures as the store."""
    stored = world.read(PLAYLIST_TRACKS, where={"source": "north"}).merge(world.read(TRACKS), on="track_id")
    stored["track_id"] = "spotify:track:" + stored["track_id"]
    path = tmp_path / f"mine.{suffix}"
    frame = pd.DataFrame({new: stored[old] for new, old in columns.items()})
    frame.to_csv(path, index=False) if suffix == "csv" else frame.to_parquet(path)
    from_file = json.loads(run("--setting", "none", "--playlists", str(path), "--json").stdout)
    from_store = json.loads(run("--setting", "none", "--playlists", "north", "--json").stdout)
    assert from_file["sets"]["none/mine"]["methods"] == from_store["sets"]["none/north"]["methods"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--setting", "hot"], "there is no setting 'hot': choose warm, cold, transfer, none or all"),
        (["--model", "taste"], "there is no space 'taste': choose hybrid"),
        (
            ["--playlists", "west"],
            "'west' is neither a file nor a collection of playlists in the store, which has: north",
        ),
        (["--least", "500"], "collection 'north' has .* playlists to test on .*, but 500 are needed"),
        (["--plot", "picture.bmp"], "picture.bmp: pictures are written as SVG"),
        (["--plot", "nowhere/picture.svg"], "nowhere/picture.svg: there is no folder nowhere"),
        (["--plot", "folder.svg"], "folder.svg: is a folder: name a file"),
        # Not even the superuser may write there, where it exists.
        (["--plot", "/proc/picture.svg"], "/proc/picture.svg: (nothing can be written to /proc|there is no folder)"),
        (["--playlists", "empty.csv"], "empty.csv: is empty"),
        (["--playlists", "heading.csv"], "heading.csv: holds no playlists"),
        (["--playlists", "short.csv"], "collection 'short' has 0 playlists to test on .* but 10 are needed"),
    ],
)
def test_what_cannot_be_measured_is_one_clear_line(world: FeatureStore, arguments: list[str], message: str) -> None:
    """Before any work is done."""
    del world
    Path("folder.svg").mkdir()
    Path("empty.csv").touch()
    Path("heading.csv").write_text("playlist_id,track_id\n", encoding="utf-8")
    Path("short.csv").write_text(f"playlist_id,track_id\n1,{track_id(1)}\n", encoding="utf-8")
    with pytest.raises(SegueError, match=message):
        program(["--model", "audio", *arguments], standalone_mode=False)


def test_a_small_sample_may_be_asked_for(world: FeatureStore) -> None:
    """Fewer playlists than are needed otherwise: a quick look, with wide intervals."""
    del world
    found = json.loads(run("--setting", "warm", "--playlists", "north", "--most", "3", "--json").stdout)
    assert found["sets"]["warm/north"]["methods"]["audio"]["playlists"] == 3


def test_without_catalog_or_playlists_it_says_what_to_run(store: FeatureStore, tmp_path: Path) -> None:
    """First the catalog, then playlists; one collection cannot be transferred to itself."""
    with pytest.raises(SegueError, match="no catalog yet: run `segue features`"):
        program([], standalone_mode=False)
    store.replace(TRACKS, two_islands())
    with pytest.raises(SegueError, match="no public playlists: run `segue features"):
        program([], standalone_mode=False)
    store.replace(PLAYLIST_TRACKS, listed("north", some_playlists(60, 20, seed=1)))
    with pytest.raises(SegueError, match="transfer needs two collections"):
        program(["--setting", "transfer"], standalone_mode=False)
    strange = tmp_path / "strange.csv"
    strange.write_text("a,b\n1,2\n")
    with pytest.raises(SegueError, match=r"strange\.csv: has no playlist_id beside a track_id"):
        program(["--playlists", str(strange)], standalone_mode=False)
    strange.write_text("playlist_id,track_id\n1,nowhere\n")
    with pytest.raises(SegueError, match=r"strange\.csv: none of its tracks is in the catalog"):
        program(["--playlists", str(strange)], standalone_mode=False)


def test_fewer_work_at_once_where_the_catalog_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each process takes memory by the recording: twice as many recordings, half as many processes, but always one."""
    monkeypatch.setattr("training_pipeline.evaluation.processes.cpu_count", lambda: 64)
    assert [how_many(n) for n in (1_000, 165_000, 330_000, 710_000, 10_000_000)] == [1, 4, 2, 1, 1]
