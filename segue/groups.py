"""The feature groups: each schema once. Every store is created from these, and checks each write and read by them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from segue.errors import SchemaError
from segue.quick_check import fits

if TYPE_CHECKING:
    from pandera.pandas import DataFrameSchema

Kind = Literal["text", "integer", "real32", "real64", "flag", "time"]

DTYPES: dict[Kind, Any] = {
    "text": pd.StringDtype("pyarrow"),
    "integer": pd.Int64Dtype(),
    "real32": "float32",
    "real64": "float64",
    "flag": pd.BooleanDtype(),
    "time": pd.DatetimeTZDtype("us", "UTC"),
}
"""The pandas dtype of each kind of column: the same on pandas 2 and 3, and able to say "missing" in every one."""

ID_PATTERN = r"^[0-9A-Za-z]{22}$"


@dataclass(frozen=True)
class Column:
    """One column of a feature group.

    Attributes
    ----------
    kind : Kind
        What it holds; ``DTYPES`` gives the pandas dtype.
    meaning : str
        What it means, with its unit.
    nullable : bool
        Whether a value may be missing.
    low, high : float, optional
        The closed range of its values.
    pattern : str, optional
        Regular expression that every value matches from its beginning.
    choices : tuple of str
        The values it may have; empty for any.
    """

    kind: Kind
    meaning: str
    nullable: bool = False
    low: float | None = None
    high: float | None = None
    pattern: str | None = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class FeatureGroup:
    """A table of the feature store.

    Attributes
    ----------
    name, version
        A change that old rows do not fit takes a new version.
    primary_key : tuple of str
        The columns that identify a row.
    meaning : str
        What one row is.
    columns : dict
        The columns, in order.
    """

    name: str
    version: int
    primary_key: tuple[str, ...]
    meaning: str
    columns: dict[str, Column] = field(hash=False)

    @cached_property
    def schema(self) -> DataFrameSchema:
        """The pandera schema that frames of this group must fit."""
        from pandera.pandas import Check, DataFrameSchema
        from pandera.pandas import Column as SchemaColumn

        def checks(column: Column) -> list[Check]:
            found = []
            if column.low is not None:
                found.append(Check.ge(column.low))
            if column.high is not None:
                found.append(Check.le(column.high))
            if column.pattern is not None:
                found.append(Check.str_matches(column.pattern))
            if column.choices:
                found.append(Check.isin(column.choices))
            return found

        return DataFrameSchema(
            {
                name: SchemaColumn(DTYPES[column.kind], checks(column), nullable=column.nullable)
                for name, column in self.columns.items()
            },
            strict=True,
            name=self.name,
        )

    def cast(self, frame: pd.DataFrame, columns: Iterable[str] | None = None) -> pd.DataFrame:
        """Return `frame` with the declared columns, in order and with their dtypes; nothing is checked yet.

        Raises
        ------
        SchemaError
            If a column is missing or its values cannot be converted.
        """
        names = list(self.columns if columns is None else columns)
        missing = [name for name in names if name not in frame.columns]
        if missing:
            raise SchemaError(f"feature group {self.name!r} needs column {missing[0]!r}, which the frame does not have")
        cast = {}
        for name in names:
            try:
                cast[name] = frame[name].astype(DTYPES[self.columns[name].kind])
            except (TypeError, ValueError) as error:
                raise SchemaError(f"feature group {self.name!r}, column {name!r}: {error}") from None
        return pd.DataFrame(cast, index=frame.index)

    def validate(self, frame: pd.DataFrame, columns: Iterable[str] | None = None) -> pd.DataFrame:
        """Return `frame` cast to the schema and checked against it; with `columns`, only to that part of it.

        Raises
        ------
        SchemaError
            Naming the group, the column, the first offending value and its row (from 1).
        """
        names = list(self.columns if columns is None else columns)
        cast = self.cast(frame, names).reset_index(drop=True)
        if not fits(cast, {name: self.columns[name] for name in names}):
            self._say_what_is_wrong(cast, names)
        if set(self.primary_key) <= set(names):
            self._check_keys(cast)
        return cast

    def _say_what_is_wrong(self, frame: pd.DataFrame, names: list[str]) -> None:
        from pandera.errors import SchemaError as PanderaError

        try:
            self.schema.select_columns(names).validate(frame)
        except PanderaError as error:
            raise SchemaError(f"feature group {self.name!r}, {_first_failure(error)}") from None

    def _check_keys(self, frame: pd.DataFrame) -> None:
        keys = list(self.primary_key)
        repeated = frame.duplicated(keys)
        if repeated.any():
            key = frame.loc[repeated, keys].iloc[0].to_dict()
            raise SchemaError(f"feature group {self.name!r}: {int(repeated.sum())} rows repeat a key, first {key}")


def _first_failure(error: Any) -> str:
    check = getattr(error.check, "error", None) or error.check
    column = f"column {getattr(error.schema, 'name', None)!r}"
    cases = error.failure_cases
    if not isinstance(cases, pd.DataFrame) or cases.empty:
        return f"{column}: {check}"
    first = cases.iloc[0]
    row = "" if pd.isna(first["index"]) else f", row {int(first['index']) + 1}"
    return f"{column}{row}: {first['failure_case']} is not {check} ({len(cases)} such)"


def _unit(meaning: str) -> Column:
    return Column("real32", meaning + ", 0 to 1", nullable=True, low=0, high=1)


AUDIO_FEATURES: dict[str, Column] = {
    "danceability": _unit("How suitable for dancing"),
    "energy": _unit("Intensity and activity"),
    "key": Column("real32", "Pitch class, 0 = C to 11 = B", nullable=True, low=0, high=11),
    "loudness": Column("real32", "Mean loudness in dB", nullable=True, low=-80, high=10),
    "mode": Column("real32", "1 = major, 0 = minor", nullable=True, low=0, high=1),
    "speechiness": _unit("Share of spoken words; above 0.66 it is talk"),
    "acousticness": _unit("Confidence that it is acoustic"),
    "instrumentalness": _unit("Confidence that nobody sings"),
    "liveness": _unit("Confidence that an audience is present"),
    "valence": _unit("Musical positiveness"),
    "tempo": Column("real32", "Beats per minute", nullable=True, low=1, high=300),
    "duration_ms": Column("real32", "Length in milliseconds", nullable=True, low=1),
    "time_signature": Column("real32", "Beats in a bar", nullable=True, low=1, high=7),
}
"""Spotify's 13 audio features; a failed analysis is missing (NaN), never zero."""

