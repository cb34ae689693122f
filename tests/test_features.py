"""`segue features`: from datasets to the groups `tracks` and `playlist_tracks`."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pandas as pd
import pytest

from feature_pipeline.features import build_features
from feature_pipeline.inputs import Request
from segue.errors import InputError
from segue.groups import AUDIO_FEATURES, PLAYLIST_TRACKS, RUNS, TRACKS
from segue.runs import recorded_run
from segue.settings import load_settings
from segue.store import FeatureStore, open_store

UNREACHABLE = "http://127.0.0.1:9"


def tracks(count: int, start: int = 0) -> pd.DataFrame:
    """Return rows of a dataset in the spellings of nobody in particular."""
    numbers = range(start, start + count)
    audio = {name: [0.5] * count for name in AUDIO_FEATURES} | {"tempo": 120, "duration_ms": 200_000, "mode": 1}
    named = {
        "uri": [f"spotify:track:{number:022d}" for number in numbers],
        "track": [f"Song {number}" for number in numbers],
        "artist": [f"Artist {number % 7}" for number in numbers],
    }
    return pd.DataFrame(named | audio)


def playlists(count: int) -> pd.DataFrame:
    """Return one playlist of the first `count` tracks."""
    return pd.DataFrame(
        {"pid": 1, "pos": range(count), "track_uri": [f"spotify:track:{row:022d}" for row in range(count)]}
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a dataset, a playlist file, and a file that is neither."""
    folder = tmp_path / "data"
    folder.mkdir()
    tracks(30).to_csv(folder / "songs.csv", index=False)
    playlists(20).to_parquet(folder / "lists.parquet")
    (folder / "notes.txt").write_text("call mum")
    return folder


def build(store: FeatureStore, *, if_changed: bool = False, **request: object) -> dict:
    """Run the pipeline in this process."""
    return build_features(store, load_settings(), Request(**request), if_changed)  # type: ignore[arg-type]


def contents(store: FeatureStore) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return both groups."""
    return store.read(TRACKS), store.read(PLAYLIST_TRACKS)


def test_a_folder_is_searched_by_columns_and_every_file_gets_a_verdict(store: FeatureStore, folder: Path) -> None:
    """What was taken as what, and why the rest was not."""
    report = build(store, data_dir=folder)
    verdicts = {Path(file).name: verdict for file, verdict in report["files"].items()}
    assert verdicts["songs.csv"].startswith("tracks:")
    assert verdicts["lists.parquet"] == "playlists: lists"
    assert "neither CSV nor Parquet" in verdicts["notes.txt"]
    assert report["written"] == {"tracks": 30, "recordings": 30, "playlists": 1, "playlist_tracks": 20}
    found_tracks, found_playlists = contents(store)
    assert (len(found_tracks), len(found_playlists)) == (30, 20)


def test_a_file_without_a_final_newline_is_taken_with_a_warning(store: FeatureStore, folder: Path) -> None:
    """Nobody knows how a file of anybody's should end: its verdict says that it may have been cut short."""
    whole = (folder / "songs.csv").read_bytes()
    (folder / "songs.csv").write_bytes(whole.rstrip())
    report = build(store, data_dir=folder)
    verdicts = {Path(file).name: verdict for file, verdict in report["files"].items()}
    assert verdicts["songs.csv"].endswith("its last line does not end in a newline: was the file cut short?")
    assert report["written"]["tracks"] == 30


@pytest.mark.parametrize(
    ("content", "said"), [(b"", "the file is empty"), (b"\x00\x9f", "not text"), (b"PAR1 and no more", "cut short")]
)
def test_what_cannot_be_read_as_a_table_may_be_moved_away(
    store: FeatureStore, folder: Path, content: bytes, said: str
) -> None:
    """It may be a dataset that is broken, so it is not passed over; a file that was named is certainly meant."""
    (folder / "odd.csv").write_bytes(content)
    with pytest.raises(InputError, match=rf"odd\.csv: .*{said}.*; if it is no dataset, move it out of the folder$"):
        build(store, data_dir=folder)
    with pytest.raises(InputError, match=said) as caught:
        build(store, tracks=(folder / "odd.csv",))
    assert "move it" not in str(caught.value)
    assert store.read(TRACKS).empty


