"""All datasets of tracks, in the order in which a file is offered to them."""

from __future__ import annotations

from feature_pipeline.sources.generic import GENERIC, GENERIC_FEATURES, GENERIC_NAMES
from feature_pipeline.sources.hit_predictor import HIT_PREDICTOR
from feature_pipeline.sources.maharshipandya import MAHARSHIPANDYA
from feature_pipeline.sources.rodolfofigueroa import RODOLFOFIGUEROA, RODOLFOFIGUEROA_PART
from feature_pipeline.sources.source import TrackSource
from feature_pipeline.sources.thedevastator import THEDEVASTATOR
from feature_pipeline.sources.tidytuesday import TIDYTUESDAY
from feature_pipeline.sources.tomigelo import TOMIGELO
from feature_pipeline.sources.tonygordonjr import TONYGORDONJR, TONYGORDONJR_JOINED
from feature_pipeline.sources.yamaerenay import YAMAERENAY, YAMAERENAY_UNNAMED

TRACK_SOURCES: tuple[TrackSource, ...] = (
    MAHARSHIPANDYA,
    THEDEVASTATOR,
    TOMIGELO,
    HIT_PREDICTOR,
    TIDYTUESDAY,
    RODOLFOFIGUEROA,
    RODOLFOFIGUEROA_PART,
    YAMAERENAY,
    TONYGORDONJR_JOINED,
    # Whatever names its tracks is taken whole; only then come the files that hold features without names.
    GENERIC,
    TONYGORDONJR,
    YAMAERENAY_UNNAMED,
    GENERIC_NAMES,
    GENERIC_FEATURES,
)
