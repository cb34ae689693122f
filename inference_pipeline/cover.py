"""Covers of the playlists, drawn by us: the same one for a kind of playlist, whoever keeps it."""

from __future__ import annotations

from io import BytesIO
from math import pi, sin

from PIL import Image, ImageDraw, ImageFont

from inference_pipeline.keeping import Keeping
from inference_pipeline.playlist_kinds import KINDS
from segue.errors import AmbiguousWriteError

SIZE = 640
MARGIN = 48
WAVES = 9
COLORS = {
    "familiar": ("#1f4e5f", "#f2a154"),
    "discover": ("#2b2d6e", "#4fd1c5"),
    "focus": ("#22333b", "#c6ac8f"),
    "calm": ("#1b4965", "#bee9e8"),
    "happy": ("#c8553d", "#ffd166"),
    "melancholy": ("#2d2a4a", "#8d99ae"),
    "workout": ("#6a040f", "#faa307"),
    "party": ("#4a0d67", "#f72585"),
}
"""The ground and the light of each kind."""


def draw_cover(name: str) -> bytes:
    """Return the cover of a kind of playlist as a JPEG, far below Spotify's 256 KB: waves in its colors, its title."""
    ground, light = COLORS[name]
    image = Image.new("RGB", (SIZE, SIZE), ground)
    for wave in range(WAVES):
        _draw_wave(image, light, wave, list(COLORS).index(name))
    pen = ImageDraw.Draw(image)
    title = KINDS[name].title
    pen.text((MARGIN, MARGIN), title, fill="white", font=ImageFont.load_default(64))
    file = BytesIO()
    image.save(file, "JPEG", quality=88)
    return file.getvalue()


def give_covers(keeping: Keeping) -> None:
    """Give each playlist that has none its cover, one for each call that is to spare; the next nights do the others."""
    for name in keeping.names:
        if keeping.is_there(name) and not keeping.kept[name].has_cover and keeping.spare() > 0:
            try:
                keeping.client.set_cover(keeping.kept[name].id or "", draw_cover(name))
            except AmbiguousWriteError:
                # The playlist is right without it, and the next night tries again.
                continue
            keeping.remember(name, has_cover=True)


def _draw_wave(image: Image.Image, light: str, wave: int, shape: int) -> None:
    """Lay a wave over the lower part of the image, the brighter the lower; `shape` tells the kinds apart."""
    top = SIZE * (0.34 + 0.075 * wave)
    height = 12 + 5 * ((wave * 3 + shape) % 5)
    turns = 1 + (wave + shape) % 3
    crest = [(x, top + height * sin(2 * pi * turns * x / SIZE + wave + shape)) for x in range(0, SIZE + 1, 4)]
    mask = Image.new("L", image.size, 0)
    ImageDraw.Draw(mask).polygon([*crest, (SIZE, SIZE), (0, SIZE)], fill=30 + 8 * wave)
    image.paste(Image.new("RGB", image.size, light), mask=mask)
