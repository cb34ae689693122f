"""What every part of Segue speaks: settings, errors, feature groups, store, registry, models and Spotify."""

__version__ = "0.1.0"
