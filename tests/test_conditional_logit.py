"""The conditional logit, on choices of which the weights are known."""

from __future__ import annotations

import numpy as np
import pytest

from segue.models.conditional_logit import Choice, fit_choices

TRUE = np.array([2.0, -1.0, 0.0], np.float32)
COUNT, ALTERNATIVES = 2000, 12


def choices() -> list[Choice]:
    """Return what listeners of these weights choose, each one of twelve alternatives."""
    random = np.random.default_rng(0)
    made = []
    for _ in range(COUNT):
        features = random.normal(size=(ALTERNATIVES, 3)).astype(np.float32)
        chosen = int((features @ TRUE + random.gumbel(size=ALTERNATIVES)).argmax())
        order = np.argsort(np.arange(ALTERNATIVES) != chosen, kind="stable")
        made.append(Choice(features[order], np.zeros(ALTERNATIVES, np.float32), 1))
    return made


def test_the_weights_that_choices_were_made_by_are_found() -> None:
    """Whatever the scale of a feature is: ten times the feature is a tenth of the weight."""
    assert fit_choices(choices(), penalty=1e-6) == pytest.approx(TRUE, abs=0.15)
    scale = np.array([10, 1, 1], np.float32)
    scaled = [Choice(one.features * scale, one.log_weights, 1) for one in choices()]
    assert fit_choices(scaled, penalty=1e-6) == pytest.approx(TRUE / scale, abs=0.15)


@pytest.mark.parametrize("size", [0.0, 1.0, 1e4])
def test_what_varies_by_rounding_alone_has_no_weight(size: float) -> None:
    """Even where what is chosen always has the higher digit: elsewhere it may differ by a thousand times that."""
    made = []
    for one in choices()[:200]:
        noise = np.where(np.arange(ALTERNATIVES) < one.n_chosen, np.float32(1e-7), 0) * size
        constant = np.float32(size) + noise.astype(np.float32)
        made.append(Choice(np.column_stack([one.features, constant]), one.log_weights, one.n_chosen))
    assert fit_choices(made)[3] == 0
