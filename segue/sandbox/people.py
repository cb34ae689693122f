"""The made-up listeners."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Taste:
    """What somebody likes.

    Attributes
    ----------
    genres : mapping of str to float
        How much each genre label counts, 0 to 1.
    years : tuple of int
        The first and the last year of release that they mostly stay within.
    """

    genres: Mapping[str, float]
    years: tuple[int, int]


@dataclass(frozen=True)
class Person:
    """A made-up listener.

    Attributes
    ----------
    user_id, name, description
        Spotify's changeable id, what they call themselves, and one line about them.
    taste : Taste
        What their top tracks are drawn by.
    """

    user_id: str
    name: str
    description: str
    taste: Taste

    @property
    def account_id(self) -> str:
        """Spotify's immutable id of the account."""
        return f"sandbox-{self.user_id}"


def _full(*labels: str) -> dict[str, float]:
    return dict.fromkeys(labels, 1.0)


def _partly(*labels: str) -> dict[str, float]:
    return dict.fromkeys(labels, 0.3)


PEOPLE = (
    Person(
        "juniper",
        "Juniper Vale",
        "Indie and folk: quiet voices, guitars, long walks.",
        Taste(
            _full("folk", "indie folk", "indie-folk", "stomp and holler", "folk-pop", "chamber pop", "new americana")
            | _partly("indie", "indie-pop", "singer-songwriter", "indie rock", "acoustic"),
            (2004, 2024),
        ),
    ),
    Person(
        "marcus",
        "Marcus Bell",
        "Hip-hop from both coasts and the South, old school and new.",
        Taste(
            _full("hip-hop", "hip hop", "rap", "east coast hip hop", "southern hip hop", "gangster rap")
            | _partly("hardcore hip hop", "conscious hip hop", "pop rap", "trap", "r-n-b"),
            (1988, 2024),
        ),
    ),
    Person(
        "ingrid",
        "Ingrid Solheim",
        "Metal, from the classics to the extremes.",
        Taste(
            _full("metal", "heavy-metal", "death-metal", "black-metal", "metalcore", "thrash metal", "melodic metal")
            | _partly("alternative metal", "nu metal", "hard-rock", "grindcore", "groove metal"),
            (1980, 2024),
        ),
    ),
    Person(
        "theo",
        "Theo Marchetti",
        "Jazz clubs on Fridays, the concert hall on Sundays.",
        Taste(
            _full("jazz", "classical", "cool jazz", "bebop", "vocal jazz", "contemporary post-bop")
            | _partly("soul jazz", "jazz fusion", "jazz piano", "swing", "baroque", "opera"),
            (1935, 2024),
        ),
    ),
    Person(
        "kaya",
        "Kaya Brandt",
        "Techno and house until the lights go on.",
        Taste(
            _full("techno", "minimal-techno", "detroit-techno", "chicago-house", "idm", "minimal techno", "electronica")
            | _partly("electronic", "deep-house", "house", "progressive-house", "breakbeat", "drum-and-bass"),
            (1990, 2024),
        ),
    ),
    Person(
        "lucia",
        "Lucía Ferrer",
        "Reggaeton, Latin pop and whatever is on the radio.",
        Taste(
            _full("latin", "reggaeton", "latin pop", "latino", "trap latino") | _partly("pop", "dance pop", "salsa"),
            (2000, 2024),
        ),
    ),
    Person(
        "walter",
        "Walter Pruitt",
        "Rock and soul from the years when albums had two sides.",
        Taste(
            _full("classic rock", "album rock", "rock-n-roll", "soul", "mellow gold", "motown", "folk rock")
            | _partly("rock", "blues", "soft rock", "psychedelic rock", "british invasion", "funk"),
            (1958, 1984),
        ),
    ),
)
