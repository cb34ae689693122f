"""What the first night leaves, for topics that measure what comes afterwards."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from segue.console import note
from segue.registry import FolderRegistry
from segue.settings import Settings, load_settings

SEGUE = (sys.executable, "-m", "segue")
NOWHERE = "http://127.0.0.1:9"


@contextmanager
def finished_var() -> Iterator[Settings]:
    """Lend a copy of a finished `var`: of ``SEGUE_VAR``, or where nothing is finished there of the made-up catalog."""
    with TemporaryDirectory() as folder:
        var = Path(folder) / "var"
        lent = load_settings()
        if "hybrid" in FolderRegistry(lent.models_dir).names():
            shutil.copytree(lent.var, var)
        else:
            note("  nothing is finished in SEGUE_VAR: a night with the made-up catalog comes first")
            command = [*SEGUE, "sandbox", "--", *SEGUE, "nightly"]
            subprocess.run(command, check=True, capture_output=True, env=surroundings(var))
        yield Settings(SEGUE_VAR=var, SEGUE_STORE=embedded_store(var))


def embedded_store(var: Path) -> str:
    """Return the address of the store in `var`: named, so that no other one that is set anywhere is written to."""
    return f"sqlite:///{var.absolute()}/segue.db"


def surroundings(var: Path, **settings: str) -> dict[str, str]:
    """Return the environment of a program that works on `var` alone, with no settings but these and no network."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SEGUE_", "SPOTIFY_", "SPACE_"))}
    offline = {"HF_ENDPOINT": NOWHERE, "HTTPS_PROXY": NOWHERE, "https_proxy": NOWHERE}
    own = {"SEGUE_VAR": str(var.absolute()), "SEGUE_STORE": embedded_store(var)}
    return {**kept, **offline, **own, **settings}
