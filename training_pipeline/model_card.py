"""The model card: what a version is, what it was measured at, and for what it is good, as Markdown with plots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from training_pipeline.measure import Measured
from training_pipeline.svg import Bar, Chart, draw

CARD = "README.md"
RECALL = "recall.svg"
SPREAD = "spread.svg"
COLUMNS = {
    "R@100": ("recall_at_100", 4),
    "NDCG@500": ("ndcg_at_500", 4),
    "clicks": ("clicks", 2),
    "R-precision": ("r_precision", 4),
    "artists in 100": ("artists_at_100", 1),
    "popularity": ("popularity_at_100", 3),
}
STEPS = np.array([0.0, 1e-9, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0 + 1e-9])

TEXT = """# Model card: {name}

Recommends recordings to a listener from the tracks that they like, with a reason for each.

{verdict}

## What it was fitted on

{facts}

Only public datasets: nothing that a listener of this installation has played went into it. It can recommend the
recordings of its catalog and no others, and knows public playlists better than people who are not in them.

## What was measured

Half of each test playlist was known, the other half was to be found; ± is a 95 % interval. Warm: tested on other
playlists of the collection that it learned from. Cold: the tracks to find were on no training playlist. Transfer:
learned on one collection, tested on another, which is nearest to what an installation of its own listeners meets.
None: no playlists to learn from. Each row was learned anew without the playlists that it was tested on; the
registered version learned from all of them.

{table}
{plots}
"""


def write_card(  # noqa: PLR0913, PLR0917 - all that a card tells
    folder: Path,
    name: str,
    sets: Mapping[str, Measured],
    schema: Mapping[str, Any],
    promoted: bool,
    reasons: Sequence[str],
) -> None:
    """Write the card of a version and its plots into `folder`."""
    plots = ""
    if sets:
        (folder / RECALL).write_text(draw([_recall(sets)]), encoding="utf-8")
        (folder / SPREAD).write_text(draw([_spread(key, measured) for key, measured in sets.items()]), encoding="utf-8")
        plots = f"\n![Recall@100 on each set]({RECALL})\n\n![How recall@100 is spread over playlists]({SPREAD})"
    text = TEXT.format(
        name=name,
        verdict=_verdict(promoted, reasons),
        facts="\n".join(f"- {key.replace('_', ' ')}: {_value(value)}" for key, value in schema.items()),
        table=_table(sets),
        plots=plots,
    )
    (folder / CARD).write_text(text, encoding="utf-8")


def _verdict(promoted: bool, reasons: Sequence[str]) -> str:
    head = "It became the best version when it was registered:" if promoted else "It did not become the best version:"
    return "\n".join([head, "", *(f"- {reason}" for reason in reasons)])


def _value(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_value(one)}" for key, one in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return f"{value:,}" if isinstance(value, int) else str(value)


def _table(sets: Mapping[str, Measured]) -> str:
    if not sets:
        return "Nothing: there were too few public playlists."
    lines = [f"| set | playlists | {' | '.join(COLUMNS)} |", "|---" * (len(COLUMNS) + 2) + "|"]
    for key, measured in sets.items():
        summary = measured.summary()
        cells = [f"{summary[metric]:.{n}f} ±{summary[f'{metric}_interval']:.{n}f}" for metric, n in COLUMNS.values()]
        lines.append(f"| {key} | {len(measured.results)} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _recall(sets: Mapping[str, Measured]) -> Chart:
    summaries = {key: measured.summary() for key, measured in sets.items()}
    bars = [
        Bar(key, summary["recall_at_100"], summary["recall_at_100_interval"], ours=True)
        for key, summary in summaries.items()
    ]
    return Chart("Recall@100", bars)


def _spread(key: str, measured: Measured) -> Chart:
    counts, _ = np.histogram(measured.results["recall_at_100"], bins=STEPS)
    labels = ["nothing found", *(f"up to {step:.0%}" for step in STEPS[2:])]
    return Chart(
        f"{key}: playlists by recall@100", [Bar(*pair) for pair in zip(labels, map(float, counts), strict=True)]
    )