def test_running_again_changes_nothing(store: FeatureStore, folder: Path) -> None:
    """Same input, same store."""
    build(store, data_dir=folder)
    before = contents(store)
    build(store, data_dir=folder)
    for old, new in zip(before, contents(store), strict=True):
        pd.testing.assert_frame_equal(old, new)


def test_what_no_dataset_holds_any_more_leaves_the_catalog(store: FeatureStore, folder: Path) -> None:
    """The catalog is what the datasets hold now, not what they ever held."""
    build(store, data_dir=folder)
    tracks(10).to_csv(folder / "songs.csv", index=False)
    build(store, data_dir=folder)
    found_tracks, found_playlists = contents(store)
    assert (len(found_tracks), len(found_playlists)) == (10, 10)


def test_if_changed_skips_only_what_is_really_the_same(store: FeatureStore, folder: Path, tmp_path: Path) -> None:
    """Contents and options count; names and dates of files do not."""
    build(store, data_dir=folder)
    moved = shutil.copytree(folder, tmp_path / "elsewhere")
    assert build(store, data_dir=moved, if_changed=True)["data"] == "unchanged"
    assert build(store, data_dir=folder, no_playlists=True, if_changed=True)["data"] == "datasets"
    tracks(31).to_csv(folder / "songs.csv", index=False)
    assert build(store, data_dir=folder, no_playlists=True, if_changed=True)["written"]["tracks"] == 31


def test_no_playlists_leaves_only_those_named(store: FeatureStore, folder: Path, tmp_path: Path) -> None:
    """`--no-playlists --playlists FILE` learns from that file alone."""
    assert build(store, data_dir=folder, no_playlists=True)["written"]["playlist_tracks"] == 0
    playlists(5).to_csv(tmp_path / "mine.csv", index=False)
    report = build(store, data_dir=folder, no_playlists=True, playlists=(tmp_path / "mine.csv",))
    assert report["written"]["playlist_tracks"] == 5
    assert store.read(PLAYLIST_TRACKS)["source"].unique().tolist() == ["mine"]


def test_named_files_are_taken_beside_the_folder(store: FeatureStore, folder: Path, tmp_path: Path) -> None:
    """`--tracks` and `--playlists` add to `--data-dir`."""
    tracks(5, start=100).to_csv(tmp_path / "more.csv", index=False)
    playlists(5).to_csv(tmp_path / "mine.csv", index=False)
    named = {"tracks": (tmp_path / "more.csv",), "playlists": (tmp_path / "mine.csv",)}
    assert build(store, data_dir=folder, **named)["written"] == {
        "tracks": 35,
        "recordings": 35,
        "playlists": 2,
        "playlist_tracks": 25,
    }


def test_a_named_file_of_tracks_brings_its_tracks_only(store: FeatureStore, folder: Path) -> None:
    """Playlists are taken from the files that were named for them."""
    assert build(store, tracks=(folder / "songs.csv",))["written"]["playlist_tracks"] == 0