GRADUAL_FEATURES = tuple(
    name for name in AUDIO_FEATURES if name not in {"key", "mode", "duration_ms", "time_signature"}
)
"""The nine of which there is more or less in how a track sounds."""

_TRACK_ID = Column("text", "Spotify's id of the track", pattern=ID_PATTERN)
_LISTENER_ID = Column("text", "The listener's immutable Spotify account id")
_EXPIRES_AT = Column("time", "When this row must be gone")

TRACKS = FeatureGroup(
    "tracks",
    1,
    ("track_id",),
    "A track that may be recommended: the catalog.",
    {
        "track_id": _TRACK_ID,
        "recording_id": Column("text", "The track_id that stands for this performance", pattern=ID_PATTERN),
        "title": Column("text", "Title; missing only where unnamed tracks were asked for", nullable=True),
        "artists": Column("text", "Artist names, the first one first, joined by ';'", nullable=True),
        "album": Column("text", "Album name", nullable=True),
        "year": Column("integer", "Year of release", nullable=True, low=1860, high=2100),
        "isrc": Column("text", "International Standard Recording Code", nullable=True),
        "explicit": Column("flag", "Whether the lyrics are marked explicit", nullable=True),
        "genres": Column("text", "Genre labels of the track, joined by ';'", nullable=True),
        "artist_genres": Column("text", "Genres of its artists, joined by ';'", nullable=True),
        "popularity": Column("integer", "Spotify's popularity at crawl time", nullable=True, low=0, high=100),
        "popularity_percentile": Column(
            "real32", "Share of the same crawl that is less popular, 0 to 1", nullable=True, low=0, high=1
        ),
        **AUDIO_FEATURES,
        "source": Column("text", "The dataset that the audio features were taken from"),
    },
)

PLAYLIST_TRACKS = FeatureGroup(
    "playlist_tracks",
    1,
    ("playlist_id", "track_id"),
    "A track on a public playlist: what people put together.",
    {
        "playlist_id": Column("text", "The dataset's name, ':' and its id of the playlist"),
        "track_id": _TRACK_ID,
        "position": Column("integer", "Place of the track on the playlist, from 0", low=0),
        "source": Column("text", "The dataset"),
    },
)

LISTENERS = FeatureGroup(
    "listeners",
    3,
    ("listener_id",),
    "A person who connected an account.",
    {
        "listener_id": _LISTENER_ID,
        "service": Column("text", "Where the account is", choices=("spotify", "sandbox")),
        "display_name": Column("text", "What they call themselves", nullable=True),
        "token": Column("text", "Refresh token, encrypted (Fernet)", nullable=True),
        "scopes": Column("text", "Scopes that were granted, separated by spaces"),
        "consented_at": Column("time", "When consent was given; it ends six months later"),
        "status": Column("text", "Whether they can be served", choices=("connected", "reconnect")),
        "coverage": Column("text", "JSON: share of their tracks matched by id, isrc, title, artist", nullable=True),
        "playlists": Column(
            "text", "JSON: what became of each playlist that Segue keeps for them, by Segue's name: Spotify's id, …"
        ),
        "settings": Column("text", "JSON: which playlists they keep, and what should be on none", nullable=True),
    },
)

