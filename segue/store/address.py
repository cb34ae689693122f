"""What may be said of an address, and what a server needs to be told beside it."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from segue.errors import SettingsError

# libpq's own, without which a server that is not there, or that has gone, keeps a program waiting for minutes or hours.
DEFAULTS = {"connect_timeout": "10", "keepalives_idle": "60", "application_name": "segue"}


def is_postgresql(url: str) -> bool:
    """Return whether an address is one of PostgreSQL."""
    return url.startswith(("postgresql://", "postgres://"))


def without_secrets(url: str) -> str:
    """Return an address as it may be shown: nothing of user, password or query is left.

    That holds for a malformed one, too, whose password has characters that end it too early.
    """
    return re.sub(r"(?s)[?#].*", "", re.sub(r"(?s)://.*@", "://", url))


def with_defaults(url: str) -> str:
    """Return an address of PostgreSQL for libpq, with what it should be told beside what the operator told it.

    Raises
    ------
    SettingsError
        If it cannot be read; the message shows nothing of it, since any part may be one of the password.
    """
    try:
        parts = urlsplit(url)
        asked = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query)))
        # It raises for what is no number. An @ further on is one that a slash in the password has cut off.
        readable = (parts.port is None or parts.port > 0) and not re.search("@|#", parts.path + parts.query)
    except ValueError:
        readable = False
    if not readable or parts.fragment:
        raise SettingsError(
            "SEGUE_STORE is not an address of PostgreSQL: write postgresql://USER:PASSWORD@HOST:PORT/DATABASE, "
            "with / as %2F, @ as %40, : as %3A, # as %23 and ? as %3F in the password"
        )
    # quote, not the plus sign for a space, which libpq takes for a plus sign.
    query = urlencode({**DEFAULTS, **asked}, quote_via=quote)
    return urlunsplit(("postgresql", parts.netloc, parts.path or "/", query, ""))
