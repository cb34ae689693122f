"""What a listener sees of their own account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from segue.spotify.retention import REVOKE_PAGE
from segue.web_page import banner, button, link, paragraph, web_page

if TYPE_CHECKING:
    from collections.abc import Mapping

    from segue.spotify.account import Account

LOGIN = '<p><a class="button" href="/auth/login">Log in with Spotify</a></p>'
HOME = link("Back to the playlists", "/")


def visitor_page() -> str:
    """Return the page for somebody who is not logged in."""
    about = (
        "Segue reads your top and recent tracks, and keeps a few playlists in your account. "
        "You can disconnect at any time: everything that Segue keeps about you is deleted then."
    )
    return web_page("Your account", paragraph(about), LOGIN, HOME)


def account_page(account: Account, removed: Mapping[str, str]) -> str:
    """Return the page for a listener who is logged in; `removed`: titles of playlists that they removed, by name."""
    parts = [paragraph(f"Connected with Spotify until {account.ends:%d %B %Y}.")]
    if account.must_log_in:
        parts = [banner("Spotify's consent has ended or was withdrawn: log in again to keep your playlists fresh.")]
    elif account.warning is not None:
        left = "today" if account.warning.days <= 0 else f"in {account.warning.days} day(s)"
        parts = [banner(f"Spotify's consent ends {left}, on {account.ends:%d %B %Y}: log in again to renew it.")]
    if account.missing_scopes:
        parts.append(paragraph(f"Not granted: {', '.join(account.missing_scopes)}. Log in again and grant it."))
    if account.must_log_in or account.warning is not None or account.missing_scopes:
        parts.append(LOGIN)
    for name, title in removed.items():
        parts.append(paragraph(f"{title} was removed in Spotify, so Segue leaves it alone."))
        parts.append(button(f"Bring {title} back", f"/account/bring-back/{name}", quiet=True))
    parts += [button("Log out", "/auth/logout", quiet=True), button("Disconnect and delete", "/auth/disconnect")]
    parts.append(paragraph("Disconnecting deletes your login, listens, recommendations and feedback at once."))
    return web_page(account.name, *parts, HOME)


def disconnected_page() -> str:
    """Return the page for somebody who has just disconnected."""
    done = "Everything that Segue kept about you is deleted. Your playlists stay in Spotify, and are yours."
    revoke = link("Withdraw Segue's access at Spotify, too", REVOKE_PAGE)
    return web_page("Disconnected", paragraph(done), revoke, HOME)


def failure_page(message: str) -> str:
    """Return the page for a login that did not come to its end."""
    return web_page("Not connected", paragraph(f"{message[:1].upper()}{message[1:]}."), LOGIN, HOME)
