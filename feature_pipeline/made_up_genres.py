"""What typical music of a genre measures, and which genres share listeners; round figures of what is heard."""

from __future__ import annotations

from segue.groups import AUDIO_FEATURES

TRAITS = (*(name for name in AUDIO_FEATURES if name not in {"key", "time_signature"}), "popularity", "year")
"""What a genre has a typical value of."""
# fmt: off
GENRES: dict[str, tuple[float, ...]] = {
    # dance, energy, loudness, mode, speech, acoustic, instrumental, live, valence, tempo, length, popularity, year
    "indie":      (0.58, 0.55,  -8.0, 0.70, 0.04, 0.35, 0.05, 0.15, 0.45, 118, 215e3, 50, 2014),
    "folk":       (0.55, 0.40, -10.5, 0.80, 0.04, 0.70, 0.04, 0.15, 0.45, 112, 225e3, 42, 2004),
    "hip-hop":    (0.78, 0.68,  -6.0, 0.50, 0.22, 0.15, 0.01, 0.18, 0.52, 100, 205e3, 58, 2013),
    "metal":      (0.42, 0.92,  -5.0, 0.55, 0.09, 0.01, 0.20, 0.22, 0.30, 130, 260e3, 45, 2003),
    "jazz":       (0.52, 0.30, -13.0, 0.60, 0.05, 0.80, 0.30, 0.14, 0.45, 108, 270e3, 32, 1978),
    "classical":  (0.32, 0.12, -22.0, 0.65, 0.05, 0.95, 0.80, 0.11, 0.18,  98, 290e3, 28, 1992),
    "electronic": (0.66, 0.74,  -6.5, 0.50, 0.07, 0.08, 0.30, 0.18, 0.40, 124, 225e3, 49, 2016),
    "techno":     (0.74, 0.80,  -8.5, 0.45, 0.06, 0.03, 0.80, 0.11, 0.28, 130, 340e3, 38, 2015),
    "latin":      (0.76, 0.74,  -5.2, 0.50, 0.09, 0.22, 0.01, 0.16, 0.68,  98, 215e3, 60, 2015),
    "k-pop":      (0.67, 0.78,  -4.5, 0.55, 0.08, 0.15, 0.00, 0.18, 0.60, 122, 200e3, 61, 2018),
    "soul":       (0.62, 0.45,  -9.0, 0.60, 0.05, 0.50, 0.02, 0.14, 0.58, 104, 210e3, 44, 1984),
    "punk-rock":  (0.48, 0.93,  -4.8, 0.75, 0.07, 0.01, 0.01, 0.25, 0.58, 158, 165e3, 43, 1999),
}
SPREADS =         (0.09, 0.11,   2.0, 0.00, 0.03, 0.13, 0.12, 0.07, 0.14,  16,  35e3, 16, 7)
LOWS =            (0.05, 0.01, -45.0, 0.00, 0.02, 0.00, 0.00, 0.02, 0.02,  55,  60e3,  1, 1955)
HIGHS =           (0.97, 0.99,  -0.5, 1.00, 0.60, 0.99, 0.97, 0.90, 0.98, 210, 720e3, 97, 2024)
# fmt: on
NEIGHBORS = {
    "indie": "folk",
    "folk": "indie",
    "hip-hop": "soul",
    "metal": "punk-rock",
    "jazz": "soul",
    "classical": "jazz",
    "electronic": "techno",
    "techno": "electronic",
    "latin": "hip-hop",
    "k-pop": "electronic",
    "soul": "jazz",
    "punk-rock": "metal",
}  # fmt: skip
"""The genre that shares listeners with each genre."""
