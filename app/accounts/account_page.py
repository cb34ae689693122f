"""What a listener sees of their own account."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

from app.layout.plain_page import heading, table
from app.wording import sentence
from segue.groups import FEEDBACK, LISTENS, RECOMMENDATIONS, SERVED, SESSIONS
from segue.spotify.retention import REVOKE_PAGE
from segue.web_page import banner, button, link, paragraph

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from segue.spotify.account import Account

LOGIN = '<p><a class="button" href="/auth/login">Log in with Spotify</a></p>'
ABOUT = (
    "Log in, and Segue reads your top and recent tracks, and keeps a few playlists in your account fresh, every night, "
    "with a reason for each track. It sees neither your password nor your payment details, and never shows what you "
    "play to anybody else."
)
LEAVING = "You can disconnect at any time: everything that Segue keeps about you is deleted then."
WORDS = {
    LISTENS.name: "Tracks that you played most, or last",
    RECOMMENDATIONS.name: "Tracks on your playlists, with the reasons",
    SERVED.name: "Which track was on which playlist, on which day",
    FEEDBACK.name: "What you liked and disliked here",
    SESSIONS.name: "Browsers in which you are logged in",
}
"""What each feature group about a listener is, to them."""


def visitor_parts(space_host: str = "") -> list[str]:
    """Return the page for somebody who is not logged in; `space_host`: of the Space, in whose frame nobody can be."""
    read = '<p>What is kept, for how long and for what is on the <a href="/privacy">privacy page</a>.</p>'
    # In a window of its own: Spotify does not open in another page's frame, nor would the login be known there.
    away = f'href="https://{space_host}/auth/login" target="_blank" rel="noopener"'
    login = LOGIN.replace('href="/auth/login"', away) if space_host else LOGIN
    return [paragraph(ABOUT), paragraph(LEAVING), login, read]


def account_parts(
    account: Account, removed: Mapping[str, str], kept: Mapping[str, tuple[int, datetime | None]]
) -> list[str]:
    """Return the page for a listener who is logged in.

    Parameters
    ----------
    account : Account
    removed : mapping
        The titles of the playlists that they have removed, by name.
    kept : mapping
        As `segue.spotify.retention.kept_about` returns it.
    """
    return [
        *_consent(account),
        *_playlists(removed),
        heading("What Segue keeps about you"),
        table("Everything, beside your login and your choices", ("What", "How many", "Gone by"), _kept(kept), (1,)),
        paragraph("Each night renews what it reads at Spotify, and with it these dates."),
        button("Log out", "/auth/logout", "quiet"),
        heading("Leave"),
        paragraph("Segue forgets you, and leaves your playlists to you."),
        '<p><a class="button quiet" href="/auth/disconnect">Disconnect and delete …</a></p>',
    ]


def _consent(account: Account) -> Sequence[str]:
    if account.must_log_in:
        return banner("Spotify's consent has ended or was withdrawn: log in again to keep your playlists fresh."), LOGIN
    parts = [
        paragraph(f"Connected with Spotify until {account.ends:%d %B %Y}: then Spotify wants you to log in again.")
    ]
    if account.warning is not None:
        left = "today" if account.warning.days <= 0 else f"in {account.warning.days} day(s)"
        parts = [banner(f"Spotify's consent ends {left}, on {account.ends:%d %B %Y}: log in again to renew it.")]
    if account.missing_scopes:
        parts.append(paragraph(f"Not granted: {', '.join(account.missing_scopes)}. Log in again and grant it."))
    return [*parts, LOGIN] if account.warning is not None or account.missing_scopes else parts


def _playlists(removed: Mapping[str, str]) -> list[str]:
    parts = ['<p><a href="/playlists">Your playlists</a></p>']
    for name, title in removed.items():
        parts.append(paragraph(f"{title} was removed in Spotify, so Segue leaves it alone."))
        parts.append(button(f"Bring {title} back", f"/account/bring-back/{name}", "quiet"))
    return parts


def _kept(kept: Mapping[str, tuple[int, datetime | None]]) -> list[tuple[str, int, str]]:
    return [(WORDS[name], count, _gone(count, last)) for name, (count, last) in kept.items()]


def _gone(count: int, last: datetime | None) -> str:
    if not count:
        return "–"
    return "when you disconnect" if last is None else f"{last:%d %b %Y}".replace(" ", "\u00a0")


def leaving_parts(kept: Mapping[str, tuple[int, datetime | None]]) -> list[str]:
    """Return the page that asks whether a listener means to leave; `kept` is that of `account_parts`."""
    gone = [f"{WORDS[name]}: {count:,}" for name, (count, _) in kept.items() if count]
    gone = ["Your login with Spotify, and your choices", *gone]
    return [
        paragraph("This deletes everything that Segue keeps about you, at once and for good:"),
        f"<ul>{''.join(f'<li>{escape(each)}</li>' for each in gone)}</ul>",
        paragraph("Your playlists stay in Spotify as they are, and are not refreshed any more."),
        button("Disconnect and delete", "/auth/disconnect", "grave"),
        '<a class="button quiet" href="/account">Stay</a>',
    ]


def disconnected_parts() -> list[str]:
    """Return the page for somebody who has just disconnected."""
    done = "Everything that Segue kept about you is deleted. Your playlists stay in Spotify, and are yours."
    return [paragraph(done), link("Withdraw Segue's access at Spotify, too", REVOKE_PAGE)]


def failure_parts(message: str, *, again: bool = True) -> list[str]:
    """Return the page for a login that did not come to its end; `again`: whether another try may do."""
    said = re.sub("`([^`]+)`", r"<code>\1</code>", paragraph(sentence(message)))
    return [said, LOGIN if again else '<p><a href="/playlists">Look at playlists without a login</a></p>']
