"""What a listener must know before all else: that they must log in again, or that they removed a playlist."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from segue.spotify.account import Account

STYLE = """
.notice { margin: 0 0 .6rem; padding: .6rem 1rem; border-left: .25rem solid var(--warn); background: var(--wash);
  color: var(--ink); border-radius: 0 var(--radius) var(--radius) 0; }
a { color: inherit; font-weight: 600; text-underline-offset: .2em; }
button { font: inherit; font-weight: 600; text-decoration: underline; text-underline-offset: .2em; color: inherit;
  background: none; border: 0; padding: .2rem .3rem; cursor: pointer; }
"""
ON_LOAD = """
element.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-playlist]");
  if (button) trigger("bring_back", {playlist: button.dataset.playlist});
});
"""
LOG_IN = '<a href="/auth/login">Log in again</a>'


def notices(account: Account, removed: Mapping[str, str]) -> str:
    """Return what a listener must know, as HTML; nothing where there is nothing.

    Parameters
    ----------
    account : Account
    removed : mapping of str to str
        Title of each playlist that they removed, by its name.
    """
    said = [f"{text} {LOG_IN}." for text in _about(account)]
    said += [
        f"You removed {escape(title)} in Spotify, so Segue leaves it alone. "
        f'<button type="button" data-playlist="{escape(name)}">Bring {escape(title)} back</button>'
        for name, title in removed.items()
    ]
    return "".join(f'<p class="notice">{text}</p>' for text in said)


def _about(account: Account) -> list[str]:
    if account.must_log_in:
        return ["Your consent at Spotify has ended or was withdrawn, so your playlists stay as they are."]
    said = []
    if account.warning is not None:
        days = account.warning.days
        left = "today" if days <= 0 else "tomorrow" if days == 1 else f"in {days} days"
        said.append(f"Your consent at Spotify ends {left}, on {account.ends:%d %B %Y}.")
    if account.missing_scopes:
        said.append("You have not allowed Segue all that it needs.")
    return said
