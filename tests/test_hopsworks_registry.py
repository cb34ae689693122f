"""What the registry on Hopsworks promises beside what every registry does, through the unmodified client."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from catalogs import made_up_tracks, train_small
from hopsworks_stand_in.models import LONGEST_METRICS
from hopsworks_stand_in.state import Fault, Refusal
from registering import weights

from app import choices
from inference_pipeline.models import load_model
from segue.errors import InputError, ModelNotFoundError, RegistryError, SegueError, SettingsError
from segue.registry import open_registry
from segue.registry.hopsworks import HopsworksRegistry
from segue.registry.smoke import smoke
from segue.settings import Settings, load_settings
from training_pipeline.promotion import register

if TYPE_CHECKING:
    from hopsworks_stand_in.state import Cluster

pytest_plugins = ("hopsworks_fixture",)

LOST = Refusal(504, 0, "Gateway Time-out")
REGISTER, UPLOAD, MAKE = r"^PUT .*/models/", r"^POST .*/upload/.*Files$", r"^POST .*/Models/audio"
SAVE = """
from segue.registry import open_registry
from segue.settings import load_settings
open_registry(load_settings()).save("audio", lambda folder: (folder / "weights.txt").write_text("1"), {}, {})
"""


@pytest.fixture
def settings(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Return settings that lead to the cluster."""
    monkeypatch.setenv("SEGUE_STORE", f"hopsworks://{cluster.project}")
    return load_settings()


@pytest.fixture
def registry(settings: Settings) -> HopsworksRegistry:
    """Return an empty registry that does not wait long for what may have happened."""
    return HopsworksRegistry(settings, patience=0.3)


@pytest.fixture
def elsewhere(settings: Settings, tmp_path: Path) -> HopsworksRegistry:
    """Return the same registry as another machine sees it."""
    return HopsworksRegistry(settings.model_copy(update={"var": tmp_path / "elsewhere"}), patience=0.3)


def files_of(registry: HopsworksRegistry, name: str = "audio") -> str:
    """Return the weights of the latest version."""
    return (registry.load(name).path / "weights.txt").read_text()


def test_the_store_says_where_the_registry_is(settings: Settings) -> None:
    """Both are in the same project."""
    assert open_registry(settings).where == "the Hopsworks project segue_test"


def test_hopsworks_shows_what_a_model_is(registry: HopsworksRegistry, cluster: Cluster) -> None:
    """Its measurements as numbers, what goes in and comes out, an example, and where to read more."""

    def write(folder: Path) -> None:
        weights()(folder)
        (folder / "input_example.json").write_text('[["a", 1.0]]')

    metrics = {"warm/mine/recall_at_100": np.float32(0.123456789), "warm/mine/recall_at_100_interval": 0.1}
    registry.save("audio", write, metrics, {"features": ["energy"]})
    shown = cluster.kept["models"]["audio_1"]
    assert shown["metrics"] == {"warm_mine_recall_at_100": 0.123457}
    assert shown["framework"] == "PYTHON"
    assert "README.md" in shown["description"]
    home = cluster.datasets / "Models" / "audio" / "1"
    assert sorted(path.name for path in home.iterdir()) == ["Files", "input_example.json", "model_schema.json"]
    assert json.loads((home / "input_example.json").read_text()) == [["a", 1.0]]
    columns = json.loads((home / "model_schema.json").read_text())["input_schema"]["columnar_schema"]
    assert [column["name"] for column in columns] == ["track_id", "preference"]


def test_more_was_measured_than_hopsworks_has_room_for(registry: HopsworksRegistry, cluster: Cluster) -> None:
    """It shows the first of them; whoever loads the model gets all, under their own names, to the last digit."""
    metrics = {f"warm/set{number}/recall_at_100": number / 7 for number in range(200)} | {"nDCG": float("nan")}
    registry.save("audio", weights(), metrics, {})
    shown = cluster.kept["models"]["audio_1"]["metrics"]
    assert len(shown) > 20
    assert len(json.dumps({"attributes": shown})) <= LONGEST_METRICS
    loaded = registry.load("audio").metrics
    assert {key: loaded[key] for key in metrics if key != "nDCG"} == {
        key: value for key, value in metrics.items() if key != "nDCG"
    }


