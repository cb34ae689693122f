"""Whether a version is worse than another one beyond noise, playlist by playlist."""

from __future__ import annotations

import math

import pandas as pd
from scipy.stats import t as student

from training_pipeline.evaluation.standard import LEAST
from training_pipeline.results import KEY

JUDGED = {"recall_at_100": 1, "ndcg_at_500": 1, "clicks": -1}
"""The metrics that decide, and whether more is better (1) or less (-1)."""
FALSE_ALARMS = 0.05
"""How often at most a version that is as good is refused, for all sets and metrics together."""


def worse(new: pd.DataFrame, before: pd.DataFrame) -> list[str]:
    """Return a line for each set and metric that is worse in `new`, and for each set that is missing from it.

    Each metric of each set is a paired one-sided t-test over the playlists that both were tested on. There are two
    dozen of them as a rule, and at 2.5 % each a version that is just as good would often fail one. So they share
    `FALSE_ALARMS` evenly (Bonferroni): all of them hold together, however they depend on one another.

    Parameters
    ----------
    new, before : DataFrame
        As `results_of` returns them.
    """
    pairs = new.merge(before, on=KEY, suffixes=("", "_before"))
    by_set = {str(key): part for key, part in pairs.groupby("set", sort=False) if len(part) >= LEAST}
    unmet = [key for key in sorted(set(before["set"])) if key not in by_set]
    lines = [f"{key}: not measured on the same playlists, so that nobody knows whether it is worse" for key in unmet]
    metrics = [metric for metric in JUDGED if f"{metric}_before" in pairs]
    level = 1 - FALSE_ALARMS / max(1, len(by_set) * len(metrics))
    for key, part in by_set.items():
        for metric in metrics:
            loss = JUDGED[metric] * (part[f"{metric}_before"] - part[metric])
            noise = float(student.ppf(level, len(loss) - 1) * loss.std()) / math.sqrt(len(loss))
            # What is missing is not as good either.
            if not loss.mean() <= noise:
                lines.append(
                    f"{key}: {metric} is {loss.mean():.4f} worse on {len(loss)} playlists, beyond noise (±{noise:.4f}),"
                )
    return lines
