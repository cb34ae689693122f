"""The last runs for people: in words, and as a page of Markdown with tables and a plot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from segue.runs import Run

METRICS = {"playlists": ",.0f", "recall_at_100": ".3f", "ndcg_at_500": ".3f", "clicks": ".2f"}
"""What is shown of each set that a model was measured on, and how it is written; docs/quality.md explains them."""

GREEN = '%%{init: {"themeVariables": {"xyChart": {"plotColorPalette": "#2f9e66"}}}}%%'
"""Bars that are seen on light and on dark pages; Mermaid's own are nearly white."""

FAILED = "**failed, or still under way**"


def counts(run: Run) -> dict[str, int]:
    """Return what a run counted."""
    found = run.report.get("written", run.report)
    return {
        name.removeprefix("n_").replace("_", " "): value
        for name, value in found.items()
        if isinstance(value, int) and not isinstance(value, bool)
    }


def as_row(run: Run) -> tuple[str, str, str, str, str]:
    """Return a run as cells: pipeline, status, when it began (UTC), how long it took, what it counted."""
    counted = ", ".join(f"{value:,} {name}" for name, value in counts(run).items())
    return run.pipeline, run.status, f"{run.started_at:%Y-%m-%d %H:%M}", f"{run.seconds:.0f} s", counted


def as_page(runs: Sequence[Run]) -> str:
    """Return the runs as Markdown, as GitHub shows it."""
    return "\n\n".join(part for run in runs for part in _section(run))


def _section(run: Run) -> list[str]:
    when = f"began {run.started_at:%d %B %Y, %H:%M} UTC, took {run.seconds:.0f} s"
    parts = [f"## {run.pipeline}", f"{'Done' if run.status == 'done' else FAILED}: {when}."]
    if counted := counts(run):
        parts.append(_table(["", "count"], [[name, f"{value:,}"] for name, value in counted.items()]))
    # A made-up catalog counts no sources, and neither does a run that has failed.
    if sources := run.report.get("tracks", {}):
        parts += _sources(sources) if isinstance(sources, dict) else []
    return parts + (_model(run.report) if run.pipeline == "train" else [])


def _sources(merged: Mapping[str, Any]) -> list[str]:
    rows = [
        [one["name"], f"{one['rows']:,}", f"{sum(one['dropped'].values()):,}", f"{one['recordings']:,}"]
        for one in merged.get("sources", ())
    ]
    return [_table(["dataset", "rows", "dropped", "recordings"], rows)]


def _model(report: Mapping[str, Any]) -> list[str]:
    if "model" not in report:
        return []
    verdict = "is the best version now" if report["promoted"] else "did not become the best version"
    parts = [f"**{report['model']}** {verdict}:", "\n".join(f"- {_plain(reason)}" for reason in report["reasons"])]
    sets: dict[str, dict[str, float]] = {}
    for name, value in report["metrics"].items():
        key, _, metric = name.rpartition("/")
        sets.setdefault(key, {})[metric] = value
    if sets:
        rows = [[key, *(format(of[name], form) for name, form in METRICS.items())] for key, of in sets.items()]
        parts += [_table(["set", *METRICS], rows), _plot({key: of["recall_at_100"] for key, of in sets.items()})]
    return parts


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---", *("--:" for _ in heads[1:])], *rows]
    return "\n".join(f"| {' | '.join(map(_plain, line))} |" for line in lines)


def _plot(recall: Mapping[str, float]) -> str:
    """Return a bar chart in Mermaid's notation: a summary of GitHub's shows no image that is not on the web."""
    names = ", ".join(f'"{_plain(name)}"' for name in recall)
    bars = ", ".join(f"{value:.3f}" for value in recall.values())
    return (
        f"```mermaid\n{GREEN}\nxychart-beta horizontal\n"
        f'    title "Recall@100, by the set that it was measured on"\n    x-axis [{names}]\n'
        f'    y-axis "share of the hidden tracks among the first 100" 0 --> 1\n    bar [{bars}]\n```'
    )


def _plain(text: str) -> str:
    """Return text that ends neither a cell nor a name: files, which collections are called after, have any name."""
    return text.replace("|", "¦").replace('"', "'").replace("`", "'").replace("\n", " ")
