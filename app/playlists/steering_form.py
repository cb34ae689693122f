"""From what stands in the fields of the steering panel to a listener's wishes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import ValidationError
from rapidfuzz import process

from inference_pipeline.playlist_kinds import KINDS
from inference_pipeline.wishes import Wishes
from segue.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

MOST_NAMES = 300
LONGEST_NAME = 200


class FieldError(InputError):
    """A field holds what cannot be used.

    Parameters
    ----------
    field : str
        Its name, as `Wishes` has it.
    message : str
        What people read beside it.
    """

    def __init__(self, field: str, message: str) -> None:
        self.field = field
        self.message = message
        super().__init__(message)


def wishes_from(form: Mapping[str, Any], genres: Collection[str], approaches: Collection[str]) -> Wishes:
    """Return the wishes that stand in a form.

    Parameters
    ----------
    form : mapping
        A value for each field of `Wishes`; an empty one is the default. They come from a visitor: anything at all.
    genres, approaches : collection of str
        What there is to choose from.

    Raises
    ------
    FieldError
        About the first field that cannot be used.
    """
    given = {name: value for name, value in form.items() if value is not None and value != ""}
    for name in ("playlists", "only_genres", "no_genres", "blocked_artists"):
        given[name] = _names(name, given.get(name, ()))
    try:
        wishes = Wishes.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise FieldError(str(first["loc"][0]), f"{first['msg']}.") from None
    _check_playlists(wishes.playlists)
    _check_genres(wishes, genres)
    if wishes.approach not in approaches:
        raise FieldError("approach", "This one is not there: choose another.")
    return wishes


def names_after(filled: Any, field: Any, kept: frozenset[str]) -> frozenset[str]:
    """Return the artists that are blocked once what was changed in a field is applied to those that are kept.

    Parameters
    ----------
    filled, field
        What the field was filled with, and what stands in it now. They come from a visitor: anything at all.
    kept : frozenset of str
        What is kept by now, maybe from elsewhere.

    Raises
    ------
    FieldError
        If what came from the visitor cannot be used.
    """
    was, stands = (frozenset(_names("blocked_artists", given)) for given in (filled, field))
    return kept - (was - stands) | (stands - was)


def _names(field: str, given: Any) -> tuple[str, ...]:
    if not isinstance(given, list | tuple | set | frozenset) or not all(isinstance(name, str) for name in given):
        raise FieldError(field, "Choose from the list.")
    names = tuple(dict.fromkeys(filter(None, (name.strip() for name in given))))
    if len(names) > MOST_NAMES or any(len(name) > LONGEST_NAME for name in names):
        raise FieldError(field, f"At most {MOST_NAMES} names, of {LONGEST_NAME} characters each.")
    return names


def _check_playlists(names: Collection[str]) -> None:
    if not names:
        raise FieldError("playlists", "Keep at least one playlist.")
    if not set(names) <= KINDS.keys():
        raise FieldError("playlists", "Choose from the list.")


def _check_genres(wishes: Wishes, genres: Collection[str]) -> None:
    known = set(genres)
    for field in ("only_genres", "no_genres"):
        for genre in sorted(getattr(wishes, field) - known):
            near = process.extractOne(genre, genres, score_cutoff=60)
            instead = f": did you mean “{near[0]}”?" if near else ". Choose from the list."
            raise FieldError(field, f"There is no genre “{genre}”{instead}")
    if both := sorted(wishes.only_genres & wishes.no_genres):
        raise FieldError("no_genres", f"“{both[0]}” cannot be asked for and left out at once.")
