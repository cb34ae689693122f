"""The promotion gate: a new version is registered always, and becomes the best only if it is no worse."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from segue.console import note
from segue.errors import ModelNotFoundError, UnusableModelError
from segue.models.blend import Blend
from segue.models.map import write_map
from segue.models.mapping import draw_map
from segue.registry import INPUT_EXAMPLE, Model, ModelRegistry
from training_pipeline.comparing import worse
from training_pipeline.floors import missed
from training_pipeline.measure import Measured
from training_pipeline.model_card import write_card
from training_pipeline.results import RESULTS, read_results, results_of, sets_of


@dataclass(frozen=True)
class Verdict:
    """Whether a version becomes the best.

    Attributes
    ----------
    promoted : bool
    reasons : tuple of str
        Why not; or, where it is promoted, what it was compared with.
    """

    promoted: bool
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Registered:
    """A registered version and what the gate said.

    Attributes
    ----------
    model : Model
    verdict : Verdict
    """

    model: Model
    verdict: Verdict


def register(
    registry: ModelRegistry, name: str, fitted: Blend, sets: Mapping[str, Measured], schema: Mapping[str, Any]
) -> Registered:
    """Register a version with its measurements and its card, and promote it if it passes the gate.

    Parameters
    ----------
    registry : ModelRegistry
    name : str
        Of the model.
    fitted : Blend
    sets : mapping of str to Measured
        What was measured, as `measure_sets` returns it.
    schema : mapping
        What the model was fitted on and with.

    Raises
    ------
    RegistryError
        If it cannot be written; nothing is half-registered, and the present best stays.
    """
    verdict = judge(registry, name, sets)
    note("Drawing the map")
    positions = draw_map(fitted)

    def write(folder: Path) -> None:
        fitted.save(folder)
        if positions is not None:
            write_map(folder, positions)
        results_of(sets).to_parquet(folder / RESULTS, index=False)
        write_card(folder, name, fitted, sets, schema, verdict.promoted, verdict.reasons)
        example = [fitted.recordings[0].decode("ascii"), 1.0]  # a recording, and how much a listener likes it
        (folder / INPUT_EXAMPLE).write_text(json.dumps(example), encoding="utf-8")

    model = registry.save(name, write, flat_metrics(sets), schema)
    if verdict.promoted:
        registry.promote(model)
    return Registered(model, verdict)


def judge_again(registry: ModelRegistry, model: Model) -> Registered:
    """Judge a registered version by what was measured then, and promote it if it passes: its run was cut short.

    Raises
    ------
    RegistryError
        As `register`.
    """
    if registry.best(model.name) == model.version:
        return Registered(model, Verdict(promoted=True, reasons=("it had been promoted before its run was cut short",)))
    verdict = judge(registry, model.name, sets_of(read_results(model)))
    if verdict.promoted:
        registry.promote(model)
    return Registered(model, verdict)


def judge(registry: ModelRegistry, name: str, sets: Mapping[str, Measured]) -> Verdict:
    """Decide whether a version of model `name` with the measurements `sets` becomes the best.

    Raises
    ------
    RegistryError
        If the present best version cannot be reached: nobody knows then whether this one is worse.
    """
    faults = missed(name, sets)
    compared = "there was no best version before"
    try:
        present = _present_best(registry, name)
        if present is not None:
            compared = f"on no set worse than {present.label} beyond noise"
            faults += [f"{line} than {present.label}" for line in worse(results_of(sets), read_results(present))]
            if faults and present.schema.get("n_listeners"):
                faults.append(f"so {present.label} stays, and what it learned from listeners who may have left since")
    except (ModelNotFoundError, UnusableModelError) as error:
        # What cannot be opened serves nobody: it must not stand in the way of what can.
        compared = f"nothing to compare with, as the best version before cannot be used: {error}"
    return Verdict(not faults, tuple(faults) or (compared,))


def flat_metrics(sets: Mapping[str, Measured]) -> dict[str, float]:
    """Return the means and intervals as ``<set>/<metric>``."""
    return {f"{key}/{name}": value for key, measured in sets.items() for name, value in measured.summary().items()}


def _present_best(registry: ModelRegistry, name: str) -> Model | None:
    """Return the version that serves now, if there is one; an error if it could not."""
    version = registry.best(name)
    if version is None:
        return None
    model = registry.load(name, version)
    Blend.load(model.path)
    return model
