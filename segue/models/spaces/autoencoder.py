"""The autoencoder space: what is left of the sound in six numbers from which it can be told again."""

from __future__ import annotations

import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPRegressor

from segue.models.spaces.audio import AudioSpace
from segue.models.spaces.cosine import DenseSpace
from segue.models.vectors import unit_rows

HIDDEN = 32
LATENT = 6
BATCH = 256
MOST_PASSES = 200
SHARE_TO_VALIDATE = 0.1
LEAST_TO_VALIDATE = 50
"""With fewer recordings there is too little to hold out: then all are trained on."""


class AutoencoderSpace(DenseSpace):
    """Cosine in the narrow middle of a network that was trained to reproduce the 13 audio features.

    Attributes
    ----------
    network_ : MLPRegressor
        13 → 32 → 6 → 32 → 13, trained until the loss on a tenth of the recordings that it does not see stops falling.
    """

    def fit(self, audio: AudioSpace) -> AutoencoderSpace:
        """Train the network on normal scores, and place the recordings by its middle layer."""
        scores = audio.normal_scores_
        self.network_ = MLPRegressor(
            hidden_layer_sizes=(HIDDEN, LATENT, HIDDEN),
            activation="tanh",
            batch_size=min(BATCH, max(1, int((1 - SHARE_TO_VALIDATE) * len(scores)))),
            early_stopping=len(scores) >= LEAST_TO_VALIDATE,
            validation_fraction=SHARE_TO_VALIDATE,
            n_iter_no_change=3,
            tol=1e-3,
            max_iter=MOST_PASSES,
            random_state=0,
        )
        with warnings.catch_warnings():
            # As many steps as there are is one way to stop.
            warnings.simplefilter("ignore", ConvergenceWarning)
            self.network_.fit(scores, scores)
        hidden = np.tanh(scores @ self.network_.coefs_[0] + self.network_.intercepts_[0])
        latent = np.tanh(hidden @ self.network_.coefs_[1] + self.network_.intercepts_[1])
        self.place(unit_rows(latent - latent.mean(axis=0)))
        return self
