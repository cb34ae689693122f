"""What `segue evaluate` shows: tables, a document for machines, and a picture."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from segue.console import print_table
from segue.errors import InputError
from training_pipeline.evaluation.comparison import Comparison
from training_pipeline.measure import Measured
from training_pipeline.svg import Bar, Panel, draw

COLUMNS = {
    "R@100": "recall_at_100",
    "NDCG@500": "ndcg_at_500",
    "clicks": "clicks",
    "R-precision": "r_precision",
    "R@10": "recall_at_10",
    "R@500": "recall_at_500",
    "artists": "artists_at_100",
    "popularity": "popularity_at_100",
    "similarity": "similarity_at_100",
}
DECIMALS = {"clicks": 2, "artists": 1, "popularity": 3, "similarity": 3}
MAIN = "recall_at_100"


def print_comparisons(comparisons: Sequence[Comparison], ours: str) -> None:
    """Print one table for each set, and what our model reaches of the best other method."""
    for comparison in comparisons:
        rows = [(name, *_cells(measured)) for name, measured in comparison.measured.items()]
        print_table(_title(comparison, ours), ("method", *COLUMNS, "coverage"), rows, numeric=True)


def print_sets(title: str, metrics: Mapping[str, float]) -> None:
    """Print one model's means on each set, from metrics named ``<set>/<metric>``."""
    sets: dict[str, dict[str, float]] = {}
    for name, value in metrics.items():
        key, _, metric = name.rpartition("/")
        sets.setdefault(key, {})[metric] = value
    rows = [(key, f"{found['playlists']:,.0f}", *_means(found)) for key, found in sets.items()]
    print_table(title, ("set", "playlists", *COLUMNS), rows, numeric=True)


def as_document(comparisons: Sequence[Comparison], ours: str) -> dict[str, Any]:
    """Return the same as a document."""
    sets = {}
    for comparison in comparisons:
        best, ratio = against_best(comparison, ours)
        sets[comparison.key] = {
            "setting": comparison.setting,
            "collection": comparison.collection,
            "learned_on": comparison.learned_on or None,
            "methods": {name: measured.summary() for name, measured in comparison.measured.items()},
            "best_other": best,
            "of_best_other": ratio,
        }
    return {"model": ours, "sets": sets}


def check_picture(path: Path) -> Path:
    """Return `path` if a picture can be written there; asked before the work, not after it.

    Raises
    ------
    InputError
        If it is no SVG file, or its folder does not exist or cannot be written to.
    """
    if path.suffix.lower() != ".svg":
        raise InputError("pictures are written as SVG: name a file that ends in .svg", file=path)
    if not path.parent.is_dir():
        raise InputError(f"there is no folder {path.parent}", file=path)
    if path.is_dir():
        raise InputError("is a folder: name a file", file=path)
    try:
        # Only writing tells whether one may; nothing of this stays.
        with tempfile.TemporaryFile(dir=path.parent):
            return path
    except OSError as error:
        raise InputError(f"nothing can be written to {path.parent}: {error.strerror or error}", file=path) from error


def picture(comparisons: Sequence[Comparison], ours: str) -> str:
    """Return a picture of recall@100, set by set, as SVG."""
    panels = [Panel(one.setting, _bars(one, ours), _notes(one)) for one in comparisons]
    return draw("Share of the hidden tracks among the first 100 (line: 95 % interval)", panels)


def against_best(comparison: Comparison, ours: str) -> tuple[str | None, float | None]:
    """Return the other method that finds most in 100, and our recall as a multiple of its."""
    found = {name: measured.summary().get(MAIN, 0.0) for name, measured in comparison.measured.items()}
    others = {name: value for name, value in found.items() if name != ours}
    if ours not in found or not others:
        return None, None
    best = max(others, key=lambda name: others[name])
    return best, found[ours] / others[best] if others[best] else None


def _bars(comparison: Comparison, ours: str) -> list[Bar]:
    summaries = {name: measured.summary() for name, measured in comparison.measured.items()}
    return [
        Bar(name, summary[MAIN], summary[f"{MAIN}_interval"], ours=name == ours) for name, summary in summaries.items()
    ]


def _title(comparison: Comparison, ours: str) -> str:
    best, ratio = against_best(comparison, ours)
    reached = "" if ratio is None else f"; {ours} finds {ratio:.2f} times what {best} finds in 100"
    return f"{_set(comparison)}{reached}"


def _set(comparison: Comparison) -> str:
    learned = f"learned on {comparison.learned_on or 'no playlists'}"
    return f"{comparison.setting}: {comparison.collection}, {learned}, {_n_playlists(comparison):,} playlists"


def _notes(comparison: Comparison) -> list[str]:
    tested = f"{comparison.collection}, {_n_playlists(comparison):,} playlists"
    return [tested, f"learned on {comparison.learned_on or 'no playlists'}"]


def _n_playlists(comparison: Comparison) -> int:
    return max((len(measured.results) for measured in comparison.measured.values()), default=0)


def _cells(measured: Measured) -> list[str]:
    return [*_means(measured.summary()), f"{measured.coverage:.3f}"]


def _means(summary: Mapping[str, float]) -> list[str]:
    return [_cell(summary[key], summary[f"{key}_interval"], DECIMALS.get(title, 4)) for title, key in COLUMNS.items()]


def _cell(value: float, interval: float, decimals: int) -> str:
    return f"{value:.{decimals}f} ±{interval:.{min(decimals, 3)}f}"
