"""The model card: what a version is, what it was measured at, and for what it is good, as Markdown with plots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator

from segue.models.blend import Blend
from segue.models.choice import LEARNING
from training_pipeline.floors import floors_of
from training_pipeline.measure import Measured
from training_pipeline.svg import Bar, Panel, draw

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
SHOWN_OF_HASH = 12
WORLDS = " A recording that is on some\ntraining playlist is weighed as *known*, any other as *unknown*."
BRACKETS = " In brackets: what a version must reach to become\nthe best."
ANEW = (
    "Each row was learned anew without the playlists that it was tested on; the registered version learned from\n"
    "all of them."
)
KNOWS_PLAYLISTS = (
    "- It knows the music that public playlists hold better than other music, and popular music better than rarities.\n"
    "  Where the catalog says nothing of genre, year or artist, only the sound is left, which alone finds little."
)
KNOWS_CATALOG = (
    "- It knows of a recording what the catalog says of it in this space, and nothing where that is missing."
)
UNCHANGED = "Playlists do not change this model: every row measures the registered version itself."
TEXT = (Path(__file__).parent / "model_card.md").read_text(encoding="utf-8")


def write_card(  # noqa: PLR0913, PLR0917 - all that a card tells
    folder: Path,
    name: str,
    fitted: Blend,
    sets: Mapping[str, Measured],
    schema: Mapping[str, Any],
    promoted: bool,
    reasons: Sequence[str],
) -> None:
    """Write the card of a version and its plots into `folder`."""
    plots = ""
    if sets:
        (folder / RECALL).write_text(draw("Recall@100", [_recall(sets)]), encoding="utf-8")
        spreads = [_spread(key, measured) for key, measured in sets.items()]
        (folder / SPREAD).write_text(draw("Playlists by recall@100", spreads), encoding="utf-8")
        plots = f"\n![Recall@100 on each set]({RECALL})\n\n![How recall@100 is spread over playlists]({SPREAD})"
    text = TEXT.format(
        name=name,
        verdict=_verdict(promoted, reasons),
        facts=_facts(name, schema),
        listeners=_listeners(name, schema.get("n_listeners", 0)),
        worlds=WORLDS if fitted.known is not None else "",
        spaces=_spaces(fitted),
        second=_second_stage(fitted),
        brackets=BRACKETS if any(floors_of(name, key) for key in sets) else "",
        table=_table(name, sets),
        anew=ANEW if name in LEARNING else UNCHANGED,
        plots=plots,
        knows=KNOWS_PLAYLISTS if name in LEARNING else KNOWS_CATALOG,
        libraries=_list(schema.get("libraries", {})),
    )
    (folder / CARD).write_text(text, encoding="utf-8")


def _verdict(promoted: bool, reasons: Sequence[str]) -> str:
    head = "It became the best version when it was registered:" if promoted else "It did not become the best version:"
    return "\n".join([head, "", *(f"- {reason}" for reason in reasons)])


def _facts(name: str, schema: Mapping[str, Any]) -> str:
    lines = [f"- {schema.get('n_recordings', 0):,} recordings (catalog {_short(schema.get('catalog'))})"]
    if name in LEARNING:
        lines += [f"- {n:,} public playlists of {source}" for source, n in schema.get("n_playlists", {}).items()]
    return "\n".join([*lines, f"- audio features: {', '.join(schema.get('features', []))}"])


def _listeners(name: str, n: int) -> str:
    if name not in LEARNING:
        return (
            "Only the catalog: no playlist, and nothing that a listener of this installation has played, went into it."
        )
    if not n:
        return "Only public datasets: nothing that a listener of this installation has played went into it."
    return (
        f"Beside public datasets, what {n} listeners of this installation have been playing went into it, as one "
        "playlist each and without who they are. Delete this version when one of them asks to be forgotten."
    )


def _spaces(fitted: Blend) -> str:
    """Return how much each space counts, in a column for each world, and what it was fitted with."""
    worlds = {world: weights for world, weights in vars(fitted.weights).items() if weights}
    heads = [f"weight, {world} recordings" if len(worlds) > 1 else "weight" for world in worlds]
    lines = [f"| space | {' | '.join(heads)} | parameters |", "|---" * (len(worlds) + 2) + "|"]
    for name, space in fitted.spaces.items():
        cells = [f"{weights[name]:.3f}" if name in weights else "–" for weights in worlds.values()]
        parameters = _list(space.get_params()) if isinstance(space, BaseEstimator) else ""
        lines.append(f"| {name} | {' | '.join(cells)} | {parameters or '–'} |")
    return "\n".join(lines)


def _second_stage(fitted: Blend) -> str:
    """Return in which worlds there is a second stage, as a paragraph; nothing where there is none."""
    learned = [] if fitted.second is None else [len(weights) for weights in fitted.second.weights]
    worlds = [
        f"{n} weights for {world} recordings" for world, n in zip(vars(fitted.weights), learned, strict=False) if n
    ]
    if not worlds:
        return ""
    return f"\nA second stage orders the likeliest anew, with what playlists taught it: {' and '.join(worlds)}.\n"


def _table(name: str, sets: Mapping[str, Measured]) -> str:
    if not sets:
        return "Nothing: there were too few public playlists."
    lines = [f"| set | playlists | {' | '.join(COLUMNS)} |", "|---" * (len(COLUMNS) + 2) + "|"]
    for key, measured in sets.items():
        cells = _cells(measured.summary(), floors_of(name, key))
        lines.append(f"| {key} | {len(measured.results)} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cells(summary: Mapping[str, float], floors: Mapping[str, str]) -> list[str]:
    return [
        f"{summary[metric]:.{n}f} ±{summary[f'{metric}_interval']:.{n}f}"
        + (f" ({floors[metric]})" if metric in floors else "")
        for metric, n in COLUMNS.values()
    ]


def _list(values: Mapping[str, object]) -> str:
    return ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in values.items())


def _short(digest: object) -> str:
    return str(digest)[:SHOWN_OF_HASH]


def _recall(sets: Mapping[str, Measured]) -> Panel:
    summaries = {key: measured.summary() for key, measured in sets.items()}
    bars = [
        Bar(key, summary["recall_at_100"], summary["recall_at_100_interval"], ours=True)
        for key, summary in summaries.items()
    ]
    return Panel("mean", bars)


def _spread(key: str, measured: Measured) -> Panel:
    counts, _ = np.histogram(measured.results["recall_at_100"], bins=STEPS)
    labels = ["nothing found", *(f"up to {step:.0%}" for step in STEPS[2:])]
    setting, _, collection = key.partition("/")
    return Panel(setting, [Bar(*pair) for pair in zip(labels, map(float, counts), strict=True)], [collection])
