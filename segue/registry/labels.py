"""How a version is asked for, and what is answered where there is none: the same words in every registry."""

from __future__ import annotations

import re
from collections.abc import Sequence

from segue.errors import InputError, ModelNotFoundError
from segue.registry.base import ModelRegistry
from segue.registry.model import Model, Version

NAME = re.compile(r"\w+", re.ASCII)
NUMBER = re.compile("[0-9]{1,9}")
WORDS: dict[str, Version] = {"latest": "latest", "best": "best"}


def check_name(name: str) -> str:
    """Return `name` if it is one that a model can have.

    Raises
    ------
    InputError
        If it is anything but letters, digits and underscores, such as a path.
    """
    if not NAME.fullmatch(name):
        raise InputError(f"{name!r} is no name of a model: that is letters, digits and underscores, such as hybrid")
    return name


def find_model(registry: ModelRegistry, label: str) -> Model:
    """Return the model that `label` names, as `ModelRegistry.find` describes it.

    Raises
    ------
    InputError
        If it names nothing that a registry could hold.
    ModelNotFoundError, RegistryError
        As `ModelRegistry.load`.
    """
    name, separator, version = label.partition("@")
    if not separator:
        return registry.load(name, registry.best(name) or "latest")
    if not NUMBER.fullmatch(version) and version not in WORDS:
        raise InputError(f"model {label!r}: write a name, such as audio, or name@3, name@latest or name@best")
    return registry.load(name, WORDS.get(version) or int(version))


def number_of(registry: ModelRegistry, name: str, version: Version, found: Sequence[int]) -> int:
    """Return the number of one of the versions `found`, however it was asked for.

    Raises
    ------
    ModelNotFoundError
        If it is not there; the message says what is.
    """
    if isinstance(version, int):
        wanted: int | None = version
    else:
        wanted = registry.best(name) if version == "best" else max(found, default=None)
    if wanted is None or wanted not in found:
        raise ModelNotFoundError(_not_found(registry, name, version if wanted is None else wanted, found))
    return wanted


def _not_found(registry: ModelRegistry, name: str, version: Version, found: Sequence[int]) -> str:
    if found and version == "best":
        return f"no version of model {name!r} has been promoted yet: ask for {name}@latest, or run `segue train`"
    if found:
        return f"model {name!r} has no version {version}, but {', '.join(map(str, found))}"
    names = registry.names()
    if names:
        return f"no model {name!r} is registered, but {', '.join(names)}; `segue train --help` names what can be"
    return (
        f"no model is in {registry.where} yet: run `segue train` (after `segue features`), or set SEGUE_STORE or"
        " SEGUE_VAR to where one is"
    )
