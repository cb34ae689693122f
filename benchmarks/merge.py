"""Merging the datasets of tracks in SEGUE_DATA_DIR, reading and cleaning included, beside only reading the same files.

Memory is the most that a new process takes beyond what it has after its imports.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import ftfy  # noqa: F401 - imported where it is first used, which is no part of what is measured
import pandas as pd

from benchmarks.measure import Ratio, compare
from feature_pipeline.merging import Catalog, merge
from feature_pipeline.reading import read_source
from feature_pipeline.recognition import recognize
from segue.errors import SettingsError
from segue.settings import load_settings

STATUS = Path("/proc/self/status")


def ratios() -> Iterator[Ratio]:
    """Compare time with pandas' and memory with the size of the files."""
    files = _files()
    yield compare(
        "merge all datasets of tracks, reading included",
        lambda: merge_all(files),
        "pandas.read_csv of the same files",
        lambda: [pd.read_csv(path) for path in files],
        floor=4,
        goal=2.5,
        note=f"{len(files)} files, {len(merge_all(files).tracks):,} tracks",
    )
    if not STATUS.exists():
        raise SettingsError("the peak memory of merging is measured on Linux only")
    yield Ratio(
        "its peak memory",
        "size of the files",
        _peak(files),
        sum(path.stat().st_size for path in files) / 1e6,
        14,
        8,
        "MB",
    )


def merge_all(files: Sequence[Path]) -> Catalog:
    """Read files and merge them."""
    return merge([read_source(*found) for found in recognize(files).taken])


def resident(what: str) -> float:
    """Return the memory of this process in MB: what it has (``"RSS"``), or the most that it has had (``"HWM"``)."""
    found = re.search(rf"^Vm{what}:\s+(\d+) kB$", STATUS.read_text(), re.MULTILINE)
    return int(found[1]) * 1.024e-3 if found else 0.0


def _files() -> list[Path]:
    folder = load_settings().data_dir
    if folder is None:
        raise SettingsError("SEGUE_DATA_DIR is not set to a folder of datasets")
    return [path for _, paths in recognize(sorted(folder.glob("*.csv"))).taken for path in paths]


def _peak(files: Sequence[Path]) -> float:
    """Return the megabytes that merging takes, in a process of its own."""
    code = (
        "import sys; from pathlib import Path; from benchmarks.merge import merge_all, resident\n"
        "before = resident('RSS'); merge_all([Path(path) for path in sys.argv[1:]]); print(resident('HWM') - before)"
    )
    command = [sys.executable, "-c", code, *map(str, files)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
