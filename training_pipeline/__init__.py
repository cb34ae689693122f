"""The training pipeline: feature groups → a registered model."""
