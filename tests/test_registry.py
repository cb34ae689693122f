"""What every model registry promises, wherever it is."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from registering import weights

from segue.errors import InputError, ModelNotFoundError, RegistryError
from segue.registry import ModelRegistry, Version, open_registry
from segue.settings import load_settings

if TYPE_CHECKING:
    from pathlib import Path

pytest_plugins = ("hopsworks_fixture",)

STORES = ("sqlite:///var/segue.db", "hopsworks://segue_test")


@pytest.fixture(params=STORES, ids=("folder", "hopsworks"))
def registry(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> ModelRegistry:
    """Return an empty registry: the one that belongs to a store."""
    monkeypatch.setenv("SEGUE_STORE", request.param)
    if request.param.startswith("hopsworks://"):
        request.getfixturevalue("cluster")
    return open_registry(load_settings())


def test_a_model_comes_back_with_its_files_metrics_and_schema(registry: ModelRegistry) -> None:
    """What was saved is what is loaded."""
    registry.save("audio", weights("0.25"), {"recall_at_100": 0.011}, {"features": ["energy", "tempo"]})
    model = registry.load("audio")
    assert (model.label, (model.path / "weights.txt").read_text()) == ("audio@1", "0.25")
    assert model.metrics == {"recall_at_100": 0.011}
    assert model.schema == {"features": ["energy", "tempo"]}


def test_what_is_removed_is_gone_and_the_others_stay(registry: ModelRegistry) -> None:
    """Whoever asks for it is told what there is; the next version comes after those that stay."""
    first, _, third = (registry.save("audio", weights(), {}, {}) for _ in range(3))
    registry.remove(first)
    assert registry.versions("audio") == [2, 3]
    with pytest.raises(ModelNotFoundError, match="no version 1, but 2, 3"):
        registry.load("audio", 1)
    with pytest.raises(RegistryError, match="cannot delete audio@1"):
        registry.remove(first)
    assert registry.save("audio", weights(), {}, {}).version == third.version + 1


def test_when_the_best_version_is_removed_none_is_the_best(registry: ModelRegistry) -> None:
    """Neither one that was it before, nor a later one that is given the same number, without being promoted."""
    first, second = (registry.save("audio", weights(), {}, {}) for _ in range(2))
    registry.promote(first)
    registry.promote(second)
    registry.remove(second)
    assert (registry.best("audio"), registry.find("audio").version) == (None, 1)
    assert registry.save("audio", weights(), {}, {}).version == 2
    assert registry.best("audio") is None
    registry.promote(registry.load("audio", 1))
    registry.remove(registry.load("audio", 2))
    assert registry.best("audio") == 1


def test_every_save_is_a_new_version_and_the_latest_is_the_default(registry: ModelRegistry) -> None:
    """Versions count up by number, so the tenth comes after the ninth."""
    for number in range(1, 11):
        registry.save("audio", weights(str(number)), {}, {})
    assert registry.versions("audio") == list(range(1, 11))
    assert registry.load("audio").version == 10
    assert (registry.load("audio", 2).path / "weights.txt").read_text() == "2"


def test_a_failed_save_leaves_no_trace(registry: ModelRegistry) -> None:
    """A version appears whole or not at all."""

    def fail(folder: Path) -> None:
        (folder / "weights.txt").write_text("half")
        raise OSError(28, "No space left on device")

    registry.save("audio", weights(), {}, {})
    with pytest.raises(RegistryError, match="cannot register a model: No space left on device"):
        registry.save("audio", fail, {}, {})
    assert registry.versions("audio") == [1]
    assert registry.save("audio", weights(), {}, {}).version == 2


def test_saves_at_the_same_time_get_versions_of_their_own(registry: ModelRegistry) -> None:
    """No save is lost, whatever the order."""
    with ThreadPoolExecutor(8) as pool:
        models = list(pool.map(lambda text: registry.save("audio", weights(text), {}, {}), map(str, range(12))))
    assert sorted(model.version for model in models) == list(range(1, 13))
    assert {(model.path / "weights.txt").read_text() for model in models} == set(map(str, range(12)))


@pytest.mark.parametrize(
    ("name", "version", "message"),
    [
        ("hybrid", "latest", r"no model 'hybrid' is registered, but audio; `segue train --help` names what can be$"),
        ("audio", 7, r"model 'audio' has no version 7, but 1"),
    ],
)
def test_an_unknown_model_is_answered_with_what_there_is(
    registry: ModelRegistry, name: str, version: Version, message: str
) -> None:
    """The message names what could be asked for instead."""
    registry.save("audio", weights(), {}, {})
    with pytest.raises(ModelNotFoundError, match=message):
        registry.load(name, version)


def test_an_empty_registry_says_what_to_run(registry: ModelRegistry) -> None:
    """A newcomer who asks too early learns the order of commands."""
    with pytest.raises(ModelNotFoundError, match="run `segue train`"):
        registry.load("audio")


def test_the_best_version_is_the_one_that_was_promoted(registry: ModelRegistry) -> None:
    """A later version does not take its place by being later; promoting an earlier one again does."""
    first, second = (registry.save("audio", weights(), {}, {}) for _ in range(2))
    registry.promote(first)
    assert (registry.load("audio", "best").version, registry.load("audio", "latest").version) == (1, 2)
    registry.promote(second)
    assert registry.best("audio") == 2
    registry.promote(first)
    assert registry.best("audio") == 1
    assert registry.versions("audio") == [1, 2]


@pytest.mark.parametrize(("label", "version"), [("audio", 2), ("audio@best", 2), ("audio@latest", 3), ("audio@1", 1)])
def test_a_label_names_a_version(registry: ModelRegistry, label: str, version: int) -> None:
    """A bare name is the best version."""
    saved = [registry.save("audio", weights(), {}, {}) for _ in range(3)]
    registry.promote(saved[1])
    assert registry.find(label).version == version


def test_until_one_is_promoted_a_bare_name_is_the_latest(registry: ModelRegistry) -> None:
    """Something recommends from the first day on; asking for the best by name says that there is none."""
    registry.save("audio", weights(), {}, {})
    registry.save("audio", weights(), {}, {})
    assert registry.find("audio").version == 2
    with pytest.raises(ModelNotFoundError, match="no version of model 'audio' has been promoted yet"):
        registry.find("audio@best")


def test_what_is_no_version_is_one_clear_line(registry: ModelRegistry) -> None:
    """Neither a number nor a word that the registry knows."""
    registry.save("audio", weights(), {}, {})
    with pytest.raises(InputError, match="write a name, such as audio, or name@3, name@latest or name@best"):
        registry.find("audio@newest")
    with pytest.raises(InputError, match="or name@3, name@latest or name@best"):
        registry.find("audio@" + "9" * 5000)
    with pytest.raises(ModelNotFoundError, match="has no version 7, but 1"):
        registry.find("audio@7")


@pytest.mark.parametrize("name", ["../outside", "/outside", "a/b", "..", ".", "", "audio\n", "Größe"])
def test_a_name_is_never_a_path(registry: ModelRegistry, name: str) -> None:
    """Whatever is asked of it: one clear line."""
    for ask in (
        lambda: registry.find(name),
        lambda: registry.find(f"{name}@1"),
        lambda: registry.load(name, 1),
        lambda: registry.best(name),
        lambda: registry.versions(name),
        lambda: registry.save(name, weights(), {}, {}),
    ):
        with pytest.raises(InputError, match="is no name of a model: that is letters, digits and underscores"):
            ask()
    assert registry.names() == []


def test_promotions_at_the_same_time_leave_one_best_version(registry: ModelRegistry) -> None:
    """Whoever comes last wins; whoever looks meanwhile finds one of them."""
    models = [registry.save("audio", weights(), {}, {}) for _ in range(3)]

    def promote_all() -> None:
        rival = open_registry(load_settings())
        for model in models:
            rival.promote(model)

    with ThreadPoolExecutor(2) as pool:
        rivals = [pool.submit(promote_all) for _ in range(2)]
        while not all(rival.done() for rival in rivals):
            assert registry.best("audio") in {None, 1, 2, 3}
            time.sleep(0.01)  # leaves them some of the processor
    assert [rival.exception() for rival in rivals] == [None, None]
    assert registry.load("audio", "best").version == 3