def test_a_version_is_downloaded_once_and_only_when_it_is_opened(
    registry: HopsworksRegistry, elsewhere: HopsworksRegistry, cluster: Cluster
) -> None:
    """Who made it has it already; others get it with the first look into its folder."""
    assert (registry.save("audio", weights("0.25"), {"recall": 0.5}, {"n": 1}).path / "weights.txt").exists()
    assert cluster.made("download") == []
    model = elsewhere.find("audio@1")
    assert (model.metrics, model.schema) == ({"recall": 0.5}, {"n": 1})
    assert len(cluster.made("download.*weights")) == 0
    assert (model.path / "weights.txt").read_text() == "0.25"
    before = len(cluster.made("download"))
    assert elsewhere.load("audio").path == model.path
    assert len(cluster.made("download")) == before


def test_folders_and_large_files_come_back(registry: HopsworksRegistry, elsewhere: HopsworksRegistry) -> None:
    """A file of several chunks, an empty one, and one in a folder."""
    large = np.random.default_rng(0).bytes(25 * 1024 * 1024)

    def write(folder: Path) -> None:
        (folder / "large").write_bytes(large)
        (folder / "inner").mkdir()
        (folder / "inner" / "empty").touch()

    registry.save("audio", write, {}, {})
    path = elsewhere.load("audio").path
    assert (path / "large").read_bytes() == large
    assert (path / "inner" / "empty").read_bytes() == b""


def test_a_trained_model_recommends_elsewhere(
    registry: HopsworksRegistry, elsewhere: HopsworksRegistry, settings: Settings, tmp_path: Path
) -> None:
    """What one machine registers and promotes, another one opens."""
    fitted = train_small(made_up_tracks(30), "hybrid")
    registered = register(registry, "hybrid", fitted, {}, {"n_recordings": 30, "n_playlists": {}, "catalog": "c0ffee"})
    assert elsewhere.best("hybrid") == registered.model.version
    opened = load_model(settings.model_copy(update={"var": tmp_path / "elsewhere"}), "hybrid")
    assert opened.label == "hybrid@1"
    assert opened.blend.recordings.tolist() == fitted.recordings.tolist()