LISTENS = FeatureGroup(
    "listens",
    1,
    ("listener_id", "source", "track_id"),
    "A track among a listener's top or recent ones, and the track of the catalog it was matched to.",
    {
        "listener_id": _LISTENER_ID,
        "source": Column(
            "text", "Where it was seen", choices=("short_term", "medium_term", "long_term", "recently_played")
        ),
        "track_id": _TRACK_ID,
        "rank": Column("integer", "Place in that list, from 1", low=1),
        "title": Column("text", "Title as Spotify gives it"),
        "artists": Column("text", "Artist names as Spotify gives them, joined by ';'"),
        "matched_track_id": Column("text", "The catalog's track", nullable=True, pattern=ID_PATTERN),
        "matched_by": Column("text", "How it was matched", choices=("id", "isrc", "title", "artist", "none")),
        "fetched_at": Column("time", "When Spotify answered"),
        "expires_at": _EXPIRES_AT,
    },
)

FEEDBACK = FeatureGroup(
    "feedback",
    1,
    ("listener_id", "track_id"),
    "What a listener said of a track; the last word counts.",
    {
        "listener_id": _LISTENER_ID,
        "track_id": _TRACK_ID,
        "verdict": Column("text", "What they said", choices=("like", "dislike")),
        "made_at": Column("time", "When they said it"),
    },
)

RECOMMENDATIONS = FeatureGroup(
    "recommendations",
    1,
    ("listener_id", "playlist", "rank"),
    "A track on a listener's playlist, with the reason.",
    {
        "listener_id": _LISTENER_ID,
        "playlist": Column("text", "Name of the playlist"),
        "rank": Column("integer", "Place on the playlist, from 1", low=1),
        "track_id": _TRACK_ID,
        "score": Column("real64", "Logarithm of its chance, for order only"),
        "reason": Column("text", "Why it is there, in words"),
        "model": Column("text", "Name and version of the model, as name@version"),
        "made_at": Column("time", "When it was recommended"),
        "expires_at": _EXPIRES_AT,
    },
)

SERVED = FeatureGroup(
    "served",
    1,
    ("listener_id", "playlist", "served_on", "track_id"),
    "A track that was on a listener's playlist on a day, or was about to be: what rotation looks back at.",
    {
        "listener_id": _LISTENER_ID,
        "playlist": Column("text", "Name of the playlist"),
        "served_on": Column("text", "The day, UTC, as YYYY-MM-DD", pattern=r"^\d{4}-\d\d-\d\d$"),
        "track_id": _TRACK_ID,
        "published": Column("flag", "Whether Spotify is known to have taken it; it is written down before it is sent"),
        "expires_at": _EXPIRES_AT,
    },
)

RUNS = FeatureGroup(
    "runs",
    1,
    ("run_id",),
    "A run of a pipeline. Holds nothing about any one listener.",
    {
        "run_id": Column("text", "Random id"),
        "pipeline": Column("text", "The command", choices=("features", "listens", "train", "playlists")),
        "status": Column("text", "How it ended", choices=("done", "failed")),
        "fingerprint": Column("text", "Hash of everything that decides its result", nullable=True),
        "report": Column("text", "JSON: counts and metrics"),
        "started_at": Column("time", "When it started"),
        "finished_at": Column("time", "When it ended"),
    },
)

SPOTIFY_CALLS = FeatureGroup(
    "spotify_calls",
    1,
    ("run_id", "day"),
    "The calls of Spotify's Web API that a run made on a day, or has set aside. Holds nothing about any one listener.",
    {
        "run_id": Column("text", "Random id"),
        "day": Column("text", "The day, UTC, as YYYY-MM-DD; kept for a week", pattern=r"^\d{4}-\d\d-\d\d$"),
        "service": Column("text", "Who was called", choices=("spotify", "sandbox")),
        "calls": Column("integer", "How many, attempts that failed included", low=0),
        "shut_until": Column("time", "Until when Spotify takes no calls of this app, if it said so", nullable=True),
    },
)

SESSIONS = FeatureGroup(
    "sessions",
    1,
    ("session",),
    "A browser in which a listener is logged in to the app.",
    {
        "session": Column("text", "SHA-256 of the session's id, hexadecimal", pattern=r"^[0-9a-f]{64}$"),
        "listener_id": _LISTENER_ID,
        "expires_at": _EXPIRES_AT,
    },
)

UNAVAILABLE = FeatureGroup(
    "unavailable",
    1,
    ("service", "track_id"),
    "A track that Spotify no longer takes on a playlist: it is not recommended until the row has expired.",
    {
        "service": Column("text", "Who refused it", choices=("spotify", "sandbox")),
        "track_id": _TRACK_ID,
        "found_at": Column("time", "When a write failed because of it"),
        "expires_at": _EXPIRES_AT,
    },
)

GROUPS = (
    TRACKS,
    PLAYLIST_TRACKS,
    LISTENERS,
    LISTENS,
    FEEDBACK,
    RECOMMENDATIONS,
    SERVED,
    SESSIONS,
    UNAVAILABLE,
    RUNS,
    SPOTIFY_CALLS,
)