def test_what_is_named_goes_before_the_environment(
    store: FeatureStore, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SEGUE_DATA_DIR is what is read when nothing is named."""
    monkeypatch.setenv("SEGUE_DATA_DIR", str(folder))
    assert build(store)["written"]["tracks"] == 30
    tracks(3).to_csv(tmp_path / "few.csv", index=False)
    assert build(store, tracks=(tmp_path / "few.csv",))["written"]["tracks"] == 3


def test_what_a_run_left_half_done_is_not_taken_for_unchanged(store: FeatureStore, folder: Path) -> None:
    """After a run that did not end, nothing is skipped, even where its input is that of the last good one."""
    build(store, data_dir=folder)
    with suppress(KeyboardInterrupt), recorded_run(store, "features", "another fingerprint"):
        store.replace(TRACKS, store.read(TRACKS).head(10))
        raise KeyboardInterrupt
    assert len(store.read(TRACKS)) == 10
    assert build(store, data_dir=folder, if_changed=True)["written"]["tracks"] == 30


def test_a_dataset_that_leaves_the_catalog_is_named(
    store: FeatureStore, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody should wonder where their music went."""
    build(store, data_dir=folder)
    tracks(5).to_csv(tmp_path / "other.csv", index=False)
    build(store, tracks=(tmp_path / "other.csv",))
    assert "no longer in the catalog: songs; to keep a folder" in capsys.readouterr().err


@pytest.mark.parametrize("kind", ["tracks", "playlists"])
def test_a_named_file_that_is_something_else_is_refused(store: FeatureStore, folder: Path, kind: str) -> None:
    """The message names the file and says why."""
    with pytest.raises(InputError, match=r"notes\.txt: neither CSV nor Parquet|notes\.txt: no playlists"):
        build(store, data_dir=folder, **{kind: (folder / "notes.txt",)})


def test_a_folder_without_tracks_is_refused(store: FeatureStore, folder: Path) -> None:
    """Every file's verdict is in the message."""
    (folder / "songs.csv").unlink()
    with pytest.raises(InputError, match=r"no dataset of tracks is here \(.*lists\.parquet: playlists.*notes\.txt"):
        build(store, data_dir=folder)


def test_a_catalog_is_never_replaced_by_nothing(store: FeatureStore, folder: Path, tmp_path: Path) -> None:
    """Files without a single title would leave nothing to recommend: they are refused, and the catalog stays."""
    build(store, data_dir=folder)
    tracks(9).drop(columns=["track", "artist"]).assign(track="", artist="").to_csv(tmp_path / "bare.csv", index=False)
    with pytest.raises(InputError, match=r"none of the datasets gives a track its title.*--include-unnamed"):
        build(store, tracks=(tmp_path / "bare.csv",))
    assert len(store.read(TRACKS)) == 30


def test_a_folder_that_is_not_there_is_named(store: FeatureStore, tmp_path: Path) -> None:
    """With the settings that could have named it."""
    with pytest.raises(InputError, match=r"nowhere: cannot be read .*check SEGUE_DATA_DIR or --data-dir"):
        build(store, data_dir=tmp_path / "nowhere")


def test_an_unknown_dataset_is_answered_with_the_known_ones(store: FeatureStore) -> None:
    """A typing error costs no search."""
    with pytest.raises(InputError, match=r"no dataset 'tomigello' to download, but .*maharshipandya.*tomigelo"):
        build(store, sources=("tomigello",))


def test_a_broken_file_leaves_the_store_as_it_was(store: FeatureStore, folder: Path) -> None:
    """One line names file, column and row; the run is recorded as failed."""
    build(store, data_dir=folder)
    before = contents(store)
    broken = tracks(30).astype({"tempo": object})
    broken.loc[7, "tempo"] = "allegro"
    broken.to_csv(folder / "songs.csv", index=False)
    with pytest.raises(InputError, match=r"songs\.csv, column 'tempo', row 8: 'allegro' is not a number"):
        build(store, data_dir=folder)
    for old, new in zip(before, contents(store), strict=True):
        pd.testing.assert_frame_equal(old, new)
    assert sorted(store.read(RUNS)["status"]) == ["done", "failed"]


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no hub be reached."""
    monkeypatch.setenv("HF_ENDPOINT", UNREACHABLE)
    monkeypatch.setenv("HTTPS_PROXY", UNREACHABLE)
    monkeypatch.setenv("HTTP_PROXY", UNREACHABLE)
    monkeypatch.setenv("NO_PROXY", "")


@pytest.mark.usefixtures("offline")
def test_with_no_network_and_no_files_a_made_up_catalog_is_used() -> None:
    """A newcomer on a train sees everything work, and is told what they see."""
    run = segue_features()
    assert run.returncode == 0, run.stderr
    assert "using a small made-up catalog instead: none of its artists exists" in run.stderr
    sources = open_store(load_settings().store_url).read(TRACKS, ["source"])["source"]
    assert sources.unique().tolist() == ["made-up"]


@pytest.mark.usefixtures("offline")
def test_playlists_that_were_named_are_never_quietly_left_out(folder: Path) -> None:
    """Without network and tracks there is nothing to match them to: that is said, and the status is 1."""
    run = segue_features("--playlists", str(folder / "lists.parquet"))
    assert run.returncode == 1
    assert "cannot be reached" in run.stderr


@pytest.mark.usefixtures("offline")
def test_with_no_network_a_real_catalog_is_kept(store: FeatureStore, folder: Path) -> None:
    """A night without network does not replace music with inventions."""
    build(store, data_dir=folder)
    before = contents(store)
    run = segue_features()
    assert run.returncode == 0, run.stderr
    assert "keeping the catalog that is there: 30 tracks" in run.stderr
    for old, new in zip(before, contents(store), strict=True):
        pd.testing.assert_frame_equal(old, new)


def segue_features(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a user would."""
    command = [sys.executable, "-m", "feature_pipeline", "features", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def test_the_command_reports_to_people_and_to_machines(folder: Path) -> None:
    """A table on standard output, or one JSON document."""
    shown = segue_features("--data-dir", str(folder))
    assert shown.returncode == 0
    assert "songs.csv" in shown.stdout
    assert "The catalog holds 30 tracks, 30 recordings" in shown.stderr
    document = json.loads(segue_features("--data-dir", str(folder), "--json").stdout)
    assert document["tracks"]["ids"] == 30


def test_a_run_killed_at_any_moment_can_be_run_again_to_the_same_result(store: FeatureStore, folder: Path) -> None:
    """Old or new for each group, never half; the next run makes both new."""
    build(store, data_dir=folder)
    tracks(2_000).to_csv(folder / "songs.csv", index=False)
    playlists(1_500).to_parquet(folder / "lists.parquet")
    command = [sys.executable, "-m", "feature_pipeline", "features", "--data-dir", str(folder)]
    started = time.monotonic()
    subprocess.run(command, check=True, capture_output=True)
    whole = time.monotonic() - started
    expected = contents(store)
    for part in (0.4, 0.7, 0.85, 0.95):
        build(store, data_dir=folder, no_playlists=True)
        store.replace(TRACKS, expected[0].head(50))
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            process.wait(timeout=part * whole)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
        found_tracks, found_playlists = contents(store)
        assert len(found_tracks) in (50, 2_000)
        assert len(found_playlists) in (0, 1_500)
    subprocess.run(command, check=True, capture_output=True)
    for old, new in zip(expected, contents(store), strict=True):
        pd.testing.assert_frame_equal(old, new)


def test_the_five_datasets_give_the_catalog_that_quality_is_measured_on(store: FeatureStore, shared_data: Path) -> None:
    """185,264 different ids, 185,259 of them with a title, about 165,100 recordings; every file has its verdict."""
    report = build(store, data_dir=shared_data)
    totals = report["tracks"]
    assert (totals["ids"], totals["titled"]) == (185_264, 185_259)
    assert totals["recordings"] == pytest.approx(165_100, rel=0.01)
    assert report["written"]["tracks"] == 185_259
    playlists_found = {one["source"]: one["playlists"] for one in report["playlists"]}
    assert playlists_found == {"playlists_mpd_train": 1_636, "tidytuesday": 471}
    catalog = store.read(TRACKS)
    assert set(catalog["recording_id"]) <= set(catalog["track_id"])
    assert catalog["year"].notna().mean() > 0.2
    assert catalog["artist_genres"].notna().mean() > 0.1
