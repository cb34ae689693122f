"""What PostgreSQL and its client say, and what it means for a person."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, unquote, urlsplit

from adbc_driver_manager import dbapi

# By SQLSTATE, which the server's language does not change; or by words, where there was no connection yet, or where the
# driver leaves it out, as when the temporary table is made. The first that matches counts.
EXPLANATIONS = (
    (
        r"^28|password authentication failed|no password supplied|no pg_hba|role .* does not exist",
        "the server refused the login: check user and password in SEGUE_STORE or ~/.pgpass, and the server's rules",
    ),
    (
        r"^3D000|database .* does not exist",
        "there is no such database: create it with `createdb`, or correct SEGUE_STORE",
    ),
    (r"invalid URI|invalid .*value|invalid connection option", "SEGUE_STORE has an option that libpq does not take"),
    (r"^53300|too many clients|remaining connection slots", "all of the server's connections are taken: try later"),
    (
        r"^57P|starting up|shutting down|terminat|closed the connection|no connection|SSL connection has|reset",
        "the server went away, or is not ready yet: run this again",
    ),
    (
        r"SSL|certificate",
        "no agreement on encryption: check sslmode and sslrootcert in SEGUE_STORE, and the server's certificate",
    ),
    (
        r"Failed to connect|could not (translate|connect)",
        "the server cannot be reached: check host and port in SEGUE_STORE, and that it is running",
    ),
    (
        r"^42501|permission denied",
        "this user lacks a right: GRANT TEMPORARY on the database, USAGE and CREATE on the schema, ALL on its tables",
    ),
    (r"^3F000", "no schema to create tables in: GRANT USAGE and CREATE on one, and put it in the user's search_path"),
    (r"^25006|in a read-only transaction", "this server takes no writes: name the primary one in SEGUE_STORE"),
    (r"^53100|No space left", "the server's disk is full; nothing was changed, free some space and run this again"),
    (r"^55P03", "another program has written to the store for over a minute; let it finish and run this again"),
    (
        r"^(42703|42804|42P10|42883|23502|23505|22P02|22003)",
        "a table is not as this version of Segue made it: use the version that made it, or another SEGUE_STORE",
    ),
    (r"^(22021|22P05)", "a text has a character that this database cannot keep: NUL, or one outside its encoding"),
)


def explain(error: dbapi.Error, address: str) -> str:
    """Return what an error means and what to do, without the password of `address`."""
    message = f"{getattr(error, 'sqlstate', None) or ''} {error}"
    found = (meaning for pattern, meaning in EXPLANATIONS if re.search(pattern, message))
    return next(found, None) or _without_password(" ".join(str(error).split()), address)


def _without_password(message: str, address: str) -> str:
    parts = urlsplit(address)
    secrets = [parts.password or "", unquote(parts.password or ""), *parse_qs(parts.query).get("password", [])]
    for secret in filter(None, secrets):
        message = message.replace(secret, "***")
    return message