def test_pages_ask_for_the_names_of_models_once_a_minute(
    registry: HopsworksRegistry, settings: Settings, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hopsworks takes its time to answer, and every page asks."""
    clock = [1000.0]
    monkeypatch.setattr(choices, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    registry.save("hybrid", weights(), {}, {})
    assert list(choices.approaches_of(settings).values()) == ["hybrid"]
    registry.save("audio", weights(), {}, {})
    before = len(cluster.calls)
    assert list(choices.approaches_of(settings).values()) == ["hybrid"]
    assert len(cluster.calls) == before
    clock[0] += 60
    assert set(choices.approaches_of(settings).values()) == {"hybrid", "audio"}


@pytest.mark.parametrize("call", [REGISTER, UPLOAD, MAKE])
@pytest.mark.parametrize("after", [True, False], ids=["done all the same", "not done"])
def test_a_save_whose_answer_is_lost_makes_one_version(
    registry: HopsworksRegistry, elsewhere: HopsworksRegistry, cluster: Cluster, call: str, *, after: bool
) -> None:
    """It is looked up before it is tried again."""
    cluster.faults.append(Fault(call, LOST, after=after))
    registry.save("audio", weights("0.5"), {}, {})
    assert registry.versions("audio") == [1]
    assert files_of(elsewhere) == "0.5"


def test_a_claim_whose_answer_is_lost_is_left_for_the_next_number(
    registry: HopsworksRegistry, elsewhere: HopsworksRegistry, cluster: Cluster
) -> None:
    """Another may have made it."""
    cluster.faults.append(Fault("POST .*/Files$", LOST, after=True))
    assert registry.save("audio", weights("0.5"), {}, {}).version == 2
    assert (registry.versions("audio"), files_of(elsewhere)) == ([2], "0.5")


def test_a_registration_that_never_comes_through_is_one_clear_line(
    registry: HopsworksRegistry, cluster: Cluster
) -> None:
    """What was there stays, no version appears, and the next save finds its way."""
    registry.save("audio", weights(), {}, {})
    cluster.faults.append(Fault(REGISTER, LOST, times=3))
    with pytest.raises(RegistryError, match=r"cannot register a model: .*status 504.*run this again later"):
        registry.save("audio", weights(), {}, {})
    assert registry.versions("audio") == [1]
    assert registry.save("audio", weights(), {}, {}).version == 3


@pytest.mark.parametrize(
    ("call", "refusal", "message"),
    [
        (UPLOAD, Refusal(500, 110055, "No space left"), "storage is full"),
        (REGISTER, Refusal(400, 360002, "Could not cast provided metric to double."), "refused .*cast provided metric"),
        (REGISTER, Refusal(500, 120000, "A generic error occurred."), "in trouble .*generic error"),
    ],
)
def test_what_is_refused_leaves_nothing(
    registry: HopsworksRegistry, cluster: Cluster, call: str, refusal: Refusal, message: str
) -> None:
    """One clear line; neither a version nor its files."""
    cluster.faults.append(Fault(call, refusal, times=3))
    with pytest.raises(RegistryError, match=rf"segue_test: cannot register a model: .*{message}"):
        registry.save("audio", weights(), {}, {})
    assert registry.versions("audio") == []
    assert list((cluster.datasets / "Models" / "audio").iterdir()) == []


ASKS = {
    "list": lambda registry, _: registry.versions("audio"),
    "save": lambda registry, _: registry.save("audio", weights(), {}, {}),
    "promote": lambda registry, _: registry.promote(registry.load("audio", 2)),
    "remove": lambda registry, best: registry.remove(best),
}


@pytest.mark.parametrize(
    ("ask", "scope"),
    [
        *(("list", scope) for scope in ("MODELREGISTRY", "DATASET_VIEW")),
        *(("save", scope) for scope in ("MODELREGISTRY", "DATASET_VIEW", "DATASET_CREATE")),
        *(("promote", scope) for scope in ("MODELREGISTRY", "DATASET_VIEW", "DATASET_CREATE")),
        *(("remove", scope) for scope in ("MODELREGISTRY", "DATASET_VIEW", "DATASET_DELETE")),
    ],
)
def test_a_key_that_lacks_a_scope_is_one_clear_line(
    registry: HopsworksRegistry, elsewhere: HopsworksRegistry, cluster: Cluster, ask: str, scope: str
) -> None:
    """Which ones it must have; nothing has been done, here or there."""
    best, _ = (registry.save("audio", weights(), {}, {}) for _ in range(2))
    registry.promote(best)
    before = sorted(cluster.datasets.rglob("*"))
    cluster.scopes.remove(scope)
    with pytest.raises(SettingsError, match="is not good for this project and action; its scopes must be PROJECT, "):
        ASKS[ask](elsewhere, best)
    assert sorted(cluster.datasets.rglob("*")) == before
    cluster.scopes.add(scope)
    assert (registry.versions("audio"), registry.best("audio")) == ([1, 2], 1)


def test_a_key_that_must_not_delete_can_save_and_promote(registry: HopsworksRegistry, cluster: Cluster) -> None:
    """What is left of earlier promotions does not count."""
    cluster.scopes.remove("DATASET_DELETE")
    first, second = (registry.save("audio", weights(), {}, {}) for _ in range(2))
    for model in (first, second, first):
        registry.promote(model)
        assert registry.best("audio") == model.version


@pytest.mark.parametrize(
    ("refusal", "message"),
    [
        (Refusal(403, 150029, "Forbidden"), "audio: the project is out of credits and frozen; nothing is half-written"),
        (Refusal(401, 150004, "Unauthorized"), "audio: there is no such project; write SEGUE_STORE=hopsworks://PROJEC"),
        (Refusal(403, 320004, "No valid scope"), "audio: HOPSWORKS_API_KEY is not good for this project and action"),
        (
            Refusal(400, 360002, "Bad", "The first line.\nCaused by: java.lang.Exception\n\tat io.hops"),
            r"audio: Hopsworks refused \(status 400: The first line\.\)$",
        ),
        (
            Refusal(500, 120000, "First.\nCaused by: java.lang.Exception"),
            r"audio: Hopsworks is in trouble \(status 500: First\.\); run this again later$",
        ),
    ],
)
def test_what_hopsworks_says_itself_comes_before_its_status(
    registry: HopsworksRegistry, cluster: Cluster, refusal: Refusal, message: str
) -> None:
    """In one line, whatever else was said."""
    registry.names()
    cluster.faults.append(Fault("GET .*/modelregistries/.*/models$", refusal, times=3))
    with pytest.raises(SegueError, match=message) as raised:
        registry.versions("audio")
    assert "\n" not in str(raised.value)


def test_a_download_that_is_not_whole_is_no_copy(
    registry: HopsworksRegistry, elsewhere: HopsworksRegistry, cluster: Cluster
) -> None:
    """Nothing of it stays; when it is whole again, it comes."""
    registry.save("audio", weights("0.25"), {}, {})
    remote = cluster.datasets / "Models" / "audio" / "1" / "Files" / "weights.txt"
    remote.write_text("0")
    with pytest.raises(
        RegistryError, match=r"not whole on Hopsworks: weights\.txt has 1 bytes of 4; run `segue train`"
    ):
        files_of(elsewhere)
    remote.write_text("0.25")
    cluster.faults.append(Fault("download.*weights", Refusal(500, 110000, "Oops"), times=1))
    with pytest.raises(RegistryError, match=r"cannot download audio@1: .*Oops"):
        files_of(elsewhere)
    assert files_of(elsewhere) == "0.25"


@pytest.mark.parametrize("text", ["", "[]", "{}", "null"])
def test_a_description_that_is_none_is_one_clear_line(
    registry: HopsworksRegistry, elsewhere: HopsworksRegistry, cluster: Cluster, text: str
) -> None:
    """Whatever it holds instead."""
    registry.save("audio", weights(), {}, {})
    (cluster.datasets / "Models" / "audio" / "1" / "Files" / "model.json").write_text(text)
    with pytest.raises(RegistryError, match=r"segue_test: audio@1: unreadable .*run `segue train`"):
        elsewhere.load("audio")


def test_a_file_never_leads_outside(
    registry: HopsworksRegistry, elsewhere: HopsworksRegistry, cluster: Cluster, tmp_path: Path
) -> None:
    """Whatever a description lists."""
    registry.save("audio", weights(), {}, {})
    card = cluster.datasets / "Models" / "audio" / "1" / "Files" / "model.json"
    card.write_text(json.dumps(json.loads(card.read_text()) | {"files": {"../../stolen": 1}}))
    with pytest.raises(RegistryError, match=r"lists '\.\./\.\./stolen', which is no file of its own"):
        _ = elsewhere.load("audio").path
    assert list(tmp_path.rglob("stolen")) == []


@pytest.mark.parametrize("after", [True, False])
def test_a_promotion_whose_answer_is_lost_happens_once(
    registry: HopsworksRegistry, cluster: Cluster, *, after: bool
) -> None:
    """The best version is the one that was promoted."""
    first, second = (registry.save("audio", weights(), {}, {}) for _ in range(2))
    registry.promote(first)
    cluster.faults.append(Fault("POST .*/best/", LOST, after=after))
    registry.promote(second)
    assert registry.best("audio") == 2
    assert len(list((cluster.datasets / "Models" / "audio" / "best").iterdir())) == 1


def test_a_promotion_that_was_cut_short_holds_or_does_not(registry: HopsworksRegistry, cluster: Cluster) -> None:
    """Between the new mark and the end of the old one the new one counts; what is no mark does not."""
    first, second = (registry.save("audio", weights(), {}, {}) for _ in range(2))
    registry.promote(second)
    cluster.faults.append(Fault("DELETE .*/best/", LOST))
    registry.promote(first)
    marks = cluster.datasets / "Models" / "audio" / "best"
    (marks / "99_notes").mkdir()
    assert sorted(path.name for path in marks.iterdir()) == ["1_2", "2_1", "99_notes"]
    assert registry.best("audio") == 1


def test_a_failed_promotion_leaves_the_present_best(registry: HopsworksRegistry, cluster: Cluster) -> None:
    """One clear line."""
    first, second = (registry.save("audio", weights(), {}, {}) for _ in range(2))
    registry.promote(first)
    cluster.faults.append(Fault("POST .*/best/", Refusal(500, 110000, "Oops")))
    with pytest.raises(RegistryError, match=r"cannot promote audio@2: .*Oops"):
        registry.promote(second)
    assert registry.best("audio") == 1


@pytest.mark.parametrize("after", [True, False])
def test_a_removal_whose_answer_is_lost_is_done(registry: HopsworksRegistry, cluster: Cluster, *, after: bool) -> None:
    """The version goes, its files, and the copy of them."""
    model = registry.save("audio", weights(), {}, {})
    copy = model.path
    cluster.faults.append(Fault("DELETE .*/models/", LOST, after=after))
    registry.remove(model)
    assert (registry.names(), copy.exists()) == ([], False)
    assert not (cluster.datasets / "Models" / "audio" / "1").exists()


def test_what_a_promotion_left_behind_does_not_come_up_again(registry: HopsworksRegistry, cluster: Cluster) -> None:
    """The mark before the best version's was not deleted: with that version it goes."""
    first, second = (registry.save("audio", weights(), {}, {}) for _ in range(2))
    registry.promote(first)
    cluster.faults.append(Fault("DELETE .*/best/", LOST))
    registry.promote(second)
    registry.remove(second)
    assert registry.best("audio") is None


def test_a_removal_that_was_cut_short_is_finished_by_the_next(registry: HopsworksRegistry, cluster: Cluster) -> None:
    """The mark goes first: what is left is a version that is not the best, and never a mark without a version."""
    model = registry.save("audio", weights(), {}, {})
    registry.promote(model)
    cluster.faults.append(Fault("DELETE .*/models/", Refusal(500, 120000, "A generic error occurred.")))
    with pytest.raises(RegistryError, match=r"cannot delete audio@1: .*run this again later"):
        registry.remove(model)
    assert (registry.versions("audio"), registry.best("audio")) == ([1], None)
    registry.remove(model)
    assert (registry.versions("audio"), registry.best("audio")) == ([], None)


def test_a_version_that_lost_its_folder_can_be_removed(registry: HopsworksRegistry, cluster: Cluster) -> None:
    """The server refuses to forget a version without one."""
    model = registry.save("audio", weights(), {}, {})
    (cluster.datasets / "Models" / "audio" / "1").rename(cluster.datasets / "lost")
    registry.remove(model)
    assert registry.versions("audio") == []


def test_copies_elsewhere_of_what_was_removed_go_with_the_next_download(
    registry: HopsworksRegistry, elsewhere: HopsworksRegistry
) -> None:
    """What was learned from somebody who left must not stay."""
    first = registry.save("audio", weights(), {}, {})
    copy = elsewhere.load("audio", 1).path
    registry.save("audio", weights("2"), {}, {})
    registry.remove(first)
    os.utime(copy, (time.time() - 7200,) * 2)
    assert files_of(elsewhere) == "2"
    assert not copy.exists()


def test_a_number_that_is_given_again_is_another_version(
    registry: HopsworksRegistry, elsewhere: HopsworksRegistry
) -> None:
    """Nobody keeps the files of the one before."""
    assert files_of(elsewhere, registry.save("audio", weights("old"), {}, {}).name) == "old"
    registry.remove(registry.load("audio"))
    assert registry.save("audio", weights("new"), {}, {}).version == 1
    assert files_of(elsewhere) == "new"


def test_what_a_killed_run_left_is_no_version_and_is_swept_after_a_day(
    registry: HopsworksRegistry, cluster: Cluster
) -> None:
    """Killed while it was uploading: the next save takes the next number, and works."""
    cluster.faults.append(Fault(UPLOAD, delay=2.0))
    program = subprocess.Popen([sys.executable, "-c", SAVE])
    deadline = time.monotonic() + 60
    while not cluster.made("POST .*/1/Files$"):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    program.kill()
    program.wait()
    assert registry.versions("audio") == []
    assert registry.save("audio", weights(), {}, {}).version == 2
    left = cluster.datasets / "Models" / "audio" / "1"
    assert left.exists()
    os.utime(left, (time.time() - 2 * 24 * 3600,) * 2)
    assert registry.save("audio", weights(), {}, {}).version == 3
    assert not left.exists()


def test_the_smoke_test_leaves_nothing_behind(settings: Settings, cluster: Cluster) -> None:
    """Also where it fails, which is one clear line."""
    assert smoke(settings) == "registered, promoted, downloaded and removed a model"
    cluster.faults.append(Fault("download.*trial", Refusal(403, 320004, "No valid scope found for this invocation")))
    with pytest.raises(SettingsError, match=r"cannot download segue_doctor@.*: HOPSWORKS_API_KEY is not good for this"):
        smoke(settings)
    assert list((cluster.datasets / "Models").iterdir()) == []
    assert cluster.kept["models"] == {}


def test_a_smoke_test_that_was_killed_is_in_no_listing_and_goes_with_the_next(
    settings: Settings, registry: HopsworksRegistry, cluster: Cluster
) -> None:
    """Whatever it was doing; also where the files of its version are gone."""
    for _ in range(2):
        registry.promote(registry.save("segue_doctor", weights(), {}, {}))
    registry.save("audio", weights(), {}, {})
    (cluster.datasets / "Models" / "segue_doctor" / "1" / "Files" / "model.json").unlink()
    assert registry.names() == ["audio"]
    smoke(settings)
    assert [path.name for path in (cluster.datasets / "Models").iterdir()] == ["audio"]
    assert list(cluster.kept["models"]) == ["audio_1"]


def test_what_went_wrong_first_is_told_though_cleaning_up_fails_too(settings: Settings, cluster: Cluster) -> None:
    """The cause, not what follows from it; the next trial cleans up."""
    cluster.faults.append(Fault("download.*trial", Refusal(500, 110000, "Oops")))
    cluster.faults.append(Fault("DELETE", Refusal(500, 120000, "A generic error occurred."), times=99))
    with pytest.raises(RegistryError, match=r"cannot download segue_doctor@1: .*Oops"):
        smoke(settings)
    cluster.faults.clear()
    smoke(settings)
    assert list((cluster.datasets / "Models").iterdir()) == []


def test_no_project_and_no_key_are_said_at_once(settings: Settings) -> None:
    """Before anything is asked of anybody."""
    with pytest.raises(SettingsError, match="names no project"):
        HopsworksRegistry(settings.model_copy(update={"store": "hopsworks://"}))
    with pytest.raises(SettingsError, match="HOPSWORKS_API_KEY is not set"):
        HopsworksRegistry(settings.model_copy(update={"hopsworks_api_key": None}))


def test_an_unreachable_host_is_one_clear_line(settings: Settings) -> None:
    """The settings that lead there are named."""
    away = HopsworksRegistry(settings.model_copy(update={"hopsworks_port": 1}))
    with pytest.raises(SettingsError, match="cannot be reached; check the network, HOPSWORKS_HOST and HOPSWORKS_PORT"):
        away.names()


def test_an_empty_project_says_what_to_run(registry: HopsworksRegistry) -> None:
    """And a name that can be none is told from one that is not there."""
    with pytest.raises(ModelNotFoundError, match="no model is in the Hopsworks project segue_test yet: run `segue"):
        registry.find("audio")
    with pytest.raises(InputError, match="is no name of a model"):
        registry.find("../audio")
