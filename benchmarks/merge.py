"""Merging the datasets of SEGUE_DATA_DIR, reading included, beside only reading the same files."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from benchmarks.measure import Ratio, compare
from feature_pipeline.merging import merge
from feature_pipeline.reading import read_source
from feature_pipeline.recognition import recognize
from segue.console import note
from segue.settings import load_settings


def ratios() -> Iterator[Ratio]:
    """Compare on every CSV file of tracks; nothing where there is no folder of datasets."""
    folder = load_settings().data_dir
    if folder is None:
        note("SEGUE_DATA_DIR is not set: merging datasets is not measured")
        return
    found = recognize(sorted(folder.glob("*.csv"))).taken
    files = [path for _, paths in found for path in paths]

    def read_only() -> None:
        for path in files:
            pd.read_csv(path)

    yield compare(
        f"merge {len(files)} files of tracks",
        lambda: merge([read_source(*one) for one in found]),
        "pandas.read_csv of them",
        read_only,
    )
