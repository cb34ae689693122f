"""The models that Segue trains, as methods that can be compared with others."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from segue.models.blend import Blend
from segue.models.choice import LEARNING, check_space, fit_model
from segue.models.content import Content, place_by_content
from training_pipeline.evaluation.methods import Method
from training_pipeline.holdout import Rows


def our_method(name: str, content: Content | None = None) -> Method:
    """Return the model called `name` as a method.

    Parameters
    ----------
    name : str
        One of `segue.models.choice.SPACES`.
    content : Content, optional
        Where the catalog has been placed already.

    Raises
    ------
    InputError
        If there is none of that name.
    """
    check_space(name)
    placed = [] if content is None else [content]

    def fit(recordings: pd.DataFrame, playlists: Sequence[Rows]) -> Blend:
        # What the catalog alone says does not depend on the playlists: it is worked out once for all settings.
        if not placed or placed[0].recordings.frame is not recordings:
            placed[:] = [place_by_content(recordings)]
        return fit_model(name, placed[0], playlists)

    return Method(name, fit, learns=name in LEARNING, needs_playlists=name == "colisten")
