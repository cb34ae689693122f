"""How what is said elsewhere in the program is put to people."""

from __future__ import annotations


def sentence(said: object) -> str:
    """Return what an error says, as a sentence.

    >>> sentence("there is no catalog yet: run `segue features` first")
    'There is no catalog yet: run `segue features` first.'
    """
    text = str(said)
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."
