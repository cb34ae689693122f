"""Names for music that nobody made: bands, albums and songs put together from words."""

from __future__ import annotations

from itertools import product

import numpy as np

# fmt: off
BAND_FIRST = (
    "Abacus", "Bramble", "Cartwheel", "Dumpling", "Escalator", "Flannel", "Gazebo", "Hiccup", "Inkwell", "Juniper",
    "Kettle", "Lobster", "Marzipan", "Noodle", "Origami", "Parsnip", "Quill", "Radish", "Saucer", "Thimble",
    "Umbrella", "Velcro", "Walnut", "Zeppole",
)
BAND_LAST = (
    "Astronomers", "Botanists", "Cartographers", "Dentists", "Electricians", "Falconers", "Geologists", "Hatters",
    "Inspectors", "Janitors", "Librarians", "Magistrates", "Notaries", "Opticians", "Plumbers", "Referees",
    "Surveyors", "Tailors", "Understudies", "Weathermen",
)
ADJECTIVES = (
    "Amber", "Borrowed", "Broken", "Brittle", "Careless", "Copper", "Distant", "Electric", "Faded", "Foreign",
    "Gentle", "Golden", "Hollow", "Idle", "Iron", "Lonely", "Lucky", "Midnight", "Narrow", "Northern", "Paper",
    "Patient", "Quiet", "Restless", "Salt", "Second", "Silver", "Slow", "Southern", "Strange", "Sudden", "Tender",
    "Unspoken", "Velvet", "Wasted", "Winter",
)
NOUNS = (
    "Avenue", "Ballroom", "Bridge", "Candle", "Carousel", "Coastline", "Compass", "Corridor", "Daylight",
    "Departure", "Distance", "Echo", "Engine", "Feather", "Fever", "Garden", "Gravity", "Harbor", "Horizon", "Hour",
    "Kingdom", "Ladder", "Lantern", "Letter", "Lighthouse", "Machine", "Mirror", "Morning", "Motel", "Ocean",
    "Orchard", "Parade", "Platform", "Promise", "Railway", "Reason", "River", "Satellite", "Season", "Shadow",
    "Signal", "Staircase", "Station", "Summer", "Telephone", "Thunder", "Tide", "Valley", "Window", "Wire",
)
VERBS = (
    "Burning", "Calling", "Chasing", "Counting", "Drawing", "Following", "Forgetting", "Holding", "Leaving",
    "Losing", "Missing", "Naming",
)
# fmt: on
LINKS = ("of the", "by the", "without a")


def make_bands(rng: np.random.Generator, count: int) -> list[str]:
    """Return `count` different names of bands, in random order."""
    return _pick(rng, [f"{first} {last}" for first, last in product(BAND_FIRST, BAND_LAST)], count)


def make_titles(rng: np.random.Generator, count: int) -> list[str]:
    """Return `count` different titles of songs or albums, in random order."""
    titles = [f"{adjective} {noun}" for adjective, noun in product(ADJECTIVES, NOUNS)]
    titles += [f"{verb} the {noun}" for verb, noun in product(VERBS, NOUNS)]
    titles += [f"{one} {link} {other}" for one, link, other in product(NOUNS, LINKS, NOUNS[::7]) if one != other]
    return _pick(rng, titles, count)


def _pick(rng: np.random.Generator, names: list[str], count: int) -> list[str]:
    return [names[place] for place in rng.permutation(len(names))[:count]]
