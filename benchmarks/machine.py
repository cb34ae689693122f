"""What a measurement was taken on, and with."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path

LIBRARIES = ("numpy", "scikit-learn", "pandas", "pyarrow", "faiss-cpu")
ROOT = Path(__file__).parents[1]


def surroundings() -> dict[str, str]:
    """Return what decides how fast a program is, by name."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "processor": f"{_processor()}, {os.cpu_count()} cores",
        "memory": f"{memory / 2**30:.0f} GB",
        "system": platform.platform(),
        "Python": platform.python_version(),
        **{name: version(name) for name in LIBRARIES},
        "date": f"{datetime.now(timezone.utc):%Y-%m-%d %H:%M} UTC",
        "commit": _commit(),
    }


def _processor() -> str:
    """Return the processor's name; Python itself knows it on no Linux."""
    facts = Path("/proc/cpuinfo")
    found = re.search(r"^model name\s*: (.+)$", facts.read_text(), re.MULTILINE) if facts.exists() else None
    return found[1] if found else platform.processor() or platform.machine()


def _commit() -> str:
    """Return the commit that is measured; what is written of it in docs/benchmarks.md is no change of it."""
    try:
        commit = _git("rev-parse", "--short", "HEAD")
        changed = _git("status", "--porcelain", "--untracked-files=no", "--", ".", ":!docs/benchmarks.md")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return f"{commit}, with changes" if changed else commit


def _git(*arguments: str) -> str:
    return subprocess.run(
        ["git", "-C", str(ROOT), *arguments],  # noqa: S607 - whichever git there is
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
