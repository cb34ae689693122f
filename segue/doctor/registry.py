"""Whether there is a model to recommend with."""

from __future__ import annotations

import os

from segue.doctor.disk import first_there
from segue.doctor.finding import Finding, fix, note, ok
from segue.registry import FolderRegistry, open_registry
from segue.settings import Settings


def check_registry(settings: Settings) -> Finding:
    """Look at the version of each model that recommends: the best one, or the latest where none was promoted."""
    registry = open_registry(settings)
    if isinstance(registry, FolderRegistry) and not os.access(first_there(registry.root), os.W_OK | os.X_OK):
        return fix(f"{registry.root} cannot be written to: set SEGUE_VAR to a folder of yours")
    labels = []
    for name in registry.names():
        best = registry.best(name)
        model = registry.load(name, best or "latest")
        labels.append(f"{model.label}{'' if best is None else ' (best)'}")
    if not labels:
        return note(f"{registry.where} has no model yet: `segue train` makes one")
    return ok(f"{registry.where} has {', '.join(labels)}")
