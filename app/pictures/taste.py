"""A taste profile: how it sounds, what it is called, when it is from."""

from __future__ import annotations

from collections.abc import Mapping

from app.pictures.svg import listing, panel, picture, shorten, svg, table, text
from app.pictures.taste_numbers import QUARTERS, Spread, Taste
from inference_pipeline.library import Library
from inference_pipeline.sound import WORDS

LITTLE = {"speechiness": "few words", "instrumentalness": "sung", "liveness": "studio"}
"""Words for little of that for which `WORDS` only has one for much."""
ENDS = {name: (low or LITTLE.get(name, ""), high) for name, (low, high) in WORDS.items()}
WIDTH, ROW = 340, 25
STRIP = (126.0, 234.0)
MOST_GENRES, MOST_WORDS = 8, 3
BARS = (112.0, 296.0)


def taste_picture(library: Library, preferences: Mapping[str, float]) -> str:
    """Return a picture of the taste in some tracks, as markup.

    Parameters
    ----------
    library : Library
    preferences : mapping of str to float
        How much each track is liked, by track_id; what is disliked or unknown does not count.
    """
    taste = Taste.of(library, preferences)
    if not taste.n:
        return picture("There is nothing to picture yet: none of these songs is in the catalog.", [])
    drawn = [panel("How it sounds", _sound(taste.sound))] if taste.sound else []
    genres = dict([*taste.genres.items()][:MOST_GENRES])
    drawn += [panel("Genres", _bars(genres))] if genres else []
    drawn += [panel("Decades", _columns(taste.decades))] if taste.decades else []
    return picture(_sentence(taste), drawn, _table(taste, genres))


def _sentence(taste: Taste) -> str:
    by_distance = sorted(taste.sound.items(), key=lambda item: -abs(item[1].middle - 0.5))
    unusual = [ENDS[name][_is_high(spread)] for name, spread in by_distance if spread.notable][:MOST_WORDS]
    songs = "1 song" if taste.n == 1 else f"{taste.n:,} songs"
    said = f"unusually {listing(unusual)}" if unusual else "close to the middle of the catalog in every way"
    return f"{songs}, {said}."


def _is_high(spread: Spread) -> bool:
    return spread.middle > QUARTERS[1]


def _sound(sound: Mapping[str, Spread]) -> str:
    start, end = STRIP
    height = ROW * len(sound) + 22
    left, right = (start + (end - start) * edge for edge in (QUARTERS[0], QUARTERS[2]))
    parts = [f'<rect class="band" x="{left:.1f}" y="2" width="{right - left:.1f}" height="{height - 22}" rx="4"/>']
    for place, (name, spread) in enumerate(sound.items()):
        parts.append(_strip(name, spread, ROW * place + ROW / 2 + 2))
    parts.append(text((left + right) / 2, height - 6, "half of the catalog", "quiet middle"))
    return svg(WIDTH, height, "Where these songs are between two ends of nine qualities of sound", parts)


def _strip(name: str, spread: Spread, y: float) -> str:
    start, end = STRIP
    low, middle, high = (start + (end - start) * place for place in (spread.low, spread.middle, spread.high))
    kinds = ["strong" if spread.notable and high_end == _is_high(spread) else "quiet" for high_end in (False, True)]
    return (
        text(start - 10, y + 4, ENDS[name][0], f"{kinds[0]} end")
        + text(end + 10, y + 4, ENDS[name][1], kinds[1])
        + f'<path class="line" d="M{start} {y}H{end}"/>'
        + f'<rect class="mine" x="{low:.1f}" y="{y - 2}" width="{max(0.0, high - low):.1f}" height="4" rx="2"/>'
        + f'<circle class="mine" cx="{middle:.1f}" cy="{y}" r="5.5"><title>{_place(spread.middle)}</title></circle>'
    )


def _place(share: float) -> str:
    return f"{round(100 * share)} of 100"


def _bars(shares: Mapping[str, float]) -> str:
    start, end = BARS
    scale = (end - start) / max(shares.values())
    parts = []
    for place, (name, share) in enumerate(shares.items()):
        y = ROW * place
        parts += [
            text(start - 8, y + 17, shorten(name, start - 8), "end"),
            f'<rect class="mine" x="{start}" y="{y + 5}" width="{max(2.0, scale * share):.1f}" height="16" rx="2"/>',
            text(start + scale * share + 6, y + 17, f"{share:.0%}", "quiet"),
        ]
    return svg(WIDTH, ROW * len(shares), "Shares of the largest genres", parts)


def _columns(shares: Mapping[int, float]) -> str:
    decades = range(min(shares), max(shares) + 10, 10)
    step = min(48.0, WIDTH / len(decades))
    scale, floor = 110 / max(shares.values()), 130
    parts = [f'<path class="line" d="M0 {floor}H{step * len(decades):.1f}"/>']
    for place, decade in enumerate(decades):
        share, x = shares.get(decade, 0.0), step * place
        # Beyond nine decades there is no room for the name of each.
        if step * 2 > 68 or place % 2 == 0:  # noqa: PLR2004 - two columns as wide as two names
            parts.append(text(x + step / 2, floor + 16, f"{decade}s", "quiet middle"))
        if share:
            top = floor - scale * share
            parts.append(
                f'<rect class="mine" x="{x + 4:.1f}" y="{top:.1f}" width="{step - 8:.1f}" '
                f'height="{floor - top:.1f}" rx="2"><title>{decade}s: {share:.0%}</title></rect>'
            )
            parts.append(text(x + step / 2, top - 5, f"{share:.0%}", "middle"))
    return svg(WIDTH, floor + 22, "Shares of the decades", parts)


def _table(taste: Taste, genres: Mapping[str, float]) -> str:
    sound = [(" – ".join(ENDS[name]), _place(spread.middle)) for name, spread in taste.sound.items()]
    shares = [(name, f"{share:.0%}") for name, share in genres.items()]
    decades = [(f"{decade}s", f"{share:.0%}") for decade, share in taste.decades.items()]
    return table(("What", "How much; for sound, its place among 100 songs"), [*sound, *shares, *decades])
