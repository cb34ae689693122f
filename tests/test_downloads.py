"""Downloads: by the hubs' own clients, over HTTP, from hubs that follow the real contract on a loopback port."""

from __future__ import annotations

import errno
import io
import os
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from filelock import FileLock
from hubs import FakeHubs, point_clients_to, running

from feature_pipeline.downloads import download, kaggle, trouble
from feature_pipeline.sources.hub import Hub
from segue.errors import SourceUnavailableError

KINDS = ("huggingface", "kaggle", "web")
ASKS_AGAIN = ("huggingface", "kaggle")
NAME = "someone/songs"
ROWS = b"track_id,title\n" + b"0,a song\n" * 300_000


@pytest.fixture
def hubs() -> Iterator[FakeHubs]:
    """Serve one dataset with two files."""
    with running(FakeHubs({f"{NAME}/songs.csv": ROWS, f"{NAME}/more/lists.csv": b"playlist_id\n1\n"})) as served:
        yield served


@pytest.fixture(autouse=True)
def nobodys_credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep the developer's own tokens out."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("KAGGLE_CONFIG_DIR", str(tmp_path))


@pytest.fixture
def kind(request: pytest.FixtureRequest, hubs: FakeHubs, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the kind of hub that a test asks for, and make its client call ours."""
    point_clients_to(hubs, request.param, monkeypatch)
    return str(request.param)


def dataset(hubs: FakeHubs, kind: str, *files: str) -> Hub:
    """Return the place of the dataset on a hub of that kind."""
    name = f"{hubs.url}/stored/{NAME}" if kind == "web" else NAME
    return Hub(kind, name, files or ("songs.csv",))  # type: ignore[arg-type]  # from a parameter


@pytest.mark.parametrize("kind", KINDS, indirect=True)
def test_brings_the_files_in_the_order_asked_for(kind: str, hubs: FakeHubs, tmp_path: Path) -> None:
    """Every wanted file arrives byte for byte, below the cache, under its own name."""
    lists, songs = download(dataset(hubs, kind, "more/lists.csv", "songs.csv"), tmp_path / "cache")
    assert songs.read_bytes() == ROWS
    assert lists.read_bytes() == b"playlist_id\n1\n"
    assert (songs.name, lists.name) == ("songs.csv", "lists.csv")
    assert songs.is_relative_to(tmp_path / "cache")


@pytest.mark.parametrize("kind", KINDS, indirect=True)
def test_a_second_call_brings_nothing_again(kind: str, hubs: FakeHubs, tmp_path: Path) -> None:
    """What the cache holds is not downloaded again."""
    first = download(dataset(hubs, kind), tmp_path)
    brought = len(hubs.bodies)
    assert download(dataset(hubs, kind), tmp_path) == first
    assert len(hubs.bodies) == brought


@pytest.mark.parametrize("kind", ASKS_AGAIN, indirect=True)
def test_a_new_version_is_taken(kind: str, hubs: FakeHubs, tmp_path: Path) -> None:
    """Hubs with versions are asked for the latest each time."""
    download(dataset(hubs, kind), tmp_path)
    hubs.version, hubs.files[f"{NAME}/songs.csv"] = 2, b"track_id,title\n"
    (path,) = download(dataset(hubs, kind), tmp_path)
    assert path.read_bytes() == b"track_id,title\n"


@pytest.mark.parametrize("kind", ASKS_AGAIN, indirect=True)
@pytest.mark.parametrize("status", [503, 404, 403])
def test_the_earlier_copy_serves_when_the_hub_does_not(
    kind: str,
    status: int,
    hubs: FakeHubs,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Out of order, withdrawn or closed: the copy is used, and one line says so."""
    first = download(dataset(hubs, kind), tmp_path)
    assert capsys.readouterr() == ("", "")
    hubs.status = status
    assert download(dataset(hubs, kind), tmp_path) == first
    printed = capsys.readouterr()
    assert printed.out == ""
    assert len(printed.err.splitlines()) == 1
    assert f"using the copy of {NAME} from" in printed.err


@pytest.mark.parametrize("client", ASKS_AGAIN)
def test_the_earlier_copy_serves_when_nobody_is_there(
    client: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With no network a second run goes on with what the first one brought."""
    with running(FakeHubs({f"{NAME}/songs.csv": ROWS})) as hubs:
        point_clients_to(hubs, client, monkeypatch)
        first = download(dataset(hubs, client), tmp_path)
    assert download(dataset(hubs, client), tmp_path) == first
    assert f"cannot be reached: using the copy of {NAME} from" in capsys.readouterr().err


@pytest.mark.parametrize("client", KINDS)
def test_nobody_there_and_no_copy(
    client: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line names the hub and what to do, at once, and the client libraries say nothing."""
    nobody = FakeHubs(port=closed_port())
    point_clients_to(nobody, client, monkeypatch)
    begun = time.monotonic()
    with pytest.raises(SourceUnavailableError, match=r"cannot be reached: check the network, or set SEGUE_DATA_DIR"):
        download(dataset(nobody, client), tmp_path)
    assert time.monotonic() - begun < 5
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("client", KINDS)
def test_a_network_that_swallows_packets_is_given_up(
    client: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hub that takes the connection and says nothing is as good as none."""
    monkeypatch.setattr(trouble, "PATIENCE", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        hubs = FakeHubs(port=mute.getsockname()[1])
        point_clients_to(hubs, client, monkeypatch)
        begun = time.monotonic()
        with pytest.raises(SourceUnavailableError, match="cannot be reached"):
            download(dataset(hubs, client), tmp_path)
        assert time.monotonic() - begun < 5


def test_a_hub_that_falls_silent_later_is_given_up(
    hubs: FakeHubs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kaggle's client waits for ever by itself."""
    monkeypatch.setattr(kaggle, "PATIENCE", 0.3)
    point_clients_to(hubs, "kaggle", monkeypatch)
    hubs.silent = True
    with pytest.raises(SourceUnavailableError, match=r"broke off .*timed out"):
        download(dataset(hubs, "kaggle"), tmp_path)


@pytest.mark.parametrize("kind", KINDS, indirect=True)
def test_a_file_that_the_hub_does_not_have(kind: str, hubs: FakeHubs, tmp_path: Path) -> None:
    """The message names the hub, the dataset and the file."""
    with pytest.raises(SourceUnavailableError, match=rf" has no .*{NAME} with none\.csv: check the name"):
        download(dataset(hubs, kind, "none.csv"), tmp_path)


def test_hugging_face_says_unauthorized_for_what_does_not_exist(
    hubs: FakeHubs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A 401 that means "no such dataset" is not taken for a login."""
    point_clients_to(hubs, "huggingface", monkeypatch)
    hubs.status, hubs.error_code = 401, "RepoNotFound"
    with pytest.raises(SourceUnavailableError, match="Hugging Face has no someone/songs"):
        download(dataset(hubs, "huggingface"), tmp_path)


@pytest.mark.parametrize(
    ("kind", "code", "variable"),
    [("huggingface", "GatedRepo", "HF_TOKEN"), ("kaggle", None, "KAGGLE_API_TOKEN"), ("web", None, "public")],
    indirect=["kind"],
)
def test_a_closed_dataset(kind: str, code: str | None, variable: str, hubs: FakeHubs, tmp_path: Path) -> None:
    """The message says how to log in."""
    hubs.status, hubs.error_code = 403, code
    with pytest.raises(SourceUnavailableError, match=rf"wants a login for .*{NAME}: .*{variable}"):
        download(dataset(hubs, kind), tmp_path)


@pytest.mark.parametrize("kind", ["kaggle", "web"], indirect=True)
def test_a_body_that_breaks_off_leaves_no_file(kind: str, hubs: FakeHubs, tmp_path: Path) -> None:
    """A truncated answer is an error; the next call brings the file whole."""
    hubs.cut = [len(ROWS) - 1]
    with pytest.raises(SourceUnavailableError, match=r"broke off \(.*IncompleteRead.*\): run the same command again"):
        download(dataset(hubs, kind), tmp_path)
    (path,) = download(dataset(hubs, kind), tmp_path)
    assert path.read_bytes() == ROWS


def test_kaggle_continues_where_it_broke_off(hubs: FakeHubs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the rest is asked for."""
    point_clients_to(hubs, "kaggle", monkeypatch)
    hubs.cut = [2_000_000]
    with pytest.raises(SourceUnavailableError):
        download(dataset(hubs, "kaggle"), tmp_path)
    (path,) = download(dataset(hubs, "kaggle"), tmp_path)
    assert path.read_bytes() == ROWS
    assert hubs.bodies[-1].endswith("bytes=1048576-")


def test_hugging_face_tries_again_by_itself(hubs: FakeHubs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A body that breaks off once is fetched within the same call, in silence."""
    point_clients_to(hubs, "huggingface", monkeypatch)
    hubs.cut = [1_000_000]
    (path,) = download(dataset(hubs, "huggingface"), tmp_path)
    assert path.read_bytes() == ROWS


def test_kaggles_zipped_tables_are_unpacked(hubs: FakeHubs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kaggle sends large tables as `name.csv.zip`; what arrives is the table."""
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("large.csv", ROWS)
    hubs.files[f"{NAME}/large.csv.zip"] = zipped.getvalue()
    point_clients_to(hubs, "kaggle", monkeypatch)
    (path,) = download(dataset(hubs, "kaggle", "large.csv"), tmp_path)
    assert path.read_bytes() == ROWS


def test_kaggle_recovers_from_a_run_killed_while_unpacking(
    hubs: FakeHubs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A half-unpacked table where a partial download should be does not survive the checksum."""
    half = tmp_path / "kaggle" / "datasets" / NAME / "versions" / "1" / "songs.csv"
    half.parent.mkdir(parents=True)
    half.write_bytes(b"half-unpacked")
    point_clients_to(hubs, "kaggle", monkeypatch)
    (path,) = download(dataset(hubs, "kaggle"), tmp_path)
    assert path.read_bytes() == ROWS


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full, a Linux device")  # noqa: PTH110 - a device
def test_a_full_disk(hubs: FakeHubs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message says so, and what to do."""
    partial = tmp_path / "kaggle" / "datasets" / NAME / "versions" / "1" / "songs.csv"
    partial.parent.mkdir(parents=True)
    partial.symlink_to("/dev/full")
    point_clients_to(hubs, "kaggle", monkeypatch)
    with pytest.raises(SourceUnavailableError, match=rf"disk is full, no room for {NAME}: free some space, or"):
        download(dataset(hubs, "kaggle"), tmp_path)


def test_a_cache_that_cannot_be_written(tmp_path: Path) -> None:
    """The message names the path."""
    in_the_way = tmp_path / "cache"
    in_the_way.write_text("a file")
    with pytest.raises(SourceUnavailableError, match=rf"{in_the_way}.*: {os.strerror(errno.ENOTDIR)}"):
        download(Hub("kaggle", NAME, ("songs.csv",)), in_the_way)


@pytest.mark.parametrize(("kind", "step"), [("kaggle", "_fetch_file"), ("kaggle", "_ask_for_life")], indirect=["kind"])
def test_a_fault_in_the_program_is_not_blamed_on_the_network(
    kind: str, step: str, hubs: FakeHubs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither an earlier copy nor a made-up catalog hides a bug."""
    download(dataset(hubs, kind), tmp_path)

    def faulty(*_: object) -> None:
        raise KeyError("a bug")

    monkeypatch.setattr(kaggle, step, faulty)
    with pytest.raises(KeyError, match="a bug"):
        download(dataset(hubs, kind), tmp_path)


@pytest.mark.parametrize("kind", KINDS, indirect=True)
def test_a_run_killed_while_downloading(kind: str, hubs: FakeHubs, tmp_path: Path) -> None:
    """The next run brings the file whole, and nothing of the killed one stays."""
    hubs.files[f"{NAME}/songs.csv"] = os.urandom(20_000_000)
    hub = dataset(hubs, kind)
    arguments = (
        f"from pathlib import Path; from {Hub.__module__} import Hub; arguments = {hub}, Path({str(tmp_path)!r})"
    )
    code = f"{arguments}; from feature_pipeline.downloads import download; download(*arguments)"
    with subprocess.Popen([sys.executable, "-c", code]) as run:
        while not hubs.bodies:
            assert run.poll() is None
        run.kill()
    (path,) = download(hub, tmp_path)
    assert path.read_bytes() == hubs.files[f"{NAME}/songs.csv"]
    assert not [*tmp_path.rglob("*.incomplete"), *tmp_path.rglob("tmp*")]


def test_two_at_once_wait_for_each_other(
    hubs: FakeHubs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The second one says that it waits, and then finds everything there."""
    point_clients_to(hubs, "kaggle", monkeypatch)
    (tmp_path / "kaggle").mkdir()
    with ThreadPoolExecutor(1) as pool, FileLock(tmp_path / "kaggle" / ".lock"):
        second = pool.submit(download, dataset(hubs, "kaggle"), tmp_path)
        while not (said := capsys.readouterr().err):
            assert not second.done()
    assert "another program is downloading" in said
    assert second.result()[0].read_bytes() == ROWS


def closed_port() -> int:
    """Return a port at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])
